"""The page: its sections, in one HTML file that loads nothing."""

import importlib
from typing import Any

from toolkit.report import prose
from toolkit.report.alerts import alerts
from toolkit.report.charts import ON_ONE_LINE, unchecked
from toolkit.report.columns import Results
from toolkit.report.html import environment, frame
from toolkit.report.section import Section
from toolkit.report.sections import SECTIONS
from toolkit.results.comparison import Comparison

# Characters of a class's name and of an example, documents named per part of the split, characters of a note.
LIMITS = {"class": 40, "example": 28, "documents": 60, "note": 2_000}


def sections() -> dict[str, Section]:
    """All sections by name, in their order."""
    return {name: importlib.import_module(f"toolkit.report.sections.{name}").SECTION for name in SECTIONS}


def render(comparison: Comparison) -> str:
    """One self-contained HTML file: nothing is loaded, and every text of the corpus and the models is escaped."""
    results = Results.of(comparison)
    columns = results.columns
    shown: dict[str, Any] = {}
    charts: dict[str, Any] = {}
    data: dict[str, Any] = {}
    chosen = {name: section for name, section in sections().items() if section.there(comparison)}
    for section in chosen.values():
        with unchecked():
            charts |= {name: spec for name, spec in section.charts(results).items() if spec is not None}
        for names, more in ((shown, section.shows(results)), (data, section.data(results))):
            if taken := names.keys() & more.keys():
                raise ValueError(f"two sections of the page have something called {min(taken)!r}")
            names |= more
    payload = {"charts": charts} | data
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            results=results,
            comparison=comparison,
            corpus=comparison.corpus,
            columns=columns,
            many=len(columns) > ON_ONE_LINE,
            answer=comparison.answer,
            alerts=alerts(results),
            failed=comparison.failed,
            seeds=list(dict.fromkeys(cell.seed for column in columns for cell in column.cells)),
            title=prose.question(results),
            prose=prose,
            made=prose.made(comparison.created),
            sections=chosen,
            limits=LIMITS,
            charts=charts,
            **shown,
            **frame(payload),
        )
    )
