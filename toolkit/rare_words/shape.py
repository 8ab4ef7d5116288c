"""A placeholder per shape: capitals, digits, dashes and suffix, a function of the spelling alone."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import OTHER, RareWords, Word
from toolkit.spelling import JOINER, Speller, Spellings, fitted_on_valid

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")  # of words of at least five characters
LONG = 5
UPPER, LOWER, DIGIT, DASH, REST = range(5)  # kinds of characters


class Shape(RareWords):
    """The strategy ``shape``: a rare word's class is its signature after the Berkeley parser.

    It is ``getSignature`` of the parser's unknown-word level 5 (Petrov, Barrett, Thibaux & Klein 2006), but that the
    place in the sentence is not looked at: capitals are told by the spelling alone. As the class says which spellings
    are its own, the speller keeps to those. The list of classes is closed by the rare words of training.
    """

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - rare words' shapes only
        """The shapes of the rare words."""
        self.classes = tuple(sorted({shape(word.text) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """The word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text)

    def fitted_speller(self, spellings: Spellings) -> Speller:
        """The speller within the class's shape."""
        return fitted_on_valid(spellings, WithinShape())

    def restored_speller(self, state: Mapping[str, Any]) -> Speller:
        """The same from what it kept."""
        return Speller.from_dict(state, WithinShape())


def shape(text: str) -> str:
    """Capitals, digit, dash and suffix of a word.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    kinds = {kind_of(character) for character in text}
    parts = [capitals(text), "NUM" if DIGIT in kinds else "", "DASH" if DASH in kinds else "", suffix(text, kinds)]
    return "-".join(filter(None, parts)) or "NONE"


def capitals(text: str) -> str:
    """LC: letters without a capital; INITC: the first letter only; ALLC: two or more and no others; MIXC: any other."""
    letters = [kind for kind in map(kind_of, text) if kind in (UPPER, LOWER)]
    if not letters:
        return ""
    if UPPER not in letters:
        return "LC"
    if UPPER not in letters[1:]:
        return "INITC"
    return "MIXC" if LOWER in letters else "ALLC"


def suffix(text: str, kinds: set[int]) -> str:
    """The English ending that the signature names, or nothing."""
    lowered = text.lower()
    if lowered.endswith("s") and len(text) >= 3:
        return "s" if lowered[-2] not in "siu" else ""
    if len(text) < LONG or DASH in kinds or (DIGIT in kinds and UPPER in kinds):
        return ""
    return next((ending for ending in SUFFIXES if lowered.endswith(ending)), "")


@lru_cache(1 << 12)
def kind_of(character: str) -> int:
    """Of a character: capital, other letter, digit, hyphen, or none of these."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else REST


class WithinShape:
    """What a shape allows its spellings to be: every surface of another shape is cut off where it leaves the shape.

    Marks are at a surface's ends: one may begin it, one may end it once the text between has the shape.
    """

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the end and the characters (1 + len(characters),) may come after a prefix; all for ``OTHER``.

        All, too, after a prefix that no word of the shape has: no word of the class is spelled so, a sample may be.
        """
        text = prefix.strip(JOINER)
        whole = bool(text) and shape(text) == word_class
        if text and prefix.endswith(JOINER):  # the mark at the end: only the end is left
            return np.array([True] + [False] * len(characters))
        kinds = [kind for kind in range(5) if reachable(word_class, text, kind)]
        if word_class == OTHER or not (whole or kinds):
            return np.ones(1 + len(characters), bool)
        found = np.concatenate([[whole], np.isin(kinds_of(tuple(characters)), kinds)])
        found[1 + characters.index(JOINER)] = whole or not prefix
        return found


@lru_cache(8)
def kinds_of(characters: tuple[str, ...]) -> npt.NDArray[np.int_]:
    """The characters' kinds."""
    return np.array([kind_of(character) for character in characters])


def reachable(word_class: str, text: str, kind: int) -> bool:
    """Whether a text can still get the shape after one more character of a kind.

    Digits and hyphens cannot be unsaid, nor can capitals; a suffix can always come.
    """
    parts = word_class.split("-")
    kinds = [*map(kind_of, text), kind]
    if (DIGIT in kinds and "NUM" not in parts) or (DASH in kinds and "DASH" not in parts):
        return False
    letters = [kind for kind in kinds if kind in (UPPER, LOWER)]
    match parts[0]:
        case "LC":
            return UPPER not in letters
        case "INITC":
            return not letters or (letters[0] == UPPER and UPPER not in letters[1:])
        case "ALLC":
            return LOWER not in letters
        case "MIXC":
            return True
    return not letters
