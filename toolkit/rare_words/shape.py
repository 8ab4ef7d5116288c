"""A placeholder per shape (capitals, digits, dashes, suffix), which depends only on the spelling."""

from collections.abc import Mapping, Sequence
from functools import lru_cache, reduce
from itertools import chain
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import OTHER, RareWords
from toolkit.spelling.speller import SpellerData, WordSpeller, fitted_on_valid
from toolkit.text.endings import ending_of, frequent_endings
from toolkit.text.segmentation import JOINER, Word

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")  # of words of at least five characters
LONG = 5
UPPER, LOWER, DIGIT, DASH, REST = KINDS = range(5)  # of characters

# Capitals of the letters so far: none yet; one capital; LC no capital; INITC only the first letter; ALLC two or more
# and nothing else; MIXC any other. For each, what it becomes with another letter, and what it may still become.
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
    """The strategy ``shape``: a placeholder per shape: capitals, digits, hyphen and suffix.

    The class is a signature like the Berkeley parser's.
    Digit, dash and suffix are those of ``getSignature`` at the parser's unknown-word level 5 (Petrov, Barrett, Thibaux
    & Klein 2006). The parser's capitals depend on the place in the sentence and on other words; here they depend only
    on the spelling: LC none, INITC only the first letter, ALLC all of several, MIXC others. As the class says which
    surfaces belong to it, the speller spells only those. The list of classes is that of the rare words in training.
    The suffixes of another language than English are the endings that are frequent in the training text.
    """

    reads_context: ClassVar[bool] = False

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.endings: tuple[str, ...] | None = None  # None: the English suffixes

    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:
        """Learn the shapes of the rare words, and the language's frequent endings."""
        if self.language != "en":
            self.endings = frequent_endings({word.text for word in chain(rare, kept)})
        self.classes = tuple(sorted({shape(word.text, self.endings) for word in rare}))
        return self

    def class_of(self, word: Word) -> str:
        """The word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text, self.endings)

    def state(self) -> dict[str, Any]:
        """The classes, and the endings that were found."""
        return super().state() | ({} if self.endings is None else {"endings": list(self.endings)})

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Load what ``state`` gave."""
        self.endings = tuple(state["endings"]) if "endings" in state else None
        return super().restore(state)

    def fitted_speller(self, data: SpellerData) -> WordSpeller:
        """The speller within the class's shape."""
        return fitted_on_valid(data, WithinShape(self.endings))

    def restored_speller(self, state: Mapping[str, Any]) -> WordSpeller:
        """The same, restored from its state."""
        return WordSpeller.from_dict(state, WithinShape(self.endings))


class Form(NamedTuple):
    """What is known of a word apart from its suffix."""

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
        """Whether a word of the class can begin like this: nothing can be undone, and a suffix can always follow."""
        parts = word_class.split("-")
        capitals = parts[0] if parts[0] in CAN_BECOME else ""
        excluded = (self.digit and "NUM" not in parts) or (self.dash and "DASH" not in parts)
        return not excluded and capitals in CAN_BECOME[self.capitals]


def form(text: str) -> Form:
    """The form of a text."""
    return reduce(lambda so_far, character: so_far.after(kind_of(character)), text, Form())


def shape(text: str, endings: Sequence[str] | None = None) -> str:
    """Capitals, digit, dash and suffix of a word; the suffix is one of the endings, or English if there are None.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    return signature(form(text), text, endings)


def signature(known: Form, text: str, endings: Sequence[str] | None) -> str:
    """The shape of a text whose form is known."""
    capitals = "INITC" if known.capitals == "ONE" else known.capitals
    parts = [capitals, "NUM" if known.digit else "", "DASH" if known.dash else "", suffix(known, text, endings)]
    return "-".join(filter(None, parts)) or "NONE"


def suffix(known: Form, text: str, endings: Sequence[str] | None) -> str:
    """The ending named by the signature, or nothing: the longest of the given endings, or an English one."""
    if endings is not None:
        return "" if known.dash or known.digit else ending_of(text, endings)
    ending = text[-3:].lower()
    if ending.endswith("s") and len(text) >= 3:
        return "s" if ending[-2] not in "siu" else ""
    if len(text) < LONG or known.dash or (known.digit and known.capitals not in ("", "LC")):
        return ""
    return next((candidate for candidate in SUFFIXES if ending.endswith(candidate)), "")


@lru_cache(1 << 12)
def kind_of(character: str) -> int:
    """The kind of a character: capital, other letter, digit, hyphen, or none of these."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else REST


class WithinShape:
    """What surfaces a shape allows: every other surface is ruled out at the point where it leaves the shape.

    Marks are at the ends of a surface: one may begin it, one may end it once the text between has the shape.
    """

    def __init__(self, endings: Sequence[str] | None = None) -> None:
        self.endings = endings
        self._last = ("", Form())  # the last text and its form: the next text is usually one character longer

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the end and the characters (1 + len(characters),) may follow a prefix; all for ``OTHER``.

        All, too, after a prefix that no word of the shape has: no word of the class has one, but a sample may.
        """
        text = prefix.strip(JOINER)
        so_far = self._form(text)
        if word_class == OTHER or not so_far.can_become(word_class):
            return np.ones(1 + len(characters), bool)
        whole = bool(text) and signature(so_far, text, self.endings) == word_class
        may_follow = np.zeros(1 + len(characters), bool)
        may_follow[0] = whole
        if text and prefix.endswith(JOINER):  # the mark at the end: only the end is left
            return may_follow
        kinds = np.array([so_far.after(kind).can_become(word_class) for kind in KINDS])
        may_follow[1:] = kinds[kinds_of(tuple(characters))]
        may_follow[1 + characters.index(JOINER)] = whole or not prefix
        return may_follow

    def _form(self, text: str) -> Form:
        """The form of a text, in one step from the last text's if it continues that text."""
        before, known = self._last
        self._last = text, (known.after(kind_of(text[-1])) if text and text[:-1] == before else form(text))
        return self._last[1]


@lru_cache(8)
def kinds_of(characters: tuple[str, ...]) -> npt.NDArray[np.int_]:
    """The kinds of the characters."""
    return np.array([kind_of(character) for character in characters])
