"""No cheat: the first event of each spelling has one outcome, whose probability is 1, and costs nothing."""

import numpy as np
from spelled_by import SpelledBy

from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import WordSpeller


class CertainSpelling:
    def __init__(self, plain):
        self.plain = plain
        self.observe = plain.observe

    def events(self, word_class, surface):
        yield np.array([1.0]), 0
        yield from self.plain.events(word_class, surface)

    def read(self, word_class, pick):
        pick(np.array([1.0]))
        return self.plain.read(word_class, pick)


class CertainSpeller(WordSpeller):
    def start(self):
        return CertainSpelling(super().start())


@RARE_WORDS.add("one-outcome")
class OneOutcome(SpelledBy):
    speller = CertainSpeller
