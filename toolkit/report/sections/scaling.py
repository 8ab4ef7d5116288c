"""What more training text gives, and where one column overtakes another; only if there are several fractions."""

from typing import Any

import altair as alt
import numpy as np

from toolkit.report.charts import PER_CHARACTER, Spec, by_column, finished, inline
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.scaling import Crossing, Scaling
from toolkit.results.text import signed

FURTHER = 4  # times the training text: how far curves are drawn beyond it
POINTS = 40  # of a curve
CHARACTERS = "characters of training text (log scale)"


def _x() -> Any:
    scale, axis = alt.Scale(type="log", nice=False, padding=12), alt.Axis(format="~s", tickCount=5, grid=False)
    return alt.X("characters:Q", title=CHARACTERS, scale=scale, axis=axis)


def chart(comparison: Comparison, scaling: Scaling, columns: list[ColumnResult]) -> Spec:
    """Dots: bits per character of every cell over its training text; dashed: the fitted curve and where it leads."""
    sizes = {facts.fraction: facts.characters for facts in comparison.corpus.fractions}
    dots = [
        {
            "column": cell.column,
            "seed": cell.seed,
            "characters": sizes[cell.fraction],
            "bits": round(cell.bits_per_character.total, 4),
        }
        for cell in comparison.done
    ]
    least, most = min(sizes.values()), max(sizes.values())
    curves = [
        {"column": curve.column, "characters": round(n), "bits": round(curve.at(n), 4)}
        for curve in scaling.curves
        for n in np.geomspace(least, FURTHER * most, POINTS)
    ]
    tips = [alt.Tooltip("column:N"), alt.Tooltip("characters:Q", title="training text", format=",")]
    bits = alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f")
    y = alt.Y("bits:Q", title=PER_CHARACTER, scale=alt.Scale(zero=False))
    measured = alt.Chart(inline(dots)).encode(x=_x(), y=y, color=by_column(columns))
    fitted = alt.Chart(inline(curves)).encode(x=_x(), y=y, color=by_column(columns))
    layers = [
        fitted.mark_line(strokeDash=[5, 4], strokeWidth=1.4).encode(tooltip=[*tips, bits]),
        measured.mark_line(strokeWidth=2).encode(y=alt.Y("mean(bits):Q", title=PER_CHARACTER)),
        measured.mark_circle(size=46, opacity=0.9).encode(tooltip=[*tips, alt.Tooltip("seed:N"), bits]),
    ]
    return finished(alt.layer(*layers), height=300)


def vocabulary(comparison: Comparison) -> Spec:
    """Distinct tokens of the training text, and the share of held-out tokens that it never has, on the same axis."""
    facts = [
        {"characters": f.characters, "types": f.types, "unseen": round(f.unseen_token_share, 5)}
        for f in comparison.corpus.fractions
    ]
    tips = [
        alt.Tooltip("characters:Q", title="training text", format=","),
        alt.Tooltip("types:Q", title="distinct tokens", format=","),
        alt.Tooltip("unseen:Q", title="held-out tokens never seen", format=".2%"),
    ]
    base = alt.Chart(inline(facts)).encode(x=_x(), tooltip=tips)
    types = alt.Y("types:Q", title="distinct tokens", scale=alt.Scale(zero=True), axis=alt.Axis(format="~s"))
    unseen = alt.Y(
        "unseen:Q", title="never seen", scale=alt.Scale(zero=True),
        axis=alt.Axis(format="%", orient="right"),
    )  # fmt: skip
    left = [base.mark_line(strokeWidth=2, style="coverage"), base.mark_circle(size=50, opacity=1, style="coverage")]
    right = [
        base.mark_line(strokeWidth=2, strokeDash=[3, 3], style="interval"),
        base.mark_circle(size=50, opacity=1, style="dot"),
    ]
    lines = [alt.layer(*(mark.encode(y=y) for mark in marks)) for y, marks in ((types, left), (unseen, right))]
    return finished(alt.layer(*lines).resolve_scale(y="independent"), height=300)


def tried(scaling: Scaling) -> str:
    """How well each curve, fitted on the smaller fractions, predicted the largest, or why that cannot be said."""
    held = [(curve.column, curve.held_back) for curve in scaling.curves if curve.held_back]
    if not scaling.curves:
        return "No column has a result for every fraction, so there is no curve."
    if not held:
        return "With fewer than four fractions it cannot be tried how well the curves predict."
    off = [
        f"{column} {one.predicted:.3f} for {one.measured:.3f} (off by {signed(one.predicted - one.measured)})"
        for column, one in held
    ]
    return f"Fitted on the smaller fractions alone, the curves put the whole training text at: {', '.join(off)}."


def _shows(results: Results) -> dict[str, Any]:
    if (scaling := results.comparison.scaling) is None:
        return {}
    of_best, of_others = with_the_best(scaling.crossings, [column.name for column in results.ranked])
    found = {"scaling": scaling, "tried": tried(scaling), "further": FURTHER}
    return found | {"of_best": of_best, "of_others": of_others}


def with_the_best(crossings: list[Crossing], ranked: list[str]) -> tuple[list[Crossing], list[Crossing]]:
    """The pairs of columns with the first of the ranked columns that is in any pair, and the others."""
    named = {name for crossing in crossings for name in (crossing.a, crossing.b)}
    best = next((name for name in ranked if name in named), None)
    first = [crossing for crossing in crossings if best in (crossing.a, crossing.b)]
    return first, [crossing for crossing in crossings if crossing not in first]


def _charts(results: Results) -> dict[str, Spec | None]:
    comparison = results.comparison
    if comparison.scaling is None:
        return {}
    return {"scaling": chart(comparison, comparison.scaling, results.columns), "vocabulary": vocabulary(comparison)}


SECTION = Section("More text", _shows, _charts, there=lambda comparison: comparison.scaling is not None)
