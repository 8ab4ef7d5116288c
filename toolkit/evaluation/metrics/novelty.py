"""Copies from the training text: novel word sequences, the longest copies, and the marks of a text."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics import built_in
from toolkit.evaluation.metrics.reference import BETWEEN, Reference
from toolkit.evaluation.metrics.words import word_kind
from toolkit.results.generated import Copy, Mark
from toolkit.text import neutral
from toolkit.text.code_points import code_points

# Words of a copied span, at least. Of 172 passages of 500 characters from the bundled tales, held out, 16 % have five
# words in a row that the training tales have too, 2 % have six, and 76 % have four: those are the phrases of everyone.
COPIED_WORDS = 5
COPY_CHARACTERS = 240  # shown of a longest copy
CONTEXT_CHARACTERS = 40  # of the training text before and after a longest copy

S = TypeVar("S", str, list[int])


class Span(NamedTuple):
    """A span that a text and the training text share: its length, and its start in each."""

    length: int
    start: int
    place: int


@dataclass(frozen=True)
class SpanIndex(Generic[S]):
    """All suffixes of a sequence in order (Manber & Myers 1990), so that bisection finds any span of it."""

    sequence: S
    suffixes: npt.NDArray[np.int64]  # their starts

    @classmethod
    def of(cls, sequence: S, codes: npt.ArrayLike) -> "SpanIndex[S]":
        """Sort the suffixes by ranks of their first 1, 2, 4, … items; ``codes`` are the items as numbers."""
        ranks = np.unique(np.asarray(codes), return_inverse=True)[1].astype(np.int64)
        width, length = 1, len(ranks)
        while ranks.max(initial=0) < length - 1:  # two suffixes still have one rank
            following = np.zeros(length, np.int64)
            following[:-width] = ranks[width:] + 1
            ranks = np.unique(ranks * (length + 1) + following, return_inverse=True)[1]
            width *= 2
        return cls(sequence, np.argsort(ranks))

    def __contains__(self, span: S) -> bool:
        """Whether the sequence has the span."""
        i = bisect_left(self.suffixes, span, key=lambda start: self.sequence[start : start + len(span)])
        start = self.suffixes[i] if i < len(self.suffixes) else len(self.sequence)
        return self.sequence[start : start + len(span)] == span


def longest_copy(text: str, reference: Reference) -> Span:
    """Return the longest span that the text and the training text share, unless it is white space alone."""
    index = reference.compute_once(_characters)
    length = 0
    for start in range(len(text)):
        while start + length < len(text) and text[start : start + length + 1] in index:
            length += 1
    starts = [start for start in range(len(text) - length + 1) if text[start : start + length] in index]
    places = ((reference.training.find(text[start : start + length]), start) for start in starts)
    place, start = min(places, default=(0, 0))
    return Span(0, 0, 0) if not text[start : start + length].strip() else Span(length, start, place)


def novel_share(texts: Sequence[str], reference: Reference, n: int) -> float:
    """Return the share of the texts' n-grams of neutral words that no training document has; 0 without n-grams."""
    novel = [is_novel for text in texts for is_novel in _novel_ngrams(text, reference, n)]
    return sum(novel) / len(novel) if novel else 0.0


def longest_copies(texts: Sequence[str], spans: Sequence[Span], reference: Reference, number: int) -> list[Copy]:
    """Return the ``number`` longest of the texts' longest copies, whose spans are given."""
    copies = []
    by_length = sorted(range(len(spans)), key=lambda i: -spans[i].length)
    for i in by_length[:number]:
        text, (length, start, place) = texts[i], spans[i]
        if not length:
            break
        source, within = reference.document_at(place)
        document, end, shift = reference.documents[source], within + length, within - start
        words = [(last - len(word), last) for _, last, word in neutral.word_spans(text)]
        copied = [(first, last) for first, last in words if start <= first and last <= start + length]
        copy = Copy(
            sample=i,
            start=start,
            characters=length,
            words=sum(_is_whole(document, first + shift, last + shift) for first, last in copied),
            text=text[start : start + min(length, COPY_CHARACTERS)],
            document=reference.names[source],
            place=within,
            before=document[max(within - CONTEXT_CHARACTERS, 0) : within],
            after=document[end : end + CONTEXT_CHARACTERS] if length <= COPY_CHARACTERS else "",
        )
        copies.append(copy)
    return copies


def marks(text: str, reference: Reference) -> list[Mark]:
    """Return the copied spans of a text and its new words, by their starts.

    The first and the last word are not marked as new, because the ends of the text may have cut them.
    """
    words = [(end - len(word), end) for _, end, word in neutral.word_spans(text)]
    kinds = [(start, end, word_kind(text[start:end], reference)) for start, end in words[1:-1]]
    new = [Mark(start=start, end=end, kind=kind) for start, end, kind in kinds if kind != "known"]
    return sorted([*_copied_spans(text, words, reference), *new], key=lambda mark: mark.start)


def _copied_spans(text: str, words: Sequence[tuple[int, int]], reference: Reference) -> Iterator[Mark]:
    """Every span of ``COPIED_WORDS`` or more whole words that is copied, unless a longer copy contains it.

    A span is copied if a training document has it, character for character, as whole words. Spans may overlap.
    The training text is searched only for spans whose words it has in this order.
    """
    novel = _novel_ngrams(text, reference, COPIED_WORDS)
    reached = 0  # the number of words up to the end of the last copy: a later span must end after it
    for first in range(len(novel)):
        start, place = words[first][0], -1
        last = max(first + COPIED_WORDS, reached + 1)
        while last <= len(words) and not (novel[first] or novel[last - COPIED_WORDS]):
            longer = _place_of(text[start : words[last - 1][1]], reference.training, max(place, 0))
            if longer < 0:
                break
            place, reached, last = longer, last, last + 1
        if place >= 0:
            document, within = reference.document_at(place)
            end = words[reached - 1][1]
            yield Mark(start=start, end=end, kind="copied", document=reference.names[document], place=within)


def _place_of(span: str, training: str, start: int) -> int:
    """The place of the first copy of whole words from ``start`` on, or −1."""
    place = training.find(span, start)
    while place >= 0 and not _is_whole(training, place, place + len(span)):
        place = training.find(span, place + 1)
    return place


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (neutral.is_within_word(text, start) or neutral.is_within_word(text, end))


def _novel_ngrams(text: str, reference: Reference, n: int) -> list[bool]:
    """For each n-gram of the text, whether no training document has it."""
    index, ids = reference.compute_once(_words)
    words = [ids.get(word, -1) for word in neutral.words(text)]
    return [words[i : i + n] not in index for i in range(len(words) - n + 1)]


def _characters(reference: Reference) -> SpanIndex[str]:
    return SpanIndex.of(reference.training, code_points(reference.training))


def _words(reference: Reference) -> tuple[SpanIndex[list[int]], dict[str, int]]:
    """The neutral words of the training documents as ids, with ``BETWEEN`` between documents."""
    words = [word for text in reference.documents for word in (*neutral.words(text), BETWEEN)]
    ids = {word: i for i, word in enumerate(dict.fromkeys(words))}
    sequence = [ids[word] for word in words]
    return SpanIndex.of(sequence, sequence), ids


NOVELTY_5 = built_in("novelty_5", lambda texts, reference: novel_share(texts, reference, 5))
LONGEST_COPY_CHARACTERS = built_in(
    "longest_copy_characters",
    lambda texts, reference: float(max(longest_copy(text, reference).length for text in texts)),
    most=None,
)
