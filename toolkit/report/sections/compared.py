"""What was compared, on which text, and how to read the numbers."""

from typing import Any

from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import DOCUMENT
from toolkit.results.rows import ppmd
from toolkit.results.units import unit_of


def _shown(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:  # noqa: ARG001
    unit = unit_of(comparison)
    return {"peer": ppmd(comparison.baselines), "interval_unit": unit, "of_one_text": unit != DOCUMENT}


SECTION = Section("Compared", _shown)
