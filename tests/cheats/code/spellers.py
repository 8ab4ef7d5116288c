"""Strategies whose spellers claim fewer bits than they pay, and an honest one whose first event is certain."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from toolkit.events.distribution import Uniform
from toolkit.rare_words import RARE_WORDS, RareWords
from toolkit.rare_words.placeholders import Unknown
from toolkit.spelling.speller import WordSpeller, WordSpelling


class SpelledBy(Unknown):
    """One class for every rare word, spelled by the class ``speller``."""

    speller: ClassVar[type[WordSpeller]]

    def fitted_speller(self, data):
        return self.speller.from_dict(super().fitted_speller(data).to_dict())

    def restored_speller(self, state):
        return self.speller.from_dict(state)


class FreeSpelling(WordSpelling):
    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())


class FreeSpeller(WordSpeller):
    def start(self):
        return FreeSpelling(self)


@RARE_WORDS.add("free-spelling")
class Free(SpelledBy):
    """It spells for nothing."""

    speller = FreeSpeller


class SpellingAfterEvent:
    """A plain spelling after an event with a single outcome."""

    def __init__(self, plain, probability):
        self.plain, self.event, self.observe = plain, np.array([probability]), plain.observe

    def events(self, word_class, surface):
        yield self.event, 0
        yield from self.plain.events(word_class, surface)

    def read(self, word_class, pick):
        pick(self.event)
        return self.plain.read(word_class, pick)


class PaidSpeller(WordSpeller):
    def start(self):
        return SpellingAfterEvent(super().start(), 16.0)


@RARE_WORDS.add("negative-bits")
class Paid(SpelledBy):
    """The first event of each spelling has the probability 16: the speller is paid four bits."""

    speller = PaidSpeller


class CertainSpeller(WordSpeller):
    def start(self):
        return SpellingAfterEvent(super().start(), 1.0)


@RARE_WORDS.add("one-outcome")
class OneOutcome(SpelledBy):
    """No cheat: the first event of each spelling is certain and costs nothing."""

    speller = CertainSpeller


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
    """Probabilities sum to 2: every letter of a spelling costs one bit less."""

    speller = DoubleSpeller


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

    restored_speller = RareWords.restored_speller
