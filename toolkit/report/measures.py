"""The table of the measures of generated text; their descriptions come with the comparison."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from toolkit.report.columns import WrittenColumn
from toolkit.results.generated import Generated, Lane, MeasureFacts
from toolkit.results.text import count, decimals, percent

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


def _value(name: str, own: Generated, lane: Generated | Lane | None, show: Show) -> Value | None:
    """A measure of a lane beside the author's."""
    measured = lane.measures.get(name) if lane else None
    if lane is None or measured is None:
        return None
    telling = name in (lane.telling or ())
    counted = own.counted.measures.get(name) if own.counted and lane is own else None
    beside = show(counted.value) if counted else ""
    if measured.low is None or measured.high is None:
        return Value(show(measured.value), "", telling, beside)
    return Value(show(measured.value), f"[{show(measured.low)}, {show(measured.high)}]", telling, beside)


def lines(columns: list[WrittenColumn], facts: Mapping[str, MeasureFacts]) -> list[Line]:
    """A line per measure that any column has."""
    written = [column.generated for column in columns]
    rows = []
    for name, of_measure in facts.items():
        if (first := next((own for own in written if name in own.measures), None)) is None:
            continue
        show = BY_UNIT.get(of_measure.unit, decimals)
        rows.append(
            Line(
                of_measure,
                show(first.measures[name].author),
                _value(name, first, first.another, show),
                tuple(_value(name, own, own, show) for own in written),
            )
        )
    return rows
