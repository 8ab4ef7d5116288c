"""Words that training lacks: real ones, ones that could be words, and broken ones.

A word that training lacks is *real* if it is common in the language, by wordfreq: a long list also has what chance
writes. Any other is *plausible* if its letters are as likely as those of most real words that training lacks, and
*broken* otherwise.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence, Set
from functools import cached_property
from math import log2
from typing import TYPE_CHECKING, Literal

import numpy as np

from toolkit.evaluation.metrics.measure import Measure
from toolkit.evaluation.metrics.realness import folded, has_a_list, is_among
from toolkit.spelling.ngram import ESCAPE, NGram
from toolkit.text import neutral

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference

ORDER = 5  # symbols of the n-gram of letters
QUANTILE = 0.05  # of the author's own new words, this share is less likely than what counts as plausible
WORD, END, FIRST = "word", 0, 2  # the n-gram's one class, its end symbol, and its first character

WordKind = Literal["known", "real", "plausible", "broken"]


class Spelt:
    """How likely a word's letters are, by an n-gram counted on the types of training; and which are likely enough.

    ``unseen`` are real words of the author that training lacks. If there are none, the types of training are taken
    instead, which the n-gram knows: more words then count as broken.
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
    """What a neutral word is; one without letters, such as a number, counts as known."""
    here = folded(word, reference.language)
    if is_among(here, reference.training_words, reference.language) or not any(map(str.isalpha, here)):
        return "known"
    if is_among(here, reference.common_words, reference.language):
        return "real"
    return "plausible" if reference.spelt.plausible(here) else "broken"


def share_of(wanted: WordKind) -> "Callable[[Sequence[str], Reference], float]":
    """The share of the texts' neutral words that are of a kind; 0 if there are no words."""

    def share(texts: Sequence[str], reference: "Reference") -> float:
        counts = Counter(word for text in texts for word in neutral.words(text))
        return sum(n for word, n in counts.items() if kind(word, reference) == wanted) / max(counts.total(), 1)

    return share


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


NEW_WORDS = Measure(
    share_of("real"),
    label="New words: real",
    unit="share",
    definition="share of words that training lacks and that occur once in a million words of the language or more",
    trap="A sample that invents a word may hit a real one by chance; rare real words count as plausible.",
    source="wordfreq’s frequencies",
    applies=has_a_list,
)
PLAUSIBLE_WORDS = Measure(
    share_of("plausible"),
    label="New words: plausible",
    unit="share",
    definition="share of words that neither has, with letters as likely as those of 19 in 20 new words of the author",
    trap="The author’s names are among them.",
    source="a 5-gram of the letters of the training words",
)
BROKEN_WORDS = Measure(
    share_of("broken"),
    label="New words: broken",
    unit="share",
    definition="share of words that neither has, with letters less likely than those",
    trap="Foreign names look broken; a word cut by the end of a sample may too.",
    source="a 5-gram of the letters of the training words",
)
