"""The laws of Heaps and Zipf as charts: the corpus' points and the fitted line, both axes on a log scale."""

import altair as alt

from toolkit.report.charts import Spec, finished, inline
from toolkit.results.inspection import Heaps, Zipf

POWERS = [10**i for i in range(9)]


def heaps(law: Heaps) -> Spec:
    """Types over tokens read."""
    line = [{"x": x, "y": law.K * x**law.beta} for x in (law.first, law.last)]
    return _log_log([{"x": n, "y": size} for n, size in law.points], line, "tokens read", "types")


def zipf(law: Zipf) -> Spec:
    """How often a type occurs, over its rank."""
    line = [{"x": x, "y": law.constant * x**law.slope} for x in (law.first, law.last)]
    return _log_log([{"x": rank, "y": count} for rank, count in law.points], line, "rank", "occurrences")


def _log_log(points: list[dict[str, float]], line: list[dict[str, float]], x: str, y: str) -> Spec:
    axis = alt.Axis(format="~s", values=POWERS)
    scale = alt.Scale(type="log", nice=False)

    def chart(rows: list[dict[str, float]]) -> alt.Chart:
        return alt.Chart(inline(rows)).encode(
            x=alt.X("x:Q", title=f"{x} (log scale)", scale=scale, axis=axis),
            y=alt.Y("y:Q", title=f"{y} (log scale)", scale=scale, axis=axis),
            tooltip=[alt.Tooltip("x:Q", title=x, format=",.0f"), alt.Tooltip("y:Q", title=y, format=",.0f")],
        )

    fitted = chart(line).mark_line(strokeWidth=1.5, strokeDash=[5, 4], style="span")
    return finished(alt.layer(fitted, chart(points).mark_circle(size=26, opacity=1, style="coverage")), height=260)
