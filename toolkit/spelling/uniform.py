"""A speller that only chooses among the characters or tokens that training never showed: one uniform event."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

from toolkit.events.distribution import Distribution, Uniform

SURROGATES = range(0xD800, 0xE000)
UNICODE_SCALARS = 0x110000 - len(SURROGATES)  # code points that are not surrogates


class UnseenCharacters:
    """The Unicode scalar values that are not in ``seen``, numbered in order."""

    def __init__(self, seen: Iterable[str]) -> None:
        self._characters = "".join(sorted(seen))
        self._seen = sorted({_rank(character) for character in self._characters if ord(character) not in SURROGATES})
        self._unseen_below = [rank - number for number, rank in enumerate(self._seen)]  # by seen character
        self.distribution = Uniform(UNICODE_SCALARS - len(self._seen))

    def number(self, surface: str) -> int:
        """Return the number of an unseen character.

        >>> UnseenCharacters("a").number("b")
        97
        """
        rank = _rank(surface)
        return rank - bisect_left(self._seen, rank)

    def surface(self, number: int) -> str:
        """Return the unseen character with a number, the inverse of ``number``.

        >>> UnseenCharacters("a").surface(97)
        'b'
        """
        rank = number + bisect_right(self._unseen_below, number)
        return chr(rank + len(SURROGATES) * (rank >= SURROGATES.start))

    def to_dict(self) -> dict[str, Any]:
        """Return the seen characters."""
        return {"characters": self._characters}


def _rank(character: str) -> int:
    """Return the place of a character among all Unicode scalar values."""
    return ord(character) - len(SURROGATES) * (ord(character) >= SURROGATES.stop)


class UnseenTokens:
    """The tokens of a list."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = list(tokens)
        self._numbers = {token: number for number, token in enumerate(tokens)}
        self.distribution = Uniform(len(self._tokens))

    def number(self, surface: str) -> int:
        """Return the place of a token in the list."""
        return self._numbers[surface]

    def surface(self, number: int) -> str:
        """Return the token at a place."""
        return self._tokens[number]

    def to_dict(self) -> dict[str, Any]:
        """Return the tokens."""
        return {"tokens": self._tokens}


class UniformSpeller:
    """The ``Speller`` of unseen characters or tokens, and its own ``Spelling``: it keeps no state."""

    def __init__(self, unseen: UnseenCharacters | UnseenTokens) -> None:
        self.unseen = unseen
        self.to_dict = unseen.to_dict

    def start(self) -> Self:
        """Return the speller."""
        return self

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:  # noqa: ARG002
        """Yield the distribution of unseen surfaces with the number of this one."""
        yield self.unseen.distribution, self.unseen.number(surface)

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:  # noqa: ARG002
        """Return the unseen surface with the picked number."""
        return self.unseen.surface(pick(self.unseen.distribution))

    def observe(self, word_class: str, surface: str) -> None:
        """Learn nothing."""
