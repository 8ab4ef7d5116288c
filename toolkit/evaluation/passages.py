"""The held-out passages that the page shows, and the reading of each passage by each column.

The first passage is chosen before anything is measured: the middle of the first document. The extremes follow: the
best column is most "ahead" of the next one or most "behind" it, or has its "worst" or "best" passage. Then come the
words with the greatest differences between these two columns, in turn with places in the longest documents. With more
columns passages are shorter, so that a page can hold them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from itertools import islice, zip_longest
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.protocols import Tokenizer
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.results.words import MOST_EVENTS, Passage, Reading, Why
from toolkit.text.corpus import Document, characters
from toolkit.text.neutral import word_spans
from toolkit.text.words import printable

LONG, SHORT = 500, 220  # characters: of the middle and the extremes, and around words and in documents
MIN_LONG, MIN_SHORT = 200, 100  # characters, with many columns
LONG_PASSAGES, WORDS_EACH_WAY, LONGEST_DOCUMENTS = 5, 4, 12  # numbers of passages
PLACES_TRIED = 20  # of a word
MIN_SHARE = 0.5  # of its length, for a passage in a document that is as long
LIKELIEST, DECIMALS = 5, 4  # ids listed before each event, and decimals of their probabilities
REPLACED = "\ufffd"  # decoded from bytes that are no character

Places = npt.NDArray[np.int64]
Paid = Mapping[str, Sequence[Floats]]  # by column, the bits of each character of each document
Mean = tuple[float, int, int, int]  # bits per character, text, start and end
Expectation = tuple[int, list[int], list[float]]  # rank of an id, and the likeliest ids with their probabilities


class Candidate(NamedTuple):
    """A part of the held-out document with this number, the reason to show it, and its word or document."""

    document: int
    start: int
    end: int
    why: Why
    about: str = ""


def passages(test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]], paid: Paid) -> list[Passage]:
    """Choose the passages, without readings.

    ``scores`` and ``paid`` are by column, the best one first. After the first passage, one that would make the page too
    large is left out.
    """
    events = sum(len(document.encoding.ids) for of_column in scores.values() for document in of_column)
    whole_length = LONG_PASSAGES * LONG + (2 * WORDS_EACH_WAY + min(len(test), LONGEST_DOCUMENTS)) * SHORT
    share = min(1.0, MOST_EVENTS / (whole_length * events / characters(test)))
    lengths = max(MIN_LONG, int(share * LONG)), max(MIN_SHORT, int(share * SHORT))
    best, second, *_ = [*paid, ""]
    shown: list[Passage] = []
    room = MOST_EVENTS
    for number, start, end, why, about in Candidates(test, paid, *lengths):
        size = sum(len(_event_places(of_column[number], start, end)) for of_column in scores.values())
        if shown and size > room:
            continue
        room -= size
        places = cuts(test[number].text)
        passage = Passage(
            document=test[number].name,
            start=start,
            text=test[number].text[start:end],
            bits={column: bits[number][start:end].tolist() for column, bits in paid.items()},
            why=why,
            about=about,
            best=best,
            other=second,
            starts=[0, *(places[(places > start) & (places < end)] - start).tolist()],
            readings={},
        )
        shown.append(passage)
    return shown


class Candidates:
    """All passages that may be shown, about ``long`` or ``short`` characters long, the most telling first.

    Extremes may overlap. A passage of a word or document overlaps no earlier one.
    """

    def __init__(self, test: Sequence[Document], paid: Paid, long: int, short: int) -> None:
        self.test, self.long, self.short = test, long, short
        self.places = [cuts(document.text) for document in test]
        self.best, *later = paid.values()
        self.apart = [theirs - ours for ours, theirs in zip(self.best, later[0], strict=True)] if later else []
        self._chosen: list[Candidate] = []

    def __iter__(self) -> Iterator[Candidate]:
        text = self.test[0].text
        half = max(0, len(text) // 2 - self.long // 2)
        line = text.find("\n", half, half + self.long // 2) + 1 or half
        blank = len(text[line:]) - len(text[line:].lstrip("\n"))
        yield self._chose(0, *_passage_from(self.places[0], line + blank, self.long), "middle")
        extremes: list[tuple[Why, int, Sequence[Floats]]] = [("ahead", 1, self.apart), ("behind", -1, self.apart)]
        extremes += [("worst", 1, self.best), ("best", -1, self.best)]
        for why, sign, bits in extremes:
            of_texts = [self._highest_mean(i, sign * of_text, self.long, ()) for i, of_text in enumerate(bits)]
            if highest := max(filter(None, of_texts), default=None, key=lambda mean: mean[0]):
                yield self._chose(*highest[1:], why)
        if self.apart:
            pairs = zip_longest(self._around_words(), self._in_documents())
            yield from (candidate for pair in pairs for candidate in pair if candidate)

    def _around_words(self) -> Iterator[Candidate]:
        """The words for which the best column pays least compared with the next one, and most, in turn."""
        differences: dict[str, list[tuple[float, int, int]]] = {}
        for number, (document, bits) in enumerate(zip(self.test, self.apart, strict=True)):
            sums = np.concatenate([[0.0], np.cumsum(bits)])
            for start, end, word in word_spans(document.text):
                differences.setdefault(word, []).append((float(sums[end] - sums[start]), number, start))
        ranked = sorted(differences, key=lambda word: -sum(difference for difference, *_ in differences[word]))

        def free(words: Sequence[str], sign: int) -> Iterator[Candidate]:
            """Each word at its most different place, in that direction, that overlaps no other passage."""
            for word in words:
                for _, number, start in sorted(differences[word], key=lambda place: -sign * place[0])[:PLACES_TRIED]:
                    first, end = _passage_from(self.places[number], max(0, start - self.short // 2), self.short)
                    if not any(c.document == number and c.start < end and first < c.end for c in self._chosen):
                        yield self._chose(number, first, end, "word", word)
                        break

        half = len(ranked) // 2
        in_turn = zip_longest(free(ranked[: len(ranked) - half], 1), free(ranked[::-1][:half], -1))
        yield from (word for pair in islice(in_turn, WORDS_EACH_WAY) for word in pair if word)

    def _in_documents(self) -> Iterator[Candidate]:
        """In each of the longest documents, the free place with the greatest difference in the document's direction."""
        for number in sorted(range(len(self.test)), key=lambda i: -len(self.test[i].text))[:LONGEST_DOCUMENTS]:
            bits = self.apart[number] if float(self.apart[number].sum()) > 0 else -self.apart[number]
            if highest := self._highest_mean(number, bits, self.short, self._chosen):
                yield self._chose(*highest[1:], "document", self.test[number].name)

    def _highest_mean(self, number: int, bits: Floats, length: int, others: Sequence[Candidate]) -> Mean | None:
        """The highest mean of all passages of a text that overlap no others, if there is any."""
        places = self.places[number]
        starts, ends = places[:-1], places[np.searchsorted(places, places[:-1] + length, "right") - 1]
        free = (ends - starts >= min(int(places[-1]), MIN_SHARE * length)) & (ends > starts)
        for other in others:
            if other.document == number:
                free &= (ends <= other.start) | (starts >= other.end)
        if not free.any():
            return None
        starts, ends = starts[free], ends[free]
        sums = np.concatenate([[0.0], np.cumsum(bits)])
        means = (sums[ends] - sums[starts]) / (ends - starts)
        i = int(np.argmax(means))
        return float(means[i]), number, int(starts[i]), int(ends[i])

    def _chose(self, document: int, start: int, end: int, why: Why, about: str = "") -> Candidate:
        self._chosen.append(Candidate(document, start, end, why, about))
        return self._chosen[-1]


