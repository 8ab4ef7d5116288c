"""Temperature: the sentence that says which was taken and why, and the curves of quality against diversity."""

from typing import Any

import altair as alt

from toolkit.report.charts import Spec, by_column, finished, inline
from toolkit.report.columns import WrittenColumn
from toolkit.results.generated import Generated, TemperatureSweep
from toolkit.results.text import count, decimals, listing, percent

MODEL, COUNTED, AUTHOR = "the model", "n-grams of its tokens", "the author"


def _written(columns: list[WrittenColumn]) -> list[tuple[str, Generated]]:
    return [(column.name, column.generated) for column in columns]


def sentences(columns: list[WrittenColumn]) -> str:
    """The temperature of each column's samples, and the repetition that it matches."""
    written = _written(columns)
    matched = [(name, own.sweep, own.temperature) for name, own in written if own.matched]
    given = [f"{name} at {decimals(own.temperature, 2)}" for name, own in written if not own.matched]
    said = []
    if matched:
        sweep = matched[0][1]
        said.append(
            f"Each model writes at the temperature at which it repeats as much as the author: in texts of "
            f"{count(sweep.characters)} characters by the author, {percent(sweep.author_repetition)} of the word pairs "
            f"have occurred before in the same text. This was measured on the training and validation documents, not "
            f"on the held-out ones: {listing([f'{name} at {decimals(at, 2)}' for name, _, at in matched])}."
        )
        said += [_unreached(name, sweep, at) for name, sweep, at in matched if not sweep.reached]
    if given:
        said.append(f"The temperature was given: {listing(given)}.")
    return " ".join(said)


def _unreached(name: str, sweep: TemperatureSweep, at: float) -> str:
    """The sentence on a column that no temperature matches."""
    less = sweep.points[0].temperature == at  # even the coldest text repeats too little
    ends = f"{decimals(sweep.points[0].temperature, 1)} and {decimals(sweep.points[-1].temperature, 1)}"
    return (
        f"By a smooth curve through all temperatures between {ends}, {name} repeats {'less' if less else 'more'} than "
        f"the author at each, so it could not be matched; it writes at the nearest."
    )


def _points(columns: list[WrittenColumn]) -> list[dict[str, Any]]:
    rows = []
    for name, own in _written(columns):
        for who, sweep in ((MODEL, own.sweep), (COUNTED, own.counted.sweep if own.counted else None)):
            if sweep is not None:
                rows += [
                    {
                        "column": name,
                        "who": who,
                        "t": at.temperature,
                        "r": round(at.repetition, 4),
                        "b": round(at.bits, 3),
                    }
                    for at in sweep.points
                ]
    return rows


def curves(columns: list[WrittenColumn]) -> Spec | None:
    """Bits per character under an n-gram of held-out text over repeated word pairs: a line per model."""
    if not columns:
        return None
    author = columns[0].generated.sweep
    x = alt.X(
        "r:Q", title=["word pairs repeated in a text:", "diverse on the left, monotonous on the right"],
        scale=alt.Scale(type="sqrt", nice=False), axis=alt.Axis(format="%", tickCount=6),
    )  # fmt: skip
    y = alt.Y("b:Q", title="bits per character, by an n-gram of held-out text", scale=alt.Scale(zero=False))
    tooltip = [
        alt.Tooltip("column:N"), alt.Tooltip("who:N", title="written by"), alt.Tooltip("t:Q", title="temperature"),
        alt.Tooltip("r:Q", title="repeats", format=".1%"), alt.Tooltip("b:Q", title="bits per character", format=".2f"),
    ]  # fmt: skip
    base = alt.Chart().encode(x=x, y=y, order=alt.Order("t:Q"), color=by_column(columns), tooltip=tooltip)
    dashes = alt.StrokeDash(
        "who:N", scale=alt.Scale(domain=[MODEL, COUNTED], range=[[1, 0], [4, 4]]), legend=None
    )  # fmt: skip
    lines = base.mark_line(strokeWidth=1.8).encode(strokeDash=dashes)
    dots = base.mark_circle(size=26, opacity=1)
    real = {"column": AUTHOR, "who": AUTHOR, "r": author.author_repetition, "b": author.author_bits}
    at_author = alt.Chart(inline([real])).encode(x=x)
    rule = at_author.mark_rule(strokeDash=[2, 3], style="baseline")
    point = at_author.mark_point(size=110, filled=True, shape="diamond", opacity=1, style="dot").encode(
        y=y, tooltip=[alt.Tooltip("who:N"), *tooltip[3:]]
    )
    return finished(alt.layer(lines, dots, rule, point, data=inline(_points(columns))), height=320)
