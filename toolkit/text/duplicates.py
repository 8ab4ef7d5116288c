"""Near-duplicates, across a split or within a part: a text that another has, whole or in part, edited or not.

Two measures (shingles.py): *spans* of 13 words find what is copied, *shingles* of 5 words also find another edition.
Documents likely to share many shingles are found by their MinHash sketches, whose size does not grow with the documents
(Zhu et al. 2016, "LSH Ensemble"), and then counted. Of a corpus that does not fit into memory, a sample of all hashes
is looked at, and of one with many documents only the best pairs (sampled_duplicates.py).
"""

import pickle
from collections.abc import Iterator, Sequence
from functools import cache, cached_property, lru_cache
from itertools import combinations

import numpy as np
from datasketch import MinHash, MinHashLSHEnsemble

from toolkit.results.corpus import Overlap
from toolkit.results.record import grouped
from toolkit.text.corpus import Document, Split, characters
from toolkit.text.gathering import fits
from toolkit.text.sampled_duplicates import Index, Kept, Sample
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

# The share of shingles for which sketches are compared. They are estimates: of documents that share 6 to 9 % without a
# common span, eight in ten are found, of those that share 15 %, all of ten.
LIKELY = MANY_SHINGLES
MANY = 2_000  # documents: if they are all alike, each pair of them is a near-duplicate
PERMUTATIONS = 128  # numbers in a sketch


class Alike:
    """The near-duplicates of a split, and a sentence for their reader if only a sample was looked at."""

    def __init__(self, split: Split) -> None:
        self.split = split

    @cached_property
    def sample(self) -> Sample | None:
        """The sample that is looked at; None if all is: the corpus fits into memory, and has no more than ``MANY``."""
        documents = self.split.documents
        return None if len(documents) <= MANY and fits(characters(documents)) else Sample(self.split)

    @cached_property
    def across(self) -> list[Overlap]:
        """The overlaps between parts, the largest first."""
        return overlaps(self.split) if self.sample is None else in_order(self.sample.overlaps())

    @cached_property
    def within(self) -> list[Overlap]:
        """The overlaps within a part, the largest first."""
        return overlaps_within(self.split) if self.sample is None else in_order(self.sample.overlaps_within())

    @property
    def notes(self) -> tuple[str, ...]:
        """What a sample means for its reader."""
        if self.sample is None:
            return ()
        every = self.sample.every
        sampled = f" in one of {every:,} runs of words, so their shares are estimates" if every > 1 else ""
        within = ", ".join(
            f"{len(self.sample.looked_at(part)):,} of {len(documents):,} {PARTS[part]} documents"
            for part, documents in self.split.parts.items()
        )
        return (
            f"Near-duplicates were looked for{sampled}. Of each document only the one that shares most with it is "
            f"named; within a part, these were compared with all others: {within}.",
        )


def in_order(overlaps: Sequence[Overlap]) -> list[Overlap]:
    """Overlaps, the largest first."""
    return sorted(
        overlaps, key=lambda overlap: (-max(overlap.spans, overlap.shingles), overlap.document, overlap.other)
    )


def overlaps(split: Split) -> list[Overlap]:
    """Each document of one part that shares much with one of an earlier part, the largest overlap first.

    The parts come in the order train, valid, test; of two documents the later one is what is held out.
    """
    return in_order(
        [
            Overlap(
                document=document.name, part=part, other=other.name, other_part=before, spans=spans, shingles=shingles
            )
            for (before, others), (part, documents) in combinations(split.parts.items(), 2)
            for document, other, spans, shingles in pairs(documents, others)
        ]
    )


def overlaps_within(split: Split) -> list[Overlap]:
    """Each pair of documents of one part that share much, the largest overlap first.

    Of two documents the one that shares more of itself is named first: one that is contained in the other, say.
    """
    return in_order(
        [
            max(of_pair, key=lambda overlap: max(overlap.spans, overlap.shingles))
            for part, documents in split.parts.items()
            for of_pair in both_ways(documents, part)
        ]
    )


def both_ways(documents: Sequence[Document], part: str) -> list[list[Overlap]]:
    """The overlaps between documents of one part, by pair: one overlap, or one in each direction."""
    overlaps = (
        Overlap(document=document.name, part=part, other=other.name, other_part=part, spans=spans, shingles=shingles)
        for document, other, spans, shingles in pairs(documents, documents)
    )
    return list(grouped(overlaps, lambda overlap: frozenset({overlap.document, overlap.other})).values())


