"""The tokens of documents, counted as they are read: what is kept grows with the types, not with the text.

Tokens are neutral words and single punctuation marks, with their case.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

import numpy as np

from toolkit.text.code_points import code_points
from toolkit.text.corpus import Document, left_out_together
from toolkit.text.neutral import LETTER_PATTERN, tokens


@dataclass(frozen=True)
class Census:
    """How often each token occurs, in how many documents, and where each type is new.

    For ``spread`` the parts of a document that was cut, being long, are one, unless all are parts of one.
    ``firsts`` are the places, from 0, at which a type occurs for the first time, of all tokens in reading order.
    """

    documents: int = 0
    characters: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)
    firsts: tuple[int, ...] = ()

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return self.counts.total()

    @property
    def types(self) -> int:
        """How many different ones."""
        return len(self.counts)

    @property
    def hapaxes(self) -> int:
        """How many occur once."""
        return sum(count == 1 for count in self.counts.values())

    @property
    def words(self) -> Counter[str]:
        """The counts of the tokens that are words."""
        return Counter({token: count for token, count in self.counts.items() if LETTER_PATTERN.match(token)})

    @property
    def in_one_document(self) -> list[int]:
        """The counts of the types that only one document has."""
        return [count for token, count in self.counts.items() if self.spread[token] == 1]

    def types_after(self, tokens: int) -> int:
        """How many types the first so many tokens have.

        >>> census([Document("1", "a b a"), Document("2", "c a")]).types_after(4)
        3
        """
        return bisect_right(self.firsts, tokens - 1)

    def __add__(self, other: "Census") -> "Census":
        """The census of these documents and then the others."""
        new = [
            self.tokens + place
            for place, token in zip(other.firsts, other.counts, strict=True)
            if token not in self.counts
        ]
        return Census(
            self.documents + other.documents,
            self.characters + other.characters,
            self.counts + other.counts,
            self.spread + other.spread,
            (*self.firsts, *new),
        )


def census(documents: Sequence[Document]) -> Census:
    """The census of the documents, each read once."""
    characters = place = 0
    counts, spread, firsts = Counter[str](), Counter[str](), list[int]()
    for _, parts in groupby(zip(left_out_together(documents), documents, strict=True), key=itemgetter(0)):
        in_whole: set[str] = set()
        for _, document in parts:
            found = tokens(document.text)
            firsts += (place + i for i in first_places(found) if found[i] not in counts)
            counts.update(found)
            in_whole.update(found)
            characters, place = characters + document.characters, place + len(found)
        spread.update(in_whole)
    return Census(len(documents), characters, counts, spread, tuple(firsts))


def first_places(found: Sequence[str]) -> list[int]:
    """The places at which tokens occur for the first time.

    >>> first_places(["a", "b", "a", "c"])
    [0, 1, 3]
    """
    places: dict[str, int] = {}
    for place, token in enumerate(found):
        places.setdefault(token, place)
    return list(places.values())


def characters_in(documents: Iterable[Document]) -> Counter[str]:
    """How often each character occurs in the documents.

    >>> characters_in([Document("1", "moon"), Document("2", "om")])
    Counter({'o': 3, 'm': 2, 'n': 1})
    """
    counts = np.zeros(0, np.int64)  # by code
    for document in documents:
        here = np.bincount(code_points(document.text), minlength=len(counts))
        here[: len(counts)] += counts
        counts = here
    return Counter({chr(code): int(counts[code]) for code in np.flatnonzero(counts).tolist()})
