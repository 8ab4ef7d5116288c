"""The page of an inspection: its sections in one HTML file that loads nothing."""

from toolkit.report import names
from toolkit.report.charts import coverage_curves, log_log
from toolkit.report.columns import colour
from toolkit.report.html import environment, flattened, frame, moment
from toolkit.results.inspection import Inspection

CURVE_COLOURS = {"words": "#3b78c2", "byte pairs": "#ce7c29", "characters": "#3d9a6b"}
MAX_SETTINGS = 300


def render(inspection: Inspection) -> str:
    """Return the page, a self-contained HTML file that escapes every text of the corpus."""
    charts, heaps, zipf = {}, inspection.heaps, inspection.zipf
    rows = [
        {"unit": curve.unit, "k": k, "share": round(share, 5)}
        for curve in inspection.curves
        for k, share in curve.points
    ]
    if rows:
        charts["curves"] = coverage_curves(rows, CURVE_COLOURS)
    if heaps:
        line = [(n, heaps.K * n**heaps.beta) for n in (heaps.first, heaps.last)]
        charts["heaps"] = log_log(heaps.points, line, "tokens read", "types")
    if zipf:
        line = [(rank, zipf.constant * rank**zipf.slope) for rank in (zipf.first, zipf.last)]
        charts["zipf"] = log_log(zipf.points, line, "rank", "occurrences")
    template = environment().get_template("inspection.html.j2")
    return template.render(
        inspection=inspection,
        title=f"{inspection.name} before training",
        made=moment(inspection.created),
        colours=list(map(colour, range(len(inspection.columns)))),
        curve_colours=CURVE_COLOURS,
        names=names,
        machine=flattened(inspection.machine)[:MAX_SETTINGS],
        settings=flattened(inspection.settings)[:MAX_SETTINGS],
        charts=charts,
        **frame({"charts": charts}),
    )
