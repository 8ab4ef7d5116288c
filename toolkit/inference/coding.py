"""A range coder, and files that it compresses: a sequence of distributions writes outcomes and reads them again."""

import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

import constriction
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from toolkit.errors import ContractError, InputError
from toolkit.events.coding import Stepper, check_distribution, decode_document, document_events
from toolkit.events.distribution import SMALLEST, SUM_TOLERANCE, Distribution, Fine, Floats, Uniform, bits
from toolkit.events.encoding import Tokenizer
from toolkit.text.corpus import Document, difference_from_canonical, encode_utf8

F = TypeVar("F", bound=Callable[..., Any])

MAX_DIGITS = 256  # of a uniform outcome: each costs its bits within 2^−15, as rounding adds up to 2^−24 of 1/256
SLACK_BITS = 96  # that a decoder may read beyond the data before this proves an error
MAGIC = b"tkc4"
CHECKSUM = struct.Struct(">I")  # after the magic: of everything behind it
HEADER = struct.Struct(">8sdI")  # the run's fingerprint, the rate at which the model learns, the text's checksum


# Faster: in products with one row, other threads only wait.
one_blas_thread: Callable[[F], F] = threadpool_limits.wrap(limits=1, user_api="blas")


class CodedDataError(InputError):
    """Coded data that no coder can have written with these distributions, or that ends too early."""


class Encoder:
    """Writes outcomes; ``bits`` is Σ −log2 P of all of them."""

    def __init__(self) -> None:
        self._coder = constriction.stream.queue.RangeEncoder()
        self.bits = 0.0

    def put(self, distribution: Distribution, outcome: int) -> None:
        """Write one outcome. Raises ContractError if the coder cannot use the distribution."""
        if isinstance(distribution, Fine):
            distribution.narrow(partial(self._put_choice, outcome))
            return
        self.bits += bits(distribution, outcome)
        if not isinstance(distribution, Uniform):
            if not _is_certain(distribution):
                self._coder.encode(int(outcome), _coder_model(distribution))
            return
        outcomes = distribution.outcomes
        while outcomes > 1:
            bounds = _digit_bounds(outcomes)
            digit = int(np.searchsorted(bounds, outcome, "right")) - 1
            self._coder.encode(digit, _coder_model(np.diff(bounds) / outcomes))
            outcome, outcomes = outcome - int(bounds[digit]), int(bounds[digit + 1] - bounds[digit])

    def _put_choice(self, outcome: int, shares: Floats, likely: npt.NDArray[np.int64]) -> int:
        choice = int(likely.searchsorted(outcome)) if outcome in likely else len(likely)
        self.put(shares, choice)
        return choice

    def data(self) -> bytes:
        """Return the coded bytes: little-endian words of 32 bits."""
        return self._coder.get_compressed().astype("<u4").tobytes()  # type: ignore[no-any-return]


