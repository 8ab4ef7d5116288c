"""A placeholder per shape (capitals, digits, dashes, suffix), which depends only on the spelling."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from math import log, prod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import OTHER, RareWords
from toolkit.spelling.speller import SpellerData, WordSpeller, fitted_on_valid
from toolkit.text.code_points import without_marks
from toolkit.text.words import JOINER, Word

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")  # of English
MIN_WORD_CHARACTERS = 5  # of a word with a suffix
MAX_ENDINGS = 10
MAX_ENDING_LETTERS = 3
MIN_ENDING_WORDS = 5  # words with an ending
KINDS = UPPER, LOWER, DIGIT, DASH, SIGN = "Uld-."  # of characters: capitals, other letters, digits, hyphens, signs


class Shape(RareWords):
    """The strategy ``shape``: a placeholder per shape: capitals, digits, hyphen and suffix.

    Digit, dash and suffix follow ``getSignature`` at the Berkeley parser's unknown-word level 5 (Petrov, Barrett,
    Thibaux & Klein 2006). The parser's capitals depend on the sentence, but here only on the spelling: LC none, INITC
    only the first letter, ALLC all of several, MIXC any other mixture. The speller spells only surfaces of the class.
    The classes are the shapes of the rare words in training. The suffixes of another language than English are the
    endings that are frequent in the training text.
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
        """Return the word's shape, such as ``LC-ing`` or ``INITC-DASH``."""
        return shape(word.text, self.endings)

    def state(self) -> dict[str, Any]:
        """Return the classes and the frequent endings."""
        return super().state() | ({} if self.endings is None else {"endings": list(self.endings)})

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Load what ``state`` gave."""
        self.endings = tuple(state["endings"]) if "endings" in state else None
        return super().restore(state)

    def fitted_speller(self, data: SpellerData) -> WordSpeller:
        """Return the speller within the class's shape."""
        return fitted_on_valid(data, WithinShape(self.endings))

    def restored_speller(self, state: Mapping[str, Any]) -> WordSpeller:
        """Return the same speller, restored from its state."""
        return WordSpeller.from_dict(state, WithinShape(self.endings))


class Form(NamedTuple):
    """The kinds of a text's letters, and whether it has digits and dashes."""

    letters: str
    digit: bool
    dash: bool

    @classmethod
    def of(cls, text: str) -> "Form":
        """Return the form of a text."""
        kinds = text.translate(KIND_OF)
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


class KindOf(dict[int, str]):
    """The kinds of characters, by code point."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character.isalpha():
            kind = UPPER if character.isupper() or character.istitle() else LOWER
        else:
            kind = DIGIT if character.isdigit() else DASH if character == "-" else SIGN
        self[code] = kind
        return kind


KIND_OF = KindOf()


def shape(text: str, endings: Sequence[str] | None = None) -> str:
    """Return capitals, digit, dash and suffix of a word. ``endings`` begin with the longest; None are English ones.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    form = Form.of(text)
    parts = [form.capitals, "NUM" * form.digit, "DASH" * form.dash, suffix(text, form, endings)]
    return "-".join(filter(None, parts)) or "NONE"


def suffix(text: str, form: Form, endings: Sequence[str] | None) -> str:
    """Return the ending that the shape of a text names, or nothing."""
    is_long, ending = len(text) >= MIN_WORD_CHARACTERS, text[-3:].lower()
    if endings is not None:
        allowed = is_long and not (form.dash or form.digit)
        return next(filter(text.lower().endswith, endings), "") if allowed else ""
    if ending.endswith("s") and len(text) >= 3:
        return "s" if ending[-2] not in "siu" else ""
    if not is_long or form.dash or (form.digit and form.capitals not in ("", "LC")):
        return ""
    return next(filter(ending.endswith, SUFFIXES), "")


class WithinShape:
    """A ``Restriction`` to the surfaces of a shape: a surface is ruled out at the point where it leaves the shape.

    One mark may begin a surface, and one may end it once the text between has the shape.
    """

    def __init__(self, endings: Sequence[str] | None = None) -> None:
        self.endings = endings

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return which of the end and the characters (1 + len(characters),) may follow a prefix.

        All may follow for ``OTHER``, and after a prefix that no word of the shape has, as a sample may draw it.
        """
        text = prefix.strip(JOINER)
        form = Form.of(text)
        if word_class == OTHER or not form.can_become(word_class):
            return np.ones(1 + len(characters), bool)
        whole = text != "" and shape(text, self.endings) == word_class
        may_follow = np.zeros(1 + len(characters), bool)
        may_follow[0] = whole
        if text and prefix.endswith(JOINER):  # after the mark at the end, only the end is left
            return may_follow
        follows = {kind: form.after(kind).can_become(word_class) for kind in KINDS}
        may_follow[1:] = [follows[KIND_OF[ord(character)]] for character in characters]
        may_follow[1 + characters.index(JOINER)] = whole or not prefix
        return may_follow


def frequent_endings(words: Iterable[str]) -> tuple[str, ...]:
    """Return the endings that words have beyond what their letters' frequencies explain, the longest first.

    They are chosen one after another, each among the words without an ending so far. n words with an ending weigh
    n · log(n / e), if their letters would give e of them by chance.

    >>> stems = ["jump", "walk", "paint", "climb", "stamp", "count"]
    >>> frequent_endings([stem + ending for stem in stems for ending in ("ing", "ed")])
    ('ing', 'ed')
    """
    long_words = (word.lower() for word in words if len(word) >= MIN_WORD_CHARACTERS)
    remaining = types = sorted({word for word in long_words if without_marks(word).isalpha()})
    letters = Counter(letter for word in types for letter in word)
    shares = {letter: n / letters.total() for letter, n in letters.items()}
    endings: list[str] = []
    while remaining and len(endings) < MAX_ENDINGS:
        counts = Counter(word[-length:] for word in remaining for length in range(1, MAX_ENDING_LETTERS + 1))
        weights = {
            ending: n * log(n / (len(types) * prod((shares[letter] for letter in ending), start=1.0)))
            for ending, n in counts.items()
        }
        best = max(weights, key=lambda ending: (weights[ending], ending))
        if counts[best] < MIN_ENDING_WORDS or weights[best] <= 0:
            break
        endings.append(best)
        remaining = [word for word in remaining if not word.endswith(best)]
    return tuple(sorted(endings, key=lambda ending: (-len(ending), ending)))
