"""The bits of every event of a document, and sums of them: by part of the ledger, character and word.

A character model decides that a word has ended when it writes the space after it, a word model with the word itself.
So the ended word pays for that decision under every model (Pimentel & Meister 2024; Oh & Schuler 2024):

    bits(word) = bits of the events in its span + (−log2 B after its last event) − (−log2 B before its first event)

B is the probability, given all events so far, that the next event does not continue a word: the mass of the ids in
``Vocabulary.ending``. The span includes the single space before the word. Without that space the last term is left
out. Nothing moves at a place where no event ends, or between two adjacent words of a script without spaces. The next
character pays less by the amount that a word pays more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.coding import Stepper, document_events, spelling_bits
from toolkit.events.distribution import Arrays, Distribution, Floats, Uniform, bits
from toolkit.events.encoding import CLASSES, SPELLING, Events, Tokenizer, Vocabulary
from toolkit.inference.coding import one_blas_thread
from toolkit.results.bits import PARTS, BitsPerCharacter
from toolkit.text.neutral import runs, word_spans

BITS = ("network_bits", "spelling_bits", "outside_bits", "ending_bits")


@dataclass(frozen=True)
class DocumentScores:
    """Bits of one document by event (n,).

    ``network_bits`` pay for the network's choice, ``spelling_bits`` for the spelling behind it, and ``outside_bits``
    for being inside or outside the network (Reserve.outside). ``ending_bits`` are not paid: they are −log2 of the
    probability, before each event, that it does not continue a word (Vocabulary.ending).
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
        """Return the bits by part of the ledger (5,), in the order of results.bits.PARTS."""
        by_part: Floats = np.bincount(self.encoding.parts, self.network_bits, len(PARTS))  # type: ignore[assignment]
        if self.spelling_part is None:
            by_part += np.bincount(self.encoding.parts, self.spelling_bits, len(PARTS))
        else:
            by_part[self.spelling_part] += self.spelling_bits.sum()
        by_part[CLASSES] += self.outside_bits.sum()
        return by_part

    def by_character(self) -> tuple[Floats, float]:
        """Return the bits of each character (characters,) and of the end of the document.

        The bits of an event are spread evenly over the characters that it covers. An event that covers none (a mark,
        the start of a word, a byte inside a character) gives its bits to the next covered character, or to the end.
        """
        widths, bits = self.encoding.widths, self.bits
        covering = widths > 0
        spread = np.repeat(bits[covering] / widths[covering], widths[covering])  # (characters,)
        places = (np.cumsum(widths) - widths)[~covering]  # of the next character, or of the end
        carried = np.bincount(places, weights=bits[~covering], minlength=len(spread) + 1)  # (characters + 1,)
        return spread + carried[:-1], float(carried[-1])


@dataclass(frozen=True)
class WordCost:
    """A neutral word (text/neutral.py) and its bits. ``text[start:end]`` includes the single space before the word."""

    word: str
    start: int
    end: int
    bits: float


def document_scores(
    tokenizer: Tokenizer, encoding: Events, network_bits: Floats, ending_bits: Floats
) -> DocumentScores:
    """Return all bits of a document, given the model's bits (n,) of its events; 0 for events outside the network."""
    vocabulary, spelled = tokenizer.vocabulary, spelling_bits(tokenizer, encoding)
    outside = vocabulary.reserve.outside_bits(encoding.ids)
    return DocumentScores(network_bits, spelled, outside, ending_bits, encoding, vocabulary.spelling_part)


def event_bits(vocabulary: Vocabulary, encoding: Events, logs: Floats, ending: Floats) -> tuple[Floats, Floats]:
    """Return network and ending bits, each (n,), of the events of a document.

    For each id inside the network, ``logs`` (m,) has the natural log of its softmax, and ``ending`` (m,) the softmax of
    all ids of ``Vocabulary.ending`` together, before it.
    """
    inside = vocabulary.reserve.inside(encoding.ids)
    bits = np.zeros(len(encoding.ids))
    bits[inside] = vocabulary.reserve.bits(logs, encoding.ids[inside])
    ending_bits = -np.log2(vocabulary.reserve.mass(ending, vocabulary.ends_words))
    return bits, ending_bits[np.cumsum(inside) - inside]  # the next event inside has the same distribution


