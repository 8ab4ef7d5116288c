"""The tokens of documents, counted as they are read. Memory grows with the types, not with the text.

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
    """The counts of tokens in documents.

    Attributes:
        documents: the number of documents.
        characters: their length.
        counts: by token, its occurrences.
        spread: by token, the number of documents that have it. Parts of one document count once, unless all documents
            are parts of one.
    """

    documents: int = 0
    characters: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    spread: Counter[str] = field(default_factory=Counter)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return self.counts.total()

    @property
    def types(self) -> int:
        """The number of different tokens."""
        return len(self.counts)

    @property
    def hapaxes(self) -> int:
        """The number of types that occur once."""
        return sum(count == 1 for count in self.counts.values())

    @property
    def words(self) -> int:
        """The number of tokens that are words."""
        return sum(count for token, count in self.counts.items() if LETTER_PATTERN.match(token))

    @property
    def in_one_document(self) -> list[int]:
        """The counts of the types that only one document has."""
        return [count for token, count in self.counts.items() if self.spread[token] == 1]


def census(documents: Sequence[Document]) -> Census:
    """Return the census of the documents, each read once."""
    characters = 0
    counts, spread = Counter[str](), Counter[str]()
    for _, parts in groupby(zip(left_out_together(documents), documents, strict=True), key=itemgetter(0)):
        types: set[str] = set()
        for _, document in parts:
            in_document = Counter(tokens(document.text))
            counts.update(in_document)
            types.update(in_document)
            characters += document.characters
        spread.update(types)
    return Census(len(documents), characters, counts, spread)


def characters_in(documents: Iterable[Document]) -> Counter[str]:
    """Return how often each character occurs in the documents, in the order of their code points.

    >>> characters_in([Document("1", "moon"), Document("2", "om")])
    Counter({'o': 3, 'm': 2, 'n': 1})
    """
    counts = np.zeros(0, np.int64)  # by code point
    for document in documents:
        in_document = np.bincount(code_points(document.text), minlength=len(counts))
        in_document[: len(counts)] += counts
        counts = in_document
    return Counter({chr(code): int(counts[code]) for code in np.flatnonzero(counts).tolist()})
