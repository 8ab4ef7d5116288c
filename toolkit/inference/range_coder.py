"""A range coder of outcomes: what was written with a sequence of distributions is read back with the same."""

from typing import Any

import constriction
import numpy as np

from toolkit.errors import InputError
from toolkit.events.distribution import SMALLEST, Distribution, Uniform, bits

SUM_TOLERANCE = 1e-6


SLACK_BITS = 96  # by which a decoder may run ahead of the data before it must have gone astray


class NotADistributionError(ArithmeticError):
    """Probabilities that no coder can code: they do not sum to one, or one is below the coder's fixed point."""


def model_of(distribution: Distribution) -> Any:
    """The range coder's model of a distribution. Raises NotADistributionError where it is none.

    The coder itself mixes what it is given with a uniform distribution: P = q·(1 − n·S) + S, S its smallest
    probability. So it is given the q for which that is the distribution, or rare outcomes would cost less than said.
    """
    if isinstance(distribution, Uniform):
        return constriction.stream.model.Uniform(distribution.outcomes)
    total, least = float(distribution.sum()), float(distribution.min())
    if not (abs(total - 1) <= SUM_TOLERANCE and least >= SMALLEST):  # nor where one is no number
        raise NotADistributionError(f"probabilities sum to {total:.9g} and the least is {least:.3g}")
    given = (distribution - SMALLEST) / (1 - distribution.size * SMALLEST)
    return constriction.stream.model.Categorical(given, perfect=False)


def is_certain(distribution: Distribution) -> bool:
    """Whether there is one outcome only, which the range coder cannot hold and need not."""
    return isinstance(distribution, Uniform) and distribution.outcomes == 1


class Encoder:
    """Writes outcomes; ``bits`` is Σ −log2 P of what was written."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()
        self.bits = 0.0

    def put(self, distribution: Distribution, outcome: int) -> None:
        """Write one outcome; one that is certain needs no writing."""
        if is_certain(distribution):
            return
        self._coder.encode(int(outcome), model_of(distribution))
        self.bits += bits(distribution, outcome)

    def data(self) -> bytes:
        """The coded bytes, little-endian words of 32 bits."""
        return self._coder.get_compressed().astype("<u4").tobytes()  # type: ignore[no-any-return]


class Decoder:
    """Reads outcomes back. Raises InputError where no coder wrote the data, or more was read than was there."""

    def __init__(self, data: bytes, source: str = "The coded data") -> None:
        self._data, self._source = data, source
        if len(data) % 4:
            raise InputError(f"{source} is truncated: its coded data is not a multiple of 4 bytes long.")
        self._again = constriction.stream.queue.RangeEncoder()  # writes what was read
        self._coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        self._bits_left = 8.0 * len(data) * 1.01 + SLACK_BITS

    def pick(self, distribution: Distribution) -> int:
        """Read one outcome."""
        if is_certain(distribution):
            return 0
        model = model_of(distribution)
        try:
            outcome = int(self._coder.decode(model))
        except AssertionError as error:  # constriction's answer to data that it cannot have written
            raise InputError(f"{self._source} is truncated or altered: no coder writes its coded data.") from error
        self._bits_left -= bits(distribution, outcome)
        if self._bits_left < 0:
            raise InputError(f"{self._source} is truncated or altered: its coded data ends before the text does.")
        self._again.encode(outcome, model)
        return outcome

    def finish(self) -> None:
        """Raises InputError where the data is not what a coder writes for the outcomes read."""
        if self._again.get_compressed().astype("<u4").tobytes() != self._data:
            raise InputError(f"{self._source} is altered: its coded data goes on behind the text's end.")
