"""The words of a training text, read document by document: all are counted, and an excerpt of much text is kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.text.casing import CASES, fold
from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting
from toolkit.text.words import LEFT, RIGHT, Indices, Word, Words
from toolkit.tokenizers.counting import IsRare, Part, Parts, Rarity, Types, with_room

EXCERPT_CHARACTERS = 5_000_000  # a speller of their words takes half a gigabyte while it is chosen
NO_CASES = ("",)  # where case is not folded
CASE_NAMES = tuple(sorted(CASES))  # the first of several that are equally frequent is the usual one


def learnt_from(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the excerpt that classes of rare words, their speller and fillings are learnt on."""
    return fitting(documents, EXCERPT_CHARACTERS)


class WordCounts:
    """The types of words with their counts, cases and marks.

    A type is the text of a word, or its folded text if case ``folds``. Types are numbered in order of appearance.
    """

    def __init__(self, is_rare: IsRare, *, folds: bool) -> None:
        self.rarity = Rarity(is_rare)
        self.folds = folds
        self.cases = CASE_NAMES if folds else NO_CASES
        self._numbers: dict[str, int] = {}  # by type
        self._codes: dict[str, int] = {}  # by form, the type's number and the case's in one, if case folds
        self._in_case = np.zeros((0, len(self.cases)), np.int64)  # by type
        self._balance = np.zeros((0, 2), np.int64)  # by type and side: marks where they are due, less missing ones

    @property
    def names(self) -> list[str]:
        """The types' names, by number."""
        return list(self._numbers)

    def types(self, words: Words) -> Types:
        """Return the types (n,) of a document's words."""
        return self._types_and_cases(words)[0]

    def _types_and_cases(self, words: Words) -> tuple[Types, Types]:
        codes = np.array(list(map(self._code, words.forms)), np.int32)[words.at["form"]]
        return np.divmod(codes, np.int32(len(self.cases)))

    def _code(self, form: str) -> int:
        if not self.folds:
            return self._numbers.setdefault(form, len(self._numbers))
        if form not in self._codes:
            type_, case = fold(form)
            number = self._numbers.setdefault(type_, len(self._numbers))
            self._codes[form] = number * len(self.cases) + self.cases.index(case)
        return self._codes[form]

    def add(self, words: Words, parts: Iterable[Part]) -> None:
        """Count a document in these parts."""
        types, cases = self._types_and_cases(words)
        for number, places in parts:
            self.rarity.add_words(types[places], number)
        self._in_case, self._balance = (
            with_room(table, len(self._numbers)) for table in (self._in_case, self._balance)
        )
        np.add.at(self._in_case, (types, cases), 1)
        for column, side in enumerate((LEFT, RIGHT)):
            due = (words.at["due"] & side) > 0
            is_marked = (words.at["marks"][due] & side) > 0
            np.add.at(self._balance[:, column], types[due], np.where(is_marked, 1, -1))

    def frequent(self) -> list[int]:
        """Return the types that are not rare, by frequency; equally frequent ones in the order of their names."""
        types, names = np.flatnonzero(~self.rarity.rare()).tolist(), self.names
        return sorted(types, key=lambda type_: (-self.rarity.counts[type_], names[type_]))

    def usual_marks(self) -> npt.NDArray[np.uint8]:
        """Return by type the sides on which it has marks in more than half of the occurrences where they are due."""
        return ((self._balance > 0) @ np.array([LEFT, RIGHT], np.uint8)).astype(np.uint8)

    def usual_cases(self) -> list[str]:
        """Return by type its most frequent case."""
        return [self.cases[case] for case in self._in_case.argmax(1).tolist()]


class TrainingText:
    """The documents as words: ``counts`` has all of them, ``kept`` the words of the excerpt by document number.

    A document that is not kept is cut into words again whenever it is read.
    """

    def __init__(self, documents: Sequence[Document], cut: Callable[[Document], Words], counts: WordCounts) -> None:
        self.documents, self.cut, self.counts = documents, cut, counts
        self.parts = Parts(documents)
        self.alphabets: list[str] = []  # by whole document, its characters
        self.kept: dict[int, Words] = {}
        excerpt = set(map(id, learnt_from(documents)))
        for number, document in enumerate(documents):
            words = cut(document)
            counts.add(words, self.parts.of(number, len(words)))
            whole = self.parts.wholes[number]
            self.alphabets[whole:] = ["".join(sorted({*words.text}.union(*self.alphabets[whole:])))]
            if id(document) in excerpt:
                self.kept[number] = words

    def __iter__(self) -> Iterator[tuple[Words, list[Part]]]:
        """Yield the words of every document, with the numbers and words of its parts."""
        for number, document in enumerate(self.documents):
            words = self.kept.get(number) or self.cut(document)
            yield words, self.parts.of(number, len(words))


class Occurrences(Sequence[Word]):
    """Words at some places of some documents, in order; each is made when it is asked for."""

    def __init__(self, documents: Sequence[Words], places: Sequence[Indices]) -> None:
        self._documents = documents
        self._document = np.repeat(np.arange(len(documents)), list(map(len, places)))
        self._place = np.concatenate([np.zeros(0, np.int64), *places])

    def __len__(self) -> int:
        return len(self._place)

    def __getitem__(self, number: Any) -> Any:  # a word, or a list for a slice
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        return self._documents[self._document[number]].word(int(self._place[number]))
