"""A placeholder per shape (capitals, digits, dashes, suffix), which depends only on the spelling."""

from collections.abc import Sequence
from functools import cache
from typing import ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words import OTHER, RareWords
from toolkit.spelling.speller import Restriction
from toolkit.text.words import JOINER, Word

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")
MIN_WORD_CHARACTERS = 5  # of a word with a suffix
KINDS = UPPER, LOWER, DIGIT, DASH, SIGN = "Uld-."  # of characters: capitals, other letters, digits, hyphens, signs


class Form(NamedTuple):
    """The kinds of a text's letters, and whether it has digits and dashes."""

    letters: str
    digit: bool
    dash: bool

    @classmethod
    def of(cls, text: str) -> "Form":
        """Return the form of a text."""
        kinds = "".join(map(kind_of, text))
        return cls(kinds.replace(DIGIT, "").replace(DASH, "").replace(SIGN, ""), DIGIT in kinds, DASH in kinds)

    @property
    def capitals(self) -> str:
        """The name of the letters' capitals; empty without letters."""
        if UPPER not in self.letters:
            return "LC" if self.letters else ""
        if self.letters.rfind(UPPER) == 0:
            return "INITC"
        return "MIXC" if LOWER in self.letters else "ALLC"

    def after(self, kind: str) -> "Form":
        """Return the form with one more character of a kind."""
        letters = self.letters + kind if kind in (UPPER, LOWER) else self.letters
        return Form(letters, self.digit or kind == DIGIT, self.dash or kind == DASH)

    def can_become(self, word_class: str) -> bool:
        """Return whether a word of the shape can begin like this; a suffix can always follow."""
        parts = word_class.split("-")
        if (self.digit and "NUM" not in parts) or (self.dash and "DASH" not in parts):
            return False
        if parts[0] in ("MIXC", "ALLC"):
            return parts[0] == "MIXC" or LOWER not in self.letters
        return not self.letters or self.capitals == parts[0]


@cache
def kind_of(character: str) -> str:
    """Return the kind of a character."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else SIGN


def shape(text: str) -> str:
    """Return capitals, digit, dash and suffix of a word.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    form, ending, suffix = Form.of(text), text[-3:].lower(), ""
    if ending.endswith("s") and len(text) >= 3:
        suffix = "s" if ending[-2] not in "siu" else ""
    elif len(text) >= MIN_WORD_CHARACTERS and not form.dash and (not form.digit or form.capitals in ("", "LC")):
        suffix = next(filter(ending.endswith, SUFFIXES), "")
    return "-".join(filter(None, [form.capitals, "NUM" * form.digit, "DASH" * form.dash, suffix])) or "NONE"


class WithinShape:
    """A ``Restriction`` to the surfaces of a shape: a surface is ruled out at the point where it leaves the shape.

    One mark may begin a surface, and one may end it once the text between has the shape.
    """

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return which of the end and the characters (1 + len(characters),) may follow a prefix.

        All may follow for ``OTHER``, and after a prefix that no word of the shape has, as a sample may draw it.
        """
        text = prefix.strip(JOINER)
        form = Form.of(text)
        if word_class == OTHER or not form.can_become(word_class):
            return np.ones(1 + len(characters), bool)
        whole = text != "" and shape(text) == word_class
        may_follow = np.zeros(1 + len(characters), bool)
        may_follow[0] = whole
        if text and prefix.endswith(JOINER):  # after the mark at the end, only the end is left
            return may_follow
        follows = {kind: form.after(kind).can_become(word_class) for kind in KINDS}
        may_follow[1:] = [follows[kind_of(character)] for character in characters]
        may_follow[1 + characters.index(JOINER)] = whole or not prefix
        return may_follow


class Shape(RareWords):
    """The strategy ``shape``: a placeholder per shape: capitals, digits, hyphen and suffix.

    Digit, dash and (English) suffix follow ``getSignature`` at the Berkeley parser's unknown-word level 5 (Petrov,
    Barrett, Thibaux & Klein 2006). Capitals are LC: none, INITC: only the first letter, ALLC: all of several, MIXC: any
    other mixture. The speller spells only surfaces of the class. The classes are the shapes of the rare words.
    """

    reads_context: ClassVar[bool] = False
    restriction: ClassVar[Restriction] = WithinShape()

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - only shapes of rare words
        """Learn the shapes of the rare words."""
        self.classes = tuple(sorted({shape(word.text) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """Return the word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text)
