"""The words of a training text, read document by document: all are counted, and an excerpt of much text is kept."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import overload

import numpy as np
import numpy.typing as npt

from toolkit.rare_words.rarity import Rarity
from toolkit.text.corpus import Document
from toolkit.text.excerpt import excerpt_note, fitting
from toolkit.text.segmentation import Indices, Segmenter, Segments, Word
from toolkit.tokenizers.in_parts import Part, Parts
from toolkit.tokenizers.word_counts import Read, WordCounts

LEARNT = 5_000_000  # characters of an excerpt: a speller of its words takes half a gigabyte while it is chosen


def learnt_from(documents: Sequence[Document]) -> tuple[Document, ...]:
    """The documents from which classes of rare words, their speller and what fills placeholders are learnt."""
    return fitting(documents, LEARNT)


def learnt_notes(documents: Sequence[Document]) -> tuple[str, ...]:
    """A sentence for the reader if those are not all."""
    what = "Classes of rare words, their speller and what fills placeholders are learnt"
    return excerpt_note(what, documents, learnt_from(documents))


class TrainingText:
    """The documents as words: ``counts`` has all of them, ``kept`` the documents of the excerpt with their words.

    A document that is not kept is cut into words again whenever it is read. Where documents are counted, the parts of
    one that was cut, being long, are one.
    """

    def __init__(self, documents: Sequence[Document], segmenter: Segmenter, counts: WordCounts) -> None:
        self.documents, self.segmenter, self.counts = documents, segmenter, counts
        self.parts = Parts(documents)
        self.alphabets: list[str] = []  # by whole document, the characters that it has
        chosen = set(map(id, learnt_from(documents)))
        self._kept: dict[int, Read] = {}  # by the document's place
        for place, document in enumerate(documents):
            read = self._read(document)
            counts.add(read, whole := self.parts.wholes[place])
            self.alphabets[whole:] = ["".join(sorted({*document.text}.union(*self.alphabets[whole:])))]
            if id(document) in chosen:
                self._kept[place] = read

    def _read(self, document: Document) -> Read:
        return self.counts.read(self.segmenter.cut(document))

    @property
    def kept(self) -> list[tuple[Document, Read]]:
        """The documents of the excerpt, and their words."""
        return [(self.documents[place], read) for place, read in self._kept.items()]

    @property
    def kept_without(self) -> list[tuple[Read, npt.NDArray[np.bool_]]]:
        """The words of the excerpt, and which would be rare or unseen if their whole document were left out."""
        rarity = self.counts.rarity
        return [(read, rarity.without(read.types, self.parts.wholes[place])) for place, read in self._kept.items()]

    def __iter__(self) -> Iterator[tuple[Read, list[Part]]]:
        """The words of every document, and which of them are of which part that is left out at once."""
        for place, document in enumerate(self.documents):
            read = self._kept.get(place) or self._read(document)
            yield read, self.parts.of(place, len(read.types))

    def rarity_by_part(self) -> Rarity:
        """How often each type occurs, and in how many of the parts that are left out at once."""
        if len(self.documents) > 1:
            return self.counts.rarity
        rarity = Rarity(self.counts.rarity.is_rare)
        for read, parts in self:
            for number, words in parts:
                rarity.add(read.types[words], number)
        return rarity


class Occurrences(Sequence[Word]):
    """Words at some places of some documents, in order; each is made of the document's columns when it is asked for."""

    def __init__(self, documents: Sequence[Segments], places: Sequence[Indices]) -> None:
        self._documents, self._places = documents, places
        self._ends = list(accumulate(map(len, places)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, number: int) -> Word: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Word]: ...
    def __getitem__(self, number: int | slice) -> Word | Sequence[Word]:
        if isinstance(number, slice):
            return [self[i] for i in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        document = bisect_right(self._ends, number)
        place = self._places[document][number - self._ends[document]]  # counted from the end
        return self._documents[document][int(place)].word

    def __iter__(self) -> Iterator[Word]:
        for document, places in zip(self._documents, self._places, strict=True):
            for place in places.tolist():
                yield document[place].word
