"""What several cheats share: a strategy whose rare words a speller of its own spells."""

from typing import ClassVar

from toolkit.rare_words import RareWords
from toolkit.spelling.speller import WordSpeller


class SpelledBy(RareWords):
    """One class for every rare word, spelled by the ``speller`` that a cheat names."""

    classes = ("WORD",)
    speller: ClassVar[type[WordSpeller]]

    def class_of(self, word):  # noqa: ARG002
        return "WORD"

    def fitted_speller(self, data):
        return self.speller.from_dict(super().fitted_speller(data).to_dict())

    def restored_speller(self, state):
        return self.speller.from_dict(state)
