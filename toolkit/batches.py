"""Encodings -> contiguous streams of documents, cut into windows (numpy)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace

import numpy as np
import numpy.typing as npt

from toolkit.tokenizers.base import DOC, Encoding

Ids = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Epoch:
    """One pass: inputs and next-token targets (rows, length), and the characters that each target covers."""

    inputs: Ids
    targets: Ids
    widths: Ids

    def window(self, number: int, length: int) -> tuple[Ids, Ids, int]:
        """Inputs and targets (rows, length) of a window, and the characters it covers."""
        part = slice(number * length, (number + 1) * length)
        return self.inputs[:, part], self.targets[:, part], int(self.widths[:, part].sum())


def window_length(encodings: Sequence[Encoding], characters: int) -> int:
    """Tokens that cover about so many characters, at least one.

    Every tokenizer so reads the same amount of text per update.
    """
    tokens = sum(len(encoding.ids) for encoding in encodings)
    covered = sum(int(encoding.offsets[-1]) for encoding in encodings)
    return max(1, round(characters * tokens / covered))


def windows_per_epoch(encodings: Sequence[Encoding], rows: int, length: int) -> int:
    """Whole windows in one pass; a text too short for one is repeated until it fills it."""
    return max(1, sum(len(encoding.ids) for encoding in encodings) // (rows * length))


def epoch(encodings: Sequence[Encoding], rows: int, length: int, seed: tuple[int, ...]) -> Epoch:
    """A pass over the documents in an order of the seed, as ``rows`` contiguous streams of whole windows.

    The documents stand end to end, each begun by ``<doc>`` as an input and ended by it as a target; the whole is turned
    by a random number of tokens, so that rows begin elsewhere each time, and cut into rows. What does not fill a last
    window is left out of this pass; the next begins elsewhere.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(encodings))
    targets = np.concatenate([encodings[i].ids for i in order])
    widths = np.concatenate([np.diff(encodings[i].offsets) for i in order])
    size = windows_per_epoch(encodings, rows, length) * rows * length
    take = (np.arange(size) + rng.integers(len(targets))) % len(targets)
    inputs = np.concatenate([[DOC], targets[:-1]]).astype(np.int32)  # the stream's last target is <doc>, too
    shape = (rows, size // rows)
    return Epoch(inputs[take].reshape(shape), targets[take].reshape(shape), widths[take].reshape(shape))


def padded_windows(ids: Ids, length: int) -> Iterator[tuple[Ids, Ids, npt.NDArray[np.bool_]]]:
    """A document's inputs and targets window by window (length,), and which positions are real: the last are padding.

    >>> [(x.tolist(), y.tolist(), real.tolist()) for x, y, real in padded_windows(np.array([5, 6, 0]), 2)]
    [([0, 5], [5, 6], [True, True]), ([6, 0], [0, 0], [True, False])]
    """
    targets = np.pad(ids, (0, -len(ids) % length), constant_values=DOC).astype(np.int32)
    inputs = np.concatenate([[DOC], targets[:-1]]).astype(np.int32)
    for start in range(0, len(targets), length):
        part = slice(start, start + length)
        yield inputs[part], targets[part], np.arange(start, start + length) < len(ids)


def packed(lengths: Sequence[int], rows: int) -> list[list[int]]:
    """Which documents go to which of at most ``rows`` rows, so that the longest row is short (longest first).

    >>> packed([5, 9, 4], 2)
    [[1], [0, 2]]
    """
    loads = [(0, row) for row in range(rows)]  # a heap
    placed: list[list[int]] = [[] for _ in range(rows)]
    for i in sorted(range(len(lengths)), key=lambda i: -lengths[i]):
        load, row = loads[0]
        placed[row].append(i)
        heapreplace(loads, (load + lengths[i], row))
    return placed
