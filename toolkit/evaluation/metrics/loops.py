"""Loops: texts that end in a phrase which is repeated word for word."""

from collections.abc import Sequence

from toolkit.evaluation.metrics.measure import Measure
from toolkit.text import neutral
from toolkit.text.combining import without_marks

SHORTEST = 3  # words of a phrase: the author too may write "very, very"


def ends_in_loop(text: str) -> bool:
    """Whether the text ends in a phrase of at least three words that directly follows itself.

    A word that the end of the text may have cut is left out. A shorter loop is also one of a longer phrase.

    >>> ends_in_loop("it was the old man and the old man and the old man an"), ends_in_loop("of the sea of the sand.")
    (True, False)
    """
    words = neutral.words(text)
    if without_marks(text)[-1:].isalnum():
        words.pop()
    return any(words[-k:] == words[-2 * k : -k] for k in range(SHORTEST, len(words) // 2 + 1))


def loop_rate(texts: Sequence[str]) -> float:
    """The share of the texts that end in a loop."""
    return sum(map(ends_in_loop, texts)) / len(texts) if texts else 0.0


LOOPS = Measure(
    lambda texts, _: loop_rate(texts),
    label="Loops",
    unit="share",
    definition="share of samples that end in a phrase of three or more words which directly follows itself",
    trap="A phrase that comes back with one word changed is no loop.",
    source="Welleck et al. 2020",
)
