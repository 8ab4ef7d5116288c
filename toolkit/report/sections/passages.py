"""Passages of held-out text, word by word: what two columns paid, and what they expected."""

from typing import Any

from toolkit.report import explorer
from toolkit.report.columns import ColumnResult
from toolkit.report.names import PART_COLOURS
from toolkit.report.section import Section
from toolkit.report.table import PART_NAMES
from toolkit.results.bits import PARTS
from toolkit.results.comparison import Comparison


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {
        "passages": comparison.passages,
        "lanes": explorer.lanes(comparison.passages, columns),
        "read": explorer.known(comparison.passages, columns),
        "edges": explorer.EDGES,
    }


def _data(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    parts = [[PART_NAMES[part], PART_COLOURS[part]] for part in PARTS]
    return {"explorer": explorer.explored(comparison.passages, columns), "parts": parts}


SECTION = Section("Explorer", _shows, data=_data)
