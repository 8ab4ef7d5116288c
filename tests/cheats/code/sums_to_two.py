"""Probabilities that sum to 2: every letter of a spelling costs one bit less."""

from spelled_by import SpelledBy

from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import WordSpeller, WordSpelling


class DoubleSpelling(WordSpelling):
    def _mixture(self, *given):
        return 2 * super()._mixture(*given)


class DoubleSpeller(WordSpeller):
    def start(self):
        return DoubleSpelling(self)


@RARE_WORDS.add("sums-to-two")
class Double(SpelledBy):
    speller = DoubleSpeller
