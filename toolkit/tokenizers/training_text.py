"""The words of a training text, read document by document: all are counted, and an excerpt of much text is kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting_places
from toolkit.text.words import LEFT, RIGHT, Indices, Words
from toolkit.tokenizers.counting import IsRare, Part, Parts, Rarity, Types, with_room

EXCERPT_CHARACTERS = 5_000_000  # a speller of their words takes half a gigabyte while it is chosen


class WordCounts(Rarity):
    """The types of words, numbered in order of appearance, with their counts and usual marks."""

    def __init__(self, is_rare: IsRare) -> None:
        super().__init__(is_rare)
        self._numbers: dict[str, int] = {}
        self._balance = np.zeros((2, 0), np.int64)  # by side and type: marks where they are due, less missing ones

    def types(self, words: Words) -> Types:
        """Return the types (n,) of a document's words."""
        numbers = self._numbers
        types = np.array([numbers.setdefault(form, len(numbers)) for form in words.forms], np.int32)
        return types.take(words.at["form"])

    def add_document(self, words: Words, parts: Iterable[Part]) -> None:
        """Count a document in these parts."""
        types = self.types(words)
        for number, places in parts:
            self.add_words(types[places], number)
        self._balance = with_room(self._balance, len(self._numbers))
        for row, side in enumerate((LEFT, RIGHT)):
            due = (words.at["due"] & side) > 0
            np.add.at(self._balance[row], types[due], np.where(words.at["marks"][due] & side, 1, -1))

    def usual_marks(self) -> dict[str, int]:
        """Return the words that are not rare, by frequency and name, with their marks in most places where due."""
        marks = (np.array([LEFT, RIGHT]) @ (self._balance > 0)).tolist()
        names, types = list(self._numbers), np.flatnonzero(~self.rare()).tolist()
        types.sort(key=lambda type_: (-self.counts[type_], names[type_]))
        return {names[type_]: marks[type_] for type_ in types}


class TrainingText:
    """The documents as words: ``counts`` has all of them, ``kept`` the words of the excerpt by document number.

    A document that is not kept is cut into words again whenever it is read.
    """

    def __init__(self, documents: Sequence[Document], cut: Callable[[Document], Words], is_rare: IsRare) -> None:
        self.documents, self.cut, self.counts = documents, cut, WordCounts(is_rare)
        self.parts = Parts(documents)
        self.alphabets: list[str] = []  # by whole document, its characters
        self.kept: dict[int, Words] = {}
        excerpt = fitting_places(documents, EXCERPT_CHARACTERS)
        for number, document in enumerate(documents):
            words = cut(document)
            self.counts.add_document(words, self.parts.of(number, len(words)))
            whole = self.parts.wholes[number]
            self.alphabets[whole:] = ["".join(sorted({*words.text}.union(*self.alphabets[whole:])))]
            if number in excerpt:
                self.kept[number] = words

    def __iter__(self) -> Iterator[tuple[Words, list[Part]]]:
        """Yield the words of every document, with the numbers and words of its parts."""
        for number, document in enumerate(self.documents):
            words = self.kept.get(number) or self.cut(document)
            yield words, self.parts.of(number, len(words))

    def rare_without(self, number: int) -> Indices:
        """Return the places of a kept document's words that would be rare if its whole document were left out."""
        types = self.counts.types(self.kept[number])
        return np.flatnonzero(self.counts.without(types, self.parts.wholes[number]))
