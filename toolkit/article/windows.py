"""Text as windows: what one update reads, and the held-out passages on which every network is measured."""

import math
from dataclasses import dataclass

import numpy as np

from toolkit.article.alphabet import Ids

TOWERS = 2  # independent parts of a batch, which are computed side by side
LEAD = 50  # characters before the first target: the largest shift
SPAN = math.lcm(50, 30, 10)  # a row has whole windows of every length
MOST_ROWS = 64
MOST_SPANS = 6  # of a row: 64 rows of 6 spans are 57,600 targets, about 10,000 words


class Streams:
    """Training text read in parallel rows, each from left to right in windows; each pass starts at another place.

    ``text`` is ids (n,), read as a ring; windows are (rows, window), targets the ids ``shift`` later. Where a pass
    starts depends on the seed and the pass.
    """

    def __init__(self, text: Ids, batch: int, window: int, shift: int, seed: int) -> None:
        self.text, self.window, self.shift, self.seed = text, window, shift, seed
        self.rows = max(TOWERS, min(batch, len(text) // window) // TOWERS * TOWERS)
        self.length = len(text) // self.rows  # of a row
        self.per_pass = max(1, self.length // window)

    @property
    def characters_per_update(self) -> int:
        """Characters that one update reads."""
        return self.rows * self.window

    def begins_pass(self, update: int) -> bool:
        """Whether the update is the first of a pass."""
        return update % self.per_pass == 0

    def at(self, update: int) -> tuple[Ids, Ids]:
        """Inputs and targets (rows, window) of an update."""
        number, place = divmod(update, self.per_pass)
        turn = int(np.random.default_rng([self.seed, number]).integers(len(self.text)))
        starts = turn + place * self.window + self.length * np.arange(self.rows)[:, None]  # (rows, 1)
        places = starts + np.arange(self.window)  # (rows, window)
        return self.text[places % len(self.text)], self.text[(places + self.shift) % len(self.text)]


@dataclass(frozen=True)
class Passages:
    """Neighbouring rows of a text, (rows, LEAD + n · SPAN), whose targets are the same for every shift and window.

    A network with shift M reads from M characters before the first target to M before the last one.
    """

    text: Ids

    @classmethod
    def of(cls, text: Ids) -> "Passages":
        """Rows from the beginning of a text, at most ``MOST_ROWS`` of at most ``MOST_SPANS`` spans each.

        Raises ValueError if the text has no room for one span.
        """
        spans = (len(text) - LEAD) // SPAN
        if spans < 1:
            raise ValueError(f"a passage needs {LEAD + SPAN} characters, not {len(text)}")
        rows = min(MOST_ROWS, spans)
        length = min(MOST_SPANS, spans // rows) * SPAN
        return cls(np.stack([text[row * length : (row + 1) * length + LEAD] for row in range(rows)]))

    @property
    def targets(self) -> Ids:
        """What is to be predicted, (rows, n · SPAN)."""
        return self.text[:, LEAD:]

    @property
    def prompts(self) -> Ids:
        """The characters before the first target, (rows, LEAD)."""
        return self.text[:, :LEAD]

    def inputs(self, shift: int) -> Ids:
        """What a network reads to answer ``shift`` ahead, (rows, n · SPAN): the text ``shift`` before the targets."""
        return self.text[:, LEAD - shift : self.text.shape[1] - shift]
