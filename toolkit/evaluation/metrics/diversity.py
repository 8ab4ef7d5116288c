"""Diversity of generated text, in neutral words for every column. No n-gram crosses from one text to the next."""

from collections.abc import Iterable

from toolkit.evaluation.metrics.measure import Measure
from toolkit.text import neutral

Gram = tuple[str, ...]


def word_ngrams(text: str, n: int) -> list[Gram]:
    """The n-grams of a text's neutral words, in order.

    >>> word_ngrams("to be or not", 3)
    [('to', 'be', 'or'), ('be', 'or', 'not')]
    """
    words = neutral.words(text)
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def distinct(texts: Iterable[str], n: int) -> float:
    """Distinct n-grams of all texts together / n-grams; 0 if there are none (Li et al. 2016).

    It falls with length: compare only equal numbers of texts of equal lengths.

    >>> distinct(["a b a b", "a b"], 2)
    0.5
    """
    grams = [gram for text in texts for gram in word_ngrams(text, n)]
    return len(set(grams)) / len(grams) if grams else 0.0


def repetition(texts: Iterable[str], n: int) -> float:
    """1 − Σ unique n-grams of each text / Σ n-grams (Welleck et al. 2020): pooled, a ratio of sums over the texts.

    What one text shares with another is not repetition; without n-grams nothing is repeated: 0.

    >>> repetition(["a b a b", "a b"], 2)
    0.25
    """
    grams = [word_ngrams(text, n) for text in texts]
    total = sum(map(len, grams))
    return 1 - sum(len(set(text_grams)) for text_grams in grams) / total if total else 0.0


def distinct_measure(label: str, n: int, definition: str) -> Measure:
    """A measure of the variety of n-grams."""
    return Measure(
        lambda texts, _: distinct(texts, n),
        label=label,
        unit="share",
        definition=definition,
        trap="It falls with length: compare only texts of equal lengths.",
        source="Li et al. 2016",
    )


DISTINCT_1 = distinct_measure("Variety of words", 1, "different words as a share of all words")
DISTINCT_2 = distinct_measure("Variety of word pairs", 2, "different word pairs as a share of all pairs")
DISTINCT_3 = distinct_measure("Variety of word triples", 3, "different word triples as a share of all triples")
REPETITION_4 = Measure(
    lambda texts, _: repetition(texts, 4),
    label="Repetition",
    unit="share",
    definition="share of four-word sequences that occurred earlier in the same sample",
    trap="A text too short to repeat itself has none.",
    source="Welleck et al. 2020",
)
