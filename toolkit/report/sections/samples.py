"""What the columns write, and how it measures."""

from typing import Any

from toolkit.report import measures, samples
from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {
        "samples": samples.matched(columns),
        "filled": samples.filled(columns),
        "measures": measures.lines(columns, comparison.measures),
    }


SECTION = Section("Samples", _shows)
