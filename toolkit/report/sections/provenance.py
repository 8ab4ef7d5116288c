"""How the comparison was made."""

from typing import Any

from toolkit.report.columns import Results
from toolkit.report.html import flattened
from toolkit.report.section import Section

SETTINGS = 300  # shown at most


def _shows(results: Results) -> dict[str, Any]:
    return {
        "machine": flattened(results.comparison.machine)[:SETTINGS],
        "settings": flattened(results.comparison.settings)[:SETTINGS],
    }


SECTION = Section("Provenance", _shows)
