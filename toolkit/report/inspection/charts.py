"""Charts with logarithmic axes: coverage by the most frequent units, and laws of the vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from toolkit.report.charts import Spec, coverage_axes, coverage_tips, finished, inline

POWERS_OF_TEN = [10**i for i in range(9)]


def coverage_curves(rows: Sequence[dict[str, Any]], colours: Mapping[str, str]) -> Spec:
    """Draw the share of held-out characters in the k most frequent units, a line for each unit.

    Args:
        rows: Points with ``unit``, ``k`` and ``share``.
        colours: The colour of each unit.
    """
    base = alt.Chart(inline(list(rows))).encode(
        **coverage_axes("units", "characters"),
        color=alt.Color("unit:N", scale=alt.Scale(domain=list(colours), range=list(colours.values())), legend=None),
        tooltip=[alt.Tooltip("unit:N", title="units"), *coverage_tips()],
    )
    return finished(base.mark_line(strokeWidth=2), height=260)


def log_log(points: Sequence[tuple[float, float]], line: Sequence[tuple[float, float]], x: str, y: str) -> Spec:
    """Draw points and a dashed line, both axes on a log scale.

    Args:
        x: The quantity of the horizontal axis.
        y: The quantity of the vertical axis.
    """
    axis = alt.Axis(format="~s", values=POWERS_OF_TEN)
    scale = alt.Scale(type="log", nice=False)

    def chart(places: Sequence[tuple[float, float]]) -> alt.Chart:
        return alt.Chart(inline([{"x": x, "y": y} for x, y in places])).encode(
            x=alt.X("x:Q", title=f"{x} (log scale)", scale=scale, axis=axis),
            y=alt.Y("y:Q", title=f"{y} (log scale)", scale=scale, axis=axis),
            tooltip=[alt.Tooltip("x:Q", title=x, format=",.0f"), alt.Tooltip("y:Q", title=y, format=",.0f")],
        )

    fitted = chart(line).mark_line(strokeWidth=1.5, strokeDash=[5, 4], style="span")
    return finished(alt.layer(fitted, chart(points).mark_circle(size=26, opacity=1, style="coverage")), height=260)
