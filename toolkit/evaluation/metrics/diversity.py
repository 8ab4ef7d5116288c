"""Diversity of generated text, in neutral words: variety, repetition and loops. No n-gram crosses to the next text."""

from collections import Counter
from collections.abc import Iterable, Sequence
from statistics import fmean

from toolkit.evaluation.metrics import Measure
from toolkit.text import neutral
from toolkit.text.combining import without_marks

Gram = tuple[str, ...]

PAIRS = 2  # the words of what counts as repeated where temperatures are matched: the author repeats enough of them
WINDOW_WORDS = 100  # of the type–token ratio
LOOP_WORDS = 3  # of the shortest phrase that makes a loop: the author too may write "very, very"


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


def mattr(words: Sequence[str]) -> float:
    """Mean share of different words over all windows of 100 words, or over a shorter text (Covington & McFall 2010).

    >>> mattr(["the", "old", "the"])
    0.6666666666666666
    """
    if not words:
        return 0.0
    window = min(WINDOW_WORDS, len(words))
    inside = Counter(words[:window])
    different = [len(inside)]
    for leaving, entering in zip(words, words[window:], strict=False):
        inside[entering] += 1
        inside[leaving] -= 1
        if not inside[leaving]:
            del inside[leaving]
        different.append(len(inside))
    return fmean(different) / window


def ends_in_loop(text: str) -> bool:
    """Whether the text ends in a phrase of at least three words that directly follows itself.

    A word that the end of the text may have cut is left out. A shorter loop is also one of a longer phrase.

    >>> ends_in_loop("it was the old man and the old man and the old man an"), ends_in_loop("of the sea of the sand.")
    (True, False)
    """
    words = neutral.words(text)
    if without_marks(text)[-1:].isalnum():
        words.pop()
    return any(words[-k:] == words[-2 * k : -k] for k in range(LOOP_WORDS, len(words) // 2 + 1))


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
MATTR = Measure(
    lambda texts, _: fmean(mattr(neutral.words(text)) for text in texts) if texts else 0.0,
    label="Variety within 100 words",
    unit="share",
    definition="different words as a share of all, mean over all windows of 100 words",
    trap="It hardly depends on length, but invented words raise it.",
    source="Covington & McFall 2010",
)
REPETITION_4 = Measure(
    lambda texts, _: repetition(texts, 4),
    label="Repetition",
    unit="share",
    definition="share of four-word sequences that occurred earlier in the same sample",
    trap="It rises with length, and a text too short to repeat itself has none.",
    source="Welleck et al. 2020",
)
LOOPS = Measure(
    lambda texts, _: sum(map(ends_in_loop, texts)) / len(texts) if texts else 0.0,
    label="Loops",
    unit="share",
    definition="share of samples that end in a phrase of three or more words which directly follows itself",
    trap="A phrase that comes back with one word changed is no loop.",
    source="Welleck et al. 2020",
)
