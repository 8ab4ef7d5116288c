"""Folds: every document is held out once, each time by models that have learnt from others."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, NamedTuple, Self

import numpy as np

from toolkit.errors import InputError
from toolkit.results.text import plural
from toolkit.text.corpus import Corpus, Document, Split, characters, described
from toolkit.text.gathering import fits
from toolkit.text.splits import check_size, nearest_shuffle, part_sizes, shares, shuffles, split

FEWEST, MOST = 5, 100  # with fewer, what differs between training texts cannot be told from chance
USUAL = 5  # of so many folds the first is the split that there is without folds
SALT = 0xF0

Parts = tuple[tuple[int, ...], ...]  # positions of documents, by part


class Fold(NamedTuple):
    """One of several folds, counted from 1."""

    number: int
    of: int

    @classmethod
    def read(cls, values: Sequence[Any]) -> Self:
        """The fold with this number and of so many. Raises ValueError if there is none.

        >>> Fold.read([2, 5])
        Fold(number=2, of=5)
        """
        if not isinstance(values, Sequence) or len(values) != 2 or any(type(value) is not int for value in values):
            raise ValueError(f"{values!r} is no fold")
        number, of = values
        if not 1 <= number <= of:
            raise ValueError(f"there is no fold {number} of {of}")
        return cls(number, of)

    @property
    def is_first_of_several(self) -> bool:
        """Whether others follow it."""
        return self.number == 1 and self.of > 1

    @property
    def is_usual(self) -> bool:
        """Whether it is the split that there is without folds."""
        return self.number == 1 and self.of in (1, USUAL)

    def __str__(self) -> str:
        """As a reader says it.

        >>> str(Fold(2, 5))
        '2 of 5'
        """
        return f"{self.number} of {self.of}"


ONE = Fold(1, 1)  # no folds


def fold_split(corpus: Corpus, seed: int, fold: Fold) -> Split:
    """A fold's training, validation and test documents. Raises InputError if the corpus cannot be split so."""
    if fold.of == 1:
        return split(corpus, seed)
    refuse_folds(corpus, fold.of)
    if fold.is_usual:
        return split(corpus, seed)
    groups = first_parts(corpus, seed, fold.of) if fold.number == 1 else later_parts(corpus, seed, fold)
    whole = described(*(tuple(corpus.documents[i] for i in group) for group in groups))
    return replace(whole, notes=(*corpus.notes, *whole.notes))


def refuse_folds(corpus: Corpus, folds: int) -> None:
    """Raises InputError if the folds are too few, or documents of the corpus cannot be held out in turn."""
    if folds < FEWEST:
        raise InputError(
            f"--folds {folds} are too few to tell how much depends on the training text; give at least {FEWEST}."
        )
    if corpus.given is not None:
        raise InputError(
            f"--folds {folds} holds out every document in turn, and {corpus.name} says itself which are held out; put "
            f"its documents into one folder, or leave out --folds."
        )
    if not fits(corpus.characters):
        raise InputError(
            f"--folds {folds} would score all {corpus.characters:,} characters of {corpus.name}, which does not fit in "
            f"memory; leave out --folds, or give fewer documents."
        )
    if (there := len(corpus.documents)) < 2 * folds:
        least = f"it has {plural(there, 'document')}"
        most = f"at most --folds {there // 2}" if there >= 2 * FEWEST else "more documents, as files of a folder"
        raise InputError(f"--folds {folds} needs at least {2 * folds} documents, and {least}; give {most}.")
    check_size(corpus)


def first_parts(corpus: Corpus, seed: int, folds: int) -> Parts:
    """Positions of the first fold's training, validation and test documents: chosen as without folds."""
    lengths = tuple(document.characters for document in corpus.documents)
    return nearest_shuffle(lengths, part_sizes(len(lengths), 1 / folds), (seed, SALT, folds), shares(1 / folds))


def later_parts(corpus: Corpus, seed: int, fold: Fold) -> Parts:
    """Positions of the training, validation and test documents of a fold after the first."""
    held_out = held_out_parts(corpus, seed, fold.of)[fold.number - 1]
    others = without(range(len(corpus.documents)), held_out)
    valid = for_validation(corpus.documents, others, (seed, SALT, *fold))
    return tuple(without(others, valid)), valid, held_out


def without(positions: Iterable[int], some: Iterable[int]) -> list[int]:
    """The positions that are not among some.

    >>> without(range(5), (1, 3))
    [0, 2, 4]
    """
    left_out = set(some)
    return [i for i in positions if i not in left_out]


def held_out_parts(corpus: Corpus, seed: int, folds: int) -> list[tuple[int, ...]]:
    """Positions of the documents that each fold holds out: as many in each and, as closely as that allows, as long."""
    documents = corpus.documents
    if folds == USUAL:
        own = {id(document) for document in split(corpus, seed).test}  # two may have one name
        first = tuple(i for i, document in enumerate(documents) if id(document) in own)
    else:
        first = first_parts(corpus, seed, folds)[2]
    rest = without(range(len(documents)), first)
    groups = as_long(tuple(documents[i].characters for i in rest), folds - 1, (seed, SALT))
    return [first, *(tuple(rest[i] for i in group) for group in groups)]


@lru_cache(maxsize=4)
def as_long(lengths: tuple[int, ...], number: int, seed: tuple[int, ...]) -> Parts:
    """Positions of documents in a number of groups: of many shuffles, the one whose groups are most nearly as long."""
    starts = [group[0] for group in np.array_split(np.arange(len(lengths)), number)]
    best, least = np.arange(len(lengths)), np.inf
    for orders in shuffles(len(lengths), np.random.default_rng(seed)):
        unequal = np.add.reduceat(np.array(lengths)[orders], starts, axis=1).std(1)
        if unequal.min() < least:
            best, least = orders[unequal.argmin()], unequal.min()
    return tuple(tuple(sorted(group.tolist())) for group in np.array_split(best, number))


def for_validation(documents: Sequence[Document], others: Sequence[int], seed: tuple[int, ...]) -> tuple[int, ...]:
    """Positions of a fold's validation documents among those that it does not hold out: a tenth of all."""
    lengths = tuple(documents[i].characters for i in others)
    count = part_sizes(len(documents))[1]
    share = min(0.5, 0.1 * characters(documents) / sum(lengths))
    _, valid = nearest_shuffle(lengths, (len(others) - count, count), seed, (1 - share, share))
    return tuple(others[i] for i in valid)
