"""The held-out passages that the page shows, and the reading of each passage by each column.

The first passage is chosen before anything is measured: the middle of the first document. The extremes follow: the
best column is most "ahead" of the next one or most "behind" it, or has its "worst" or "best" passage. Then come the
words with the greatest differences between these two columns, in turn with places in the longest documents. With more
columns passages are shorter, so that a page can hold them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from toolkit.text import neutral
from toolkit.text.corpus import Document, characters
from toolkit.text.segmentation import printable

LONG, SHORT = 500, 220  # characters: of the middle and the extremes, and around words and in documents
MIN_LONG, MIN_SHORT = 200, 100  # characters, with many columns
LONG_PASSAGES, WORDS_EACH_WAY, LONGEST_DOCUMENTS = 5, 4, 12  # numbers of passages
PLACES_TRIED = 20  # of a word
MIN_SHARE = 0.5  # of its length, for a passage in a document that is as long
LIKELIEST, DECIMALS = 5, 4  # ids listed before each event, and decimals of their probabilities
REPLACED = "\ufffd"  # decoded from bytes that are no character

Places = npt.NDArray[np.int64]
Paid = Mapping[str, Sequence[Floats]]  # by column, the bits of each character of each document
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
    for number, start, end, why, about in candidates(test, paid, *lengths):
        size = sum(len(event_places(of_column[number].encoding.offsets, start, end)) for of_column in scores.values())
        if shown and size > room:
            continue
        room -= size
        document, places = test[number], cuts(test[number].text)
        shown.append(
            Passage(
                document=document.name,
                start=start,
                text=document.text[start:end],
                bits={column: bits[number][start:end].tolist() for column, bits in paid.items()},
                why=why,
                about=about,
                best=best,
                other=second,
                starts=[0, *(places[(places > start) & (places < end)] - start).tolist()],
                readings={},
            )
        )
    return shown


def candidates(test: Sequence[Document], paid: Paid, long: int, short: int) -> Iterator[Candidate]:
    """Yield all passages that may be shown, the most telling first.

    Extremes may overlap. A passage of a word or document overlaps no other.
    """
    texts = [document.text for document in test]
    places = [cuts(text) for text in texts]
    best, *later = paid.values()
    apart = [theirs - ours for ours, theirs in zip(best, later[0], strict=True)] if later else []
    half = max(0, len(texts[0]) // 2 - long // 2)
    line = texts[0].find("\n", half, half + long // 2) + 1 or half
    text = texts[0][line:]
    yielded = [Candidate(0, *passage_from(places[0], line + len(text) - len(text.lstrip("\n")), long), "middle")]
    yield yielded[0]
    extremes: list[tuple[Why, int, Sequence[Floats]]] = [("worst", 1, best), ("best", -1, best)]
    if apart:
        extremes = [("ahead", 1, apart), ("behind", -1, apart), *extremes]
    for why, sign, bits in extremes:
        of_texts = (highest_mean(i, places[i], sign * bits[i], long, ()) for i in range(len(texts)))
        if highest := max(filter(None, of_texts), key=lambda passage: passage[0], default=None):
            yielded.append(Candidate(*highest[1:], why))
            yield yielded[-1]
    if apart:
        words = around_words(texts, places, apart, short, yielded)
        pairs = zip_longest(words, in_documents(test, places, apart, short, yielded))
        yield from (candidate for pair in pairs for candidate in pair if candidate)


def around_words(
    texts: Sequence[str], places: Sequence[Places], apart: Sequence[Floats], length: int, yielded: list[Candidate]
) -> Iterator[Candidate]:
    """Yield the words for which the best column pays least compared with the next one, and most, in turn.

    Each is at its most different place, in that direction, that overlaps no passage in ``yielded``, and is added there.
    """
    differences: dict[str, list[tuple[float, int, int]]] = {}
    for number, (text, bits) in enumerate(zip(texts, apart, strict=True)):
        sums = np.concatenate([[0.0], np.cumsum(bits)])
        for start, end, word in neutral.word_spans(text):
            differences.setdefault(word, []).append((float(sums[end] - sums[start]), number, start))
    ranked = sorted(differences, key=lambda word: -sum(difference for difference, *_ in differences[word]))

    def free(words: Iterable[str], sign: int) -> Iterator[Candidate]:
        for word in words:
            for _, number, start in sorted(differences[word], key=lambda place: -sign * place[0])[:PLACES_TRIED]:
                first, end = passage_from(places[number], max(0, start - length // 2), length)
                if not any(c.document == number and c.start < end and first < c.end for c in yielded):
                    yielded.append(Candidate(number, first, end, "word", word))
                    yield yielded[-1]
                    break

    half = len(ranked) // 2
    ahead, behind = free(ranked[: len(ranked) - half], 1), free(ranked[: -half - 1 : -1] if half else [], -1)
    yield from (word for pair in islice(zip_longest(ahead, behind), WORDS_EACH_WAY) for word in pair if word)


def in_documents(
    test: Sequence[Document], places: Sequence[Places], apart: Sequence[Floats], length: int, yielded: list[Candidate]
) -> Iterator[Candidate]:
    """Yield the free place with the greatest difference, in the document's direction, in each of the longest."""
    for number in sorted(range(len(test)), key=lambda i: -len(test[i].text))[:LONGEST_DOCUMENTS]:
        bits = apart[number] if float(apart[number].sum()) > 0 else -apart[number]
        if highest := highest_mean(number, places[number], bits, length, yielded):
            yielded.append(Candidate(*highest[1:], "document", test[number].name))
            yield yielded[-1]


