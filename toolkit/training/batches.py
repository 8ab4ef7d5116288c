"""Streams of documents, cut into windows (numpy)."""

from typing import NamedTuple

import numpy as np

from toolkit.config import TrainSettings
from toolkit.events.encoding import Ids
from toolkit.training.stream import Stream


class Windows(NamedTuple):
    """How the text is read: an update reads a window of ``length`` tokens in each of ``rows``.

    A pass has ``per_epoch`` of them, and training ends after ``updates``, unless it is ended before.
    """

    rows: int
    length: int
    per_epoch: int
    updates: int


def windows(stream: Stream, settings: TrainSettings) -> Windows:
    """The windows in which these settings read a stream."""
    rows = whole_towers(settings.batch, settings.towers)
    length = settings.window_tokens or window_length(stream, settings.window_characters)
    per_epoch = windows_per_epoch(stream, rows, length)
    return Windows(rows, length, per_epoch, settings.epochs * per_epoch if settings.epochs else settings.updates)


def whole_towers(batch: int, towers: int) -> int:
    """The least number of rows, at least ``batch``, that so many towers can share equally.

    >>> whole_towers(10, 4), whole_towers(12, 4)
    (12, 12)
    """
    return -(-batch // towers) * towers


def window_length(stream: Stream, characters: int) -> int:
    """The number of tokens that cover about ``characters`` characters, at least one.

    So every tokenizer reads the same amount of text per update.
    """
    return max(1, round(characters * stream.tokens / stream.characters))


def windows_per_epoch(stream: Stream, rows: int, length: int) -> int:
    """Whole windows in one pass; a text too short for one is repeated to fill it."""
    return max(1, stream.tokens // (rows * length))


class Epoch:
    """A pass over the documents in an order drawn from the seed, as ``rows`` contiguous streams of whole windows.

    The documents follow each other, each with ``<doc>`` as its first input and last target; the result is rotated by a
    random number of tokens, so that rows start elsewhere in each pass, and cut into rows. An incomplete last window is
    left out of this pass; the next pass starts elsewhere. Nothing but the window that is asked for is read.
    """

    def __init__(self, stream: Stream, rows: int, length: int, seed: tuple[int, ...]) -> None:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(stream.starts) - 1)
        lengths = np.diff(stream.starts)[order]
        self._stream, self._length = stream, length
        self._ends = np.cumsum(lengths)  # of the documents, in this order
        self._from = stream.starts[order] - (self._ends - lengths)  # from a token's place in this order to the stream's
        row = windows_per_epoch(stream, rows, length) * length
        self._starts = rng.integers(stream.tokens) + row * np.arange(rows)  # (rows,), of the rows

    def window(self, number: int) -> tuple[Ids, Ids, int]:
        """Inputs and next-token targets (rows, length) of a window, and the characters that the targets cover."""
        within = np.arange(number * self._length - 1, (number + 1) * self._length)  # with the token before the first
        places = np.add.outer(self._starts, within) % self._stream.tokens  # (rows, 1 + length)
        places += self._from[np.searchsorted(self._ends, places, "right")]
        ids = self._stream.ids[places].astype(np.int32)  # every document ends with <doc>: so does what precedes it
        return ids[:, :-1], ids[:, 1:], int(self._stream.widths[places[:, 1:]].sum())
