"""What a model pays for documents: the bits of every event, from the beginning of each document to its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.coding import spelling_bits
from toolkit.events.distribution import Floats
from toolkit.events.encoding import CLASSES, SPELLING, Events, Ids, Tokenizer, Vocabulary
from toolkit.results.bits import PARTS, BitsPerCharacter


@dataclass(frozen=True)
class DocumentScores:
    """Bits of one document, event by event (n,), 0 where there is nothing to pay.

    ``network_bits`` pay for the network's choice, ``spelling_bits`` for the spelling behind it, ``outside_bits`` for
    whether the event is outside the network (Reserve.outside). ``ending_bits`` are no part of what is paid: −log2 of
    the probability, before each event, that it does not go on with a word (Vocabulary.ending; word_costs.py).
    """

    network_bits: Floats
    spelling_bits: Floats
    outside_bits: Floats
    ending_bits: Floats
    encoding: Events
    spelling_part: int | None = SPELLING  # as in Vocabulary

    @property
    def total(self) -> float:
        """All bits of the document."""
        return float(self.bits.sum())

    @property
    def bits(self) -> Floats:
        """Bits of each event (n,)."""
        return self.network_bits + self.spelling_bits + self.outside_bits

    def parts(self) -> Floats:
        """Bits by part of the ledger (5,), in the order of results.bits.PARTS."""
        by_part: Floats = np.bincount(self.encoding.parts, self.network_bits, len(PARTS))  # type: ignore[assignment]
        if self.spelling_part is None:
            by_part += np.bincount(self.encoding.parts, self.spelling_bits, len(PARTS))
        else:
            by_part[self.spelling_part] += self.spelling_bits.sum()
        by_part[CLASSES] += self.outside_bits.sum()
        return by_part

    def by_character(self) -> tuple[Floats, float]:
        """Bits of each character (characters,), and of the end of the document."""
        return character_bits(self.encoding.widths, self.bits)


class EventBits(NamedTuple):
    """What a model says of a document's events (n,): the bits of each, and ``ending_bits`` as in DocumentScores.

    An event outside the network has no bits here: its distribution is that of the next event inside.
    """

    bits: Floats
    ending_bits: Floats


def event_bits(vocabulary: Vocabulary, encoding: Events, fed: Ids, logs: Floats, ending: Floats) -> EventBits:
    """The bits of a document's events, given what the softmax says before each id that the network is ``fed``.

    ``logs``: its natural log for that id; ``ending``: how much of it the ids of ``Vocabulary.ending`` have.
    """
    inside = vocabulary.reserve.inside(encoding.ids)
    bits = np.zeros(len(encoding.ids))
    bits[inside] = vocabulary.reserve.bits(logs, fed)
    ending_bits = -np.log2(vocabulary.reserve.mass(ending, vocabulary.ends_words))
    return EventBits(bits, ending_bits[np.cumsum(inside) - inside])  # the next event inside has the same distribution


def document_scores(tokenizer: Tokenizer, encoding: Events, events: EventBits) -> DocumentScores:
    """Everything that a document pays, given what the model says of its events."""
    vocabulary = tokenizer.vocabulary
    outside_bits = vocabulary.reserve.outside_bits(encoding.ids)
    return DocumentScores(
        events.bits,
        spelling_bits(tokenizer, encoding),
        outside_bits,
        events.ending_bits,
        encoding,
        vocabulary.spelling_part,
    )


def ledger(scores: Sequence[DocumentScores], characters: int) -> BitsPerCharacter:
    """Bits per character by part, a ratio of sums over all documents, which have so many characters together."""
    parts = np.sum([document.parts() for document in scores], 0) / characters
    return BitsPerCharacter(total=float(parts.sum()), **dict(zip(PARTS, map(float, parts), strict=True)))


def character_bits(widths: npt.NDArray[np.integer], bits: Floats) -> tuple[Floats, float]:
    """Bits of each character (len(text),), and of the end of the document, which belongs to no character.

    Event i covers ``widths[i]`` characters, and its ``bits`` (events,) are spread evenly over them. An event that
    covers none (a mark, the start of a word, a byte inside a character) adds all its bits to the next covered
    character; after the last character they go to the end. Nothing is lost: Σ characters + end = Σ events.

    >>> per_character, end = character_bits(np.array([2, 0, 1, 0]), np.array([4.0, 1.0, 6.0, 0.5]))
    >>> per_character.tolist(), end
    ([2.0, 2.0, 7.0], 0.5)
    """
    covering = widths > 0
    spread = np.repeat(bits[covering] / widths[covering], widths[covering])  # (len(text),)
    places = (np.cumsum(widths) - widths)[~covering]  # of the next character, or len(text)
    carried = np.bincount(places, weights=bits[~covering], minlength=len(spread) + 1)  # (len(text) + 1,)
    return spread + carried[:-1], float(carried[-1])


def score_arrays(scores: Sequence[DocumentScores]) -> dict[str, npt.NDArray[np.generic]]:
    """The scores of all documents as arrays: their events concatenated, and where each document begins.

    ``starts`` (documents + 1,); ``ids``, ``parts``, ``widths`` (characters that each event covers), ``network_bits``,
    ``spelling_bits``, ``outside_bits`` and ``ending_bits`` (events,); ``spelling_part`` (documents,) as in
    DocumentScores, −1 for None.
    """
    return {
        "starts": np.cumsum([0, *(len(document.encoding.ids) for document in scores)]),
        "ids": np.concatenate([document.encoding.ids for document in scores]),
        "parts": np.concatenate([document.encoding.parts for document in scores]),
        "widths": np.concatenate([document.encoding.widths for document in scores]),
        "network_bits": np.concatenate([document.network_bits for document in scores]),
        "spelling_bits": np.concatenate([document.spelling_bits for document in scores]),
        "outside_bits": np.concatenate([document.outside_bits for document in scores]),
        "ending_bits": np.concatenate([document.ending_bits for document in scores]),
        "spelling_part": np.array([-1 if d.spelling_part is None else d.spelling_part for d in scores], np.int8),
    }


def scores_of(arrays: Mapping[str, npt.NDArray[np.generic]]) -> list[DocumentScores]:
    """The inverse of ``score_arrays``, except for the surfaces."""
    scores = []
    bounds = zip(arrays["starts"][:-1], arrays["starts"][1:], arrays["spelling_part"].tolist(), strict=True)
    for start, end, spelling_part in bounds:
        part = slice(int(start), int(end))
        encoding = Events.of(arrays["ids"][part], np.cumsum(arrays["widths"][part]), arrays["parts"][part], {})
        bits = (arrays[name][part] for name in ("network_bits", "spelling_bits", "outside_bits", "ending_bits"))
        scores.append(DocumentScores(*bits, encoding, None if spelling_part < 0 else spelling_part))  # type: ignore[arg-type, call-arg]
    return scores
