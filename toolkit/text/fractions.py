"""Nested fractions of the training documents: what a model learns from less text, with the same held-out text."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from toolkit.errors import InputError
from toolkit.text.corpus import Document, Split
from toolkit.text.paragraphs import nearest_end
from toolkit.text.splits import shuffles

LADDER = (0.05, 0.1, 0.25, 0.5)  # fractions that the order of documents is chosen for
ORDERS = 1000  # tried


def parse_fractions(text: str | Sequence[float]) -> tuple[float, ...]:
    """Fractions of the training documents, ascending: a list, or one text with commas.

    Raises InputError for what is no number above 0 and at most 1, for one given twice, and without 1: verdicts are
    about models of all training documents.

    >>> parse_fractions("1,0.1, 0.25")
    (0.1, 0.25, 1.0)
    """
    parts = text.split(",") if isinstance(text, str) else text
    try:
        fractions = tuple(sorted(float(part) for part in parts))
    except (ValueError, TypeError):
        fractions = ()
    if not fractions or not all(0 < fraction <= 1 for fraction in fractions):
        raise InputError(
            f"--fractions {text!r} is not a list of numbers above 0 and at most 1; write, for example, 0.1,0.25,0.5,1."
        )
    if len(set(fractions)) < len(fractions):
        raise InputError(f"--fractions {text!r} has a number twice; leave one out.")
    if fractions[-1] != 1:
        raise InputError(
            f"--fractions {text!r} lacks 1, all training documents, which the verdicts are about; add it: "
            f"{','.join(f'{fraction:g}' for fraction in fractions)},1."
        )
    return fractions


def part_of(split: Split, fraction: float) -> Split:
    """The split with a fraction of its training documents, as nearly as whole documents allow, by characters.

    Each fraction contains the smaller ones. A single training document is cut at the end of a paragraph instead, or,
    where none is near, of a line or of a word. Raises InputError if no document is that small, or if a fraction of the
    only one has no text.
    """
    if fraction == 1:
        return split
    alone = len(split.train) == 1
    taken = beginning_of(split.train[0], fraction) if alone else chosen(split.train, fraction)
    if not taken:
        little = "has no text but white space" if alone else "is less than one document"
        raise InputError(f"{fraction:g} of the training text {little}; give a larger fraction.")
    return replace(split, train=taken)


def chosen(documents: Sequence[Document], fraction: float) -> tuple[Document, ...]:
    """The documents that come first in the order of fractions, in the order in which they were given."""
    lengths = [document.characters for document in documents]
    order = order_of_fractions(lengths)
    sizes = [0, *accumulate(lengths[i] for i in order)]
    count = min(range(len(sizes)), key=lambda n: abs(sizes[n] - fraction * sizes[-1]))
    return tuple(documents[i] for i in sorted(order[:count]))


def order_of_fractions(lengths: Sequence[int]) -> list[int]:
    """An order in which documents are taken: of many shuffles, the one whose beginnings come nearest to ``LADDER``.

    It depends on nothing but the lengths, so a fraction added later is nested with those before.
    """
    rng = np.random.default_rng(0xF7)
    best, least = list[int](), np.inf
    for orders in shuffles(len(lengths), rng, ORDERS):
        shares = np.asarray(lengths)[orders].cumsum(axis=1) / sum(lengths)
        off = np.sum([np.abs(shares - fraction).min(axis=1) / fraction for fraction in LADDER], axis=0)
        if off.min() < least:
            best, least = orders[int(off.argmin())].tolist(), off.min()
    return best


def beginning_of(document: Document, fraction: float) -> tuple[Document, ...]:
    """A fraction of the document, up to a tenth more or less: to the end of the nearest paragraph, line or word.

    Nothing if that has no text.
    """
    text = document.text
    wanted = round(fraction * len(text))
    taken = text[: nearest_end(text, wanted, wanted - wanted // 10, wanted + wanted // 10)]
    return (Document(document.name, taken),) if taken.strip() else ()
