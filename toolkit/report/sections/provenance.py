"""How the comparison was made."""

from typing import Any

from toolkit.report.columns import ColumnResult
from toolkit.report.html import flattened
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison

SETTINGS = 300  # shown at most


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:  # noqa: ARG001
    return {
        "machine": flattened(comparison.machine)[:SETTINGS],
        "settings": flattened(comparison.settings)[:SETTINGS],
    }


SECTION = Section("Provenance", _shows)
