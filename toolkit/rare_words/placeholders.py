"""Strategies whose class is the same for all rare words, a tag or a shape, and the one whose network spells them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from toolkit.events.encoding import SPELLING
from toolkit.rare_words import OTHER, RareWords, Symbol, Written
from toolkit.spelling.base import UniformSpeller, UnseenCharacters
from toolkit.spelling.speller import SpellerData
from toolkit.text.words import JOINER, Word

# The 17 tags of Universal Dependencies (https://universaldependencies.org/u/pos) and spaCy's tag of white space
COARSE_TAGS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SPACE SYM VERB X".split()  # noqa: SIM905


class Unknown(RareWords):
    """The strategy ``unk``: one placeholder for all rare words."""

    classes = ("UNK",)
    reads_context: ClassVar[bool] = False

    def class_of(self, word: Word) -> str:  # noqa: ARG002 - the same for all
        """Return the only class."""
        return self.classes[0]


class Keep(Unknown):
    """The strategy ``keep``: no word in training is rare; only other words are unknown.

    So training never shows the class; its probability comes from the reserve.
    """

    keeps_all: ClassVar[bool] = True


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


class ClassesInTraining(RareWords):
    """A strategy with the classes of the rare words in training."""

    reads_context: ClassVar[bool] = False

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - of rare words only
        """Learn the classes of the rare words."""
        self.classes = tuple(sorted({self.class_of(word) for word in rare}))
        return self


class FineTag(ClassesInTraining):
    """The strategy ``tag``: a placeholder per fine tag of the rare words in training, which keeps number and tense."""

    needs_tags: ClassVar[bool] = True

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
        letters = (Symbol(f"letter {c}", text=c, part=SPELLING, ends=False) for c in (JOINER, *characters))
        marks = [Symbol(BEGIN, text="", ends=False), Symbol(END, text="", part=SPELLING)]
        return [*marks, Symbol(ESCAPE, part=SPELLING, ends=False), *letters]

    def write(self, word_class: str, surface: str, numbers: Mapping[str, int]) -> Iterator[Written]:  # noqa: ARG002
        """Yield begin, characters and end."""
        yield Written(numbers[BEGIN], None, 0)
        covered = 0
        for character in surface:
            covered += character != JOINER
            if (number := numbers.get(f"letter {character}")) is None:
                yield Written(numbers[ESCAPE], character, covered)
            else:
                yield Written(number, None, covered)
        yield Written(numbers[END], None, covered)

    def fitted_speller(self, data: SpellerData) -> UniformSpeller:
        """Return the speller behind the escape: any character that is not in training."""
        return UniformSpeller(UnseenCharacters(set().union(*data.characters)))

    def restored_speller(self, state: Mapping[str, Any]) -> UniformSpeller:
        """Return the same speller, restored from its ``to_dict``."""
        return UniformSpeller(UnseenCharacters(state["characters"]))


SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")
MIN_WORD_CHARACTERS = 5  # of a word with a suffix
KINDS = UPPER, LOWER, DIGIT, DASH, SIGN = "Aa1-."  # a character of each kind; signs are all the others
ONLY_LETTERS = str.maketrans("", "", DIGIT + DASH + SIGN)


@cache
def kind_of(character: str) -> str:
    """Return the kind of a character."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else SIGN


def kinds_of(text: str) -> str:
    """Return the kinds of a text's characters."""
    return "".join(map(kind_of, text))


def capitals(kinds: str) -> str:
    """Return the name of the letters' capitals, or "" without letters."""
    letters = kinds.translate(ONLY_LETTERS)
    if UPPER not in letters:
        return "LC" if letters else ""
    if letters[0] == UPPER and UPPER not in letters[1:]:
        return "INITC"
    return "MIXC" if LOWER in letters else "ALLC"


def can_become(kinds: str, word_class: str) -> bool:
    """Return whether a word of the shape can begin with characters of these kinds; a suffix can always follow."""
    parts = word_class.split("-")
    if (DIGIT in kinds and "NUM" not in parts) or (DASH in kinds and "DASH" not in parts):
        return False
    if parts[0] in ("MIXC", "ALLC"):
        return parts[0] == "MIXC" or LOWER not in kinds
    return capitals(kinds) in ("", parts[0])


def shape(text: str) -> str:
    """Return capitals, digit, dash and suffix of a word.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    kinds, ending, suffix = kinds_of(text), text[-3:].lower(), ""
    case, digit, dash = capitals(kinds), DIGIT in kinds, DASH in kinds
    if ending.endswith("s") and len(text) >= 3:
        suffix = "s" if ending[-2] not in "siu" else ""
    elif len(text) >= MIN_WORD_CHARACTERS and not dash and (not digit or case in ("", "LC")):
        suffix = next(filter(ending.endswith, SUFFIXES), "")
    return "-".join(filter(None, [case, "NUM" * digit, "DASH" * dash, suffix])) or "NONE"


def within_shape(word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
    """Return which of the end and the characters (1 + len(characters),) may follow a prefix of a surface of a shape.

    A surface is ruled out at the point where it leaves the shape. One mark may begin a surface, and one may end it once
    the text between has the shape.
    """
    text = prefix.strip(JOINER)
    kinds = kinds_of(text)
    if word_class == OTHER or not can_become(kinds, word_class):  # such a prefix may be drawn in a sample
        return np.ones(1 + len(characters), bool)
    whole = text != "" and shape(text) == word_class
    may_follow = np.zeros(1 + len(characters), bool)
    may_follow[0] = whole
    if text and prefix.endswith(JOINER):  # after the mark at the end, only the end is left
        return may_follow
    follows = {kind: can_become(kinds + kind, word_class) for kind in KINDS}
    may_follow[1:] = [follows[kind_of(character)] for character in characters]
    may_follow[1 + characters.index(JOINER)] = whole or not prefix
    return may_follow


class Shape(ClassesInTraining):
    """The strategy ``shape``: a placeholder per shape: capitals, digits, hyphen and suffix.

    Digit, dash and (English) suffix follow ``getSignature`` at the Berkeley parser's unknown-word level 5 (Petrov,
    Barrett, Thibaux & Klein 2006). Capitals are LC: none, INITC: only the first letter, ALLC: all of several, MIXC: any
    other mixture. The speller spells only surfaces of the class.
    """

    restriction = staticmethod(within_shape)

    def class_of(self, word: Word) -> str:
        """Return the word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text)
