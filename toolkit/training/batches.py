"""Encodings -> contiguous streams of documents, cut into windows (numpy)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from toolkit.config import TrainSettings
from toolkit.events.encoding import DOC, Encoding, Ids


class Windows(NamedTuple):
    """How the text is read: an update reads a window of ``length`` tokens in each of ``rows``.

    A pass has ``per_epoch`` of them, and training ends after ``updates``, unless it is ended before.
    """

    rows: int
    length: int
    per_epoch: int
    updates: int


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


def windows(encodings: Sequence[Encoding], settings: TrainSettings) -> Windows:
    """The windows in which these settings read encoded documents (``Vocabulary.fed``)."""
    rows = -(-settings.batch // settings.towers) * settings.towers
    length = settings.window_tokens or window_length(encodings, settings.window_characters)
    per_epoch = windows_per_epoch(encodings, rows, length)
    return Windows(rows, length, per_epoch, settings.epochs * per_epoch if settings.epochs else settings.updates)


def window_length(encodings: Sequence[Encoding], characters: int) -> int:
    """The number of tokens that cover about ``characters`` characters, at least one.

    So every tokenizer reads the same amount of text per update.
    """
    tokens = sum(len(encoding.ids) for encoding in encodings)
    covered = sum(int(encoding.offsets[-1]) for encoding in encodings)
    return max(1, round(characters * tokens / covered))


def windows_per_epoch(encodings: Sequence[Encoding], rows: int, length: int) -> int:
    """Whole windows in one pass; a text too short for one is repeated to fill it."""
    return max(1, sum(len(encoding.ids) for encoding in encodings) // (rows * length))


def epoch(encodings: Sequence[Encoding], rows: int, length: int, seed: tuple[int, ...]) -> Epoch:
    """A pass over the documents in an order drawn from the seed, as ``rows`` contiguous streams of whole windows.

    The documents are concatenated, each with ``<doc>`` as its first input and last target; the result is rotated by a
    random number of tokens, so that rows start elsewhere in each pass, and cut into rows. An incomplete last window is
    left out of this pass; the next pass starts elsewhere.
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