def _passage_from(places: Places, start: int, length: int) -> tuple[int, int]:
    """The passage of about this length from the first place at or after ``start``, or from the last place.

    A word that is longer than a passage is cut.
    """
    later = places[:-1][places[:-1] >= start]
    first = int(later[0] if len(later) else places[-2])
    end = int(places[np.searchsorted(places, first + length, "right") - 1])
    return first, end if end > first else first + length


def cuts(text: str) -> Places:
    """Return the places where a neutral word with its space, or text between words, begins, and the end of the text.

    >>> cuts('a "bee" sea').tolist()
    [0, 1, 3, 6, 7, 11]
    """
    return np.unique([0, *(place for start, end, _ in word_spans(text) for place in (start, end)), len(text)])


def _event_places(scores: DocumentScores, start: int, end: int) -> range:
    """The events that cover characters of ``text[start:end]``, or stand before one of them."""
    starts, ends = scores.encoding.starts, scores.encoding.ends
    first = int(min(np.searchsorted(ends, start, "right"), np.searchsorted(starts, start)))
    return range(first, int(np.searchsorted(starts, end)))


def readings(
    model: Model, scores: Sequence[DocumentScores], documents: Sequence[str], passages: Sequence[Passage]
) -> list[Reading]:
    """Return the model's reading of each passage, given its ``scores`` of all documents and their names."""
    events = list[tuple[int, range]]()  # of each passage: the number of its document, and places there
    places = [set[int]() for _ in documents]
    for passage in passages:
        number = documents.index(passage.document)
        events.append((number, _event_places(scores[number], passage.start, passage.start + len(passage.text))))
        places[number].update(events[-1][1])
    expected = {
        (number, place): expectation(distribution, int(scores[number].encoding.ids[place]))
        for number, place, distribution in model.distributions([document.encoding for document in scores], places)
    }
    name = cache(partial(shown_text, model.tokenizer))
    return [
        _reading(passage, scores[number], part, [expected[number, place] for place in part], name)
        for passage, (number, part) in zip(passages, events, strict=True)
    ]


