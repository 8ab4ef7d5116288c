"""A placeholder per shape: capitals, digits, dashes and suffix, a function of the spelling alone."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import OTHER, RareWords
from toolkit.spelling.fitting import SpellerData, fitted_on_valid
from toolkit.spelling.speller import WordSpeller
from toolkit.text.segmentation import JOINER, Word

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")  # of words of at least five characters
LONG = 5
UPPER, LOWER, DIGIT, DASH, REST = KINDS = range(5)  # of characters

# Capitals of the letters so far: none yet; one capital; LC without a capital; INITC the first letter only; ALLC two or
# more and no others; MIXC any other. By them, what another letter makes of them, and what they may still come to be.
AFTER_UPPER = {"": "ONE", "ONE": "ALLC", "LC": "MIXC", "INITC": "MIXC", "ALLC": "ALLC", "MIXC": "MIXC"}
AFTER_LOWER = {"": "LC", "ONE": "INITC", "LC": "LC", "INITC": "INITC", "ALLC": "MIXC", "MIXC": "MIXC"}
CAN_BECOME = {
    "": {"", "LC", "INITC", "ALLC", "MIXC"},
    "ONE": {"INITC", "ALLC", "MIXC"},
    "LC": {"LC", "MIXC"},
    "INITC": {"INITC", "MIXC"},
    "ALLC": {"ALLC", "MIXC"},
    "MIXC": {"MIXC"},
}


class Shape(RareWords):
    """The strategy ``shape``: a rare word's class is its signature after the Berkeley parser.

    Digit, dash and suffix are those of ``getSignature`` at the parser's unknown-word level 5 (Petrov, Barrett, Thibaux
    & Klein 2006). Its capitals look at the place in the sentence and at other words; these are told by the spelling
    alone: LC none, INITC the first letter only, ALLC all of several, MIXC others. As the class says which data are
    its own, the speller keeps to those. The list of classes is closed by the rare words of training.
    """

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - rare words' shapes only
        """The shapes of the rare words."""
        self.classes = tuple(sorted({shape(word.text) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """The word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text)

    def fitted_speller(self, data: SpellerData) -> WordSpeller:
        """The speller within the class's shape."""
        return fitted_on_valid(data, WithinShape())

    def restored_speller(self, state: Mapping[str, Any]) -> WordSpeller:
        """The same from what it kept."""
        return WordSpeller.from_dict(state, WithinShape())


class Form(NamedTuple):
    """What is known of a word but its suffix."""

    capitals: str = ""
    digit: bool = False
    dash: bool = False

    def after(self, kind: int) -> "Form":
        """The form with one more character of a kind."""
        capitals = self.capitals
        if kind in (UPPER, LOWER):
            capitals = (AFTER_UPPER if kind == UPPER else AFTER_LOWER)[capitals]
        return Form(capitals, self.digit or kind == DIGIT, self.dash or kind == DASH)

    def can_become(self, word_class: str) -> bool:
        """Whether a word of the class can begin so: nothing can be unsaid, and a suffix can always come."""
        parts = word_class.split("-")
        capitals = parts[0] if parts[0] in CAN_BECOME else ""
        said = (self.digit and "NUM" not in parts) or (self.dash and "DASH" not in parts)
        return not said and capitals in CAN_BECOME[self.capitals]


def form(text: str) -> Form:
    """The form of a text."""
    return reduce(lambda so_far, character: so_far.after(kind_of(character)), text, Form())


def shape(text: str) -> str:
    """Capitals, digit, dash and suffix of a word.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    return signature(form(text), text)


def signature(of: Form, text: str) -> str:
    """The shape of a text whose form is known."""
    capitals = "INITC" if of.capitals == "ONE" else of.capitals
    parts = [capitals, "NUM" if of.digit else "", "DASH" if of.dash else "", suffix(of, text)]
    return "-".join(filter(None, parts)) or "NONE"


def suffix(of: Form, text: str) -> str:
    """The English ending that the signature names, or nothing."""
    ending = text[-3:].lower()
    if ending.endswith("s") and len(text) >= 3:
        return "s" if ending[-2] not in "siu" else ""
    if len(text) < LONG or of.dash or (of.digit and of.capitals not in ("", "LC")):
        return ""
    return next((known for known in SUFFIXES if ending.endswith(known)), "")


@lru_cache(1 << 12)
def kind_of(character: str) -> int:
    """Of a character: capital, other letter, digit, hyphen, or none of these."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else REST


class WithinShape:
    """What a shape allows its data to be: every surface of another shape is cut off where it leaves the shape.

    Marks are at a surface's ends: one may begin it, one may end it once the text between has the shape.
    """

    def __init__(self) -> None:
        self._last = ("", Form())  # the text asked for last and its form: the next is mostly one character longer

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the end and the characters (1 + len(characters),) may come after a prefix; all for ``OTHER``.

        All, too, after a prefix that no word of the shape has: no word of the class is spelled so, a sample may be.
        """
        text = prefix.strip(JOINER)
        of = self._form(text)
        if word_class == OTHER or not of.can_become(word_class):
            return np.ones(1 + len(characters), bool)
        whole = bool(text) and signature(of, text) == word_class
        found = np.zeros(1 + len(characters), bool)
        found[0] = whole
        if text and prefix.endswith(JOINER):  # the mark at the end: only the end is left
            return found
        kinds = np.array([of.after(kind).can_become(word_class) for kind in KINDS])
        found[1:] = kinds[kinds_of(tuple(characters))]
        found[1 + characters.index(JOINER)] = whole or not prefix
        return found

    def _form(self, text: str) -> Form:
        """The form of a text, by one step from the last text's where it goes on from there."""
        before, of = self._last
        self._last = text, (of.after(kind_of(text[-1])) if text and text[:-1] == before else form(text))
        return self._last[1]


@lru_cache(8)
def kinds_of(characters: tuple[str, ...]) -> npt.NDArray[np.int_]:
    """The characters' kinds."""
    return np.array([kind_of(character) for character in characters])
