"""A corpus split into training, validation and test documents, and a text cut where it stands for several."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from toolkit.errors import InputError
from toolkit.results.corpus import BLOCK, DOCUMENT, Unit
from toolkit.results.text import plural
from toolkit.text.corpus import Corpus, Document, Split, characters

SHARES = (0.7, 0.1, 0.2)  # of the documents and, as closely as that allows, of the characters
SHUFFLES = 1000  # splits tried, to find those with the nearest shares of characters
NEAREST_SHUFFLES = 20  # splits among which the split seed chooses
BLOCKS = 30  # of a text that stands for several documents
MAX_BLOCKS = 100  # of a corpus of one document: 20 of them are held out
BLOCK_CHARACTERS = 3_000  # of a block of a corpus of one document, unless there would be fewer than BLOCKS
HELD_OUT_EVERY = 5  # blocks: neighbours are alike, so held-out ones are apart
MIN_CHARACTERS = 500  # of a corpus; with fewer, some part would not hold a sentence
ENDINGS = ("\n\n", "\n", " ")  # of a paragraph, of a line, of a word

Positions = tuple[tuple[int, ...], ...]  # of documents, by part


def split(corpus: Corpus, seed: int = 0) -> Split:
    """Return the given split, or 70 / 10 / 20 % of the documents at random.

    A corpus of one document is cut into blocks, and every fifth is held out if there are ten. Raises InputError for too
    few documents or characters.
    """
    documents = corpus.documents
    if corpus.given is not None:
        return corpus.given
    check_size(corpus)
    if len(documents) > 1:
        return select(documents, shuffled(documents, seed))
    pieces = blocks(documents[0], min(MAX_BLOCKS, max(BLOCKS, corpus.characters // BLOCK_CHARACTERS)))
    if len(pieces) >= 2 * HELD_OUT_EVERY:
        return spread(pieces, seed)
    return select(pieces, shuffled(pieces, seed), BLOCK)


def check_size(corpus: Corpus) -> None:
    """Raise InputError if a corpus has too few characters to be split."""
    if corpus.characters < MIN_CHARACTERS:
        raise InputError(
            f"The corpus {corpus.name} has {plural(corpus.characters, 'character')}, too few to split. "
            f"Give at least {MIN_CHARACTERS}, preferably 100,000."
        )


def blocks(document: Document, most: int) -> tuple[Document, ...]:
    """Cut a document into at most ``most`` blocks of similar length, at empty lines or, if those are few, line ends."""
    text = document.text
    separator = "\n\n" if text.count("\n\n") >= most else "\n"
    ends = [0]
    for k in range(1, most):
        place = text.find(separator, max(k * len(text) // most, ends[-1]))
        if place < 0:
            break
        end = place + len(text[place:]) - len(text[place:].lstrip("\n"))
        if ends[-1] < end < len(text):
            ends.append(end)
    pieces = [text[a:b] for a, b in pairwise([*ends, len(text)])]
    digits = max(2, len(str(len(pieces))))
    return tuple(Document(f"{document.name}#{n:0{digits}}", piece) for n, piece in enumerate(pieces, 1))


def spread(pieces: Sequence[Document], seed: int) -> Split:
    """Hold out every fifth block of a text, and validate on every tenth. The seed chooses the first.

    Seeds 0 to 4 hold out each block once; those from 5 hold out the same again, with other blocks for validation.
    """
    first, turn = (seed + HELD_OUT_EVERY // 2) % HELD_OUT_EVERY, seed // HELD_OUT_EVERY
    after = (2, 3, 7, 8, 1, 4, 6, 9)[turn % 8]  # from a held-out block to one for validation, of ten
    valid = (first + after) % (2 * HELD_OUT_EVERY)
    places = np.arange(len(pieces))
    held_out, validates = places % HELD_OUT_EVERY == first, places % (2 * HELD_OUT_EVERY) == valid
    parts = (~held_out & ~validates, validates & ~held_out, held_out)
    return select(pieces, map(np.flatnonzero, parts), BLOCK)


def shuffled(documents: Sequence[Document], seed: int) -> Positions:
    """Split documents 70 / 10 / 20 at random, by number and as closely as that allows by characters.

    Each seed chooses another of the nearest shuffles. Raises InputError for fewer than three documents.
    """
    if len(documents) < 3:
        raise InputError(
            f"The corpus has {plural(len(documents), 'document or paragraph', 'documents or paragraphs')}, too few to "
            f"split. Give at least 3, or folders named train, valid and test."
        )
    turn, place = divmod(seed, NEAREST_SHUFFLES)
    return nearest_shuffle(lengths(documents), part_sizes(len(documents)), (turn, 0x51), SHARES, place)


def lengths(documents: Iterable[Document]) -> tuple[int, ...]:
    """Return the number of characters of each document."""
    return tuple(document.characters for document in documents)


def select(documents: Sequence[Document], positions: Iterable[Iterable[int]], unit: Unit = DOCUMENT) -> Split:
    """Return the split with the documents at these positions, by part."""
    train, valid, test = (tuple(documents[place] for place in part) for part in positions)
    return Split(train, valid, test, unit=unit)


def part_sizes(documents: int, held_out: float = SHARES[2]) -> tuple[int, int, int]:
    """Return how many documents go to each part; none is empty."""
    valid = max(1, round(SHARES[1] * documents))
    test = max(1, round(held_out * documents))
    return documents - valid - test, valid, test


@lru_cache(maxsize=16)  # a comparison asks for its split wherever it asks for its settings, and folds in turn
def nearest_shuffle(
    sizes: tuple[int, ...],
    counts: tuple[int, ...],
    seed: tuple[int, ...],
    wanted: tuple[float, ...],
    place: int = 0,
) -> Positions:
    """Return the positions in each part, from one of the shuffles with shares of characters nearest to the wanted.

    ``sizes`` are the characters of each document, ``counts`` the numbers of documents in each part. ``place`` 0 is the
    nearest of ``NEAREST_SHUFFLES``; after the last they repeat.
    """
    lengths, starts = np.array(sizes), np.cumsum([0, *counts[:-1]])
    distances: dict[Positions, float] = {}
    for order in shuffles(len(sizes), seed):
        distance = float(np.abs(np.add.reduceat(lengths[order], starts) / sum(sizes) - wanted).sum())
        if len(distances) < NEAREST_SHUFFLES or distance < max(distances.values()):
            distances.setdefault(sorted_groups(np.split(order, starts[1:])), distance)
        if len(distances) > NEAREST_SHUFFLES:
            del distances[max(distances, key=distances.__getitem__)]
    return sorted(distances, key=distances.__getitem__)[place % len(distances)]


def sorted_groups(groups: Iterable[np.ndarray]) -> Positions:
    """Return the positions of each group, ascending."""
    return tuple(tuple(sorted(group.tolist())) for group in groups)


def shuffles(documents: int, seed: int | tuple[int, ...]) -> Iterator[np.ndarray]:
    """Yield ``SHUFFLES`` shuffles of the documents' places."""
    rng = np.random.default_rng(seed)
    return (rng.permutation(documents) for _ in range(SHUFFLES))


