"""Sweeps: what the values of a setting are worth."""

from typing import Any

import altair as alt

from toolkit.report.charts import PER_CHARACTER, Spec, finished, inline, interval_tips
from toolkit.report.columns import Results
from toolkit.report.html import cut
from toolkit.report.section import Section
from toolkit.results.sweeps import Standing, Sweep

LOGARITHMIC = 8  # values are drawn on a log scale if the largest is more than this many times the smallest
TEXT = 40  # characters of a value


def chart(sweep: Sweep) -> Spec | None:
    """A dot per value, with the interval of its difference from the best value, which is a diamond on a line."""
    best = next((point for point in sweep.measured if point.column == sweep.best), None)
    if best is None or best.bits_per_character is None or len(sweep.measured) < 2:
        return None
    rows = [
        {
            "value": point.value if sweep.numeric else cut(point.text, TEXT),
            "bits": point.bits_per_character,
            "low": None if point.low is None else best.bits_per_character + point.low,
            "high": None if point.high is None else best.bits_per_character + point.high,
            "standing": sweep.standing(point),
        }
        for point in sweep.measured
    ]
    base = alt.Chart(inline(rows)).encode(
        x=values(sweep),
        tooltip=[
            alt.Tooltip("value:N", title=sweep.key),
            alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f"),
            *interval_tips(".3f"),
            alt.Tooltip("standing:N", title="against the best"),
        ],
    )
    y = alt.Y("bits:Q", title=PER_CHARACTER, scale=alt.Scale(zero=False, padding=10), axis=alt.Axis(tickCount=5))
    level = alt.Chart(inline([{"bits": best.bits_per_character}])).mark_rule(strokeWidth=1.5, style="zero").encode(y=y)
    intervals = (
        base.mark_rule(strokeWidth=2.5, style="interval")
        .transform_filter(of("cannot tell", "needs more", "needs fewer"))
        .encode(y=alt.Y("low:Q"), y2=alt.Y2("high:Q"))
    )
    dots = base.mark_point(filled=True, size=120, opacity=1, style="dot").transform_filter(
        of("needs more", "needs fewer")
    ).encode(y=y)  # fmt: skip
    hollow = base.mark_point(filled=False, size=110, opacity=1, strokeWidth=2.5, style="dot-hollow").transform_filter(
        of("cannot tell", "the same")
    ).encode(y=y)  # fmt: skip
    diamond = base.mark_point(filled=True, shape="diamond", size=190, opacity=1, style="dot").transform_filter(
        of("best")
    ).encode(y=y)  # fmt: skip
    return finished(alt.layer(level, intervals, dots, hollow, diamond), height=280)


def values(sweep: Sweep) -> alt.X:
    """The axis of the values: numbers where they lie, text and truth values in the requested order."""
    if not sweep.numeric:
        texts = [cut(point.text, TEXT) for point in sweep.points]
        return alt.X("value:N", sort=texts, title=sweep.key, axis=alt.Axis(labelAngle=0))
    numbers = [float(point.value) for point in sweep.points]
    logarithmic = min(numbers) > 0 and max(numbers) > LOGARITHMIC * min(numbers)
    return alt.X(
        "value:Q",
        title=f"{sweep.key} (log scale)" if logarithmic else sweep.key,
        scale=alt.Scale(type="log" if logarithmic else "linear", zero=False, nice=False, padding=24),
        axis=alt.Axis(values=numbers, format=".12~g"),
    )


def of(*standings: Standing) -> alt.FieldOneOfPredicate:
    """The points that stand so to the best value."""
    return alt.FieldOneOfPredicate(field="standing", oneOf=list(standings))


def _shows(results: Results) -> dict[str, Any]:
    standings = [[sweep.standing(point) for point in sweep.points] for sweep in results.comparison.sweeps]
    return {"standings": standings, "value_characters": TEXT}


def _charts(results: Results) -> dict[str, Spec | None]:
    return {f"sweep-{i}": chart(sweep) for i, sweep in enumerate(results.comparison.sweeps)}


SECTION = Section("Sweep", _shows, _charts, there=lambda comparison: bool(comparison.sweeps))
