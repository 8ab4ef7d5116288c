"""The speller: P(surface | class), the model that spells rare and unseen words.

A surface is the text of a token with its marks (``JOINER``). It is spelled symbol by symbol until ``END``; a character
that is not in the training text is an ``ESCAPE``, followed by a uniform event over the unseen characters. Here is what
is learnt in training; how a document's words are spelled with it is in word_spelling.py.

On the validation documents of the bundled tales, bits per spelled word of 6.6 characters: Witten–Bell over types 26.5,
this n-gram 23.1, with the lexicon 22.7, with the class's cache 18.5.
"""

import copy
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats, surprise_share, with_floor
from toolkit.spelling.ngram import ESCAPE, NGram
from toolkit.spelling.uniform import UnseenCharacters
from toolkit.spelling.word_spelling import END, LONGEST_REMEMBERED, UNSEEN, Memory, WordSpelling
from toolkit.text.words import JOINER

MAX_COUNT = 2**53  # a float holds every whole number up to here
MEMO_PATHS = 1 << 15  # surfaces whose n-gram is kept: validation's are spelled once for each choice

CHOICES: Mapping[str, Sequence[float | None]] = {  # tried in turn; None means without that cache
    "lexicon_share": (0.0, 0.05, 0.15),
    "concentration": (None, 10.0, 30.0, 100.0, 300.0),
    "shared_concentration": (None, 3.0, 10.0, 30.0, 100.0),
}

Spelled = tuple[str, str]  # a class and a surface


class Restriction(Protocol):
    """What surfaces a class allows, if the class is a function of the spelling."""

    def allowed(self, word_class: str, prefix: str, characters: Sequence[str]) -> npt.NDArray[np.bool_]:
        """Which of the end and the characters (1 + len(characters),) may follow a prefix."""
        ...


class WordSpeller:
    """P(surface | class), fitted on training documents; ``start`` begins a document.

    ``order`` is the n-gram's, ``lexicon_share`` λ, ``concentration`` θ and ``shared_concentration`` η; θ None means no
    cache of the document, η None no cache shared by all classes.
    A class that is not in training is spelled by what all classes have in common. With a ``restriction`` the n-gram
    spells only what the class allows, apart from the floor.
    """

    def __init__(
        self,
        order: int = 6,
        lexicon_share: float = 0.15,
        concentration: float | None = 100.0,
        shared_concentration: float | None = None,
        restriction: Restriction | None = None,
    ) -> None:
        self.order = order
        self.lexicon_share = lexicon_share
        self.concentration = concentration
        self.shared_concentration = shared_concentration
        self.restriction = restriction

    def fit(
        self,
        types: Iterable[Spelled],
        spelled: Sequence[Iterable[Spelled]],
        characters: Sequence[Iterable[str]],
        left_out: Sequence[Iterable[Spelled]] | None = None,
    ) -> Self:
        """Learn from training documents only.

        ``types``: all words of the training text, rare or not, with the class that each would have; a type counts once.
        ``spelled``: by document, the words that were spelled. ``characters``: by document, those of its text.
        ``left_out``: by document, the words that would be spelled had it been left out; by default those spelled.
        If training spells nothing, the escape's share is that among the types, since unseen words are spelled then.
        Raises ValueError if a word has a character that no document has.
        """
        types = set(types)
        documents = [list(document) for document in spelled]
        lexicon = Counter(word for document in documents for word in document)
        would = documents if left_out is None else [list(document) for document in left_out]
        escapes = escape_counts(would if any(would) else [types], characters)
        return self._learn(types, lexicon, set().union(*characters), escapes)

    def _learn(
        self, types: set[Spelled], lexicon: Mapping[Spelled, int], characters: set[str], escapes: tuple[int, int]
    ) -> Self:
        """Build the tables from what ``to_dict`` saves."""
        self.types, self.lexicon, self.escapes = types, lexicon, escapes
        self.characters = (JOINER, *sorted(characters - {JOINER}))  # symbols 2, 3, …
        self.symbols = 2 + len(self.characters)
        self.unseen = UnseenCharacters(self.characters)
        self._index = {character: symbol for symbol, character in enumerate(self.characters, 2)}
        self.ngram = NGram(self.order, self.symbols, surprise_share(*escapes)).fit(self._known(sorted(types)))
        self.ngram_path = lru_cache(MEMO_PATHS)(self._new_path)
        self._lexicon = Memory()
        for word_class, surface, symbols in self._known(sorted(lexicon)):
            if len(surface) > LONGEST_REMEMBERED:
                continue
            self._lexicon.add(word_class, surface, symbols, lexicon[word_class, surface])
        return self

    def _known(self, words: Iterable[Spelled]) -> Iterator[tuple[str, str, list[int]]]:
        """The words with their symbols. Raises ValueError if one has a character that no document has."""
        for word_class, surface in words:
            symbols = self.spell(surface)
            if ESCAPE in symbols:
                raise ValueError(
                    f"The training word {surface!r} has {surface[symbols.index(ESCAPE)]!r}, which is not among the "
                    f"characters of the training documents; give fit the characters of their whole text."
                )
            yield word_class, surface, symbols

    def spell(self, surface: str) -> list[int]:
        """The surface's symbols, ending with ``END``; one ``ESCAPE`` for each unseen character."""
        return [*(self._index.get(character, ESCAPE) for character in surface), END]

    def ngram_distribution(self, word_class: str, prefix: str) -> Floats:
        """The n-gram's P(symbol | class, prefix) (symbols,), within the restriction. Read-only."""
        probabilities = self.ngram.distribution(word_class, self.plain(prefix[-self.order :]))
        if self.restriction is None:
            return probabilities
        end, *characters = self.restriction.allowed(word_class, prefix, self.characters)
        restricted = np.where([end, True, *characters], probabilities, 0.0)
        return with_floor(restricted / math.fsum(restricted.tolist()))  # the same in any order of summation

    def _new_path(self, word_class: str, surface: str) -> tuple[float, ...]:
        """The n-gram's P(symbol | class, prefix) of each symbol that spells a surface, its end included."""
        return tuple(
            float(self.ngram_distribution(word_class, surface[:place])[symbol])
            for place, symbol in enumerate(self.spell(surface))
        )

    def plain(self, text: str) -> str:
        """The text with ``UNSEEN`` in place of each unseen character."""
        return "".join(character if character in self._index else UNSEEN for character in text)

    def outcomes(self, surface: str) -> Iterator[int]:
        """The outcomes of all events that spell a surface: its symbols, and which character follows an ``ESCAPE``."""
        for character in surface:
            symbol = self._index.get(character, ESCAPE)
            yield symbol
            if symbol == ESCAPE:
                yield self.unseen.number(character)
        yield END

    def start(self) -> WordSpelling:
        """The state of a document before anything is spelled."""
        return WordSpelling(self, self._lexicon)

    def tuned(self, **weights: float | None) -> "WordSpeller":
        """The same fitted speller with other weights for lexicon and caches."""
        other = copy.copy(self)
        vars(other).update(weights)
        return other

    def to_dict(self) -> dict[str, Any]:
        """The fitted speller as plain values. Joiners are lone surrogates, which JSON can write only in ASCII."""
        return {
            "order": self.order,
            "lexicon_share": self.lexicon_share,
            "concentration": self.concentration,
            "shared_concentration": self.shared_concentration,
            "characters": "".join(self.characters),
            "escapes": list(self.escapes),
            "types": [list(word) for word in sorted(self.types)],
            "lexicon": [[*word, self.lexicon[word]] for word in sorted(self.lexicon)],
        }

    @classmethod
    def from_dict(cls, saved: Mapping[str, Any], restriction: Restriction | None = None) -> Self:
        """The speller from ``to_dict`` with the same restriction; its distributions are identical, bit for bit.

        Raises ValueError if a value is none that ``to_dict`` gives.
        """
        refuse_damaged(saved)
        settings = {name: saved[name] for name in ("order", *CHOICES)}
        speller = cls(**settings, restriction=restriction)
        types = {(word_class, surface) for word_class, surface in saved["types"]}
        lexicon = {(word_class, surface): count for word_class, surface, count in saved["lexicon"]}
        escapes, events = saved["escapes"]
        return speller._learn(types, lexicon, set(saved["characters"]), (escapes, events))