PARTS = {"train": "training", "valid": "validation", "test": "held-out"}


def in_common(overlap: Overlap) -> str:
    """What its document has in common with the other one, by the measure that says most, if it is over its bound.

    >>> pair = {"document": "a", "part": "test", "other": "b", "other_part": "train"}
    >>> in_common(Overlap(**pair, spans=0.0, shingles=0.186)), in_common(Overlap(**pair, spans=0.02, shingles=0.04))
    ('18.6% of its runs of 5 words', '2.0% of its runs of 13 words')
    """
    if overlap.shingles >= MANY_SHINGLES and overlap.shingles > overlap.spans:
        return f"{overlap.shingles:.1%} of its runs of {SHINGLE} words"
    return f"{overlap.spans:.1%} of its runs of {SPAN} words"


def pairs(
    held_out: Sequence[Document], others: Sequence[Document]
) -> Iterator[tuple[Document, Document, float, float]]:
    """Each pair that shares much: the document, the other one, and the shares of the former's spans and shingles.

    A document that is in both is not paired with itself.
    """
    candidates = {pair for pair, share in shared_spans(held_out, others).items() if share >= MANY_SPANS}
    for i, j in sorted(candidates | alike(held_out, others)):
        if held_out[i] is others[j]:
            continue
        ours, theirs = word_hashes(held_out[i]), word_hashes(others[j])
        spans, shingles = (share(runs(ours, n), runs(theirs, n)) for n in (SPAN, SHINGLE))
        in_common = shingles * len(runs(ours, SHINGLE))
        if spans >= MANY_SPANS or (shingles >= MANY_SHINGLES and in_common >= FEWEST_SHINGLES):
            yield held_out[i], others[j], spans, shingles


def shared_spans(held_out: Sequence[Document], others: Sequence[Document]) -> dict[tuple[int, int], float]:
    """By positions of a document and another one, the share of the former's spans that the latter has, if not 0."""
    spans = [runs(word_hashes(document), SPAN) for document in held_out]
    index = Index(Kept(np.concatenate(spans), np.cumsum([0, *map(len, spans)])))
    shares: dict[tuple[int, int], float] = {}
    for j, other in enumerate(others):
        counts = index.in_common(runs(word_hashes(other), SPAN))
        shares |= {(int(i), j): float(counts[i] / len(spans[i])) for i in np.flatnonzero(counts)}
    return shares


def alike(held_out: Sequence[Document], others: Sequence[Document]) -> set[tuple[int, int]]:
    """Positions of documents and others that have, by their sketches, a large share of the former's shingles."""
    sketches = [(j, *sketch(other)) for j, other in enumerate(others)]
    if not any(size for *_, size in sketches):
        return set()
    ensemble: MinHashLSHEnsemble = pickle.loads(empty_ensemble())
    ensemble.index([entry for entry in sketches if entry[-1]])
    likely: set[tuple[int, int]] = set()
    for i, document in enumerate(held_out):
        signature, size = sketch(document)
        likely |= {(i, j) for j in (ensemble.query(signature, size) if size else ())}
    return likely


@cache
def empty_ensemble() -> bytes:
    """An index without documents, pickled: its parameters take a while to find, its thousands of tables to copy."""
    return pickle.dumps(MinHashLSHEnsemble(LIKELY, PERMUTATIONS))


@lru_cache(maxsize=128)
def sketch(document: Document) -> tuple[MinHash, int]:
    """The MinHash of a document's shingles, and their number."""
    shingles = runs(word_hashes(document), SHINGLE)
    signature = MinHash(PERMUTATIONS, hashfunc=int)
    signature.update_batch((shingles >> np.uint64(32)).tolist())  # it takes hashes of 32 bits
    return signature, len(shingles)


def share(ours: Hashes, theirs: Hashes) -> float:
    """The share of our hashes that are among theirs; 0 if there are none."""
    return float(np.isin(ours, theirs).mean()) if len(ours) else 0.0


@lru_cache(maxsize=128)  # the measures of a document follow each other, once for each other document
def word_hashes(document: Document) -> Hashes:
    """A hash of each word (words,), in lower case."""
    return hashed(document.text, WordHashes())


def runs(hashes: Hashes, length: int) -> Hashes:
    """The different hashes, ascending, of all runs of ``length`` words.

    >>> len(runs(np.array([1, 2, 1, 2, 3], np.uint64), 2))
    3
    """
    return np.unique(all_runs(hashes, length))
