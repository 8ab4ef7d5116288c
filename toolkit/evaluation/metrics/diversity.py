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


def expectation_adjusted_distinct(texts: Iterable[str], vocabulary: int) -> float:
    """EAD = N / (V · (1 − ((V − 1)/V)^C)), Liu et al. 2022: the texts' distinct words N as a share of what is expected.

    C is the number of words, V the size of the vocabulary from which they would be drawn evenly: the expectation is
    that of C such draws. 0 if there are no words, or no vocabulary.

    >>> expectation_adjusted_distinct(["a b", "a"], 2)
    1.1428571428571428
    """
    words = [word for text in texts for word in neutral.words(text)]
    if not words or not vocabulary:
        return 0.0
    return len(set(words)) / (vocabulary * (1 - ((vocabulary - 1) / vocabulary) ** len(words)))


def repetition_measure(label: str, n: int, definition: str) -> Measure:
    """A measure of how much of a text has occurred earlier in it."""
    return Measure(
        lambda texts, _: repetition(texts, n),
        label=label,
        unit="share",
        definition=definition,
        trap="It rises with length, and a text too short to repeat itself has none.",
        source="Welleck et al. 2020",
    )


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
EAD = Measure(
    lambda texts, reference: expectation_adjusted_distinct(texts, len(reference.types)),
    label="Variety of words, by expectation",
    unit="ratio",
    definition="different words, divided by those among as many even draws from the training vocabulary",
    trap="Words are not drawn evenly, so the author’s value is far below 1; invented words raise it.",
    source="Liu et al. 2022",
    most=None,
)
PAIRS = 2  # the words of what counts as repeated where temperatures are matched: the author repeats enough of them
REPETITION_2 = repetition_measure(
    "Repetition of word pairs", PAIRS, "share of word pairs that occurred earlier in the same sample"
)
REPETITION_4 = repetition_measure(
    "Repetition", 4, "share of four-word sequences that occurred earlier in the same sample"
)
