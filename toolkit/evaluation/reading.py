"""What a model read in passages of held-out text: each event, what it paid, and what was likelier."""

from collections.abc import Callable, Sequence
from functools import cache, partial

import numpy as np

from toolkit.evaluation.shown_passages import event_places
from toolkit.events.distribution import Floats
from toolkit.events.protocols import Tokenizer
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.results.words import Passage, Reading
from toolkit.text.segmentation import printable

LIKELIEST = 5
DECIMALS = 4  # of their probabilities
REPLACED = "\ufffd"  # what decoding gives for bytes that are no character


def readings(
    model: Model, scores: Sequence[DocumentScores], documents: Sequence[str], passages: Sequence[Passage]
) -> list[Reading]:
    """The model's reading of each passage, given its ``scores`` of all documents and their names."""
    number = {name: i for i, name in enumerate(documents)}
    ranges = [
        event_places(scores[number[p.document]].encoding.offsets, p.start, p.start + len(p.text)) for p in passages
    ]
    places: list[set[int]] = [set() for _ in documents]
    for passage, events in zip(passages, ranges, strict=True):
        places[number[passage.document]].update(events)
    expected = {
        (document, place): expectation(distribution, int(scores[document].encoding.ids[place]))
        for document, place, distribution in model.distributions([s.encoding for s in scores], places)
    }
    name = cache(partial(shown, model.tokenizer))
    return [
        reading(passage, scores[document], events, [expected[document, place] for place in events], name)
        for passage, events in zip(passages, ranges, strict=True)
        for document in [number[passage.document]]
    ]


def expectation(distribution: Floats, id_: int) -> tuple[int, list[int], list[float]]:
    """The rank of an id, from 1, and the likeliest ids with their probabilities; of equally likely ids the first.

    >>> expectation(np.array([0.2, 0.5, 0.3]), 2)
    (2, [1, 2, 0], [0.5, 0.3, 0.2])
    """
    most = min(LIKELIEST, len(distribution))
    top = np.flatnonzero(distribution >= np.partition(distribution, -most)[-most])
    top = top[np.argsort(-distribution[top], kind="stable")][:most]
    rank = 1 + int((distribution > distribution[id_]).sum())
    return rank, top.tolist(), np.round(distribution[top], DECIMALS).tolist()


def shown(tokenizer: Tokenizer, id_: int) -> str:
    """An id as its text, or, if it has none of its own, as its name: a class, a mark or a part of a character."""
    text = "" if id_ in tokenizer.vocabulary.spelled else tokenizer.decode([id_], {})
    return printable(tokenizer.vocabulary.tokens[id_] if not text or REPLACED in text else text)


def reading(
    passage: Passage,
    scores: DocumentScores,
    events: range,
    expected: Sequence[tuple[int, list[int], list[float]]],
    name: Callable[[int], str],
) -> Reading:
    """One passage as it is saved; ``expected`` is what ``expectation`` says before each event, ``name`` shows an id."""
    part = slice(events.start, events.stop)
    ids = scores.encoding.ids[part].tolist()
    offsets = scores.encoding.offsets[events.start : events.stop + 1]
    widths = np.diff(np.clip(offsets, passage.start, passage.start + len(passage.text)))
    shares = np.where(np.diff(offsets) > 0, widths / np.maximum(np.diff(offsets), 1), 1.0)  # of an event that is cut
    outside = scores.outside_bits[part] * shares
    used = {
        id_: i for i, id_ in enumerate(dict.fromkeys([*ids, *(j for _, likeliest, _ in expected for j in likeliest)]))
    }
    return Reading(
        tokens=[name(id_) for id_ in used],
        ids=[used[id_] for id_ in ids],
        widths=widths.tolist(),
        bits=(scores.network_bits[part] * shares).tolist(),
        spelled=(scores.spelling_bits[part] * shares).tolist(),
        outside=outside.tolist() if outside.any() else [],
        spelling_part=scores.spelling_part,
        parts=scores.encoding.parts[part].tolist(),
        ranks=[rank for rank, _, _ in expected],
        likeliest=[[used[id_] for id_ in likeliest] for _, likeliest, _ in expected],
        probabilities=[probabilities for _, _, probabilities in expected],
    )
