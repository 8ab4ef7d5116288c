"""Rare words spelled by the network itself, in one vocabulary with the words that it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.events.encoding import SPELLING
from toolkit.rare_words.base import RareWords, Symbol, Written
from toolkit.spelling.fitting import SpellerData
from toolkit.spelling.uniform import UniformSpeller, UnseenCharacters
from toolkit.text.segmentation import JOINER, Word

BEGIN, END, ESCAPE, FIRST = range(4)  # the numbers of the symbols; the characters' begin at FIRST


class Spell(RareWords):
    """The strategy ``spell``: a rare word is a begin mark, its characters (its marks among them) and an end mark.

    All are tokens of the network. A character that training does not have is an escape and its code.
    """

    classes = ("SPELLED",)

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - all are alike
        """SPELLED, for any word."""
        return "SPELLED"

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:
        """The marks, the escape, and the characters of the training text."""
        alphabet = [JOINER, *characters]
        self._numbers = {character: number for number, character in enumerate(alphabet, FIRST)}
        return [
            Symbol("word", text="", ends=False),
            Symbol("/word", text="", part=SPELLING),
            Symbol("escape", part=SPELLING, ends=False),
            *(Symbol(f"letter {character}", text=character, part=SPELLING, ends=False) for character in alphabet),
        ]

    def write(self, word_class: str, surface: str) -> Iterator[Written]:  # noqa: ARG002 - there is one
        """Begin, characters, end."""
        yield Written(BEGIN, None, 0)
        covered = 0
        for character in surface:
            covered += character != JOINER
            number = self._numbers.get(character, ESCAPE)
            yield Written(number, character if number == ESCAPE else None, covered)
        yield Written(END, None, covered)

    def fitted_speller(self, data: SpellerData) -> UniformSpeller:
        """What is behind the escape: any character that training does not have."""
        return UniformSpeller(UnseenCharacters(set().union(*data.characters)))

    def restored_speller(self, state: Mapping[str, Any]) -> UniformSpeller:
        """The same from what it kept."""
        return UniformSpeller(UnseenCharacters(state["characters"]))
