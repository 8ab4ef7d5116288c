"""Near-duplicates in a corpus that does not fit into memory, from a sample of the hashes of its runs of words.

The hashes that a number divides are kept, the same number for all documents, so that what two documents have in common
is sampled alike (Broder 1997): of the kept hashes of a document about as large a share is in another one as of all. For
each document that is looked at, the one that shares most with it is found, however many have the same run. Documents
for validation and held-out ones are all looked at for copies of training; within a part, evenly spaced ones are.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.results.corpus import Overlap
from toolkit.text.corpus import SPLIT_PARTS, Document, Split, characters
from toolkit.text.shingles import (
    FEWEST_SHINGLES,
    MANY_SHINGLES,
    MANY_SPANS,
    SHINGLE,
    SPAN,
    Hashes,
    WordHashes,
    all_runs,
    hashed,
)

MOST_HASHES = 3_000_000  # that are kept, of about one for each word
CHARACTERS_PER_WORD = 5  # at least, in most languages: how many hashes there will be
LOOKED_AT = 200  # documents of one part that are compared with the others of it
FEWEST = 4  # kept hashes in common: fewer are no copy


class Kept(NamedTuple):
    """The kept hashes of documents; those of document i are ``[starts[i]:starts[i + 1]]``, ascending."""

    hashes: Hashes
    starts: npt.NDArray[np.int64]

    def of(self, document: int) -> Hashes:
        """Those of one document."""
        return self.hashes[self.starts[document] : self.starts[document + 1]]


class Index:
    """Which documents have a hash."""

    def __init__(self, kept: Kept) -> None:
        order = np.argsort(kept.hashes, kind="stable")
        owners = np.repeat(np.arange(len(kept.starts) - 1, dtype=np.int32), np.diff(kept.starts))
        self.documents, self.hashes, self.owners = len(kept.starts) - 1, kept.hashes[order], owners[order]

    def in_common(self, hashes: Hashes) -> npt.NDArray[np.int64]:
        """How many of the hashes each document has (documents,)."""
        first, last = (np.searchsorted(self.hashes, hashes, side) for side in ("left", "right"))
        owners = [self.owners[a:b] for a, b in zip(first.tolist(), last.tolist(), strict=True) if a < b]
        return np.bincount(np.concatenate([self.owners[:0], *owners]), minlength=self.documents)


class Sample:
    """The kept hashes of all documents of a split: of spans and of shingles."""

    def __init__(self, split: Split) -> None:
        self.parts = split.parts
        self.every = max(1, -(-characters(split.documents) // (CHARACTERS_PER_WORD * MOST_HASHES)))
        hashes = WordHashes()
        kept = {part: self._kept(documents, hashes) for part, documents in self.parts.items()}
        self.spans = {part: spans for part, (spans, _) in kept.items()}
        self.shingles = {part: shingles for part, (_, shingles) in kept.items()}

    def _kept(self, documents: Sequence[Document], hashes: Mapping[str, int]) -> tuple[Kept, Kept]:
        """The spans and the shingles of documents, each read once."""
        kept: dict[int, list[Hashes]] = {SPAN: [], SHINGLE: []}
        for document in documents:
            of_words = hashed(document.text, hashes)
            for length, of_length in kept.items():
                combined = all_runs(of_words, length)
                of_length.append(np.unique(combined[combined % np.uint64(self.every) == 0]))
        spans, shingles = (
            Kept(np.concatenate([np.zeros(0, np.uint64), *arrays]), np.cumsum([0, *map(len, arrays)]))
            for arrays in kept.values()
        )
        return spans, shingles

    def overlaps(self) -> list[Overlap]:
        """Each document of one part, if it shares much with one of an earlier part, beside that one."""
        return [
            overlap
            for before, part in combinations(SPLIT_PARTS, 2)
            for overlap in self._between(part, before, range(len(self.parts[part])))
        ]

    def overlaps_within(self) -> list[Overlap]:
        """Evenly spaced documents of each part, if they share much with another of the same part, beside that one."""
        return [overlap for part in SPLIT_PARTS for overlap in self._between(part, part, self.looked_at(part))]

    def looked_at(self, part: str) -> range:
        """The places of the documents that are looked at within a part."""
        step = max(1, -(-len(self.parts[part]) // LOOKED_AT))
        return range(step // 2, len(self.parts[part]), step)

    def _between(self, part: str, before: str, places: Sequence[int]) -> list[Overlap]:
        """The overlap of each of the documents of a part with the one of another part that shares most with it."""
        spans, shingles = Index(self.spans[before]), Index(self.shingles[before])
        found = []
        for i in places:
            ours = self.spans[part].of(i), self.shingles[part].of(i)
            counts = spans.in_common(ours[0]), shingles.in_common(ours[1])
            shares = [count / max(1, len(hashes)) for count, hashes in zip(counts, ours, strict=True)]
            many = (shares[0] >= MANY_SPANS) & (counts[0] >= FEWEST)
            many |= (shares[1] >= MANY_SHINGLES) & (counts[1] >= max(FEWEST, FEWEST_SHINGLES / self.every))
            if part == before:
                many[i] = False
            if many.any():
                j = int(np.argmax(np.where(many, np.maximum(*shares), -1.0)))
                found.append(
                    Overlap(
                        document=self.parts[part][i].name, part=part, other=self.parts[before][j].name,
                        other_part=before, spans=float(shares[0][j]), shingles=float(shares[1][j]),
                    )
                )  # fmt: skip
        return found
