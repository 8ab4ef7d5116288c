"""A corpus that does not fit into memory, split: what is held out does not grow with it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from toolkit.errors import InputError
from toolkit.results.corpus import BLOCK, DOCUMENT
from toolkit.text.corpus import Corpus, Document, Split, described

HELD_OUT, VALID = 1_000_000, 500_000  # characters, at least
CAPPED = f"{HELD_OUT:,} characters held out"


def capped(corpus: Corpus, seed: int) -> Split:
    """A large corpus: documents drawn at random are held out until they have ``HELD_OUT`` characters, then others are
    for validation until they have ``VALID``; the rest is for training.

    Of a document that was cut into parts because of its length, each part is drawn by itself. Raises InputError if
    nothing is left for training.
    """
    documents = corpus.documents
    drawn = np.random.default_rng([seed, 0xCA]).permutation(len(documents)).tolist()
    ends = np.cumsum([documents[i].characters for i in drawn])  # (documents,)
    held_out = int(np.searchsorted(ends, HELD_OUT)) + 1
    chosen = int(np.searchsorted(ends, ends[min(held_out, len(ends)) - 1] + VALID)) + 1
    if chosen >= len(documents):
        raise InputError(
            f"The corpus {corpus.name} has {len(documents)} documents, too few to hold out {HELD_OUT:,} characters; "
            f"give more documents, or folders named train, valid and test."
        )
    test, valid, train = (
        tuple(documents[i] for i in sorted(group))
        for group in (drawn[:held_out], drawn[held_out:chosen], drawn[chosen:])
    )
    notes = [
        f"Of the corpus, which has {corpus.characters:,} characters, {ends[held_out - 1]:,} are held out, and not a "
        f"fifth: to score more would take long and hardly change a number."
    ]
    unit = DOCUMENT
    if cut := parts_apart(train, test):
        unit = BLOCK
        notes.append(
            f"{listed(cut)} cut into parts, being long, and is both held out and trained on: the held-out text is more "
            f"like the training text than another document would be."
        )
    if cut := parts_apart(train, valid):
        notes.append(
            f"{listed(cut)} cut into parts, being long, and is both for validation and trained on: the validation text "
            f"is more like the training text than another document would be, so training may end late."
        )
    return replace(described(train, valid, test, notes=notes, unit=unit), cut=CAPPED)


def parts_apart(train: Sequence[Document], others: Sequence[Document]) -> list[str]:
    """The names of the documents that have parts on both sides."""
    return sorted({document.of for document in train} & {document.of for document in others})


def listed(names: Sequence[str]) -> str:
    """The first of the names, and how many there are, with a verb.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ("The document 'a' was", "Each of 3 documents, such as 'a', was")
    """
    return (
        f"The document {names[0]!r} was"
        if len(names) == 1
        else f"Each of {len(names):,} documents, such as {names[0]!r}, was"
    )
