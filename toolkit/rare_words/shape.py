"""A placeholder per shape (capitals, digits, dashes, suffix), which depends only on the spelling."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import chain
from math import log, prod
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.base import OTHER, RareWords
from toolkit.spelling.fitting import SpellerData, fitted_on_valid
from toolkit.spelling.speller import WordSpeller
from toolkit.text.combining import without_marks
from toolkit.text.words import JOINER, Word

SUFFIXES = ("ed", "ing", "ion", "er", "est", "ly", "ity", "y", "al")  # of English
MIN_WORD_CHARACTERS = 5  # of a word with a suffix
MAX_ENDINGS = 10
MAX_ENDING_LETTERS = 3
MIN_ENDING_WORDS = 5  # words with an ending
UPPER, LOWER, DIGIT, DASH, SIGN = KINDS = range(5)  # of characters

# Capitals of the letters so far: "" no letters; ONE one capital; LC no capital; INITC only the first letter; ALLC two
# or more capitals; MIXC others. Each with its successor after a further letter, and the capitals that it can become.
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

    Digit, dash and suffix are those of ``getSignature`` at the Berkeley parser's unknown-word level 5 (Petrov, Barrett,
    Thibaux & Klein 2006). The parser's capitals depend on the place in the sentence and on other words; here they
    depend only on the spelling: LC none, INITC only the first letter, ALLC all of several, MIXC others. The speller
    spells only surfaces of the class. The list of classes is that of the rare words in training. The suffixes of
    another language than English are the endings that are frequent in the training text.
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
    """Capitals, digits and dashes of a text, its suffix aside."""

    capitals: str = ""
    digit: bool = False
    dash: bool = False

    def after(self, kind: int) -> "Form":
        """Return the form with one more character of a kind."""
        capitals = self.capitals
        if kind in (UPPER, LOWER):
            capitals = (AFTER_UPPER if kind == UPPER else AFTER_LOWER)[capitals]
        return Form(capitals, self.digit or kind == DIGIT, self.dash or kind == DASH)

    def can_become(self, word_class: str) -> bool:
        """Return whether a word of the class can begin like this: nothing can be undone, a suffix can always follow."""
        parts = word_class.split("-")
        capitals = parts[0] if parts[0] in CAN_BECOME else ""
        excluded = (self.digit and "NUM" not in parts) or (self.dash and "DASH" not in parts)
        return not excluded and capitals in CAN_BECOME[self.capitals]

    def shape(self, text: str, endings: Sequence[str] | None) -> str:
        """Return the shape of a text of this form."""
        capitals = "INITC" if self.capitals == "ONE" else self.capitals
        parts = [capitals, "NUM" if self.digit else "", "DASH" if self.dash else "", self._suffix(text, endings)]
        return "-".join(filter(None, parts)) or "NONE"

    def _suffix(self, text: str, endings: Sequence[str] | None) -> str:
        is_long = len(text) >= MIN_WORD_CHARACTERS
        if endings is not None:
            allowed = is_long and not (self.dash or self.digit)
            return next(filter(text.lower().endswith, endings), "") if allowed else ""
        ending = text[-3:].lower()
        if ending.endswith("s") and len(text) >= 3:
            return "s" if ending[-2] not in "siu" else ""
        if not is_long or self.dash or (self.digit and self.capitals not in ("", "LC")):
            return ""
        return next(filter(ending.endswith, SUFFIXES), "")


def form(text: str) -> Form:
    """Return the form of a text."""
    return reduce(lambda so_far, character: so_far.after(kind_of(character)), text, Form())


def shape(text: str, endings: Sequence[str] | None = None) -> str:
    """Return capitals, digit, dash and suffix of a word. ``endings`` begin with the longest; None are English ones.

    >>> [shape(word) for word in ("wandering", "Dunwich", "NASA", "McLeod", "1890s", "tide-mark", "…")]
    ['LC-ing', 'INITC', 'ALLC', 'MIXC', 'LC-NUM-s', 'LC-DASH', 'NONE']
    """
    return form(text).shape(text, endings)


@lru_cache(1 << 12)
def kind_of(character: str) -> int:
    """Return the kind of a character: capital, other letter, digit, hyphen, or another sign."""
    if character.isalpha():
        return UPPER if character.isupper() or character.istitle() else LOWER
    return DIGIT if character.isdigit() else DASH if character == "-" else SIGN


@lru_cache(8)
def kinds_of(characters: tuple[str, ...]) -> npt.NDArray[np.int_]:
    """Return the kinds of an alphabet's characters."""
    return np.array(list(map(kind_of, characters)))


class WithinShape:
    """A ``Restriction`` to the surfaces of a shape: a surface is ruled out at the point where it leaves the shape.

    One mark may begin a surface, and one may end it once the text between has the shape.
    """

    def __init__(self, endings: Sequence[str] | None = None) -> None:
        self.endings = endings
        self._last = ("", Form())  # the last text and its form: the next text is usually one character longer

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Return which of the end and the characters (1 + len(characters),) may follow a prefix.

        All may follow for ``OTHER``, and after a prefix that no word of the shape has, as a sample may draw it.
        """
        text = prefix.strip(JOINER)
        so_far = self._form(text)
        if word_class == OTHER or not so_far.can_become(word_class):
            return np.ones(1 + len(characters), bool)
        whole = bool(text) and so_far.shape(text, self.endings) == word_class
        may_follow = np.zeros(1 + len(characters), bool)
        may_follow[0] = whole
        if text and prefix.endswith(JOINER):  # after the mark at the end, only the end is left
            return may_follow
        kinds = np.array([so_far.after(kind).can_become(word_class) for kind in KINDS])
        may_follow[1:] = kinds[kinds_of(tuple(characters))]
        may_follow[1 + characters.index(JOINER)] = whole or not prefix
        return may_follow

    def _form(self, text: str) -> Form:
        before, before_form = self._last
        longer = text and text[:-1] == before
        self._last = text, before_form.after(kind_of(text[-1])) if longer else form(text)
        return self._last[1]


def frequent_endings(words: Iterable[str]) -> tuple[str, ...]:
    """Return the endings that words have beyond what their letters' frequencies explain, the longest first.

    They are chosen one after another, each among the words without an ending so far: n words with an ending whose
    letters would give e of them by chance weigh n · log(n / e).

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
