"""Folds: every document held out once, and what that says of the methods."""

from typing import Any

import altair as alt

from toolkit.report.charts import Spec, finished, inline
from toolkit.report.columns import ColumnResult
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast
from toolkit.results.folds import Folds

LINES = 12  # columns that are compared with the best one, the nearest first


def best_of(folds: Folds) -> str:
    """The column with the fewest bits over all documents."""
    return min(folds.columns, key=lambda column: column.bits_per_character).column


def from_best(folds: Folds) -> list[Contrast]:
    """The contrasts of the best column, each as another column minus the best, the nearest first."""
    best = best_of(folds)
    turned = [one if one.b == best else one.turned for one in folds.contrasts if best in (one.a, one.b)]
    return sorted(turned, key=lambda one: one.difference)


def chart(folds: Folds) -> Spec:
    """A dot per fold and column: its bits more than the best column's; the line is the interval over all documents."""
    best, contrasts = best_of(folds), from_best(folds)[:LINES]
    dots = [
        {
            "column": one.a,
            "fold": fold.number,
            "difference": fold.bits_per_character[one.a] - fold.bits_per_character[best],
        }
        for one in contrasts
        for fold in folds.folds
    ]
    whole = [{"column": one.a, "difference": one.difference, "low": one.low, "high": one.high} for one in contrasts]
    names = alt.Y("column:N", sort=[one.a for one in contrasts], title=None)
    difference = alt.X(
        "difference:Q", title=f"bits per character more than {best}", axis=alt.Axis(tickCount=6),
        scale=alt.Scale(padding=12),
    )  # fmt: skip
    zero = alt.Chart(inline([{"x": 0}])).mark_rule(strokeWidth=1.5, style="zero").encode(x="x:Q")
    circles = alt.Chart(inline(dots)).mark_circle(size=70, opacity=0.55, yOffset=7, style="coverage").encode(
        x=difference, y=names,
        tooltip=[alt.Tooltip("fold:N"), alt.Tooltip("column:N"), alt.Tooltip("difference:Q", format="+.3f")],
    )  # fmt: skip
    together = alt.Chart(inline(whole)).encode(
        y=names,
        tooltip=[
            alt.Tooltip("column:N"), alt.Tooltip("difference:Q", title="all documents", format="+.3f"),
            alt.Tooltip("low:Q", title="95 % interval from", format="+.3f"),
            alt.Tooltip("high:Q", title="to", format="+.3f"),
        ],
    )  # fmt: skip
    line = together.mark_rule(strokeWidth=2.5, style="interval", yOffset=-7).encode(x="low:Q", x2="high:Q")
    point = together.mark_point(filled=True, size=70, opacity=1, style="dot", yOffset=-7).encode(x=difference)
    return finished(alt.layer(zero, circles, line, point), height=44 * len(contrasts))


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    folds = comparison.folds
    if folds is None:
        return {}
    by_name = {column.name: column for column in columns}
    rows = [(by_name[one.column], one) for one in folds.columns if one.column in by_name]
    return {
        "folds": folds,
        "folds_rows": sorted(rows, key=lambda row: row[1].bits_per_character),
        "folds_verdicts": [one.verdict for one in comparison.leading_over_folds],
    }


def _charts(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Spec | None]:  # noqa: ARG001
    folds = comparison.folds
    return {"folds": chart(folds) if folds and folds.contrasts else None}


SECTION = Section("Folds", _shows, _charts, there=lambda comparison: comparison.folds is not None)
