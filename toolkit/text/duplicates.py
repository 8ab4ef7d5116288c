"""Near-duplicates, across a split or within a part: a text that another has, whole or in part, edited or not.

*Spans* of 13 words (Brown et al. 2020, appendix C) find what is copied, however little of a document it is. *Shingles*
of 5 words (Broder 1997) also find another edition with other words here and there. They run over the words of a text
in lower case, without punctuation.
"""

import zlib
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import chain, combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from toolkit.results.corpus import Overlap
from toolkit.text.corpus import Split
from toolkit.text.neutral import words

RUN_WORDS = (13, 5)  # of a span and of a shingle
# Least shares of a document that is named. Tales of one author without copies share up to 0.0003 and 0.003.
MIN_SHARES = np.array([0.01, 0.05])[:, None, None]
MIN_COUNTS = np.array([1, 8])[:, None, None]  # in common: a phrase is no copy
MAX_COMPARED = 2_000  # documents of one part that are compared with this whole part
MAX_CELLS = 4_000_000  # of a table of documents that are compared at once
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits in no pattern

Hashes = npt.NDArray[np.uint64]


class Alike:
    """For each document of a split, the document of another part or of its own that shares most with it."""

    def __init__(self, split: Split) -> None:
        self.documents = split.documents
        ends = np.cumsum([len(documents) for documents in split.parts.values()])
        self.places = dict(zip(split.parts, np.split(np.arange(len(self.documents)), ends), strict=False))

    @cached_property
    def across(self) -> list[Overlap]:
        """The overlaps of documents with documents of an earlier part, the largest first."""
        return in_order(chain.from_iterable(self._overlaps(b, a) for a, b in combinations(self.places, 2)))

    @cached_property
    def within(self) -> list[Overlap]:
        """The overlaps within a part, the largest first. The document that shares more of itself comes first."""
        overlaps = in_order(chain.from_iterable(self._overlaps(part, part) for part in self.places))
        pairs = {frozenset({overlap.document, overlap.other}): overlap for overlap in reversed(overlaps)}
        return in_order(pairs.values())

    @cached_property
    def _tables(self) -> list[csr_array]:
        """For spans and shingles: which document has which run (documents, runs)."""
        runs: dict[int, list[Hashes]] = {length: [] for length in RUN_WORDS}
        for document in self.documents:
            of_words = np.fromiter(map(word_hash, words(document.text)), np.uint64)
            for length, by_document in runs.items():
                by_document.append(np.unique(run_hashes(of_words, length)))
        tables = []
        for by_document in runs.values():
            distinct, columns = np.unique(np.concatenate(by_document), return_inverse=True)
            starts = np.cumsum([0, *map(len, by_document)])
            shape = len(by_document), len(distinct)
            tables.append(csr_array((np.ones(len(columns), np.int32), columns, starts), shape))
        return tables

    def _overlaps(self, part: str, other_part: str) -> Iterator[Overlap]:
        """Yield the overlap of each document of a part with the document of another part that shares most with it."""
        compared, candidates = self.places[part], self.places[other_part]
        if part == other_part:
            compared = compared[:: 1 + len(compared) // MAX_COMPARED]
        for rows in np.array_split(compared, 1 + len(compared) * len(candidates) // MAX_CELLS):
            counts = np.stack([(table[rows] @ table[candidates].T).toarray() for table in self._tables])
            # (2, rows, candidates)
            runs = np.stack([table[rows].sum(axis=1) for table in self._tables])
            shares = counts / np.maximum(1, runs)[:, :, None]
            enough = (shares >= MIN_SHARES) & (counts >= MIN_COUNTS) & (rows[:, None] != candidates)
            many = enough.any(axis=0)
            largest = np.where(many, shares.max(axis=0), -1.0).argmax(axis=1)
            for i in np.flatnonzero(many.any(axis=1)).tolist():
                name, other = self.documents[rows[i]].name, self.documents[candidates[largest[i]]].name
                spans, shingles = shares[:, i, largest[i]].tolist()
                yield Overlap(
                    document=name, part=part, other=other, other_part=other_part, spans=spans, shingles=shingles
                )


def in_order(overlaps: Iterable[Overlap]) -> list[Overlap]:
    """Return overlaps, the largest first."""
    return sorted(overlaps, key=lambda pair: (-max(pair.spans, pair.shingles), pair.document, pair.other))


@lru_cache(maxsize=2**20)
def word_hash(word: str) -> int:
    """Return the hash of a word in lower case."""
    lower = word.lower().encode()
    return zlib.crc32(lower) << 8 | len(lower) & 0xFF


def run_hashes(hashes: Hashes, length: int) -> Hashes:
    """Return the hashes of all runs of ``length`` words, in their order, from the hashes of the words."""
    number = max(0, len(hashes) - length + 1)
    combined = np.zeros(number, np.uint64)
    for place in range(length):  # modulo 2^64
        combined = (combined ^ hashes[place : place + number]) * MULTIPLIER
        combined ^= combined >> np.uint64(29)
    return combined