class Decoder:
    """Reads outcomes. Raises CodedDataError if no coder can have written the data, or it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._coder = constriction.stream.queue.RangeDecoder(np.frombuffer(data, "<u4").astype(np.uint32))
        self._bits_left = 8.0 * len(data) * 1.01 + SLACK_BITS

    def pick(self, distribution: Distribution) -> int:
        """Read one outcome. Raises ContractError as ``Encoder.put`` does."""
        if isinstance(distribution, Fine):
            return distribution.narrow(lambda shares, _: self.pick(shares))
        if not isinstance(distribution, Uniform):
            return self._read(distribution)
        first, outcomes = 0, distribution.outcomes
        while outcomes > 1:
            bounds = _digit_bounds(outcomes)
            digit = self._read(np.diff(bounds) / outcomes)
            first, outcomes = first + int(bounds[digit]), int(bounds[digit + 1] - bounds[digit])
        return first

    def _read(self, probabilities: Floats) -> int:
        if _is_certain(probabilities):
            return 0
        model = _coder_model(probabilities)
        with suppress(AssertionError):  # from constriction
            outcome = int(self._coder.decode(model))
            self._bits_left -= bits(probabilities, outcome)
            if self._bits_left >= 0:
                return outcome
        raise CodedDataError("The coded data is truncated or altered.")


def _coder_model(probabilities: Floats) -> Any:
    """Return constriction's model of a distribution P.

    The coder mixes its input q with a uniform distribution: P = q·(1 − n·S) + S, with S its smallest probability.
    """
    check_distribution(probabilities, 0, "a coded event")
    shifted = (probabilities - SMALLEST) / (1 - probabilities.size * SMALLEST)
    return constriction.stream.model.Categorical(shifted, perfect=False)


def _digit_bounds(outcomes: int) -> npt.NDArray[np.int64]:
    """Return the bounds (digits + 1,) of at most MAX_DIGITS groups of outcomes that have nearly one size."""
    digits = min(outcomes, MAX_DIGITS)
    return np.arange(digits + 1) * outcomes // digits


def _is_certain(probabilities: Floats) -> bool:
    """Return whether there is only one outcome, which the range coder cannot code and need not."""
    return probabilities.size == 1 and abs(float(probabilities[0]) - 1) <= SUM_TOLERANCE


@one_blas_thread
def compress(
    text: str, source: str, tokenizer: Tokenizer, start: Callable[[], Stepper], run: bytes, rate: float
) -> bytes:
    """Return a coded text, with the fingerprint of the model's ``run`` and the ``rate`` at which its steppers learn.

    ``start`` returns a stepper of the model. Raises InputError if the text is not canonical or not decoded again, or a
    distribution is invalid.
    """
    content = encode_utf8(text, source)
    if reason := difference_from_canonical(text):
        raise InputError(f"{source} is not canonical text: {reason}. Convert it first.")
    encoder, encoding = Encoder(), tokenizer.encode(Document(source, text))
    try:
        for _, distribution, outcome in document_events(tokenizer, encoding, start()):
            encoder.put(distribution, outcome)
        data = encoder.data()
        same = decode_document(start(), tokenizer, Decoder(data).pick) == text
    except (CodedDataError, ContractError) as error:
        reason = str(error).rstrip(".")
        raise InputError(f"{source} cannot be compressed: {reason}. Use another run.") from error
    if not same:
        raise InputError(f"{source} cannot be compressed: another text is decoded. Use another run.")
    checked = HEADER.pack(run, rate, zlib.crc32(content)) + data
    return MAGIC + CHECKSUM.pack(zlib.crc32(checked)) + checked


@one_blas_thread
def decompress(
    compressed: bytes, source: str, tokenizer: Tokenizer, start: Callable[[float], Stepper], run: bytes
) -> str:
    """Return the text of a compressed file. ``start`` returns a stepper of the model that learns at a rate.

    Raises InputError for a file from another run or version, a truncated or altered one, or one that was compressed
    where the model computes other numbers.
    """
    if not compressed.startswith(MAGIC):
        raise InputError(f"{source} was not made by this version of `toolkit compress`.")
    checksum = compressed[len(MAGIC) :][: CHECKSUM.size]
    checked = compressed[len(MAGIC) + CHECKSUM.size :]
    if len(checked) < HEADER.size or checksum != CHECKSUM.pack(zlib.crc32(checked)):
        raise InputError(f"{source} is truncated or altered.")
    (run_of_file, rate, text_checksum), data = HEADER.unpack(checked[: HEADER.size]), checked[HEADER.size :]
    if run_of_file != run:
        raise InputError(f"{source} was compressed with another run. Give that run, or a copy of it.")
    text = None
    with suppress(InputError, ContractError):
        text = decode_document(start(rate), tokenizer, Decoder(data).pick)
    if text is None or zlib.crc32(text.encode("utf-8")) != text_checksum:
        raise InputError(
            f"This machine computes different probabilities than the one that compressed {source}. "
            "Decompress it there, with the same number of threads and versions of packages."
        )
    return text
