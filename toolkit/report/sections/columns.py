"""The table of columns."""

from typing import Any

from toolkit.report import table
from toolkit.report.columns import Results
from toolkit.report.section import Section


def _shows(results: Results) -> dict[str, Any]:
    return {"groups": table.GROUPS, "rows": table.rows(results), "paid": table.PAID}


SECTION = Section("Columns", _shows)
