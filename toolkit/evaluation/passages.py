"""The held-out passages that the page shows, and the reading of each passage by each column.

The first passage is chosen before anything is measured: the middle of the first document. In two more, the best
column is most "ahead" of the next one and most "behind" it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import Tokenizer
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import Passage, Reading, Why
from toolkit.text.corpus import Document
from toolkit.text.neutral import word_spans
from toolkit.text.words import printable

PASSAGES, MIN_CHARACTERS, MAX_CHARACTERS = 3, 200, 500  # their number, and the length of each
MAX_EVENTS = 10_000  # of characters in all passages, unless these would be too short: about 50 bytes of page each
MIN_SHARE = 0.5  # of its length, for a passage in a document that is as long
AUTHOR_PASSAGES, AUTHOR_CHARACTERS = 10, 320  # for the blind test, which cuts them to whole words
LIKELIEST, DECIMALS = 5, 4  # ids listed before each event, and decimals of their probabilities
REPLACED = "\ufffd"  # decoded from bytes that are no character

Places = npt.NDArray[np.int64]
Part = tuple[int, int, int, Why]  # the number of its document, its start and end, and the reason to show it
Paid = Mapping[str, Sequence[Floats]]  # by column, the bits of each character of each document
Expectation = tuple[int, list[int], list[float]]  # rank of an id, and the likeliest ids with their probabilities


def passages(test: Sequence[Document], paid: Paid) -> list[Passage]:
    """Choose the passages, without readings. With more columns they are shorter, so that a page can hold them.

    ``paid`` is by column, the best one first.
    """
    length = max(MIN_CHARACTERS, min(MAX_CHARACTERS, MAX_EVENTS // (PASSAGES * max(1, len(paid)))))
    best, other, *_ = [*paid, ""]
    excerpts = []
    for number, start, end, why in parts(test, paid, length):
        places = cuts(test[number].text)
        passage = Passage(
            document=test[number].name,
            start=start,
            text=test[number].text[start:end],
            bits={column: bits[number][start:end].tolist() for column, bits in paid.items()},
            why=why,
            best=best,
            other=other,
            starts=(places[(places >= start) & (places < end)] - start).tolist(),
            readings={},
        )
        excerpts.append(passage)
    return excerpts


def parts(test: Sequence[Document], paid: Paid, length: int) -> list[Part]:
    """Return the parts of the held-out text to show, each of about ``length`` characters."""
    places = [cuts(document.text) for document in test]
    middle = max(0, (len(test[0].text) - length) // 2)
    excerpts: list[Part] = [(0, *_passage_from(places[0], middle, length), "middle")]
    best, *later = paid.values()
    extremes: list[tuple[Why, int]] = [("ahead", 1), ("behind", -1)] if later else []
    for why, sign in extremes:
        apart = [sign * (theirs - ours) for ours, theirs in zip(best, later[0], strict=True)]
        means = [
            (mean, number, start, end)
            for number, (of_text, bits) in enumerate(zip(places, apart, strict=True))
            for mean, start, end in _means(of_text, bits, length)
        ]
        if means:
            _, number, start, end = max(means, key=itemgetter(0))
            excerpts.append((number, start, end, why))
    return excerpts


def _means(places: Places, bits: Floats, length: int) -> Iterator[tuple[float, int, int]]:
    """Yield the mean bits of each long enough passage of a text, its start and its end."""
    starts = places[:-1]
    ends = places[np.searchsorted(places, starts + length, "right") - 1]
    long_enough = ends - starts >= max(1, min(int(places[-1]), MIN_SHARE * length))
    starts, ends = starts[long_enough], ends[long_enough]
    sums = np.append(0.0, np.cumsum(bits))
    means = (sums[ends] - sums[starts]) / (ends - starts)
    return zip(means.tolist(), starts.tolist(), ends.tolist(), strict=True)


def _passage_from(places: Places, start: int, length: int) -> tuple[int, int]:
    """The passage of about this length from the first place at or after ``start``: one unit at least."""
    first = min(int(np.searchsorted(places, start)), len(places) - 2)
    end = max(int(np.searchsorted(places, places[first] + length, "right")) - 1, first + 1)
    return int(places[first]), int(places[end])


def cuts(text: str) -> Places:
    """Return the places where a neutral word with its space, or text between words, begins, and the end of the text.

    >>> cuts('a "bee" sea').tolist()
    [0, 1, 3, 6, 7, 11]
    """
    return np.unique([0, *(place for start, end, _ in word_spans(text) for place in (start, end)), len(text)])


def readings(
    model: Model, scores: Sequence[DocumentScores], documents: Sequence[str], passages: Sequence[Passage]
) -> list[Reading]:
    """Return the model's reading of each passage, given its ``scores`` of all documents and their names."""
    places = [set[int]() for _ in documents]
    shown = []
    for passage in passages:
        number = documents.index(passage.document)
        events = _event_places(scores[number], passage)
        shown.append((passage, number, events))
        places[number].update(events)
    expected = {
        (number, place): expectation(distribution, int(scores[number].encoding.ids[place]))
        for number, place, distribution in model.distributions([document.encoding for document in scores], places)
    }
    return [
        _reading(model.tokenizer, passage, scores[number], events, [expected[number, place] for place in events])
        for passage, number, events in shown
    ]


def _event_places(scores: DocumentScores, passage: Passage) -> range:
    """The events that cover characters of the passage, or stand before one of them."""
    starts, ends = scores.encoding.starts, scores.encoding.ends
    first = int(min(np.searchsorted(ends, passage.start, "right"), np.searchsorted(starts, passage.start)))
    return range(first, int(np.searchsorted(starts, passage.start + len(passage.text))))


def _reading(
    tokenizer: Tokenizer, passage: Passage, scores: DocumentScores, events: range, expected: Sequence[Expectation]
) -> Reading:
    encoding, inside = scores.encoding, (passage.start, passage.start + len(passage.text))
    ids, whole = encoding.ids[events].tolist(), encoding.widths[events]
    widths = np.clip(encoding.ends[events], *inside) - np.clip(encoding.starts[events], *inside)
    shares = np.where(whole > 0, widths / np.maximum(whole, 1), 1.0)  # of an event that is cut
    ranks, likeliest, probabilities = zip(*expected, strict=True)
    place = {id_: place for place, id_ in enumerate(dict.fromkeys(chain(ids, *likeliest)))}
    return Reading(
        tokens=[shown_text(tokenizer, id_) for id_ in place],
        ids=[place[id_] for id_ in ids],
        widths=widths.tolist(),
        bits=(scores.bits[events] * shares).tolist(),
        ranks=list(ranks),
        likeliest=[[place[id_] for id_ in of_event] for of_event in likeliest],
        probabilities=list(probabilities),
    )


def expectation(distribution: Floats, id_: int) -> Expectation:
    """Return the rank of an id, from 1, and the likeliest ids with their probabilities.

    Equally likely ids are listed in their order.
    """
    top = np.argsort(-distribution, kind="stable")[:LIKELIEST]
    rank = 1 + int((distribution > distribution[id_]).sum())
    return rank, top.tolist(), np.round(distribution[top], DECIMALS).tolist()


def shown_text(tokenizer: Tokenizer, id_: int) -> str:
    """Return an id as its text, or as its name if it is a class, a mark or a part of a character."""
    text = "" if id_ in tokenizer.vocabulary.spelled else tokenizer.decode([id_], {})
    return printable(tokenizer.vocabulary.tokens[id_] if not text or REPLACED in text else text)
