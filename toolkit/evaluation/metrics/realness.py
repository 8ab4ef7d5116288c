"""Real words: how many of the words that a column writes exist."""

from collections.abc import Iterable, Set

import wordfreq

from toolkit.evaluation.metrics.measure import Measure
from toolkit.text import neutral


def folded(word: str) -> str:
    """The word as word lists have it: lower case, typewriter apostrophe.

    >>> folded("Don’t")
    "don't"
    """
    return word.casefold().replace("’", "'")


def words_of_language(language: str) -> Set[str]:
    """The words of wordfreq's largest list for a language (English: down to 1 in 100 million); empty if it has none.

    >>> "moon" in words_of_language("en"), words_of_language("tlh")
    (True, frozenset())
    """
    if language not in wordfreq.available_languages("best"):
        return frozenset()
    return frozenset(wordfreq.get_frequency_dict(language, "best"))


def real_word_rate(texts: Iterable[str], real: Set[str]) -> float:
    """The share of the texts' neutral words that are among the ``real`` ones, folded; 0 if there are no words.

    >>> real_word_rate(["The moon hung vorshal."], {"the", "moon", "hung"})
    0.75
    """
    are_real = [folded(word) in real for text in texts for word in neutral.words(text)]
    return sum(are_real) / len(are_real) if are_real else 0.0


REAL_WORDS = Measure(
    lambda texts, reference: real_word_rate(texts, reference.real_words),
    label="Real words",
    unit="share",
    definition="share of words that exist; the others are invented",
    trap="A word model writes real words by construction, except where it spells.",
    source="wordfreq’s word list, and the training text",
)
