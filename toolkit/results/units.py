"""The units that columns are compared over: the held-out documents, or the pieces of a single one."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from toolkit.results.bits import DocumentBits, Share

SEGMENTS = 6  # of a single held-out document: the fewest that can distinguish two columns, as 2^(1−6) < 0.05

Floats = npt.NDArray[np.float64]


def units(documents: Sequence[DocumentBits]) -> list[DocumentBits] | list[Share]:
    """Return the documents, or the pieces of a single one."""
    return documents[0].units or list(documents)


def joined(pieces: Floats, segments: int = SEGMENTS) -> Floats:
    """Sum neighbouring pieces (..., pieces) to segments (..., segments).

    >>> joined(np.array([1, 2, 3, 4, 5]), 2).tolist()
    [6, 9]
    """
    groups = np.array_split(np.arange(pieces.shape[-1]), min(segments, pieces.shape[-1]))
    return np.stack([pieces[..., group].sum(axis=-1) for group in groups], axis=-1)
