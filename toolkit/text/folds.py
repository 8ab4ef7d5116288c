"""Folds, which hold out every document once, and fractions of the training documents, which show the gain from more."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from toolkit.errors import InputError
from toolkit.text.corpus import Corpus, Document, Split, characters
from toolkit.text.paragraphs import nearest_end
from toolkit.text.splits import (
    SHARES,
    Positions,
    check_size,
    lengths,
    nearest_shuffle,
    part_sizes,
    select,
    shuffled,
    shuffles,
    sorted_groups,
    split,
)
from toolkit.text.store import fits

MIN_FOLDS, MAX_FOLDS = 5, 100  # with fewer, the effect of the training text cannot be distinguished from chance
USUAL_FOLDS = 5  # the first of them is the split without folds
FOLD_SALT, FRACTION_SALT = 0xF0, 0xF7
LADDER = (0.05, 0.1, 0.25, 0.5)  # fractions that the order of documents is chosen for


class Fold(NamedTuple):
    """One of several folds, counted from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        """Return the fold in words: "2 of 5"."""
        return f"{self.number} of {self.of}"


ONE = Fold(1, 1)  # no folds
USUAL = (ONE, Fold(1, USUAL_FOLDS))  # the folds that are the split without folds


def fold_split(corpus: Corpus, seed: int, fold: Fold) -> Split:
    """Return the split of a fold. Raises InputError if documents of the corpus cannot be held out in turn."""
    if fold.of == 1:
        return split(corpus, seed)
    check_folds(corpus, fold.of)
    documents, first = corpus.documents, first_fold(corpus.documents, seed, fold.of)
    if fold.number == 1:
        return select(documents, first)
    later = sorted({*range(len(documents))} - {*first[2]})
    groups = equal_groups(lengths(documents[i] for i in later), fold.of - 1, (seed, FOLD_SALT))
    test = [later[i] for i in groups[fold.number - 2]]
    rest = sorted({*range(len(documents))} - {*test})
    # A tenth of all documents, and as nearly as possible of the characters, is for validation.
    count, sizes = part_sizes(len(documents))[1], lengths(documents[i] for i in rest)
    share = min(0.5, 0.1 * characters(documents) / sum(sizes))
    salted = (seed, FOLD_SALT, *fold)
    train, valid = nearest_shuffle(sizes, (len(rest) - count, count), salted, (1 - share, share))
    return select(documents, ([rest[i] for i in train], [rest[i] for i in valid], test))


def first_fold(documents: Sequence[Document], seed: int, folds: int) -> Positions:
    """Return the positions of the first fold's documents, chosen as without folds."""
    if folds == USUAL_FOLDS:
        return shuffled(documents, seed)
    shares = round(1 - SHARES[1] - 1 / folds, 9), SHARES[1], 1 / folds
    counts = part_sizes(len(documents), 1 / folds)
    return nearest_shuffle(lengths(documents), counts, (seed, FOLD_SALT, folds), shares)


@lru_cache(maxsize=4)
def equal_groups(sizes: tuple[int, ...], number: int, seed: tuple[int, ...]) -> Positions:
    """Return the positions of documents in groups: of many shuffles, the one whose groups differ least in length."""
    lengths, starts = np.array(sizes), [group[0] for group in np.array_split(np.arange(len(sizes)), number)]
    best = min(shuffles(len(sizes), seed), key=lambda order: np.add.reduceat(lengths[order], starts).std())
    return sorted_groups(np.array_split(best, number))


def check_folds(corpus: Corpus, folds: int) -> None:
    """Raise InputError if the folds are too few, or the documents of a corpus cannot be held out in turn."""
    check_size(corpus)
    if corpus.given is not None or not fits(corpus.characters):
        raise InputError("--folds needs a corpus that fits into memory and prescribes no split. Leave it out.")
    if not MIN_FOLDS <= folds <= min(MAX_FOLDS, len(corpus.documents) // 2):
        raise InputError(
            f"--folds {folds} is not possible: at least {MIN_FOLDS} are needed, with two documents in each, and "
            f"{corpus.name} has {len(corpus.documents):,}."
        )


def parse_fractions(text: str | Sequence[float]) -> tuple[float, ...]:
    """Return fractions of the training documents, ascending. Raises InputError if they are invalid.

    They are different numbers above 0 up to 1. Verdicts need 1.

    >>> parse_fractions("1,0.1, 0.25")
    (0.1, 0.25, 1.0)
    """
    try:
        fractions = tuple(sorted(map(float, text.split(",") if isinstance(text, str) else text)))
    except (ValueError, TypeError):
        fractions = ()
    if not fractions or not 0 < fractions[0] <= fractions[-1] == 1 or len(set(fractions)) < len(fractions):
        raise InputError(f"--fractions {text!r} must be different numbers above 0 up to 1, with 1, such as 0.1,0.5,1.")
    return fractions


def part_of(split: Split, fraction: float) -> Split:
    """Return the split with a fraction of its training documents, as nearly as whole documents allow.

    Each fraction contains the smaller ones. A single training document is cut at the end of a paragraph, or, where
    none is near, of a line or of a word.

    Raises:
        InputError: nothing is left.
    """
    if fraction == 1:
        return split
    if len(split.train) == 1:
        train = [beginning_of(split.train[0], fraction)]
    else:
        sizes = lengths(split.train)
        order = order_of_fractions(sizes)
        ends = [0, *accumulate(sizes[i] for i in order)]
        count = min(range(len(ends)), key=lambda n: abs(ends[n] - fraction * ends[-1]))
        train = [split.train[i] for i in sorted(order[:count])]
    if not any(document.characters for document in train):
        raise InputError(f"{fraction:g} of the training text is less than one document. Give a larger fraction.")
    return replace(split, train=tuple(train))


def order_of_fractions(sizes: Sequence[int]) -> list[int]:
    """Return the order of documents: the shuffle whose beginnings come nearest to ``LADDER``.

    It depends on nothing but the lengths, so all fractions are nested.
    """

    def distance(order: np.ndarray) -> float:
        shares = np.asarray(sizes)[order].cumsum() / sum(sizes)
        return sum(float(np.abs(shares - fraction).min()) / fraction for fraction in LADDER)

    return list(min(shuffles(len(sizes), FRACTION_SALT), key=distance).tolist())


def beginning_of(document: Document, fraction: float) -> Document:
    """Return a fraction of a document, up to a tenth more or less; without text if that is white space alone."""
    text = document.text
    length = round(fraction * len(text))
    beginning = text[: nearest_end(text, length, length - length // 10, length + length // 10)]
    return Document(document.name, beginning if beginning.strip() else "")
