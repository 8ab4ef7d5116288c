"""What each word of a text pays, wherever a model takes the decision that a word has ended.

A character model decides that a word is over when it writes the space after it, a word model with the word itself. The
bits of the same characters would only show where that decision is charged. So it is charged to the word that has ended,
for every model (Pimentel & Meister 2024, "How to compute the probability of a word"; Oh & Schuler 2024):

    bits(word) = bits of the events in its span + (−log2 B after its last event) − (−log2 B before its first event)

B at a place is the probability, given all events so far, that the next one does not go on with a word: that of the ids
in ``Vocabulary.ending``. A span has the single space before a word, if there is one; a word without (after a quotation
mark, a line end, at the beginning of a document) gives nothing back, because no word could have gone on before it.
Nothing is moved at a place that no event ends at, nor between two words with nothing between them, where a script has
no spaces. What a word gets is taken from what follows: all sums stay the same.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.inference.scores import DocumentScores
from toolkit.text.neutral import runs, word_spans


@dataclass(frozen=True)
class WordCost:
    """A neutral word (text/neutral.py), where it is, and its bits.

    ``text[start:end]`` is the word with the single space directly before it, if there is one: both are paid for.
    """

    word: str
    start: int
    end: int
    bits: float


def word_costs(text: str, scores: DocumentScores) -> list[WordCost]:
    """The cost of each neutral word of a document's text, its space and the decision that it has ended included."""
    per_character, _ = bits_by_word(text, scores)
    before = np.concatenate([[0.0], np.cumsum(per_character)])  # (characters + 1,)
    return [WordCost(word, start, end, float(before[end] - before[start])) for start, end, word in word_spans(text)]


def bits_by_word(text: str, scores: DocumentScores) -> tuple[Floats, float]:
    """Bits of each character (characters,) and of the end of the document, with the ends of words charged to the words.

    Summed over a word's span they are its cost, and over everything the document's bits. A single character's can be
    negative: the one after a word gives some of its own away.
    """
    per_character, end = scores.by_character()
    bits = np.append(per_character, end)  # (characters + 1,)
    starts, places = scores.encoding.starts, decisions(text)
    events = np.searchsorted(starts, places)  # the first after each place
    reached = starts[events] == places
    places, moved = places[reached], scores.ending_bits[events[reached]]
    bits[places - 1] += moved
    bits[places] -= moved
    return bits[:-1], float(bits[-1])


def decisions(text: str) -> npt.NDArray[np.int64]:
    """Where a run of letters ends, or a space begins one: n stands for the place before character n. Ascending.

    >>> decisions('a bee, "see" it').tolist()
    [1, 5, 11, 12, 15]
    """
    spans = list(runs(text))
    spaced = {start for start, _ in spans if start and text[start] == " "}
    return np.array(sorted(spaced | {end for _, end in spans}), np.int64)
