"""Strategies whose class is the same for all rare words, or a tag, and the one whose network spells them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from toolkit.events.encoding import SPELLING
from toolkit.rare_words import RareWords, Symbol, Written
from toolkit.spelling.speller import SpellerData
from toolkit.spelling.uniform import UniformSpeller, UnseenCharacters
from toolkit.text.words import JOINER, Word

# The 17 tags of Universal Dependencies (https://universaldependencies.org/u/pos) and spaCy's tag of white space
COARSE_TAGS = tuple(
    "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SPACE SYM VERB X".split()  # noqa: SIM905
)


class Unknown(RareWords):
    """The strategy ``unk``: one placeholder for all rare words."""

    classes = ("UNK",)
    reads_context: ClassVar[bool] = False

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
        """Return the only class."""
        return self.classes[0]


class Keep(Unknown):
    """The strategy ``keep``: no word in training is rare; only other words are unknown.

    So training never shows the class; its probability comes from the reserve. With ``closed`` nothing is unknown: there
    is no class, and a text with other words is refused.
    """

    keeps_all: ClassVar[bool] = True

    def __init__(self, *, closed: bool = False) -> None:
        self.closed = closed

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:
        """Return the class, or nothing if nothing is unknown."""
        return [] if self.closed else super().symbols(characters)

    def write(self, word_class: str, surface: str, numbers: Mapping[str, int]) -> Iterator[Written]:
        """Yield the class with the surface behind it, or nothing if nothing is unknown."""
        return iter(()) if self.closed else super().write(word_class, surface, numbers)


class Drop(Unknown):
    """The strategy ``drop``: rare words are removed from the text that the network predicts and reads.

    Before every token a flag says whether a word was dropped here, with the share of dropped words in training as its
    probability. The dropped word is spelled: it is not free. Generated text has no rare words.
    """

    classes = ("DROPPED",)

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:  # noqa: ARG002 - the network spells none
        """Return the flag."""
        return [Symbol("DROPPED", outside=True)]


class PartOfSpeech(RareWords):
    """The strategy ``pos``: a placeholder per coarse part of speech, as tagged in the sentence."""

    needs_tags: ClassVar[bool] = True
    reads_context: ClassVar[bool] = False
    classes: Sequence[str] = COARSE_TAGS

    def class_of(self, word: Word) -> str:
        """Return the word's coarse tag."""
        return word.pos


class FineTag(RareWords):
    """The strategy ``tag``: a placeholder per fine tag of the rare words in training, which keeps number and tense."""

    needs_tags: ClassVar[bool] = True
    reads_context: ClassVar[bool] = False

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - only tags of rare words
        """Learn the tags of the rare words."""
        self.classes = tuple(sorted({self.class_of(word) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """Return the word's fine tag, such as NNS, or coarse tag and morphology, such as ``NOUN Number=Plur``."""
        return word.tag or f"{word.pos} {word.morph}".strip()


BEGIN, END, ESCAPE = "word", "/word", "escape"  # names of symbols


class Spell(Unknown):
    """The strategy ``spell``: the network spells a rare word itself, between two marks.

    Its characters and marks are tokens of the network. A character that is not in training is an escape and its code.
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
