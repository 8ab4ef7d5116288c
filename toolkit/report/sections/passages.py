"""Passages of held-out text, word by word: what two columns paid, and what they expected."""

from typing import Any

from toolkit.report import explorer
from toolkit.report.columns import Results
from toolkit.report.names import PART_COLOURS, PART_NAMES
from toolkit.report.section import Section
from toolkit.results.bits import PARTS


def _shows(results: Results) -> dict[str, Any]:
    return {
        "passages": results.comparison.passages,
        "lanes": explorer.lanes(results),
        "read": explorer.known(results),
        "edges": explorer.EDGES,
    }


def _data(results: Results) -> dict[str, Any]:
    parts = [[PART_NAMES[part], PART_COLOURS[part]] for part in PARTS]
    return {"explorer": explorer.explored(results), "parts": parts}


SECTION = Section("Explorer", _shows, data=_data)
