"""The page of an inspection: its sections, in one HTML file that loads nothing."""

from typing import Any

from toolkit.report.columns import colour
from toolkit.report.html import environment, flattened, frame, moment
from toolkit.report.inspection import coverage, growth
from toolkit.report.names import compressor, meaning, pos_name
from toolkit.results.inspection import Inspection

# Sections in their order, each a template here, with their names in the navigation.
SECTIONS = {
    "advice": "Advice",
    "text": "Text",
    "coverage": "Coverage",
    "growth": "Growth",
    "uncovered": "Unseen words",
    "columns": "Columns",
    "floor": "Floor",
    "duplicates": "Near-duplicates",
    "provenance": "Provenance",
}
# Characters of a note, a name and a class; unseen words, classes of a column, pairs and documents that are shown.
LIMITS = {"note": 2_000, "name": 80, "class": 40, "words": 30, "classes": 40, "pairs": 50, "documents": 60}
SETTINGS = 300  # shown at most


def render(inspection: Inspection) -> str:
    """One self-contained HTML file: nothing is loaded, and every text of the corpus is escaped."""
    charts: dict[str, Any] = {
        "curves": coverage.curves(inspection.curves),
        "heaps": growth.heaps(inspection.heaps) if inspection.heaps else None,
        "zipf": growth.zipf(inspection.zipf) if inspection.zipf else None,
    }
    charts = {name: spec for name, spec in charts.items() if spec is not None}
    return (
        environment()
        .get_template("inspection/inspection.html.j2")
        .render(
            inspection=inspection,
            title=f"What {inspection.name} says before training",
            made=moment(inspection.created),
            sections=SECTIONS,
            limits=LIMITS,
            colours=list(map(colour, range(len(inspection.columns)))),
            curve_colours=coverage.CURVE_COLOURS,
            forecasts=coverage.forecasts(inspection.forecasts),
            compressor=compressor,
            meaning=meaning,
            pos_name=pos_name,
            machine=flattened(inspection.machine)[:SETTINGS],
            settings=flattened(inspection.settings)[:SETTINGS],
            charts=charts,
            **frame({"charts": charts}),
        )
    )
