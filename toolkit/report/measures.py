"""The table of the measures of generated text; their descriptions come with the comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from toolkit.report.columns import ColumnResult
from toolkit.report.numbers import ABSENT, count, decimals, percent
from toolkit.results.generated import MeasureFacts, MeasureValue

Show = Callable[[float | None], str]
BY_UNIT: dict[str, Show] = {
    "share": percent,
    "characters": count,
    "divergence": lambda x: decimals(x, 4),
    "per 10,000 words": lambda x: decimals(x, 1),
}


@dataclass(frozen=True)
class Value:
    """One measure of one column; ``near`` when the author's value lies in its interval."""

    text: str
    interval: str
    near: bool


@dataclass(frozen=True)
class Line:
    """One measure: the author's value, then one value per column (None if it was not computed)."""

    facts: MeasureFacts
    author: str
    values: tuple[Value | None, ...]


def unexplained(name: str) -> MeasureFacts:
    """The description of a measure for which the comparison has none: its name.

    >>> unexplained("my_measure").label
    'my measure'
    """
    label = name.replace("_", " ")
    return MeasureFacts(
        label=label, unit="", direction="author", least=0.0, most=None, definition="", trap="", source=""
    )


def _value(measure: MeasureValue | None, show: Show) -> Value | None:
    if measure is None:
        return None
    if measure.low is None or measure.high is None:
        return Value(show(measure.value), "", False)
    interval = f"[{show(measure.low)}, {show(measure.high)}]"
    return Value(show(measure.value), interval, measure.low <= measure.author <= measure.high)


def lines(columns: list[ColumnResult], facts: Mapping[str, MeasureFacts]) -> list[Line]:
    """A line per measure that any column has, in the order in which they were computed."""
    by_column = [column.first.generated.measures for column in columns]
    rows = []
    for name in dict.fromkeys(name for measures in by_column for name in measures):
        known = facts.get(name) or unexplained(name)
        show = BY_UNIT.get(known.unit, decimals)
        author = next((measures[name].author for measures in by_column if name in measures), None)
        values = tuple(_value(measures.get(name), show) for measures in by_column)
        rows.append(Line(known, show(author) if author is not None else ABSENT, values))
    return rows
