"""The tokens of documents, counted as they are read: what is kept grows with the types, not with the text.

Tokens are neutral words and single punctuation marks, with their case.
"""

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
    """How often each token occurs, and in how many documents.

    For ``spread`` the parts of a document that was cut, being long, are one, unless all are parts of one.
    """

    documents: int = 0
    characters: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)

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

    def __add__(self, other: "Census") -> "Census":
        """The census of these documents and then the others."""
        return Census(
            self.documents + other.documents,
            self.characters + other.characters,
            self.counts + other.counts,
            self.spread + other.spread,
        )


def census(documents: Sequence[Document]) -> Census:
    """The census of the documents, each read once."""
    characters = 0
    counts, spread = Counter[str](), Counter[str]()
    for _, parts in groupby(zip(left_out_together(documents), documents, strict=True), key=itemgetter(0)):
        in_whole: set[str] = set()
        for _, document in parts:
            found = tokens(document.text)
            counts.update(found)
            in_whole.update(found)
            characters += document.characters
        spread.update(in_whole)
    return Census(len(documents), characters, counts, spread)


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
