"""A corpus split into training, validation and test documents, and a text cut where it stands for several."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from toolkit.errors import InputError
from toolkit.results.corpus import BLOCK, DOCUMENT, Unit
from toolkit.results.text import plural
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.store import fits

SHARES = (0.7, 0.1, 0.2)  # of the documents and, as closely as that allows, of the characters
SHUFFLES = 1000  # splits tried, to find those with the nearest shares of characters
NEAREST_SHUFFLES = 20  # splits among which the split seed chooses
BLOCKS = 30  # of a text that stands for several documents
MAX_BLOCKS = 100  # of a corpus of one document: 20 of them are held out
BLOCK_CHARACTERS = 3_000  # of a block of a corpus of one document, unless there would be fewer than BLOCKS
HELD_OUT_EVERY = 5  # blocks: neighbours are alike, so held-out ones are apart
MIN_CHARACTERS = 500  # of a corpus; with fewer, some part would not hold a sentence
MIN_TEST_CHARACTERS, MIN_VALID_CHARACTERS = 1_000_000, 500_000  # of a corpus that does not fit into memory

Positions = tuple[tuple[int, ...], ...]  # of documents, by part


def split(corpus: Corpus, seed: int = 0) -> Split:
    """Return the given split, or 70 / 10 / 20 % of the documents at random.

    A corpus that does not fit into memory has a million characters held out. A corpus of one document is cut into
    blocks, and every fifth is held out if there are ten. Raises InputError for too few documents or characters.
    """
    documents = corpus.documents
    if corpus.given is not None:
        return corpus.given
    if not fits(corpus.characters):
        return capped(corpus, seed)
    check_size(corpus)
    if len(documents) > 1:
        return select(documents, shuffled(documents, seed))
    pieces = blocks(documents[0], min(MAX_BLOCKS, max(BLOCKS, corpus.characters // BLOCK_CHARACTERS)))
    if len(pieces) >= 2 * HELD_OUT_EVERY:
        return spread(pieces, seed)
    pieces = blocks(documents[0])
    return select(pieces, shuffled(pieces, seed), BLOCK)


def check_size(corpus: Corpus) -> None:
    """Raise InputError if a corpus has too few characters to be split."""
    if corpus.characters < MIN_CHARACTERS:
        raise InputError(
            f"The corpus {corpus.name} has {plural(corpus.characters, 'character')}, too few to split. "
            f"Give at least {MIN_CHARACTERS}, preferably 100,000."
        )


def blocks(document: Document, most: int = BLOCKS) -> tuple[Document, ...]:
    """Cut a document into at most ``most`` blocks of similar length, each ending at the end of a paragraph.

    A paragraph ends at an empty line, or, in a text that has few of them, at a line end.
    """
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

    If the correlation between neighbours is ρ, that between held-out blocks is about ρ⁵. Seeds 0 to 4 hold out each
    block once; those from 5 hold out the same again, with other blocks for validation. Seeds from 40 repeat the first.
    """
    first, turn = (seed + HELD_OUT_EVERY // 2) % HELD_OUT_EVERY, seed // HELD_OUT_EVERY
    after = (2, 3, 7, 8, 1, 4, 6, 9)[turn % 8]  # from a held-out block to one for validation, of ten
    valid = (first + after) % (2 * HELD_OUT_EVERY)
    places = np.arange(len(pieces))
    held_out, validates = places % HELD_OUT_EVERY == first, places % (2 * HELD_OUT_EVERY) == valid
    parts = (~held_out & ~validates, validates & ~held_out, held_out)
    return select(pieces, map(np.flatnonzero, parts), BLOCK)


def capped(corpus: Corpus, seed: int) -> Split:
    """Hold out documents of a large corpus until they have a million characters, and validate on half a million.

    Parts of a long document are drawn one by one. Raises InputError if nothing is left for training.
    """
    documents = corpus.documents
    order = np.random.default_rng([seed, 0xCA]).permutation(len(documents))
    ends = np.cumsum(np.array(lengths(documents))[order])
    test = int(np.searchsorted(ends, MIN_TEST_CHARACTERS)) + 1
    valid = int(np.searchsorted(ends, ends[min(test, len(ends)) - 1] + MIN_VALID_CHARACTERS)) + 1
    if valid >= len(documents):
        raise InputError(
            f"{corpus.name} has too few documents to hold out {MIN_TEST_CHARACTERS:,} characters. Give more documents, "
            f"or folders named train, valid and test."
        )
    groups = [np.sort(part) for part in (order[valid:], order[test:valid], order[:test])]
    trained, held_out = ({documents[place].whole for place in groups[part]} for part in (0, 2))
    split = select(documents, groups)
    if trained.isdisjoint(held_out):
        return split
    note = "Parts of one document are both held out and trained on, so held-out text resembles the training text."
    return replace(split, unit=BLOCK, notes=(note,))


def shuffled(documents: Sequence[Document], seed: int) -> Positions:
    """Split documents 70 / 10 / 20 at random, by number and as closely as that allows by characters.

    Of ``SHUFFLES`` shuffles, the seed chooses one of the ``NEAREST_SHUFFLES`` with the nearest shares: seed 0 the
    nearest, seed 1 the second, and so on. Every ``NEAREST_SHUFFLES`` seeds there are new shuffles. Raises InputError
    for fewer than three documents.
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
    """Return how many documents go to each part; none is empty.

    >>> part_sizes(45), part_sizes(3)
    ((32, 4, 9), (1, 1, 1))
    """
    valid = max(1, round(SHARES[1] * documents))
    test = max(1, round(held_out * documents))
    return documents - valid - test, valid, test


@lru_cache(maxsize=16)  # a comparison asks for its split wherever it asks for its settings, and folds in turn
def nearest_shuffle(
    sizes: tuple[int, ...], counts: tuple[int, ...], seed: tuple[int, ...], wanted: tuple[float, ...], place: int = 0
) -> Positions:
    """Return the positions in each part, from one of the shuffles with shares of characters nearest to the wanted.

    ``sizes`` are the characters of each document, ``counts`` the numbers of documents in each part.

    ``place`` 0 is the nearest of ``NEAREST_SHUFFLES``; after the last they repeat.
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
