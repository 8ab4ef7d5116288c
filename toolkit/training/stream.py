"""Encoded training documents in a row, and the windows of ids that a network reads."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.config import TrainSettings
from toolkit.events.encoding import DOC, Events, Ids, Vocabulary


class Stream(NamedTuple):
    """n tokens. Document i has ``[starts[i]:starts[i + 1]]``; its last token is ``<doc>``."""

    events: npt.NDArray[np.void]  # (n,) of EVENT
    starts: npt.NDArray[np.int64]  # (documents + 1,)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return int(self.starts[-1])

    @property
    def characters(self) -> int:
        """The characters of all documents."""
        return int(self.events["end"][self.starts[1:] - 1].sum(dtype=np.int64))


def stream(vocabulary: Vocabulary, encodings: Sequence[Events]) -> Stream:
    """Return the stream of encoded documents: all events that the network predicts and reads."""
    fed = [vocabulary.fed(encoding) for encoding in encodings]
    return Stream(np.concatenate([encoding.array for encoding in fed]), np.cumsum([0, *map(len, fed)]))


class Windows(NamedTuple):
    """An update reads a window of ``length`` tokens in each of ``rows``. Training ends after ``updates`` at most."""

    rows: int
    length: int
    per_epoch: int
    updates: int


def windows(stream: Stream, settings: TrainSettings) -> Windows:
    """Return the windows of a stream.

    Every tokenizer reads about ``window_characters`` characters in a window. A text too short for one is repeated.
    """
    tokens = settings.window_characters * stream.tokens / stream.characters
    length = settings.window_tokens or max(1, round(tokens))
    per_epoch = max(1, stream.tokens // (settings.batch * length))
    updates = settings.epochs * per_epoch if settings.epochs else settings.updates
    return Windows(settings.batch, length, per_epoch, updates)


class Epoch:
    """A pass over the documents in an order drawn from the seed, as rows that are contiguous streams of windows.

    The documents follow each other, each with ``<doc>`` as its first input and last target. The result is rotated by a
    random number of tokens, so that rows start elsewhere in each pass, and cut into rows. A pass leaves out an
    incomplete last window. Only the requested windows are read.
    """

    def __init__(self, stream: Stream, windows: Windows, seed: tuple[int, ...]) -> None:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(stream.starts) - 1)
        lengths = np.diff(stream.starts)[order]
        self._stream, self._length = stream, windows.length
        self._ends = np.cumsum(lengths)  # (documents,), of the documents in this order
        # (documents,), from this order to the stream.
        self._shifts = stream.starts[order] - (self._ends - lengths)
        row = windows.per_epoch * windows.length
        self._starts = rng.integers(stream.tokens) + row * np.arange(windows.rows)  # (rows,)

    def window(self, number: int) -> tuple[Ids, Ids, int]:
        """Return inputs and next-token targets (rows, length) of a window, and the characters of the targets."""
        # From the token before the first.
        within = np.arange(number * self._length - 1, (number + 1) * self._length)
        places = np.add.outer(self._starts, within) % self._stream.tokens  # (rows, 1 + length)
        places += self._shifts[np.searchsorted(self._ends, places, "right")]
        ids, ends = self._stream.events["id"][places], self._stream.events["end"][places]
        # A document follows the <doc> that ends another one.
        starts = np.where(ids[:, :-1] == DOC, 0, ends[:, :-1])
        return ids[:, :-1], ids[:, 1:], int((ends[:, 1:] - starts).sum())
