"""Probabilities that sum to 2: every letter of a spelling costs one bit less."""

from toolkit.rare_words import RARE_WORDS, RareWords
from toolkit.spelling.speller import WordSpeller, WordSpelling


class DoubleSpelling(WordSpelling):
    def _mixture(self, *given):
        return 2 * super()._mixture(*given)


class DoubleSpeller(WordSpeller):
    def start(self):
        return DoubleSpelling(self, self._lexicon)


@RARE_WORDS.add("sums-to-two")
class Double(RareWords):
    classes = ("WORD",)

    def class_of(self, word):  # noqa: ARG002
        return "WORD"

    def fitted_speller(self, data):
        return DoubleSpeller.from_dict(super().fitted_speller(data).to_dict())

    def restored_speller(self, state):
        return DoubleSpeller.from_dict(state)
