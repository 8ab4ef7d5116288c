"""Strategies whose spellers claim fewer bits than they pay, and an honest one whose first event is certain."""

from dataclasses import replace

import numpy as np

from toolkit.events.distribution import Uniform
from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.placeholders import Unknown
from toolkit.spelling.speller import WordSpeller


class Plain:
    """A spelling as it should be."""

    def __init__(self, plain):
        self.plain, self.observe = plain, plain.observe

    def events(self, word_class, surface):
        return self.plain.events(word_class, surface)

    def read(self, word_class, pick):
        return self.plain.read(word_class, pick)


def strategy(name):
    """Return a decorator for a class of spellings. It registers a strategy that spells rare words so."""

    def register(spelling):
        class Speller(WordSpeller):
            def start(self):
                return spelling(super().start())

        class SpelledBy(Unknown):
            def fitted_speller(self, data):
                return Speller.from_dict(super().fitted_speller(data).to_dict())

            def restored_speller(self, state):
                return Speller.from_dict(state)

        RARE_WORDS.add(name)(SpelledBy)
        return spelling

    return register


@strategy("free-spelling")
class Free(Plain):
    """It spells for nothing."""

    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())


@strategy("negative-bits")
class Paid(Plain):
    """The first event of each spelling has the probability 16: the speller is paid four bits."""

    first = 16.0

    def events(self, word_class, surface):
        yield np.array([self.first]), 0
        yield from super().events(word_class, surface)

    def read(self, word_class, pick):
        pick(np.array([self.first]))
        return super().read(word_class, pick)


@strategy("one-outcome")
class Certain(Paid):
    """No cheat: the first event of each spelling is certain and costs nothing."""

    first = 1.0


def doubled(distribution):
    return distribution if isinstance(distribution, Uniform) else 2 * distribution


@strategy("sums-to-two")
class Double(Plain):
    """Probabilities sum to 2: every letter of a spelling costs one bit less."""

    def events(self, word_class, surface):
        return ((doubled(distribution), outcome) for distribution, outcome in super().events(word_class, surface))

    def read(self, word_class, pick):
        return super().read(word_class, lambda distribution: pick(doubled(distribution)))


class Kept:
    """A speller with one state for all documents."""

    def __init__(self, plain):
        self.plain, self.to_dict, self.spelling = plain.tuned(concentration=30.0), plain.to_dict, None

    def start(self):
        self.spelling = self.spelling or self.plain.start()
        return self.spelling


@RARE_WORDS.add("remembers")
class Remembers(Unknown):
    """It keeps what it has learnt from one held-out document to the next."""

    def fitted_speller(self, data):
        return Kept(super().fitted_speller(data))

    def restored_speller(self, state):
        return Kept(super().restored_speller(state))


@RARE_WORDS.add("validation-speller")
class ValidationSpeller(Unknown):
    """It is taught validation text: a law broken, though a decoder can follow."""

    def fitted_speller(self, data):
        types = data.types | {word for document in data.valid for word in document}
        texts = [*data.characters, *("".join(surface for _, surface in document) for document in data.valid)]
        taught = replace(data, types=types, spelled=[*data.spelled, *data.valid], characters=texts, left_out=None)
        return WordSpeller(5).fit(taught)
