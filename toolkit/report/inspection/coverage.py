"""What a vocabulary covers: curves, and forecasts of what it leaves uncovered."""

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt

from toolkit.report.charts import Spec, coverage_axes, coverage_tips, finished, inline
from toolkit.results.inspection import Curve, Forecasts

CURVE_COLOURS = {"words": "#3b78c2", "byte pairs": "#ce7c29", "characters": "#3d9a6b"}


class Bar(NamedTuple):
    """A forecast beside the real share: its value, or why there is none."""

    name: str
    value: float | None
    why: str
    kind: str


def forecasts(facts: Forecasts) -> list[Bar]:
    """The forecasts in the order in which they are explained, then the real share."""
    names = {
        "good_turing": "Good–Turing forecast, V1/N",
        "leave_one_out": "Leaving one document out",
        "growth": "The vocabulary’s growth, continued",
    }
    bars = [Bar(label, getattr(facts, name), facts.missing.get(name, ""), "") for name, label in names.items()]
    return [*bars, Bar("Actually unseen", facts.unseen, "", "real")]


def curves(of_units: Sequence[Curve]) -> Spec | None:
    """Share of held-out characters covered by the k most frequent units, k on a log scale, a line per unit."""
    rows = [{"unit": curve.unit, "k": k, "share": round(share, 5)} for curve in of_units for k, share in curve.points]
    if not rows:
        return None
    scale = alt.Scale(domain=list(CURVE_COLOURS), range=list(CURVE_COLOURS.values()))
    base = alt.Chart(inline(rows)).encode(
        **coverage_axes("units", "characters"),
        color=alt.Color("unit:N", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip("unit:N", title="units"),
            *coverage_tips(),
        ],
    )
    return finished(base.mark_line(strokeWidth=2), height=260)
