"""A corpus split into training, validation and test documents, and a text cut where it stands for several."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from toolkit.errors import InputError
from toolkit.results.corpus import BLOCK, DOCUMENT
from toolkit.results.text import plural
from toolkit.text.capped import capped
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split, described
from toolkit.text.gathering import fits

SHARES = (0.7, 0.1, 0.2)  # of the documents, and, as closely as that allows, of the characters
SHUFFLES = 1000  # splits tried, to find those with the nearest shares of characters
PLACES = 1_000_000  # of documents in shuffles that are held at once
NEAREST = 20  # splits among which the split seed chooses
BLOCKS = 30  # that a text is cut into where it stands for several documents
MOST_BLOCKS = 100  # that a corpus of one document is cut into: 20 of them are held out
BLOCK_CHARACTERS = 3_000  # of such a block, unless there would be fewer than BLOCKS
APART = 5  # of the blocks of one document every fifth is held out: what is hard in one is hard in the next, too
MINIMUM_CHARACTERS = 500  # of a whole corpus; below this, some part would not hold a sentence


def blocks(document: Document, most: int = BLOCKS) -> tuple[Document, ...]:
    """The document cut into at most ``most`` blocks of similar length, each ending at the end of a paragraph.

    Joined, the blocks are the document. A paragraph ends at an empty line, or, in a text without any, at a line end.
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
    cuts = [*ends, len(text)]
    pieces = [text[a:b] for a, b in pairwise(cuts)]
    digits = max(2, len(str(len(pieces))))
    return tuple(Document(f"{document.name}#{n:0{digits}}", piece) for n, piece in enumerate(pieces, 1))


S = TypeVar("S", bound=Sequence[Any])


