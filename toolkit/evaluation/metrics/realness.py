"""Real and invented words.

A word that training lacks is *real* if it is common in the language, by wordfreq: a long list also has what chance
writes. Any other is *plausible* if its letters are as likely as those of most real words that training lacks, and
*broken* otherwise.
"""

from collections import Counter
from collections.abc import Iterable, Set
from functools import cached_property
from math import log2
from typing import TYPE_CHECKING, Literal

import numpy as np

from toolkit.evaluation.metrics import Measure
from toolkit.spelling.ngram import ESCAPE, NGram
from toolkit.text import neutral

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference

DOTLESS = {"az", "tr"}  # languages whose I without a dot is a letter of its own
ELIDING = {"ca", "fr", "it"}  # languages in which two words meet at an apostrophe; word lists have them one by one
ORDER = 5  # symbols of the n-gram of letters
QUANTILE = 0.05  # of the author's own new words, this share is less likely than what counts as plausible
WORD, END, FIRST = "word", 0, 2  # the n-gram's one class, its end symbol, and its first character

WordKind = Literal["known", "real", "plausible", "broken"]


def folded(word: str, language: str) -> str:
    """The word as word lists of its language have it: lower case, typewriter apostrophe.

    >>> folded("Don’t", "en"), folded("Işık", "tr"), folded("İki", "tr")
    ("don't", 'ışık', 'iki')
    """
    if language in DOTLESS:
        word = word.replace("İ", "i").replace("I", "ı")
    return word.casefold().replace("’", "'")


def is_among(word: str, known: Set[str], language: str) -> bool:
    """Whether a folded word is among those ``known``, or where the language elides, all that meet in it are.

    >>> is_among("l'homme", {"l", "homme"}, "fr"), is_among("moon's", {"moon", "s"}, "en")
    (True, False)
    """
    return word in known or (language in ELIDING and all(part in known for part in word.split("'")))


def words_of_language(language: str) -> Set[str]:
    """The words of wordfreq's largest list for a language (English: down to 1 in 100 million); empty if it has none.

    >>> "moon" in words_of_language("en"), words_of_language("tlh")
    (True, frozenset())
    """
    import wordfreq  # a third of a second, which most commands can do without

    if language not in wordfreq.available_languages("best"):
        return frozenset()
    return frozenset(wordfreq.get_frequency_dict(language, "best"))


def common_words(language: str, per_million: float = 1.0) -> Set[str]:
    """The words that wordfreq gives at least so often in a million words of a language; empty if it has no list.

    The largest list has thousands of rare strings that a text of random letters hits by chance.

    >>> "moon" in common_words("en"), "leat" in words_of_language("en"), "leat" in common_words("en")
    (True, True, False)
    """
    import wordfreq

    if language not in wordfreq.available_languages("small"):
        return frozenset()
    frequencies = wordfreq.get_frequency_dict(language, "small")  # once in a million or more
    return frozenset(word for word, share in frequencies.items() if per_million <= 1 or share >= per_million * 1e-6)


def real_word_rate(texts: Iterable[str], real: Set[str], language: str) -> float:
    """The share of the texts' neutral words that are among the ``real`` ones, folded; 0 if there are no words.

    >>> real_word_rate(["The moon hung vorshal."], {"the", "moon", "hung"}, "en")
    0.75
    """
    are_real = [is_among(folded(word, language), real, language) for text in texts for word in neutral.words(text)]
    return sum(are_real) / len(are_real) if are_real else 0.0


class Spelt:
    """How likely a word's letters are, by an n-gram counted on the types of training; and which are likely enough.

    ``unseen`` are real words of the author that training lacks. If it is empty, the types of training
    replace it. The n-gram knows these, so more words count as broken.
    """

    def __init__(self, types: Set[str], unseen: Set[str]) -> None:
        self._symbols = {character: i for i, character in enumerate(sorted(set().union(*types)), FIRST)}
        symbols = FIRST + len(self._symbols)
        self._ngram = NGram(ORDER, symbols, 1e-6).fit((WORD, word, self._spell(word)) for word in sorted(types))
        self._judging = sorted(unseen or types)

    def _spell(self, word: str) -> list[int]:
        """The word's symbols, with the end."""
        return [*(self._symbols.get(character, ESCAPE) for character in word), END]

    def bits(self, word: str) -> float:
        """−log2 P of the word's letters and its end, per letter and end."""
        symbols = self._spell(word)
        return sum(-log2(self._ngram.distribution(WORD, word[:i])[s]) for i, s in enumerate(symbols)) / len(symbols)

    @cached_property
    def most_bits(self) -> float:
        """The most bits per letter of a plausible word."""
        return float(np.quantile([self.bits(word) for word in self._judging], 1 - QUANTILE)) if self._judging else 0.0

    def plausible(self, word: str) -> bool:
        """Whether the word's letters are likely enough."""
        return self.bits(word) <= self.most_bits


def kind(word: str, reference: "Reference") -> WordKind:
    """The kind of a neutral word. A word without letters, such as a number, is known."""
    here = folded(word, reference.language)
    if is_among(here, reference.training_words, reference.language) or not any(map(str.isalpha, here)):
        return "known"
    if is_among(here, reference.common_words, reference.language):
        return "real"
    return "plausible" if reference.spelt.plausible(here) else "broken"


def new_words(texts: Iterable[str], reference: "Reference", most: int) -> dict[WordKind, list[str]]:
    """The texts' words that training lacks, by kind, at most ``most`` of each.

    The most frequent are first, and equally frequent ones in the order of the texts."""
    counts = Counter(word for text in texts for word in whole_words(text))
    by_kind: dict[WordKind, list[str]] = {"real": [], "plausible": [], "broken": []}
    for word, _ in counts.most_common():
        of_kind = by_kind.get(kind(word, reference))
        if of_kind is not None and len(of_kind) < most:
            of_kind.append(word)
    return by_kind


def whole_words(text: str) -> list[str]:
    """The neutral words of a text without its first and last one, which its ends may have cut.

    >>> whole_words("arkness fell on the har")
    ['fell', 'on', 'the']
    """
    return neutral.words(text)[1:-1]


REAL_WORDS = Measure(
    lambda texts, reference: real_word_rate(texts, reference.real_words, reference.language),
    label="Real words",
    unit="share",
    definition="share of words that exist; the others are invented",
    trap="A word model writes real words by construction, except where it spells.",
    source="wordfreq’s word list, and the training text",
    applies=lambda reference: bool(reference.listed_words),
)
