"""Diversity of generated text, in neutral words for every column. No n-gram crosses from one text to the next."""

from collections.abc import Iterable

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
