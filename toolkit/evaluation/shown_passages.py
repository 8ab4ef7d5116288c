"""The passages of the held-out text that are shown, with what every column paid there: where they differ, and why.

The first is chosen before anything is measured: the middle of the first document. The others are where the best column
is most ahead of the next one and most behind it, where it did worst and best, the words on which the two differ most,
and a place in each of the longest documents. With more columns passages are shorter, so that a page can hold them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice, zip_longest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.inference.scores import DocumentScores
from toolkit.results.words import MOST_EVENTS, Passage, Why
from toolkit.text import neutral
from toolkit.text.corpus import Document, characters

LONG, SHORT = 500, 220  # characters of a passage that stands for itself, and of one around a word or of a document
LEAST_LONG, LEAST_SHORT = 200, 100  # of the same with many columns
LONG_PASSAGES = 5
MOST_WORDS = 4  # for which the best column pays less, and as many for which it pays more
MOST_PLACES = 20  # of a word that are tried until one is free
MOST_DOCUMENTS = 12  # the longest ones
LEAST_SHARE = 0.5  # of the length, that a passage has at least if its document does

Places = npt.NDArray[np.int64]
Paid = Mapping[str, Sequence[Floats]]  # by column, the bits of each character of each document


class Window(NamedTuple):
    """A part of a held-out document, whose number is given."""

    document: int
    start: int
    end: int


class Candidate(NamedTuple):
    """A window, why it is shown, and what it is about."""

    window: Window
    why: Why
    about: str = ""


def passages(test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]], paid: Paid) -> list[Passage]:
    """The passages, without readings. ``scores`` and ``paid`` are by column, the best one first.

    After the first, one that would make the page too large is left out.
    """
    chosen: list[Passage] = []
    left = MOST_EVENTS
    for candidate in candidates(test, paid, *lengths(test, scores)):
        window = candidate.window
        events = sum(events_in(of_column[window.document], window) for of_column in scores.values())
        if not chosen or events <= left:
            chosen.append(passage_of(test[window.document], candidate, paid))
            left -= events
    return chosen


def lengths(test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]]) -> tuple[int, int]:
    """Characters of long and of short passages: with many columns fewer, so that all kinds of passages fit."""
    events = sum(len(scored.encoding.ids) for of_column in scores.values() for scored in of_column)
    wanted = LONG_PASSAGES * LONG + (2 * MOST_WORDS + min(len(test), MOST_DOCUMENTS)) * SHORT
    share = min(1.0, MOST_EVENTS / (wanted * events / characters(test)))
    return max(LEAST_LONG, int(share * LONG)), max(LEAST_SHORT, int(share * SHORT))


def events_in(scores: DocumentScores, window: Window) -> int:
    """How many events of its document a window has."""
    return len(event_places(scores.encoding.offsets, window.start, window.end))


def event_places(offsets: npt.NDArray[np.integer], start: int, end: int) -> range:
    """The events that cover characters of ``text[start:end]``, or stand before one of them.

    >>> event_places(np.array([0, 2, 2, 5, 5]), 2, 5), event_places(np.array([0, 2, 2, 5, 5]), 1, 2)
    (range(1, 3), range(0, 1))
    """
    ends = offsets[1:]
    first = int(min(np.searchsorted(ends, start, "right"), np.searchsorted(offsets[:-1], start)))
    return range(first, int(np.searchsorted(offsets[:-1], end)))


def passage_of(document: Document, candidate: Candidate, paid: Paid) -> Passage:
    """A candidate as it is saved."""
    number, start, end = candidate.window
    places = cuts(document.text)
    return Passage(
        document=document.name,
        start=start,
        text=document.text[start:end],
        bits={column: bits[number][start:end].tolist() for column, bits in paid.items()},
        why=candidate.why,
        about=candidate.about,
        best=next(iter(paid)),
        other=next(iter([*paid][1:]), ""),
        starts=[0, *(places[(places > start) & (places < end)] - start).tolist()],
        readings={},
    )


def cuts(text: str) -> Places:
    """Where a neutral word, its space included, or what stands between words begins, and where the text ends.

    >>> cuts('a "bee" sea').tolist()
    [0, 1, 3, 6, 7, 11]
    """
    spans = [place for start, end, _ in neutral.word_spans(text) for place in (start, end)]
    return np.unique([0, *spans, len(text)])


def candidates(test: Sequence[Document], paid: Paid, long: int = LONG, short: int = SHORT) -> Iterator[Candidate]:
    """All passages that may be shown, the most telling first.

    The extremes are those of the whole text, whatever they overlap; a passage of a word or document overlaps none.
    """
    free = Free([document.text for document in test])
    best, *others = paid.values()
    apart = [theirs - ours for ours, theirs in zip(best, others[0], strict=True)] if others else []
    yield Candidate(free.middle(long), "middle")
    extremes: list[tuple[Why, Sequence[Floats]]] = [("worst", best), ("best", negative(best))]
    if apart:
        extremes = [("ahead", apart), ("behind", negative(apart)), *extremes]
    for why, values in extremes:
        if window := free.extreme(values, long):
            yield Candidate(window, why)
    if apart:
        kinds = (around_words(free, apart, short), in_documents(free, test, apart, short))
        yield from (one for both in zip_longest(*kinds) for one in both if one)


def negative(values: Sequence[Floats]) -> list[Floats]:
    """Each array with its signs turned."""
    return [-of_document for of_document in values]


def in_documents(free: "Free", test: Sequence[Document], apart: Sequence[Floats], length: int) -> Iterator[Candidate]:
    """In each of the longest documents, where the two columns differ most in the direction of the whole document."""
    for number in sorted(range(len(test)), key=lambda i: -len(test[i].text))[:MOST_DOCUMENTS]:
        ahead = float(apart[number].sum()) > 0
        if window := free.extreme_in(number, apart if ahead else negative(apart), length):
            yield Candidate(window, "document", test[number].name)


def around_words(free: "Free", apart: Sequence[Floats], length: int) -> Iterator[Candidate]:
    """The words for which the next column pays most more than the best in all, and those for which least, in turn.

    Each at the place where its own difference is greatest in that direction, of those that no passage has yet.
    """
    places: dict[str, list[tuple[float, int, int]]] = {}
    for number, (text, differences) in enumerate(zip(free.texts, apart, strict=True)):
        before = np.concatenate([[0.0], np.cumsum(differences)])
        for start, end, word in neutral.word_spans(text):
            places.setdefault(word, []).append((float(before[end] - before[start]), number, start))
    ranked = sorted(places, key=lambda word: -sum(difference for difference, *_ in places[word]))

    def shown(words: Iterable[str], sign: int) -> Iterator[Candidate]:
        for word in words:
            for _, number, start in sorted(places[word], key=lambda place: -sign * place[0])[:MOST_PLACES]:
                if window := free.around(number, start, length):
                    yield Candidate(window, "word", word)
                    break

    half = len(ranked) // 2
    most, least = shown(ranked[: len(ranked) - half], 1), shown(ranked[: -half - 1 : -1] if half else [], -1)
    for both in islice(zip_longest(most, least), MOST_WORDS):
        yield from filter(None, both)


class Free:
    """The parts of texts that no passage has yet.

    Passages begin and end where a word, or what stands between, does, unless it is longer than a passage.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self._places = texts, [cuts(text) for text in texts]
        self._taken: list[Window] = []

    def middle(self, length: int) -> Window:
        """The middle of the first text, from the beginning of a line if one begins there."""
        text, places = self.texts[0], self._places[0]
        half = max(0, len(text) // 2 - length // 2)
        line = text.find("\n", half, half + length // 2) + 1 or half
        return self._take(
            Window(0, *self._from(places, line + len(text[line:]) - len(text[line:].lstrip("\n")), length))
        )

    def around(self, number: int, place: int, length: int) -> Window | None:
        """A passage of about this length with the place in its middle; None if another has a part of it."""
        start, end = self._from(self._places[number], max(0, place - length // 2), length)
        window = Window(number, start, end)
        return None if any(overlap(window, taken) for taken in self._taken) else self._take(window)

    def extreme(self, values: Sequence[Floats], length: int) -> Window | None:
        """Of all passages of about this length, the one whose characters have the highest mean value.

        ``values`` are those of each text's characters. None if no text can be cut so short.
        """
        pairs = enumerate(zip(self._places, values, strict=True))
        found = filter(None, (highest(number, *text, length, ()) for number, text in pairs))
        best = max(found, key=lambda one: one[0], default=None)
        return self._take(best[1]) if best else None

    def extreme_in(self, number: int, values: Sequence[Floats], length: int) -> Window | None:
        """The same within one text, beside the passages that there are; None if there is no room for one."""
        found = highest(number, self._places[number], values[number], length, self._taken)
        return self._take(found[1]) if found else None

    def _take(self, window: Window) -> Window:
        self._taken.append(window)
        return window

    @staticmethod
    def _from(places: Places, start: int, length: int) -> tuple[int, int]:
        """The passage of about a length that begins at the first place from ``start`` on, or at the last."""
        later = places[:-1][places[:-1] >= start]
        first = int(later[0] if len(later) else places[-2])
        end = int(places[np.searchsorted(places, first + length, "right") - 1])
        return first, end if end > first else first + length  # a word that is longer than a passage is cut


def highest(
    number: int, places: Places, values: Floats, length: int, taken: Iterable[Window]
) -> tuple[float, Window] | None:
    """The passage of a text with the highest mean value, and that value; None if those ``taken`` leave no room."""
    starts, ends = places[:-1], places[np.searchsorted(places, places[:-1] + length, "right") - 1]
    room = ends - starts >= min(int(places[-1]), LEAST_SHARE * length)
    for window in taken:
        if window.document == number:
            room &= (ends <= window.start) | (starts >= window.end)
    starts, ends = starts[room & (ends > starts)], ends[room & (ends > starts)]
    if not len(starts):
        return None
    before = np.concatenate([[0.0], np.cumsum(values)])
    means = (before[ends] - before[starts]) / (ends - starts)
    i = int(np.argmax(means))
    return float(means[i]), Window(number, int(starts[i]), int(ends[i]))


def overlap(a: Window, b: Window) -> bool:
    """Whether two windows share characters.

    >>> overlap(Window(0, 2, 5), Window(0, 4, 9)), overlap(Window(0, 2, 5), Window(0, 5, 9))
    (True, False)
    """
    return a.document == b.document and a.start < b.end and b.start < a.end
