"""The table of the measures of generated text; their descriptions come with the comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from toolkit.report.columns import WrittenColumn
from toolkit.results.generated import Generated, Lane, MeasureFacts
from toolkit.results.numbers import count, decimals, percent

Show = Callable[[float | None], str]
BY_UNIT: dict[str, Show] = {
    "share": percent,
    "characters": count,
    "divergence": lambda x: decimals(x, 4),
    "per 10,000 words": lambda x: decimals(x, 1),
}


@dataclass(frozen=True)
class Value:
    """One measure of one lane; ``telling``: it tells the texts from the author's passages.

    ``counted`` is what n-grams of the column's tokens have, where there are any.
    """

    text: str
    interval: str
    telling: bool = False
    counted: str = ""


@dataclass(frozen=True)
class Line:
    """One measure: the author's value, that of other passages, and one per column.

    None where it was not computed.
    """

    facts: MeasureFacts
    author: str
    another: Value | None
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


def _value(name: str, facts: MeasureFacts, own: Generated, lane: Generated | Lane | None, show: Show) -> Value | None:
    """A measure of a lane beside the author's. Intervals of older versions go beyond what the measure can be."""
    measured = lane.measures.get(name) if lane else None
    if lane is None or measured is None:
        return None
    telling = name in (lane.telling or ())
    counted = own.counted.measures.get(name) if own.counted and lane is own else None
    beside = show(counted.value) if counted else ""
    if measured.low is None or measured.high is None:
        return Value(show(measured.value), "", telling, beside)
    high = measured.high if facts.most is None else min(measured.high, facts.most)
    interval = f"[{show(max(measured.low, facts.least))}, {show(high)}]"
    return Value(show(measured.value), interval, telling, beside)


def lines(columns: list[WrittenColumn], facts: Mapping[str, MeasureFacts]) -> list[Line]:
    """A line per measure that any column has, in the order in which they were computed."""
    written = [column.generated for column in columns]
    rows = []
    for name in dict.fromkeys(name for own in written for name in own.measures):
        known = facts.get(name) or unexplained(name)
        show = BY_UNIT.get(known.unit, decimals)
        first = next(own for own in written if name in own.measures)
        rows.append(
            Line(
                known,
                show(first.measures[name].author),
                _value(name, known, first, first.another, show),
                tuple(_value(name, known, own, own, show) for own in written),
            )
        )
    return rows
