"""Near-duplicates across a split: a text that another part has, whole or in part, edited or not.

*Spans* of 13 words (Brown et al. 2020, appendix C) find what is copied, however little of a document it is. *Shingles*
of 5 words (Broder 1997) also find another edition with other words here and there. They run over the words of a text
in lower case, without punctuation.
"""

import zlib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from toolkit.results.corpus import Overlap
from toolkit.text.corpus import Document, Split
from toolkit.text.neutral import words

RUN_WORDS = (13, 5)  # of a span and of a shingle
# Least shares of a document that is named. Tales of one author without copies share up to 0.0003 and 0.003.
MIN_SHARES = np.array([0.01, 0.05])[:, None, None]
MIN_COUNTS = np.array([1, 8])[:, None, None]  # in common: a phrase is no copy
MAX_CELLS = 4_000_000  # of a table of documents that are compared at once
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # odd, with bits in no pattern

Hashes = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]  # of documents in a split


def overlaps(split: Split) -> list[Overlap]:
    """Return for each document the one of an earlier part that shares most with it, the largest overlap first."""
    names, tables = [document.name for document in split.documents], run_tables(split.documents)
    ends = np.cumsum([len(documents) for documents in split.parts.values()])
    places = dict(zip(split.parts, np.split(np.arange(len(names)), ends), strict=False))
    pairs = [
        Overlap(
            document=names[row], part=part, other=names[other], other_part=earlier, spans=spans, shingles=shingles
        )
        for earlier, part in combinations(places, 2)
        for row, other, (spans, shingles) in largest_shares(tables, places[part], places[earlier])
    ]
    return sorted(pairs, key=lambda pair: (-max(pair.spans, pair.shingles), pair.document, pair.other))


def run_tables(documents: Sequence[Document]) -> list[csr_array]:
    """Return for spans and shingles which document has which run (documents, runs)."""
    runs: dict[int, list[Hashes]] = {length: [] for length in RUN_WORDS}
    for document in documents:
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


def largest_shares(
    tables: list[csr_array], compared: Places, candidates: Places
) -> Iterator[tuple[int, int, list[float]]]:
    """Yield each document that shares much, the candidate that it shares most with, and its two shares."""
    for rows in np.array_split(compared, 1 + len(compared) * len(candidates) // MAX_CELLS):
        # (2, rows, candidates)
        counts = np.stack([(table[rows] @ table[candidates].T).toarray() for table in tables])
        runs = np.stack([table[rows].sum(axis=1) for table in tables])
        shares = counts / np.maximum(1, runs)[:, :, None]
        many = ((shares >= MIN_SHARES) & (counts >= MIN_COUNTS)).any(axis=0)
        largest = np.where(many, shares.max(axis=0), -1.0).argmax(axis=1)
        for i in np.flatnonzero(many.any(axis=1)).tolist():
            yield rows[i], candidates[largest[i]], shares[:, i, largest[i]].tolist()


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