@one_blas_thread
def step_through(
    stepper: Stepper,
    tokenizer: Tokenizer,
    encoding: Events,
    put: Callable[[Distribution, int], None] = lambda *_: None,
) -> DocumentScores:
    """Score a document event by event, while ``put`` receives each event with its distribution, as a coder does."""
    vocabulary = tokenizer.vocabulary
    probabilities: list[float] = []
    endings: list[float] = []
    spelling = np.zeros(len(encoding))
    for place, distribution, outcome in document_events(tokenizer, encoding, stepper):
        put(distribution, outcome)
        if len(probabilities) == place and not isinstance(distribution, Uniform):  # the event of the stepper
            probabilities.append(distribution[outcome])
            endings.append(distribution[vocabulary.ends_words].sum())
        else:
            spelling[place] += bits(distribution, outcome)
    outside = vocabulary.reserve.outside_bits(encoding.ids)
    network = np.where(vocabulary.reserve.inside(encoding.ids), -np.log2(probabilities) - outside, 0.0)
    return DocumentScores(network, spelling, outside, -np.log2(endings), encoding, vocabulary.spelling_part)


def ledger(scores: Sequence[DocumentScores], characters: int) -> BitsPerCharacter:
    """Return bits per character by part: sums over all documents divided by their ``characters``."""
    parts = np.sum([document.parts() for document in scores], 0) / characters
    return BitsPerCharacter(total=float(parts.sum()), **dict(zip(PARTS, map(float, parts), strict=True)))


def word_costs(text: str, scores: DocumentScores) -> list[WordCost]:
    """Return the cost of each neutral word of a document, with its space and the decision that it has ended."""
    per_character, _ = bits_by_word(text, scores)
    sums = np.concatenate([[0.0], np.cumsum(per_character)])  # (characters + 1,)
    return [WordCost(word, start, end, float(sums[end] - sums[start])) for start, end, word in word_spans(text)]


def bits_by_word(text: str, scores: DocumentScores) -> tuple[Floats, float]:
    """Return the bits of each character (characters,) and of the document's end; each word pays for its own end."""
    per_character, end = scores.by_character()
    bits = np.append(per_character, end)  # (characters + 1,)
    starts, places = scores.encoding.starts, word_ends(text)
    events = np.searchsorted(starts, places)  # the first event after each place
    at_place = starts[events] == places
    places, moved = places[at_place], scores.ending_bits[events[at_place]]
    bits[places - 1] += moved
    bits[places] -= moved
    return bits[:-1], float(bits[-1])


def word_ends(text: str) -> npt.NDArray[np.int64]:
    """Return where a run of letters ends or its space begins, ascending; n is the place before character n.

    >>> word_ends('a bee, "see" it').tolist()
    [1, 5, 11, 12, 15]
    """
    spans = list(runs(text))
    spaces = {start for start, _ in spans if start and text[start] == " "}
    return np.array(sorted(spaces | {end for _, end in spans}), np.int64)


def score_arrays(scores: Sequence[DocumentScores]) -> Arrays:
    """Return the scores of all documents as arrays that a run saves, those by event concatenated.

    ``starts`` (documents + 1,) has the first event of each document. ``spelling_part`` (documents,) is −1 for None.
    """
    encodings = [document.encoding for document in scores]
    return {
        "starts": np.cumsum([0, *map(len, encodings)]),
        **{name: np.concatenate([getattr(e, name) for e in encodings]) for name in ("ids", "parts", "widths")},
        **{name: np.concatenate([getattr(document, name) for document in scores]) for name in BITS},
        "spelling_part": np.array([-1 if d.spelling_part is None else d.spelling_part for d in scores], np.int8),
    }


def scores_of(arrays: Arrays) -> list[DocumentScores]:
    """Return the scores that ``score_arrays`` saved, without the surfaces."""
    scores, starts = [], arrays["starts"].tolist()
    for start, end, spelling_part in zip(starts[:-1], starts[1:], arrays["spelling_part"].tolist(), strict=True):
        document = {name: array[start:end] for name, array in arrays.items()}
        encoding = Events.of(document["ids"], np.cumsum(document["widths"]), document["parts"], {})
        bits = (document[name] for name in BITS)
        scores.append(DocumentScores(*bits, encoding, None if spelling_part < 0 else spelling_part))  # type: ignore[arg-type, call-arg]
    return scores