def within(name: str, value: Any, least: float, most: float, kind: type = float) -> Any:
    """The value. Raises ValueError unless it is a number of this kind from ``least`` to ``most``."""
    if type(value) not in (int, kind) or not least <= value <= most:
        raise ValueError(f"{name} is {value!r}, not a number from {least:g} to {most:g}")
    return value


def refuse_damaged(saved: Mapping[str, Any]) -> None:
    """Raises ValueError if numbers of a saved speller are not numbers, or are out of their range."""
    within("order", saved["order"], 1, LONGEST_REMEMBERED, int)
    within("lexicon_share", saved["lexicon_share"], 0, 0.999)
    for name in ("concentration", "shared_concentration"):
        if saved[name] is not None:
            within(name, saved[name], 1e-6, 1e6)
    escapes, events = saved["escapes"]
    within("escapes", escapes, 0, within("spelled symbols", events, 0, MAX_COUNT, int), int)
    for *_, count in saved["lexicon"]:
        within("a count of the lexicon", count, 1, MAX_COUNT, int)


def escape_counts(spelled: Sequence[Iterable[Spelled]], characters: Sequence[Iterable[str]]) -> tuple[int, int]:
    """c and n of the escape's share: of n spelled symbols, c have a character that no other training document has.

    Had their document been left out, these would have been escapes. A single document cannot be left out: its words
    are left out instead, and c counts the symbols whose character no other spelled word has.

    >>> escape_counts([[("X", "aß")], [("X", "a")]], ["aß", "a"])
    (1, 5)
    """
    documents = [list(document) for document in spelled]
    groups = characters if len(characters) > 1 else [surface for document in documents for _, surface in document]
    groups_with = Counter(character for group in groups for character in set(group) - {JOINER})
    surfaces = [surface for document in documents for _, surface in document]
    escapes = sum(groups_with[character] == 1 for surface in surfaces for character in surface)
    return escapes, sum(len(surface) + 1 for surface in surfaces)
