"""Rare words spelled by the network itself, in the same vocabulary as the words that it keeps."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from toolkit.events.encoding import SPELLING
from toolkit.rare_words.base import Symbol, Written
from toolkit.rare_words.placeholders import Unknown
from toolkit.spelling.base import UniformSpeller, UnseenCharacters
from toolkit.spelling.speller import SpellerData
from toolkit.text.words import JOINER

BEGIN, END, ESCAPE = "word", "/word", "escape"  # names of symbols


class Spell(Unknown):
    """The strategy ``spell``: the network spells a rare word itself, between two marks.

    A rare word is a begin mark, its characters (including its marks) and an end mark.
    All are tokens of the network. A character that is not in training is an escape and its code.
    """

    classes = ("SPELLED",)

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:
        """Return the marks, the escape, and the characters of the training text."""
        letters = (Symbol(_name(c), text=c, part=SPELLING, ends=False) for c in (JOINER, *characters))
        return [
            Symbol(BEGIN, text="", ends=False),
            Symbol(END, text="", part=SPELLING),
            Symbol(ESCAPE, part=SPELLING, ends=False),
            *letters,
        ]

    def write(self, word_class: str, surface: str, numbers: Mapping[str, int]) -> Iterator[Written]:  # noqa: ARG002
        """Yield begin, characters and end."""
        yield Written(numbers[BEGIN], None, 0)
        covered = 0
        for character in surface:
            covered += character != JOINER
            number = numbers.get(_name(character))
            yield Written(numbers[ESCAPE], character, covered) if number is None else Written(number, None, covered)
        yield Written(numbers[END], None, covered)

    def fitted_speller(self, data: SpellerData) -> UniformSpeller:
        """Return the speller behind the escape: any character that is not in training."""
        return UniformSpeller(UnseenCharacters(set().union(*data.characters)))

    def restored_speller(self, state: Mapping[str, Any]) -> UniformSpeller:
        """Return the same speller, restored from its ``to_dict``."""
        return UniformSpeller(UnseenCharacters(state["characters"]))


def _name(character: str) -> str:
    return f"letter {character}"
