"""How two columns differ, over all of the text and over some of its words."""

from collections.abc import Collection, Iterable

from pydantic import Field

from toolkit.errors import InputError
from toolkit.results.record import Record
from toolkit.results.text import ALPHA


def on_its_side(p: float, rounded: Iterable[str]) -> str:
    """The first of the texts, each more exact than the one before, that is on the side of 0.05 that p is on."""
    return next(text for text in rounded if (float(text) <= ALPHA) == (p <= ALPHA))


def sentence(verdict: str, about: str = "") -> str:
    """A verdict as a sentence, which begins with what it is about. A column's name is an identifier: none begins with
    one.

    >>> sentence("cannot tell char from bpe"), sentence("bpe beats char")
    ('Cannot tell char from bpe.', 'Verdict: bpe beats char.')
    >>> sentence("cannot tell char from bpe", "Fold 1"), sentence("bpe beats char.", "Fold 1")
    ('Fold 1: Cannot tell char from bpe.', 'Fold 1: bpe beats char.')
    """
    told = verdict.removesuffix(".") + "."
    if told.startswith("cannot tell "):
        return f"{about}: C{told[1:]}" if about else f"C{told[1:]}"
    return f"{about or 'Verdict'}: {told}"


def fewer_first(a: str, b: str, difference: float) -> tuple[str, str]:
    """Two columns, the one with fewer bits first, where ``a`` has so many more than ``b``.

    >>> fewer_first("char", "bpe", 0.1)
    ('bpe', 'char')
    """
    return (a, b) if difference < 0 else (b, a)


def is_settled(low: float, high: float, p: float) -> bool:
    """Whether an interval excludes 0, and p is at most 0.05.

    >>> is_settled(0.1, 0.3, 0.01), is_settled(0.1, 0.3, 0.2), is_settled(-0.1, 0.3, 0.01)
    (True, False, False)
    """
    return not low <= 0 <= high and p <= ALPHA


def about_models(seeds: Collection[int]) -> str:
    """Return what the verdicts are about: never the methods, since there is one training text.

    ``seeds`` are the numbers of seeds of the trained columns; it is empty if all columns are counted.

    >>> about_models([1, 3])
    'about these trained models, not about the methods'
    >>> about_models([])
    'about models counted on this training text, not about the methods'
    """
    models = "models counted on this training text"
    if seeds:
        models = "models trained on this training text" if min(seeds) > 1 else "these trained models"
    return f"about {models}, not about the methods"


GROUNDS = "95 % interval"  # begins what a verdict rests on, between brackets
TOO_FEW = "so few cannot show more"  # what a verdict says of units of which no p can be 0.05


class Contrast(Record):
    """Column a minus column b in bits per character, and the verdict in words.

    The 95 % intervals of all contrasts between columns hold together, and p is adjusted for all of these; so it is of
    each kind of row by itself, whose verdicts say of how many contrasts.
    """

    a: str
    b: str
    difference: float = Field(allow_inf_nan=False)
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)
    p: float
    smallest_detectable: float
    verdict: str

    @property
    def settled(self) -> bool:
        """Whether one beats the other: the interval excludes 0, and p is at most 0.05."""
        return is_settled(self.low, self.high, self.p)

    @property
    def half_width(self) -> float:
        """Half of the interval."""
        return (self.high - self.low) / 2

    @property
    def needed(self) -> str:
        """What would tell the two apart: the verdict's last clause; empty where one beats the other."""
        _, found, needed = self.verdict.rpartition("); ")
        return needed if found and not self.settled else ""

    @property
    def in_short(self) -> str:
        """The verdict without what it rests on."""
        return self.verdict.partition(f" ({GROUNDS}")[0]

    @property
    def tellable(self) -> bool:
        """Whether any difference, however large, could have been told: of very few documents every p is above 0.05."""
        return TOO_FEW not in self.verdict

    @property
    def turned(self) -> "Contrast":
        """The same contrast as column b minus column a."""
        return self.model_copy(
            update={"a": self.b, "b": self.a, "difference": -self.difference, "low": -self.high, "high": -self.low}
        )


def find(contrasts: Iterable[Contrast], a: str, b: str) -> Contrast:
    """Column ``a`` minus column ``b``, whichever comes first. Raises InputError if there is no such contrast."""
    for contrast in contrasts:
        if (contrast.a, contrast.b) == (a, b):
            return contrast
        if (contrast.a, contrast.b) == (b, a):
            return contrast.turned
    raise InputError(f"This comparison has no contrast between {a!r} and {b!r}; name two of its columns.")


class Lead(Record):
    """The column ``a`` with the fewest bits per character of the words with one label, minus the next one, ``b``.

    ``by`` is "band" or "part of speech"; ``low`` and ``high`` are a 95 % interval.
    """

    by: str
    label: str
    a: str
    b: str
    difference: float
    low: float
    high: float
