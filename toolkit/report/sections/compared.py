"""What was compared, on which text, and how to read the numbers."""

from typing import Any

from toolkit.report.columns import Results
from toolkit.report.section import Section
from toolkit.results.corpus import SEGMENT
from toolkit.results.rows import ppmd
from toolkit.results.units import unit_of


def _shown(results: Results) -> dict[str, Any]:
    comparison = results.comparison
    primed = {baseline.name for baseline in comparison.baselines if baseline.variant == "primed"}
    unit = unit_of(comparison)
    return {
        "peer": ppmd(comparison.baselines),
        "documents_end": bool(primed),
        "interval_unit": unit,
        "of_one_text": unit == SEGMENT,
    }


SECTION = Section("Compared", _shown)
