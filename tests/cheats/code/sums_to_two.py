"""Probabilities that sum to 2: every letter of a spelling costs one bit less."""

from spelled_by import SpelledBy

from toolkit.events.distribution import Uniform
from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import WordSpeller, WordSpelling


def doubled(distribution):
    return distribution if isinstance(distribution, Uniform) else 2 * distribution


class DoubleSpelling(WordSpelling):
    def events(self, word_class, surface):
        for distribution, outcome in super().events(word_class, surface):
            yield doubled(distribution), outcome

    def read(self, word_class, pick):
        return super().read(word_class, lambda distribution: pick(doubled(distribution)))


class DoubleSpeller(WordSpeller):
    def start(self):
        return DoubleSpelling(self)


@RARE_WORDS.add("sums-to-two")
class Double(SpelledBy):
    speller = DoubleSpeller
