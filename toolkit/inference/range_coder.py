"""A range coder of outcomes: what is written with a sequence of distributions is read with the same sequence."""

from typing import Any

import constriction
import numpy as np

from toolkit.errors import InputError
from toolkit.events.distribution import SMALLEST, Distribution, Uniform, bits

SUM_TOLERANCE = 1e-6


SLACK_BITS = 96  # how far a decoder may run ahead of the data before that proves an error


class NotADistributionError(ArithmeticError):
    """Probabilities that the coder cannot use: they do not sum to one, or one is below its fixed-point resolution."""


def model_of(distribution: Distribution) -> Any:
    """The range coder's model of a distribution. Raises NotADistributionError if it is not one.

    The coder itself mixes its input q with a uniform distribution: P = q·(1 − n·S) + S, with S its smallest
    probability. So it gets the q that makes P the distribution; otherwise rare outcomes would cost less than reported.
    """
    if isinstance(distribution, Uniform):
        return constriction.stream.model.Uniform(distribution.outcomes)
    total, least = float(distribution.sum()), float(distribution.min())
    if not (abs(total - 1) <= SUM_TOLERANCE and least >= SMALLEST):  # also true if one is NaN
        raise NotADistributionError(f"probabilities sum to {total:.9g} and the least is {least:.3g}")
    given = (distribution - SMALLEST) / (1 - distribution.size * SMALLEST)
    return constriction.stream.model.Categorical(given, perfect=False)


def is_certain(distribution: Distribution) -> bool:
    """Whether there is only one outcome, which the range coder cannot code and need not."""
    if isinstance(distribution, Uniform):
        return distribution.outcomes == 1
    return distribution.size == 1 and abs(float(distribution[0]) - 1) <= SUM_TOLERANCE


class Encoder:
    """Writes outcomes; ``bits`` is Σ −log2 P of those written."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()
        self.bits = 0.0

    def put(self, distribution: Distribution, outcome: int) -> None:
        """Write one outcome, unless it is certain."""
        if is_certain(distribution):
            return
        self._coder.encode(int(outcome), model_of(distribution))
        self.bits += bits(distribution, outcome)

    def data(self) -> bytes:
        """The coded bytes: little-endian words of 32 bits."""
        return self._coder.get_compressed().astype("<u4").tobytes()  # type: ignore[no-any-return]


class Decoder:
    """Reads outcomes. Raises InputError if no coder can have written the data, or it ends too early."""

    def __init__(self, data: bytes, source: str = "The coded data") -> None:
        self._data, self._source = data, source
        if len(data) % 4:
            raise InputError(f"{source} is truncated: its coded data is not a multiple of 4 bytes long.")
        self._encoder = constriction.stream.queue.RangeEncoder()  # writes what is read, for comparison
        self._coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        self._bits_left = 8.0 * len(data) * 1.01 + SLACK_BITS

    def pick(self, distribution: Distribution) -> int:
        """Read one outcome."""
        if is_certain(distribution):
            return 0
        model = model_of(distribution)
        try:
            outcome = int(self._coder.decode(model))
        except AssertionError as error:  # raised by constriction for data that it cannot have written
            raise InputError(f"{self._source} is truncated or altered: its coded data cannot be decoded.") from error
        self._bits_left -= bits(distribution, outcome)
        if self._bits_left < 0:
            raise InputError(f"{self._source} is truncated or altered: its coded data ends before the text does.")
        self._encoder.encode(outcome, model)
        return outcome

    def finish(self) -> None:
        """Raises InputError if the data is not exactly what a coder writes for the outcomes read."""
        if self._encoder.get_compressed().astype("<u4").tobytes() != self._data:
            raise InputError(f"{self._source} is altered: its coded data continues after the end of the text.")
