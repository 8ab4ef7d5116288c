"""The words of a training text, read document by document: all are counted, and an excerpt of much text is kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import numpy as np

from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting_places
from toolkit.text.words import LEFT, RIGHT, Indices, Words
from toolkit.tokenizers.counting import InParts, Ints, Mask, Part, Parts, Types, with_room

IsRare = Callable[[Ints, Ints], Mask]  # (occurrences, parts with it), by type -> whether it is rare
EXCERPT_CHARACTERS = 5_000_000  # a speller of their words takes half a gigabyte while it is chosen


class WordCounts(InParts):
    """The types of words, numbered in order of appearance, with their counts and usual marks.

    ``is_rare`` must not call a type rare and the same type, with less of it, not rare.
    """

    def __init__(self, is_rare: IsRare) -> None:
        super().__init__()
        self.is_rare = is_rare
        self._numbers: dict[str, int] = {}
        self._balance = np.zeros((2, 0), np.int64)  # by side and type: marks where they are due, less missing ones
        self._part = -1
        self._in_pieces: dict[int, tuple[Types, Ints]] = {}  # of each part in several, its types and their counts

    def types(self, words: Words) -> Types:
        """Return the types (n,) of a document's words."""
        numbers = self._numbers
        types = np.array([numbers.setdefault(form, len(numbers)) for form in words.forms], np.int32)
        return types.take(words.at["form"])

    def add_document(self, words: Words, parts: Iterable[Part]) -> None:
        """Count a document in these parts."""
        types = self.types(words)
        for part, places in parts:
            self.add_ids(*np.unique(types[places], return_counts=True), part)
            if part == self._part:
                in_part = np.flatnonzero(self._last == part + 1)
                self._in_pieces[part] = in_part.astype(np.int32), self._in_last[in_part]
            self._part = part
        self._balance = with_room(self._balance, len(self._numbers))
        for row, side in enumerate((LEFT, RIGHT)):
            due = (words.at["due"] & side) > 0
            np.add.at(self._balance[row], types[due], np.where(words.at["marks"][due] & side, 1, -1))

    def rare(self) -> Mask:
        """Return by type whether it is rare."""
        return self.is_rare(self.counts, self.parts_with)

    def may_be_rare(self) -> Mask:
        """Return by type whether it is rare or would be if some part with it were left out."""
        return self.is_rare(self.counts - self.most, self.parts_with - 1)

    def without(self, piece: Types, part: int) -> Mask:
        """Return for each word (n,) of a part, or of a piece, whether its type would be rare or unseen without it."""
        types, places, counts = np.unique(piece, return_inverse=True, return_counts=True)
        if part in self._in_pieces:
            part_types, part_counts = self._in_pieces[part]
            counts = part_counts[np.searchsorted(part_types, types)]
        return self.is_rare(self.counts[types] - counts, self.parts_with[types] - 1)[places]

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
