"""What columns are compared over: the held-out documents, or the pieces of a single one."""

from collections.abc import Sequence

from toolkit.results.bits import DocumentBits, Share
from toolkit.results.comparison import Comparison

SEGMENT = "held-out segment"  # what the units of a single held-out document are called


def units(documents: Sequence[DocumentBits]) -> list[DocumentBits] | list[Share]:
    """What columns are compared over: the documents, or the pieces of a single one."""
    if len(documents) > 1:
        return list(documents)
    return documents[0].units or list(documents)


def unit_of(comparison: Comparison) -> str:
    """What the units are called."""
    return SEGMENT if len(comparison.corpus.split.test) == 1 else comparison.corpus.unit
