"""A speller that asks for nothing: the words behind classes cost no bits."""

from toolkit.rare_words import RARE_WORDS, RareWords
from toolkit.spelling.speller import WordSpeller, WordSpelling


class FreeSpelling(WordSpelling):
    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())


class FreeSpeller(WordSpeller):
    def start(self):
        return FreeSpelling(self, self._lexicon)


@RARE_WORDS.add("free-spelling")
class Free(RareWords):
    classes = ("WORD",)

    def class_of(self, word):  # noqa: ARG002
        return "WORD"

    def fitted_speller(self, data):
        return FreeSpeller.from_dict(super().fitted_speller(data).to_dict())

    def restored_speller(self, state):
        return FreeSpeller.from_dict(state)
