"""The pages of a comparison and of an inspection. They load nothing."""

from collections.abc import Callable
from typing import Any

from toolkit.report import charts, ledger, names, samples, table, verdict
from toolkit.report.charts import Rows
from toolkit.report.columns import Results, colour
from toolkit.report.explorer import blind, passages
from toolkit.report.html import environment, flattened, frame
from toolkit.results import resources
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import Inspection
from toolkit.results.rows import ppmd
from toolkit.results.text import thinned
from toolkit.results.units import unit_of

COVERAGE_POINTS = 200
CELL_CHECKS, CHECKS = 200, 2_400  # charted of one cell and of all: the browser draws each as a mark, twice
UNIT_COLOURS = {"words": "#3b78c2", "byte pairs": "#ce7c29", "characters": "#3d9a6b"}
TOOLS = {"flattened": flattened, "ppmd": ppmd, "resources": resources, "table": table, "thinned": thinned}
Facts = dict[str, Any]


def render(comparison: Comparison) -> str:
    """Return one self-contained HTML file; it loads nothing, and escapes every text of the corpus and the models."""
    results = Results(comparison)
    sections = {name: facts for name, (_, build) in SECTIONS.items() if (facts := build(results)) is not None}
    specs = {name: spec for facts in sections.values() for name, spec in facts.get("charts", {}).items() if spec}
    payload = {name: value for facts in sections.values() for name, value in facts.get("data", {}).items()}
    template = environment().get_template("report.html.j2")
    return template.render(
        results=results,
        comparison=comparison,
        seeds=list(dict.fromkeys(cell.seed for cell in comparison.full)),
        unit=unit_of(comparison),
        titles={name: SECTIONS[name][0] for name in sections},
        sections=sections,
        charts=specs,
        **TOOLS,
        **frame({"charts": specs} | payload),
    )


def render_inspection(inspection: Inspection) -> str:
    """Return the page of an inspection, a self-contained HTML file that escapes every text of the corpus."""
    rows: Rows = []
    for curve in inspection.curves:
        rows += [{"unit": curve.unit, "k": k, "share": round(share, 5)} for k, share in curve.points]
    specs = {"curves": charts.coverage_curves(rows, UNIT_COLOURS)}
    for name, law, axes in [
        ("heaps", inspection.heaps, ("tokens read", "types")),
        ("zipf", inspection.zipf, ("rank", "occurrences")),
    ]:
        if law:
            line = [(x, law.factor * x**law.exponent) for x in (law.first, law.last)]
            specs[name] = charts.log_log(law.points, line, *axes)
    template = environment().get_template("inspection.html.j2")
    return template.render(
        inspection=inspection,
        colours=list(map(colour, range(len(inspection.columns)))),
        curve_colours=UNIT_COLOURS,
        names=names,
        flattened=flattened,
        charts=specs,
        **frame({"charts": specs}),
    )


def _no_facts(_: Results) -> Facts:
    return {}


def _learning(results: Results) -> Facts:
    """Return the cells with their checks of training, the charts of them, and their data set."""
    cells = [cell for column in results.columns for cell in column.cells if cell.history]
    points = min(CELL_CHECKS, max(20, CHECKS // max(1, len(cells))))
    history: Rows = []
    for cell in cells:
        for row in thinned(cell.history, points):
            place = {"column": cell.column, "seed": cell.seed, "x": row.characters_seen, "t": round(row.seconds, 2)}
            history.append(place | {"v": round(row.valid_bits_per_character, 4)})
    if not history:
        return {"cells": [], "data": {"history": []}}
    bits = sorted(row["v"] for row in history)
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]  # a steep start may extend beyond the top
    pad = 0.06 * (usual - bits[0]) or 0.1
    shown = [bits[0] - pad, min(bits[-1], usual) + pad]
    specs = {f"learning-{over}": charts.learning(results.colours, over, shown) for over in ("characters", "seconds")}
    return {"cells": cells, "charts": specs, "data": {"history": history}}


def _coverage(results: Results) -> Facts:
    curve = thinned(results.comparison.corpus.coverage.curve, COVERAGE_POINTS)
    return {"charts": {"coverage": charts.coverage([{"k": types, "share": round(share, 5)} for types, share in curve])}}


# Sections in their order: the name in the navigation, and the function that returns the facts of its template, with
# charts by the id of their place and data for the page's script; None where the comparison lacks the subject.
SECTIONS: dict[str, tuple[str, Callable[[Results], Facts | None]]] = {
    "verdict": ("Verdict", verdict.verdict),
    "documents": ("Documents", verdict.documents),
    "folds": ("Folds", verdict.folds),
    "compared": ("Compared", _no_facts),
    "sweep": ("Sweep", verdict.sweeps),
    "scaling": ("More text", verdict.scaling),
    "columns": ("Columns", _no_facts),
    "resources": ("Resources", _no_facts),
    "ledger": ("Ledger", ledger.ledger),
    "noise": ("Noise", verdict.noise),
    "learning": ("Learning", _learning),
    "coverage": ("Coverage", _coverage),
    "passages": ("Explorer", passages),
    "samples": ("Samples", samples.samples),
    "blind": ("Author?", blind),
    "provenance": ("Provenance", _no_facts),
}
