"""The same passage, shaded by what each column pays for it."""

from typing import Any

from toolkit.report import shading
from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {"passages": shading.shaded(comparison.passages, columns), "edges": shading.EDGES}


SECTION = Section("Passages", _shows)
