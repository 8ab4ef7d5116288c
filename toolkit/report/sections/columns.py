"""The table of columns."""

from typing import Any

from toolkit.report import table
from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {"groups": table.GROUPS, "rows": table.rows(comparison, columns), "paid": table.PAID}


SECTION = Section("Columns", _shows)
