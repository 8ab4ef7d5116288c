"""A range coder of outcomes: what is written with a sequence of distributions is read with the same sequence."""

from typing import Any

import constriction
import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.events.distribution import SMALLEST, SUM_TOLERANCE, Distribution, Floats, Uniform, bits

DIGITS = 256  # of a uniform outcome: each costs its bits within 2^−15, since rounding adds at most 2^−24 of 1/256
SLACK_BITS = 96  # how far a decoder may run ahead of the data before that proves an error


class CodedDataError(InputError):
    """Coded data that no coder can have written with these distributions, or that ends too early."""


class NotADistributionError(ArithmeticError):
    """Probabilities that the coder cannot use: they do not sum to one, or one is below its fixed-point resolution."""


def model_of(probabilities: Floats) -> Any:
    """The range coder's model of a distribution. Raises NotADistributionError if it is not one.

    The coder itself mixes its input q with a uniform distribution: P = q·(1 − n·S) + S, with S its smallest
    probability. So it gets the q that makes P the distribution; otherwise rare outcomes would cost less than reported.
    """
    total, least = float(probabilities.sum()), float(probabilities.min())
    if not (abs(total - 1) <= SUM_TOLERANCE and least >= SMALLEST):  # also true if one is NaN
        raise NotADistributionError(f"probabilities sum to {total:.9g} and the least is {least:.3g}")
    given = (probabilities - SMALLEST) / (1 - probabilities.size * SMALLEST)
    return constriction.stream.model.Categorical(given, perfect=False)


def bounds_of(outcomes: int) -> npt.NDArray[np.int64]:
    """Where so many outcomes, numbered from 0, are cut into at most DIGITS parts of nearly one size: parts + 1 bounds.

    >>> bounds_of(3).tolist(), bounds_of(1000)[:5].tolist()
    ([0, 1, 2, 3], [0, 3, 7, 11, 15])
    """
    parts = min(outcomes, DIGITS)
    return np.arange(parts + 1) * outcomes // parts


def is_certain(probabilities: Floats) -> bool:
    """Whether there is only one outcome, which the range coder cannot code and need not."""
    return probabilities.size == 1 and abs(float(probabilities[0]) - 1) <= SUM_TOLERANCE


class Encoder:
    """Writes outcomes; ``bits`` is Σ −log2 P of those written."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()
        self.bits = 0.0

    def put(self, distribution: Distribution, outcome: int) -> None:
        """Write one outcome; a uniform one digit by digit, the part of the outcomes that it is in, and so on in it."""
        self.bits += bits(distribution, outcome)
        if not isinstance(distribution, Uniform):
            if not is_certain(distribution):
                self._coder.encode(int(outcome), model_of(distribution))
            return
        outcomes = distribution.outcomes
        while outcomes > 1:
            bounds = bounds_of(outcomes)
            digit = int(np.searchsorted(bounds, outcome, "right")) - 1
            self._coder.encode(digit, model_of(np.diff(bounds) / outcomes))
            outcome, outcomes = outcome - int(bounds[digit]), int(bounds[digit + 1] - bounds[digit])

    def data(self) -> bytes:
        """The coded bytes: little-endian words of 32 bits."""
        return self._coder.get_compressed().astype("<u4").tobytes()  # type: ignore[no-any-return]


class Decoder:
    """Reads outcomes. Raises CodedDataError if no coder can have written the data, or it ends too early."""

    def __init__(self, data: bytes, source: str = "The coded data") -> None:
        self._data, self._source = data, source
        if len(data) % 4:
            raise CodedDataError(f"{source} is truncated: its coded data is not a multiple of 4 bytes long.")
        self._encoder = constriction.stream.queue.RangeEncoder()  # writes what is read, for comparison
        self._coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        self._bits_left = 8.0 * len(data) * 1.01 + SLACK_BITS

    def pick(self, distribution: Distribution) -> int:
        """Read one outcome."""
        if not isinstance(distribution, Uniform):
            return self._read(distribution)
        first, outcomes = 0, distribution.outcomes
        while outcomes > 1:
            bounds = bounds_of(outcomes)
            digit = self._read(np.diff(bounds) / outcomes)
            first, outcomes = first + int(bounds[digit]), int(bounds[digit + 1] - bounds[digit])
        return first

    def _read(self, probabilities: Floats) -> int:
        """Read one outcome of an array of probabilities."""
        if is_certain(probabilities):
            return 0
        model = model_of(probabilities)
        try:
            outcome = int(self._coder.decode(model))
        except AssertionError as error:  # raised by constriction for data that it cannot have written
            raise CodedDataError(
                f"{self._source} is truncated or altered: its coded data cannot be decoded."
            ) from error
        self._bits_left -= bits(probabilities, outcome)
        if self._bits_left < 0:
            raise CodedDataError(f"{self._source} is truncated or altered: its coded data ends before the text does.")
        self._encoder.encode(outcome, model)
        return outcome

    def finish(self) -> None:
        """Raises CodedDataError if the data is not exactly what a coder writes for the outcomes read."""
        if self._encoder.get_compressed().astype("<u4").tobytes() != self._data:
            raise CodedDataError(f"{self._source} is altered: its coded data continues after the end of the text.")
