"""What was compared, on which text, and how to read the numbers."""

from typing import Any

from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.rows import ppmd


def _shown(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:  # noqa: ARG001
    primed = {baseline.name for baseline in comparison.baselines if baseline.variant == "primed"}
    older = "bz2" in primed  # which were given documents without their ends
    return {"peer": ppmd(comparison.baselines), "documents_end": bool(primed) and not older}


SECTION = Section("Compared", _shown)
