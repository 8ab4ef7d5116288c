"""Conclusions from the cells of a comparison: differences, contrasts, folds, sweeps, warnings, the answer."""

from collections.abc import Iterable
from typing import Literal, Self

from pydantic import Field

from toolkit.errors import InputError
from toolkit.results.cell import RowKind
from toolkit.results.corpus import Unit
from toolkit.results.record import Record, say
from toolkit.results.text import ALPHA

Over = Literal["text", "folds", "band", "part of speech", "noise", "fraction"]
Outcome = Literal["a", "b", "undecided", "equal", "too few units"]
Limit = Literal["units", "seeds", "both"]
Step = Literal["full", "seeds", "more", "repeat", "verify"]
WarningKind = Literal[
    "failed", "near_duplicates", "one_document", "few_units", "short_training", "overfitting",
    "budget_ended", "no_tagger", "language", "characters_as_words", "unequal_sizes", "foreign_code",
]  # fmt: skip


class Difference(Record):
    """Column ``a`` minus column ``b``, or ``a`` alone, in bits per character, with a 95 % interval.

    ``at`` is the part of the text: the label of a band or part of speech, the kind of noise, or the fraction of the
    training text. Over noise, the bits are the extra bits. The intervals of a ``family`` of this size hold together,
    and p is adjusted for all of it.
    """

    a: str
    b: str | None = None
    over: Over
    at: str | float | None = None
    difference: float = Field(allow_inf_nan=False)
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    p: float | None = None
    family: int

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2

    @property
    def significant(self) -> bool:
        """Whether the interval excludes 0 and p, if it is known, is at most 0.05."""
        return not self.low <= 0 <= self.high and (self.p is None or self.p <= ALPHA)

    @property
    def ranked(self) -> tuple[str, str]:
        """Both columns, the one with fewer bits first."""
        return (self.a, str(self.b)) if self.difference < 0 else (str(self.b), self.a)

    @property
    def turned(self) -> Self:
        """The same difference as ``b`` minus ``a``."""
        swapped = {"a": self.b, "b": self.a, "difference": -self.difference, "low": -self.high, "high": -self.low}
        return self.model_copy(update=swapped)


class Contrast(Difference):
    """A difference between two columns, or two rows of one kind, with its outcome.

    ``outcome`` names the better column; "equal" columns differ only by rounding. ``limit`` is the scarce resource of an
    undecided contrast. ``needed`` estimates how many more would decide it (of segments: how many times the text).
    ``fewer_in`` counts the units where the column with the lower total also has fewer bits. A true difference of
    ``smallest_detectable`` is detected with 80 % power. ``verdict`` follows from these keys (sentences.j2).
    """

    kind: Literal["columns"] | RowKind
    smallest_detectable: float
    outcome: Outcome
    limit: Limit | None
    needed: float | None
    fewer_in: int
    units: int
    unit: Unit
    seeds: tuple[int, int]
    undertrained: list[str]
    verdict: str = ""

    @property
    def turned(self) -> Self:
        """The same contrast as ``b`` minus ``a``."""
        outcomes: dict[Outcome, Outcome] = {"a": "b", "b": "a"}
        swapped = {"outcome": outcomes.get(self.outcome, self.outcome), "seeds": self.seeds[::-1]}
        return super().turned.model_copy(update=swapped)


def find(contrasts: Iterable[Contrast], a: str, b: str) -> Contrast:
    """Return column ``a`` minus column ``b``, whichever comes first. Raises InputError for other names."""
    for contrast in contrasts:
        if {contrast.a, contrast.b} == {a, b}:
            return contrast if contrast.a == a else contrast.turned
    raise InputError(f"This comparison has no contrast between {a!r} and {b!r}. Name two of its columns.")


class Warning(Record):
    """A fact that weakens the conclusions about these columns, or about all; its sentence is in sentences.j2."""

    kind: WarningKind
    columns: list[str]
    value: float | str | None = None

    @property
    def sentence(self) -> str:
        """The warning in words."""
        return say("warning", self)


class Answer(Record):
    """The column to use, and the command to run next.

    ``column`` has the fewest bits, and ``runner_up`` is the next column that differs significantly. ``tied`` columns
    cannot be distinguished from the best one. They are sorted by bits, and begin with the best one if no ``column`` is
    recommended. A ``next`` step without a ``command`` needs another comparison.
    """

    column: str | None = None
    tied: list[str] = []
    runner_up: str | None = None
    next: Step | None = None
    command: str | None = None


class FoldFacts(Record):
    """One fold: a comparison of its own in ``folder``, and bits per character by column, means over seeds."""

    number: int
    folder: str  # relative to the first fold's
    documents: int
    characters: int
    bits_per_character: dict[str, float]


class Folds(Record):
    """All documents, each held out once: bits per character over them by column, and the contrasts between columns.

    Only columns with a result in every fold are in it. ``deviation`` is the standard deviation between folds of a
    column's bits per character, relative to the mean of all columns and without the scatter of documents. The first
    fold lacks the ``warnings``.
    """

    folds: list[FoldFacts]
    totals: dict[str, float]
    deviation: float = 0.0
    contrasts: list[Contrast]
    warnings: list[Warning] = []


class SweptValue(Record):
    """A value of a setting, and the column that has it."""

    value: bool | int | float | str
    column: str

    @property
    def text(self) -> str:
        """The value as it is written in a setting, without quotes.

        >>> [SweptValue(value=value, column="a").text for value in (True, 2.0, "mark")]
        ['true', '2', 'mark']
        """
        if isinstance(self.value, str):
            return self.value
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value).removesuffix(".0")


class Sweep(Record):
    """The values of the setting ``key`` of ``column``."""

    column: str
    key: str
    values: list[SweptValue]
