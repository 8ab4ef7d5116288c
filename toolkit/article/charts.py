"""The charts, as Vega-Lite; the page sets fonts and theme."""

from typing import Any

import altair as alt

from toolkit.article import story
from toolkit.article.results import Reproduction

Spec = dict[str, Any]

BLUE, RED, GREEN, YELLOW, VIOLET, GREY = "#5b7c99", "#c8553d", "#3f8f68", "#d99a2b", "#8f7fb8", "#9aa3aa"
SIZE: dict[str, Any] = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
RIGHT = "held-out characters right"
PERCENT = alt.Axis(format="%", tickCount=5)
STEPS = {  # names on the charts, and colours
    "network-1": ("as described", RED),
    "shift-1": ("shift 1", YELLOW),
    "categorical": ("… and categorical loss", VIOLET),
    "repaired": ("… and state carried", BLUE),
    "large": ("… 150 units, rate 0.004", GREEN),
    "categorical-alone": ("categorical loss, 50 ahead", GREY),
    "carried-alone": ("state carried, 50 ahead", GREY),
}


def _spec(chart: Any, height: int) -> Spec:
    spec: Spec = chart.properties(**SIZE, height=height).to_dict()
    spec.pop("config", None)  # the page has its own
    return spec


def _rows(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def _constant(reproduction: Reproduction, axis: str) -> Any:
    """A dashed line at the accuracy of always answering the most common character."""
    value = story.constant(reproduction)
    line = alt.Chart(_rows([{"v": value, "is": f"always {story.spoken(reproduction.text.chance.most_common)}"}]))
    tips = [alt.Tooltip("is:N", title="answer"), alt.Tooltip("v:Q", title=RIGHT, format=".1%")]
    return line.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, style="baseline").encode(
        **{axis: alt.X("v:Q") if axis == "x" else alt.Y("v:Q")}, tooltip=tips
    )


def repairs(reproduction: Reproduction) -> Spec:
    """Bars: the share of right characters, repair by repair, compared with always giving one answer."""
    rows = [
        {"step": label, "v": story.right(reproduction[name]), "colour": colour}
        for name, (label, colour) in STEPS.items()
    ]
    base = alt.Chart(_rows(rows)).encode(
        y=alt.Y("step:N", sort=[row["step"] for row in rows], title=None),
        x=alt.X("v:Q", title=RIGHT, axis=PERCENT, scale=alt.Scale(domainMin=0)),
        tooltip=[alt.Tooltip("step:N"), alt.Tooltip("v:Q", title=RIGHT, format=".1%")],
    )
    bars = base.mark_bar(height=18).encode(color=alt.Color("colour:N", scale=None))
    numbers = base.mark_text(align="left", dx=5).encode(text=alt.Text("v:Q", format=".1%"))
    return _spec(alt.layer(bars, numbers, _constant(reproduction, "x")), height=30 * len(rows))


def learning(reproduction: Reproduction) -> Spec:
    """Lines: the share of right characters at the moments whose samples are shown."""
    names = [name for name, (_, colour) in STEPS.items() if colour != GREY]
    rows = [
        {"step": STEPS[name][0], "x": moment.characters_read, "v": moment.held_out.accuracy}
        for name in names
        for moment in reproduction[name].moments
    ]
    scale = alt.Scale(domain=[STEPS[name][0] for name in names], range=[STEPS[name][1] for name in names])
    lines = (
        alt.Chart(_rows(rows))
        .mark_line(strokeWidth=2, point={"size": 40})
        .encode(
            x=alt.X("x:Q", title="characters of training text read", axis=alt.Axis(format="~s", tickCount=5)),
            y=alt.Y("v:Q", title=RIGHT, axis=PERCENT),
            color=alt.Color("step:N", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("step:N"),
                alt.Tooltip("x:Q", title="characters read", format=","),
                alt.Tooltip("v:Q", title=RIGHT, format=".1%"),
            ],
        )
    )
    return _spec(alt.layer(lines, _constant(reproduction, "y")), height=260)


def shifts(reproduction: Reproduction) -> Spec:
    """The share of right characters against the shift: a network for each, counting pairs, and a constant answer."""
    counted = [{"s": shift, "v": accuracy} for shift, accuracy in reproduction.text.chance.by_distance]
    trained = [{"s": shift, "v": story.right(result)} for shift, result in story.by_shift(reproduction)]
    x = alt.X(
        "s:Q", title="how many characters ahead (log scale)",
        scale=alt.Scale(type="log", nice=False), axis=alt.Axis(values=[1, 2, 4, 10, 20, 50], format="d"),
    )  # fmt: skip
    y = alt.Y("v:Q", title=RIGHT, axis=PERCENT, scale=alt.Scale(domainMin=0))
    tips = [alt.Tooltip("s:Q", title="characters ahead"), alt.Tooltip("v:Q", title=RIGHT, format=".1%")]
    pairs = alt.Chart(_rows(counted)).mark_line(strokeWidth=1.5, color=GREY).encode(x=x, y=y, tooltip=tips)
    network = (
        alt.Chart(_rows(trained))
        .mark_line(strokeWidth=2, color=RED, point={"size": 70, "color": RED})
        .encode(x=x, y=y, tooltip=tips)
    )
    return _spec(alt.layer(pairs, network, _constant(reproduction, "y")), height=260)
