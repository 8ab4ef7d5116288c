"""Rare words spelled by the network itself, in the same vocabulary as the words that it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from toolkit.events.encoding import SPELLING
from toolkit.rare_words.base import RareWords, Symbol, Written
from toolkit.spelling.speller import SpellerData
from toolkit.spelling.uniform import UniformSpeller, UnseenCharacters
from toolkit.text.segmentation import JOINER, Word

BEGIN, END, ESCAPE, FIRST = range(4)  # numbers of the symbols; those of the characters start at FIRST


class Spell(RareWords):
    """The strategy ``spell``: the network spells a rare word itself, between two marks.

    A rare word is a begin mark, its characters (including its marks) and an end mark.
    All are tokens of the network. A character that is not in training is an escape and its code.
    """

    classes = ("SPELLED",)
    reads_context: ClassVar[bool] = False

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
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

    def write(self, word_class: str, surface: str) -> Iterator[Written]:  # noqa: ARG002 - there is only one
        """Begin, characters, end."""
        yield Written(BEGIN, None, 0)
        covered = 0
        for character in surface:
            covered += character != JOINER
            number = self._numbers.get(character, ESCAPE)
            yield Written(number, character if number == ESCAPE else None, covered)
        yield Written(END, None, covered)

    def fitted_speller(self, data: SpellerData) -> UniformSpeller:
        """What is spelled behind the escape: any character that is not in training."""
        return UniformSpeller(UnseenCharacters(set().union(*data.characters)))

    def restored_speller(self, state: Mapping[str, Any]) -> UniformSpeller:
        """The same, restored from its state."""
        return UniformSpeller(UnseenCharacters(state["characters"]))
