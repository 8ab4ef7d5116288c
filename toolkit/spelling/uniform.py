"""A speller that only chooses among what training never showed: one uniform event."""

import bisect
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, Self

from toolkit.events.distribution import Distribution, Uniform

UNICODE_SCALARS = 0x110000 - 0x800  # code points that are not surrogates


class Unseen(Protocol):
    """The surfaces that training never showed, numbered from 0."""

    @property
    def distribution(self) -> Uniform:
        """Uniform over all of them."""
        ...

    def number(self, surface: str) -> int:
        """The number of a surface."""
        ...

    def surface(self, number: int) -> str:
        """The surface with a number."""
        ...

    def to_dict(self) -> dict[str, Any]:
        """What identifies them, as JSON values."""
        ...


class UnseenCharacters:
    """The Unicode scalar values that are not in ``seen``, numbered in order."""

    def __init__(self, seen: Iterable[str]) -> None:
        self._seen = sorted(seen)
        self._points = sorted({ord(character) for character in self._seen if not 0xD800 <= ord(character) < 0xE000})

    @property
    def distribution(self) -> Uniform:
        """Uniform over the unseen scalar values."""
        return Uniform(UNICODE_SCALARS - len(self._points))

    def number(self, surface: str) -> int:
        """The number of an unseen character.

        >>> UnseenCharacters("a").number("b")
        97
        """
        point = ord(surface)
        return point - 0x800 * (point >= 0xE000) - bisect.bisect_left(self._points, point)

    def surface(self, number: int) -> str:
        """The unseen character with a number, the inverse of ``number``.

        >>> UnseenCharacters("a").surface(97)
        'b'
        """
        point = number
        for seen in self._points:  # each seen character at or below it moves the point up by one
            if seen - 0x800 * (seen >= 0xE000) <= point:
                point += 1
        return chr(point + 0x800 * (point >= 0xD800))

    def to_dict(self) -> dict[str, Any]:
        """The characters seen."""
        return {"characters": "".join(self._seen)}


class UnseenTokens:
    """The tokens of a list."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = list(tokens)
        self._numbers = {token: number for number, token in enumerate(tokens)}

    @property
    def distribution(self) -> Uniform:
        """Uniform over the tokens."""
        return Uniform(len(self._tokens))

    def number(self, surface: str) -> int:
        """The place of a token in the list."""
        return self._numbers[surface]

    def surface(self, number: int) -> str:
        """The token at a place."""
        return self._tokens[number]

    def to_dict(self) -> dict[str, Any]:
        """The tokens."""
        return {"tokens": self._tokens}


class UniformSpeller:
    """The speller of surfaces that training never showed: one event, uniform over them. It keeps no state."""

    def __init__(self, unseen: Unseen) -> None:
        self.unseen = unseen

    def start(self) -> Self:
        """Every document starts in the same state."""
        return self

    def events(self, word_class: str, surface: str) -> Iterator[tuple[Distribution, int]]:  # noqa: ARG002
        """The surface's number among the unseen ones."""
        yield self.unseen.distribution, self.unseen.number(surface)

    def read(self, word_class: str, pick: Callable[[Distribution], int]) -> str:  # noqa: ARG002
        """The unseen surface with the picked number."""
        return self.unseen.surface(pick(self.unseen.distribution))

    def observe(self, word_class: str, surface: str) -> None:
        """Learn nothing."""

    def to_dict(self) -> dict[str, Any]:
        """What identifies the unseen surfaces."""
        return self.unseen.to_dict()