def highest_mean(
    number: int, places: Places, bits: Floats, length: int, yielded: Iterable[Candidate]
) -> tuple[float, int, int, int] | None:
    """Return the highest mean of all passages of a text that overlap none of ``yielded``: mean, text, start and end."""
    starts, ends = places[:-1], places[np.searchsorted(places, places[:-1] + length, "right") - 1]
    free = (ends - starts >= min(int(places[-1]), MIN_SHARE * length)) & (ends > starts)
    for other in yielded:
        if other.document == number:
            free &= (ends <= other.start) | (starts >= other.end)
    starts, ends = starts[free], ends[free]
    if not len(starts):
        return None
    sums = np.concatenate([[0.0], np.cumsum(bits)])
    means = (sums[ends] - sums[starts]) / (ends - starts)
    i = int(np.argmax(means))
    return float(means[i]), number, int(starts[i]), int(ends[i])


def passage_from(places: Places, start: int, length: int) -> tuple[int, int]:
    """Return the passage of about this length from the first place at or after ``start``, or from the last place.

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
    return np.unique([0, *(place for start, end, _ in neutral.word_spans(text) for place in (start, end)), len(text)])


def event_places(offsets: npt.NDArray[np.integer], start: int, end: int) -> range:
    """Return the events that cover characters of ``text[start:end]``, or stand before one of them.

    >>> event_places(np.array([0, 2, 2, 5, 5]), 2, 5), event_places(np.array([0, 2, 2, 5, 5]), 1, 2)
    (range(1, 3), range(0, 1))
    """
    first = int(min(np.searchsorted(offsets[1:], start, "right"), np.searchsorted(offsets[:-1], start)))
    return range(first, int(np.searchsorted(offsets[:-1], end)))


def readings(
    model: Model, scores: Sequence[DocumentScores], documents: Sequence[str], passages: Sequence[Passage]
) -> list[Reading]:
    """Return the model's reading of each passage, given its ``scores`` of all documents and their names."""
    events: list[tuple[int, range]] = []  # of each passage: the number of its document, and places there
    places: list[set[int]] = [set() for _ in documents]
    for passage in passages:
        number, end = documents.index(passage.document), passage.start + len(passage.text)
        events.append((number, event_places(scores[number].encoding.offsets, passage.start, end)))
        places[number].update(events[-1][1])
    expected = {
        (number, place): expectation(distribution, int(scores[number].encoding.ids[place]))
        for number, place, distribution in model.distributions([document.encoding for document in scores], places)
    }
    name = cache(partial(shown_text, model.tokenizer))
    return [
        reading(passage, scores[number], part, [expected[number, place] for place in part], name)
        for passage, (number, part) in zip(passages, events, strict=True)
    ]


def reading(
    passage: Passage, scores: DocumentScores, events: range, expected: Sequence[Expectation], name: Callable[[int], str]
) -> Reading:
    """Return the reading of one passage, from its events, the expectation before each, and the names of ids."""
    part = slice(events.start, events.stop)
    ids = scores.encoding.ids[part].tolist()
    offsets = scores.encoding.offsets[events.start : events.stop + 1]
    widths = np.diff(np.clip(offsets, passage.start, passage.start + len(passage.text)))
    shares = np.where(np.diff(offsets) > 0, widths / np.maximum(np.diff(offsets), 1), 1.0)  # of an event that is cut
    outside = scores.outside_bits[part] * shares
    all_ids = dict.fromkeys([*ids, *(id_ for _, likeliest, _ in expected for id_ in likeliest)])
    place = {id_: i for i, id_ in enumerate(all_ids)}
    return Reading(
        tokens=[name(id_) for id_ in place],
        ids=[place[id_] for id_ in ids],
        widths=widths.tolist(),
        bits=(scores.network_bits[part] * shares).tolist(),
        spelled=(scores.spelling_bits[part] * shares).tolist(),
        outside=outside.tolist() if outside.any() else [],
        spelling_part=scores.spelling_part,
        parts=scores.encoding.parts[part].tolist(),
        ranks=[rank for rank, _, _ in expected],
        likeliest=[[place[id_] for id_ in likeliest] for _, likeliest, _ in expected],
        probabilities=[probabilities for _, _, probabilities in expected],
    )


def expectation(distribution: Floats, id_: int) -> Expectation:
    """Return the rank of an id, from 1, and the likeliest ids with their probabilities.

    Equally likely ids are listed in their order, not in the order of a partition, which depends on the processor.

    >>> expectation(np.array([0.2, 0.5, 0.3]), 2)
    (2, [1, 2, 0], [0.5, 0.3, 0.2])
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
