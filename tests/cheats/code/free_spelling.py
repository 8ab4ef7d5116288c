"""A speller that asks for nothing: the words behind classes cost no bits."""

from spelled_by import SpelledBy

from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import WordSpeller, WordSpelling


class FreeSpelling(WordSpelling):
    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())


class FreeSpeller(WordSpeller):
    def start(self):
        return FreeSpelling(self)


@RARE_WORDS.add("free-spelling")
class Free(SpelledBy):
    speller = FreeSpeller