MIN_FOLDS, MAX_FOLDS = 5, 100  # with fewer, the effect of the training text cannot be distinguished from chance
USUAL_FOLDS = 5  # the first of them is the split without folds
FOLD_SALT, FRACTION_SALT = 0xF0, 0xF7
LADDER = (0.05, 0.1, 0.25, 0.5)  # fractions that the order of documents is chosen for


class Fold(NamedTuple):
    """One of several folds, counted from 1."""

    number: int
    of: int


ONE = Fold(1, 1)  # no folds
USUAL = (ONE, Fold(1, USUAL_FOLDS))  # the folds that are the split without folds


def fold_split(corpus: Corpus, seed: int, fold: Fold) -> Split:
    """Return the split of a fold. Raises InputError if documents of the corpus cannot be held out in turn."""
    if fold.of == 1:
        return split(corpus, seed)
    check_size(corpus)
    if corpus.given is not None:
        raise InputError("--folds needs a corpus that prescribes no split. Leave it out.")
    number = len(corpus.documents)
    if not MIN_FOLDS <= fold.of <= min(MAX_FOLDS, number // 2):
        raise InputError(
            f"--folds {fold.of} does not fit {corpus.name}, which has {plural(number, 'document')}. "
            f"Give at least {MIN_FOLDS} folds, and two documents for each."
        )
    documents, share = corpus.documents, 1 / fold.of
    if fold.of == USUAL_FOLDS:
        first = shuffled(documents, seed)
    else:
        shares = round(1 - SHARES[1] - share, 9), SHARES[1], share
        counts = part_sizes(len(documents), share)
        first = nearest_shuffle(lengths(documents), counts, (seed, FOLD_SALT, fold.of), shares)
    if fold.number == 1:
        return select(documents, first)
    later = np.delete(np.arange(len(documents)), first[2])
    groups = equal_groups(lengths(documents[i] for i in later.tolist()), fold.of - 1, (seed, FOLD_SALT))
    test = later[[*groups[fold.number - 2]]]
    rest = np.delete(np.arange(len(documents)), test)
    # A tenth of all documents, and as nearly as possible of the characters, is for validation.
    count, sizes = part_sizes(len(documents))[1], lengths(documents[i] for i in rest.tolist())
    share = min(0.5, 0.1 * characters(documents) / sum(sizes))
    salted = (seed, FOLD_SALT, *fold)
    train, valid = nearest_shuffle(sizes, (len(rest) - count, count), salted, (1 - share, share))
    return select(documents, (rest[[*train]], rest[[*valid]], test))


@lru_cache(maxsize=4)
def equal_groups(sizes: tuple[int, ...], number: int, seed: tuple[int, ...]) -> Positions:
    """Return the positions of documents in groups: of many shuffles, the one whose groups differ least in length."""
    lengths = np.array(sizes)
    starts = [group[0] for group in np.array_split(np.arange(len(sizes)), number)]
    best = min(shuffles(len(sizes), seed), key=lambda order: np.add.reduceat(lengths[order], starts).std())
    return sorted_groups(np.array_split(best, number))


def parse_fractions(text: str | Sequence[float]) -> tuple[float, ...]:
    """Return fractions of the training documents, ascending. Raises InputError if they are invalid."""
    try:
        fractions = tuple(sorted(map(float, text.split(",") if isinstance(text, str) else text)))
    except ValueError:
        fractions = ()
    if not fractions or not 0 < fractions[0] <= fractions[-1] == 1 or len(set(fractions)) < len(fractions):
        raise InputError(f"--fractions {text!r} must be different numbers above 0 up to 1, such as 0.1,0.5,1.")
    return fractions


def part_of(split: Split, fraction: float) -> Split:
    """Return the split with a fraction of its training documents, as nearly as whole documents allow.

    Each fraction contains the smaller ones. A single training document is cut at the end of a paragraph, or, where
    none is near, of a line or of a word: up to a tenth more or less. Raises InputError if nothing is left.
    """
    if fraction == 1:
        return split
    if len(split.train) == 1:
        name, text = split.train[0].name, split.train[0].text
        length = round(fraction * len(text))
        beginning = text[: nearest_end(text, length, length - length // 10, length + length // 10)]
        train = [Document(name, beginning if beginning.strip() else "")]
    else:
        sizes = lengths(split.train)
        order = order_of_fractions(sizes)
        ends = [0, *accumulate(sizes[i] for i in order)]
        count = min(range(len(ends)), key=lambda n: abs(ends[n] - fraction * ends[-1]))
        train = [split.train[i] for i in sorted(order[:count])]
    if not any(document.characters for document in train):
        raise InputError(f"{fraction:g} of the training text is less than one document. Give a larger fraction.")
    return replace(split, train=tuple(train))


def nearest_end(text: str, wanted: int, earliest: int, latest: int) -> int:
    """Return the end of a paragraph nearest to the wanted place, or else of a line, of a word, or the place itself."""
    for ending in ENDINGS:
        left = text.rfind(ending, earliest, wanted)
        right = text.find(ending, max(earliest, wanted - len(ending) + 1), latest)
        ends = [place + len(ending) for place in (left, right) if place >= 0]
        if ends:
            return min(ends, key=lambda end: abs(end - wanted))
    return wanted


def order_of_fractions(sizes: Sequence[int]) -> list[int]:
    """Return the order of documents, from their lengths: the shuffle whose beginnings come nearest to ``LADDER``."""

    def distance(order: np.ndarray) -> float:
        shares = np.asarray(sizes)[order].cumsum() / sum(sizes)
        return sum(float(np.abs(shares - fraction).min()) / fraction for fraction in LADDER)

    return list(min(shuffles(len(sizes), FRACTION_SALT), key=distance).tolist())