def _reading(
    passage: Passage, scores: DocumentScores, events: range, expected: Sequence[Expectation], name: Callable[[int], str]
) -> Reading:
    ids = scores.encoding.ids[events].tolist()
    whole = scores.encoding.widths[events]
    starts, ends = scores.encoding.starts[events], scores.encoding.ends[events]
    start, end = passage.start, passage.start + len(passage.text)
    widths = np.clip(ends, start, end) - np.clip(starts, start, end)
    shares = np.where(whole > 0, widths / np.maximum(whole, 1), 1.0)  # of an event that is cut
    outside = scores.outside_bits[events] * shares
    all_ids = dict.fromkeys([*ids, *(id_ for _, likeliest, _ in expected for id_ in likeliest)])
    place = {id_: i for i, id_ in enumerate(all_ids)}
    return Reading(
        tokens=[name(id_) for id_ in place],
        ids=[place[id_] for id_ in ids],
        widths=widths.tolist(),
        bits=(scores.network_bits[events] * shares).tolist(),
        spelled=(scores.spelling_bits[events] * shares).tolist(),
        outside=outside.tolist() if outside.any() else [],
        spelling_part=scores.spelling_part,
        parts=scores.encoding.parts[events].tolist(),
        ranks=[rank for rank, _, _ in expected],
        likeliest=[[place[id_] for id_ in likeliest] for _, likeliest, _ in expected],
        probabilities=[probabilities for _, _, probabilities in expected],
    )


def expectation(distribution: Floats, id_: int) -> Expectation:
    """Return the rank of an id, from 1, and the likeliest ids with their probabilities.

    Equally likely ids are listed in their order, not in the order of a partition, which depends on the processor.
    """
    number = min(LIKELIEST, len(distribution))
    top = np.flatnonzero(distribution >= np.partition(distribution, -number)[-number])
    top = top[np.argsort(-distribution[top], kind="stable")][:number]
    rank = 1 + int((distribution > distribution[id_]).sum())
    return rank, top.tolist(), np.round(distribution[top], DECIMALS).tolist()


def shown_text(tokenizer: Tokenizer, id_: int) -> str:
    """Return an id as its text, or as its name if it is a class, a mark or a part of a character."""
    text = "" if id_ in tokenizer.vocabulary.spelled else tokenizer.decode([id_], {})
    return printable(tokenizer.vocabulary.tokens[id_] if not text or REPLACED in text else text)
