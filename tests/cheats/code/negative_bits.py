"""A first event of each spelling whose probability is 16: it pays the speller four bits."""

import numpy as np
from spelled_by import SpelledBy

from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import WordSpeller


class PaidSpelling:
    def __init__(self, plain):
        self.plain = plain
        self.observe = plain.observe

    def events(self, word_class, surface):
        yield np.array([16.0]), 0
        yield from self.plain.events(word_class, surface)

    def read(self, word_class, pick):
        pick(np.array([16.0]))
        return self.plain.read(word_class, pick)


class PaidSpeller(WordSpeller):
    def start(self):
        return PaidSpelling(super().start())


@RARE_WORDS.add("negative-bits")
class Paid(SpelledBy):
    speller = PaidSpeller
