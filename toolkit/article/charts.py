"""The charts of accuracies, as Vega-Lite; the page sets fonts and theme."""

from collections.abc import Mapping
from typing import Any

import altair as alt

from toolkit.report.charts import Spec, finished, inline

ACCURACY = "held-out characters right"
PERCENT = alt.Axis(format="%", tickCount=5)

Rows = list[dict[str, Any]]


def accuracy_bars(rows: Rows, constant: float, answer: str) -> Spec:
    """Draw a bar for each network's accuracy, and a dashed line at the constant answer's.

    Args:
        rows: ``network``, ``accuracy`` and ``colour`` of each bar, from the top.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("network:N", sort=[row["network"] for row in rows], title=None),
        x=alt.X("accuracy:Q", title=ACCURACY, axis=PERCENT, scale=alt.Scale(domainMin=0)),
        tooltip=[alt.Tooltip("network:N"), _accuracy_tip()],
    )
    bars = base.mark_bar(height=18).encode(color=alt.Color("colour:N", scale=None))
    numbers = base.mark_text(align="left", dx=5).encode(text=alt.Text("accuracy:Q", format=".1%"))
    return finished(alt.layer(bars, numbers, _constant_line(constant, answer, "x")), height=30 * len(rows))


def accuracy_lines(rows: Rows, colours: Mapping[str, str], constant: float, answer: str) -> Spec:
    """Draw each network's accuracy over the characters read in training.

    Args:
        rows: ``network``, ``characters`` read and ``accuracy`` of each moment.
        colours: The colour of each network.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    characters = alt.Axis(format="~s", tickCount=5)
    lines = alt.Chart(inline(rows)).mark_line(strokeWidth=2, point={"size": 40})
    lines = lines.encode(
        x=alt.X("characters:Q", title="characters of training text read", axis=characters),
        y=alt.Y("accuracy:Q", title=ACCURACY, axis=PERCENT),
        color=alt.Color("network:N", scale=scale, legend=None),
        tooltip=[
            alt.Tooltip("network:N"),
            alt.Tooltip("characters:Q", title="characters read", format=","),
            _accuracy_tip(),
        ],
    )
    return finished(alt.layer(lines, _constant_line(constant, answer, "y")), height=260)


def accuracy_by_shift(counted: Rows, trained: Rows, constant: float, answer: str) -> Spec:
    """Draw accuracy against the shift: of counting pairs of characters, and of a network trained for each shift.

    Args:
        counted: ``shift`` and ``accuracy`` of counting.
        trained: ``shift`` and ``accuracy`` of the networks.
        constant: The accuracy of always answering the same character.
        answer: That character, for readers.
    """
    axes = {
        "x": alt.X(
            "shift:Q",
            title="characters ahead (log scale)",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[1, 2, 4, 10, 20, 50], format="d"),
        ),
        "y": alt.Y("accuracy:Q", title=ACCURACY, axis=PERCENT, scale=alt.Scale(domainMin=0)),
        "tooltip": [alt.Tooltip("shift:Q", title="characters ahead"), _accuracy_tip()],
    }
    pairs = alt.Chart(inline(counted)).mark_line(strokeWidth=1.5, color="#9aa3aa").encode(**axes)
    networks = alt.Chart(inline(trained)).mark_line(
        strokeWidth=2, color="#c8553d", point={"size": 70, "color": "#c8553d"}
    )
    return finished(alt.layer(pairs, networks.encode(**axes), _constant_line(constant, answer, "y")), height=260)


def _accuracy_tip() -> Any:
    return alt.Tooltip("accuracy:Q", title=ACCURACY, format=".1%")


def _constant_line(accuracy: float, answer: str, axis: str) -> Any:
    line = alt.Chart(inline([{"accuracy": accuracy, "answer": f"always {answer}"}]))
    place = {"x": alt.X("accuracy:Q")} if axis == "x" else {"y": alt.Y("accuracy:Q")}
    return line.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, style="baseline").encode(
        **place, tooltip=[alt.Tooltip("answer:N"), _accuracy_tip()]
    )
