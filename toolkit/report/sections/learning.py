"""Learning curves."""

from typing import Any

import altair as alt

from toolkit.report.charts import PER_CHARACTER, Spec, by_column, finished
from toolkit.report.columns import ColumnResult, Results, best_check
from toolkit.report.section import Section
from toolkit.results.text import thinned

POINTS_PER_CELL = 200
POINTS = 2_400  # over all cells: the browser draws each as a mark, twice


def history(columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """The points of the learning curves, thinned; one data set serves both panels."""
    cells = [(column.name, cell) for column in columns for cell in column.cells]
    most = min(POINTS_PER_CELL, max(20, POINTS // max(1, len(cells))))
    return [
        {
            "column": name,
            "seed": cell.seed,
            "x": row.characters_seen,
            "t": round(row.seconds, 2),
            "v": round(row.valid_bits_per_character, 4),
        }
        for name, cell in cells
        for row in thinned(cell.history, most)
    ]


def _frame(points: list[dict[str, Any]]) -> list[float]:
    """The lowest and highest bits shown of the learning curves: a steep start may extend beyond the top."""
    bits = sorted(point["v"] for point in points)
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]
    pad = 0.06 * (usual - bits[0]) or 0.1
    return [bits[0] - pad, min(bits[-1], usual) + pad]


def learning(columns: list[ColumnResult], x: str, title: str) -> Spec:
    """Valid bits per character over ``x`` ("x" characters seen, "t" seconds), a line per cell; data: "history"."""
    low, high = _frame(history(columns))
    chart = (
        alt.Chart(alt.NamedData("history"))
        .mark_line(clip=True, strokeWidth=1.8, point={"size": 14, "opacity": 0.75}, interpolate="linear")
        .encode(
            x=alt.X(f"{x}:Q", title=title, axis=alt.Axis(format="~s" if x == "x" else ",~f", tickCount=5)),
            y=alt.Y("v:Q", title=PER_CHARACTER, scale=alt.Scale(domain=[low, high], nice=False, zero=False)),
            color=by_column(columns),
            detail=alt.Detail("seed:N"),
            tooltip=[
                alt.Tooltip("column:N"),
                alt.Tooltip("seed:N"),
                alt.Tooltip("x:Q", title="characters seen", format=","),
                alt.Tooltip("t:Q", title="seconds", format=",.0f"),
                alt.Tooltip("v:Q", title="valid bits per character", format=".3f"),
            ],
        )
    )
    return finished(chart, height=260)


def _shows(results: Results) -> dict[str, Any]:
    columns = results.columns
    cells = [(column, cell) for column in columns for cell in column.cells if cell.history]
    return {
        "learned": [
            {"column": column, "seed": cell.seed, "best": best_check(cell), "last": cell.history[-1]}
            for column, cell in cells
        ],
        "all_counted": bool(columns) and not any(cell.updates for column in columns for cell in column.cells),
    }


def _charts(results: Results) -> dict[str, Spec | None]:
    columns = results.columns
    if not history(columns):
        return {}
    return {
        "learning-characters": learning(columns, "x", "characters of training text seen"),
        "learning-seconds": learning(columns, "t", "seconds of training"),
    }


def _data(results: Results) -> dict[str, Any]:
    return {"history": history(results.columns)}


SECTION = Section("Learning", _shows, charts=_charts, data=_data)
