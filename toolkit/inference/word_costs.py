"""What each word of a text pays."""

from dataclasses import dataclass

import numpy as np

from toolkit.inference.scores import DocumentScores
from toolkit.text.neutral import word_spans


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
    """The cost of each neutral word of a document's text: the sum over its characters, its space included."""
    per_character, _ = scores.by_character()  # (characters,)
    before = np.concatenate([[0.0], np.cumsum(per_character)])  # (characters + 1,)
    return [WordCost(word, start, end, float(before[end] - before[start])) for start, end, word in word_spans(text)]