def slices(sequence: S, most: int = BLOCKS) -> list[S]:
    """At most ``most`` slices of equal length, the last perhaps shorter: left out in turn if there are no documents.

    >>> slices("abcdefg", 3)
    ['abc', 'def', 'g']
    """
    size = max(1, -(-len(sequence) // most))
    return [sequence[start : start + size] for start in range(0, len(sequence), size)]  # type: ignore[misc]


def split(corpus: Corpus, seed: int = 0) -> Split:
    """Training, validation and test documents: the given split, or 70 / 10 / 20 by whole documents.

    Of a corpus that does not fit into memory less is held out (capped.py). A corpus of one document is cut into
    blocks, every fifth of which is held out (``spread``), if it has ten.
    The notes on what was read are among those on the split. Raises InputError if there are too few documents or
    characters.
    """
    parts = without_notes(corpus, seed)
    return replace(parts, notes=(*corpus.notes, *parts.notes))


def without_notes(corpus: Corpus, seed: int) -> Split:
    """The split, without the notes on what was read."""
    if corpus.given is None and not fits(corpus.characters):
        return capped(corpus, seed)
    if len(corpus.documents) == 1 and corpus.given is None:
        pieces = blocks(corpus.documents[0], block_count(corpus.characters))
        if len(pieces) >= 2 * APART:
            check_size(corpus)
            return spread(pieces, seed)
    return shuffled(corpus, seed)


def block_count(characters: int) -> int:
    """How many blocks a corpus of one document is cut into, where its paragraphs allow.

    >>> block_count(60_000), block_count(150_000), block_count(1_000_000)
    (30, 50, 100)
    """
    return min(MOST_BLOCKS, max(BLOCKS, characters // BLOCK_CHARACTERS))


def spread(pieces: Sequence[Document], seed: int) -> Split:
    """Every fifth block of a text is held out, and every tenth is for validation; the seed says where they begin.

    Held-out blocks are never neighbours, so that they hardly depend on each other: if the correlation between
    neighbours is ρ, that between held-out blocks is about ρ⁵. Seeds 0 to 4 hold out each block once; those from 5 hold
    out the same again, with other blocks for validation, and the seeds from 40 repeat the first 40.
    """
    first, turn = (seed + APART // 2) % APART, seed // APART
    after = (2, 3, 7, 8, 1, 4, 6, 9)[turn % 8]  # from a held-out block to one for validation, of ten
    valid = (first + after) % (2 * APART)
    parts: dict[str, list[Document]] = {part: [] for part in SPLIT_PARTS}
    for i, piece in enumerate(pieces):
        part = "test" if i % APART == first else "valid" if i % (2 * APART) == valid else "train"
        parts[part].append(piece)
    note = f"One document was cut into {len(pieces)} blocks at paragraph ends, and every fifth is held out."
    whole = described(*(tuple(parts[part]) for part in SPLIT_PARTS), notes=[note], unit=BLOCK)
    return replace(whole, cut=f"{len(pieces)} blocks, every fifth held out")


def check_size(corpus: Corpus) -> None:
    """Raises InputError if a corpus has too few characters to be split."""
    if corpus.characters < MINIMUM_CHARACTERS:
        raise InputError(
            f"The corpus {corpus.name} has {plural(corpus.characters, 'character')}, too few to split; "
            f"give at least {MINIMUM_CHARACTERS}, preferably 100,000."
        )


def shuffled(corpus: Corpus, seed: int = 0) -> Split:
    """The given split, or 70 / 10 / 20 by whole documents at random; of one document, by blocks.

    Of ``SHUFFLES`` shuffles, the seed chooses one of the ``NEAREST`` whose shares of characters are closest to those of
    the documents: seeds 0, 1, 2, … take the closest, the second, …, and every ``NEAREST`` seeds there are new shuffles.
    Raises InputError as ``split`` does.
    """
    if corpus.given:
        return corpus.given
    check_size(corpus)
    notes, unit = [], DOCUMENT
    documents = corpus.documents
    if len(documents) == 1:
        documents, unit = blocks(documents[0]), BLOCK
        notes = [f"One document was cut into {len(documents)} blocks at paragraph ends."]
    if len(documents) < 3:
        what, lines = ("paragraph", " (a line each)") if len(corpus.documents) == 1 else ("document", "")
        to_do = f"give at least 3{lines}, or folders named train, valid and test"
        raise InputError(
            f"The corpus {corpus.name} has {plural(len(documents), what)}, too few to split into train, valid and "
            f"test; {'; '.join([to_do, *(note.removesuffix('.') for note in corpus.notes)])}."
        )
    lengths = tuple(document.characters for document in documents)
    turn, place = divmod(seed, NEAREST)
    nearest = nearest_shuffle(lengths, part_sizes(len(documents)), (turn, 0x51), SHARES, place)
    parts = [tuple(documents[i] for i in group) for group in nearest]
    return described(*parts, notes=notes, unit=unit)


def shares(held_out: float) -> tuple[float, float, float]:
    """The shares of the parts, if this share is held out.

    >>> shares(0.2) == SHARES, shares(0.5)
    (True, (0.4, 0.1, 0.5))
    """
    return round(1 - SHARES[1] - held_out, 9), SHARES[1], held_out


def part_sizes(documents: int, held_out: float = SHARES[2]) -> tuple[int, int, int]:
    """How many documents go to each part; none is empty.

    >>> part_sizes(45), part_sizes(3)
    ((32, 4, 9), (1, 1, 1))
    """
    valid = max(1, round(SHARES[1] * documents))
    test = max(1, round(held_out * documents))
    return documents - valid - test, valid, test


Positions = tuple[tuple[int, ...], ...]


@lru_cache(maxsize=16)  # a comparison asks for its split wherever it asks for its settings, and folds in turn
def nearest_shuffle(
    lengths: tuple[int, ...], sizes: tuple[int, ...], seed: tuple[int, ...], wanted: tuple[float, ...], place: int = 0
) -> Positions:
    """Positions in each part, from one of the shuffles with shares of characters closest to those wanted.

    ``place`` 0 is the closest of the ``NEAREST``; after the last they repeat.
    """
    starts, of_each = np.cumsum([0, *sizes[:-1]]), np.array(lengths)
    distances: dict[Positions, float] = {}
    for orders in shuffles(len(lengths), np.random.default_rng(seed)):
        found = np.add.reduceat(of_each[orders], starts, axis=1) / of_each.sum()  # (shuffles, parts)
        for order, distance in zip(orders, np.abs(found - wanted).sum(1).tolist(), strict=True):
            if len(distances) < NEAREST or distance < max(distances.values()):
                groups = np.split(order, starts[1:])
                distances.setdefault(tuple(tuple(sorted(group.tolist())) for group in groups), distance)
            if len(distances) > NEAREST:
                del distances[max(distances, key=distances.__getitem__)]
    return sorted(distances, key=distances.__getitem__)[place % len(distances)]


def shuffles(documents: int, rng: np.random.Generator, number: int = SHUFFLES) -> Iterator[np.ndarray]:
    """So many shuffles of the documents' places (shuffles, documents), as many at a time as take little memory."""
    at_once = max(1, PLACES // documents)
    for start in range(0, number, at_once):
        yield np.array([rng.permutation(documents) for _ in range(min(at_once, number - start))])
