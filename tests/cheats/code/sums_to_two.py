"""Probabilities that sum to 2: every letter of a spelling costs one bit less."""

from spelled_by import SpelledBy

from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import Prefix, WordSpeller, WordSpelling


class DoublePrefix(Prefix):
    def distribution(self):
        return 2 * super().distribution()


class DoubleSpelling(WordSpelling):
    def begin(self, word_class):
        return DoublePrefix(self, word_class)


class DoubleSpeller(WordSpeller):
    def start(self):
        return DoubleSpelling(self)


@RARE_WORDS.add("sums-to-two")
class Double(SpelledBy):
    speller = DoubleSpeller
