"""A sweep: one setting of a column, with a column of its own for each of its values."""

from typing import Literal

from toolkit.results.record import Record

Standing = Literal["best", "the same", "cannot tell", "needs more", "needs fewer", "no result"]


class Point(Record):
    """A value of the setting and what its column needs; the numbers are None if the column has no result.

    ``bits_per_character`` of the held-out text and ``valid_bits_per_character`` of the validation text at the best
    check are means over the column's seeds; the latter are None for a model that is counted. ``difference`` is the
    held-out bits minus those of the sweep's best value, ``low`` and ``high`` its 95 % interval, ``settled`` as in the
    comparison's contrast; the best value itself has none of them.
    """

    value: bool | int | float | str
    column: str
    bits_per_character: float | None = None
    valid_bits_per_character: float | None = None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    settled: bool | None = None

    @property
    def text(self) -> str:
        """The value as it is written in a setting, without quotes.

        >>> Point(value=True, column="a").text, Point(value=2.0, column="a").text, Point(value="mark", column="a").text
        ('true', '2', 'mark')
        """
        written = str(self.value)
        if isinstance(self.value, str):
            return written
        return written.lower() if isinstance(self.value, bool) else written.removesuffix(".0")


class Sweep(Record):
    """The values of the setting ``key`` of ``column``, in the requested order.

    ``best`` is the column with the fewest bits of the text that the value is chosen on; None if no column has a result.
    """

    column: str
    key: str
    points: list[Point]
    best: str | None = None
    chosen_on: Literal["validation", "held-out"] | None = None
    verdict: str = ""

    @property
    def asked(self) -> "Sweep":
        """What was asked for, without results."""
        points = [Point(value=point.value, column=point.column) for point in self.points]
        return Sweep(column=self.column, key=self.key, points=points)

    @property
    def measured(self) -> list[Point]:
        """The points whose columns have a result."""
        return [point for point in self.points if point.bits_per_character is not None]

    def standing(self, point: Point) -> Standing:
        """How one of its points stands to the best one."""
        if point.bits_per_character is None:
            return "no result"
        if point.column == self.best:
            return "best"
        if point.difference == 0:  # to the last digit, as of one network
            return "the same"
        if not point.settled or point.difference is None:
            return "cannot tell"
        return "needs more" if point.difference > 0 else "needs fewer"

    @property
    def numeric(self) -> bool:
        """Whether the values are numbers."""
        return all(isinstance(point.value, int | float) and not isinstance(point.value, bool) for point in self.points)
