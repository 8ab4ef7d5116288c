"""How two columns differ, over all of the text and over some of its words."""

from collections.abc import Iterable

from pydantic import Field

from toolkit.errors import InputError
from toolkit.results.record import Record


def sentence(verdict: str) -> str:
    """A verdict as a sentence. A column's name is an identifier, so none begins with one.

    >>> sentence("cannot tell char from bpe"), sentence("bpe beats char")
    ('Cannot tell char from bpe.', 'Verdict: bpe beats char.')
    """
    told = f"C{verdict[1:]}" if verdict.startswith("cannot tell ") else f"Verdict: {verdict}"
    return told.removesuffix(".") + "."


class Contrast(Record):
    """Column a minus column b in bits per character, and the verdict in words.

    The 95 % intervals of all contrasts hold together, and p is adjusted for all of them.
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
        return not self.low <= 0 <= self.high and self.p <= 0.05

    @property
    def needed(self) -> str:
        """What would tell the two apart: the verdict's last clause; empty where one beats the other."""
        _, found, needed = self.verdict.rpartition("); ")
        return needed if found and not self.settled else ""

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
