"""Compress and decompress text with a run's probabilities: the proof that its likelihood is one."""

import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import constriction
import numpy as np
import numpy.typing as npt
from scipy.special import expit
from threadpoolctl import threadpool_limits

from toolkit.corpus import Document, decode_utf8, difference_from_canonical
from toolkit.errors import InputError
from toolkit.events import decode_document, encode_document
from toolkit.network import Network
from toolkit.probability import SMALLEST, Distribution, Uniform, bits
from toolkit.runs import Run, fingerprint
from toolkit.tokenizers.base import DOC

MAGIC = b"tkc1"
HEADER_BYTES = 16  # magic, the run's fingerprint (8), the text's checksum (4)
SLACK_BITS = 96  # by which a decoder may run ahead of the data before it must have gone astray
SUM_TOLERANCE = 1e-6
DECOY = Document("decoy", "Another text, of which whoever decodes the first must know nothing.\n")


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


class NumpyStepper:
    """The network written out in numpy, one event at a time: the same computation and shape for both directions.

    Several times faster than to call TensorFlow for every event, and a check on it: ``verify`` compares what this pays
    with what the batched scorer reported. Who steps limits numpy to one thread: another number gives other sums.
    """

    def __init__(self, network: Network) -> None:
        w = network.arrays()
        self._one_hot = network.one_hot
        self._inputs = w[network.input_matrix]
        self._layers = [
            (w[f"kernel_{layer}"], w[f"recurrent_{layer}"], w[f"bias_{layer}"])
            for layer in range(network.settings.layers)
        ]
        self._output = np.ascontiguousarray(w["embedding"].T) if network.tied else w["output"]  # (H, V)
        self._output_bias = w["output_bias"]
        self._forget()

    def _forget(self) -> None:
        """The zero state: per layer a hidden and a cell state (H,)."""
        self._state = [(np.zeros(len(U), np.float32), np.zeros(len(U), np.float32)) for _, U, _ in self._layers]

    def next_logits(self, id_: int) -> npt.NDArray[np.float32]:
        """Logits (V,) of the event after this one; those of ids that training never shows mean nothing."""
        if id_ == DOC:
            self._forget()
        x = self._inputs[id_]
        for layer, ((kernel, U, bias), (h, c)) in enumerate(zip(self._layers, self._state, strict=True)):
            units = len(U)
            z = (x if self._one_hot and layer == 0 else x @ kernel) + bias + h @ U  # (4H,): i, f, o, g
            s = expit(z[: 3 * units])
            c = s[units : 2 * units] * c + s[:units] * np.tanh(z[3 * units :])
            x = s[2 * units :] * np.tanh(c)
            self._state[layer] = x, c
        return x @ self._output + self._output_bias  # type: ignore[no-any-return]


@dataclass
class Verification:
    """What coding and decoding documents showed. ``wrong`` is the first disagreement in words, or None."""

    characters: int = 0
    bits: float = 0.0  # as the batched scorer reports them
    coded_bits: float = 0.0  # as the coder paid them, event by event
    coded_bytes: int = 0
    wrong: str | None = field(default=None)


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def verify(
    encoding: Run,
    decoding: Run,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Callable[[int, int], None],
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with what was reported.

    ``encoding`` and ``decoding`` are the same run, loaded twice: the decoder has nothing but what was saved.
    """
    result = Verification(sum(len(document.text) for document in documents), float(sum(reported_bits)))
    try:
        code_and_decode(encoding, decoding, documents, reported_bits, report, result)
    except (NotADistributionError, InputError) as error:  # the decoder has gone astray in its own data
        result.wrong = result.wrong or str(error)
    return result


def code_and_decode(
    encoding: Run,
    decoding: Run,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Callable[[int, int], None],
    result: Verification,
) -> None:
    """Fill in what coding pays and the first thing that is wrong.

    Raises NotADistributionError, and InputError where the decoder cannot follow the encoder.
    """
    encoder = Encoder()
    done = 0
    for document, expected in zip(documents, reported_bits, strict=True):
        before = encoder.bits
        tokenizer = encoding.tokenizer
        encode_document(NumpyStepper(encoding.network), tokenizer, tokenizer.encode(document), encoder.put)
        if not abs(encoder.bits - before - expected) <= 1e-3 + 1e-4 * expected:
            result.wrong = result.wrong or (
                f"{document.name}: {expected:.3f} bits were reported, stepping pays {encoder.bits - before:.3f}"
            )
        done += len(document.text)
        report(done, 2 * result.characters)
    data = encoder.data()
    result.coded_bits, result.coded_bytes = encoder.bits, len(data)
    with suppress(InputError):  # a tokenizer may refuse it
        encoding.tokenizer.encode(DECOY)
    result.wrong = result.wrong or first_difference(decoding, documents, data, report) or wrong_size(result)


def first_difference(
    run: Run,
    documents: Iterable[Document],
    data: bytes,
    report: Callable[[int, int], None],
) -> str | None:
    """The first document that does not come back from the coded data, in words."""
    documents = list(documents)
    characters = done = sum(len(document.text) for document in documents)
    decoder = Decoder(data)
    for document in documents:
        text = decode_document(NumpyStepper(run.network), run.tokenizer, decoder.pick)
        if text != document.text:
            place = next((i for i, (a, b) in enumerate(zip(text, document.text, strict=False)) if a != b), len(text))
            return f"{document.name}: the decoded text differs at character {place}"
        done += len(document.text)
        report(done, 2 * characters)
    return None


def wrong_size(result: Verification) -> str | None:
    """In words, a coded size that the bits do not explain: bits/8 − 16 ≤ bytes ≤ 1.005 · bits/8 + 16."""
    least, most = result.bits / 8 - 16, result.bits / 8 * 1.005 + 16
    if least <= result.coded_bytes <= most:
        return None
    return f"{result.coded_bytes} bytes were coded; {result.bits:.1f} bits allow {least:.0f} to {most:.0f}"


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def compress(run: Run, data: bytes, source: str) -> bytes:
    """A file's text, coded. Raises InputError where the text is not canonical, saying what canonical would change."""
    text = decode_utf8(data, source)
    if reason := difference_from_canonical(text):
        raise InputError(
            f"{source} is not canonical text, so it could not be given back as it is: {reason}; convert it first."
        )
    encoder = Encoder()
    encoding = run.tokenizer.encode(Document(source, text))
    encode_document(NumpyStepper(run.network), run.tokenizer, encoding, encoder.put)
    return MAGIC + fingerprint(run.folder) + zlib.crc32(data).to_bytes(4, "big") + encoder.data()


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def decompress(run: Run, data: bytes, source: str) -> bytes:
    """The file that was compressed. Raises InputError for another run's, a truncated or an altered file."""
    if not data.startswith(MAGIC) or len(data) < HEADER_BYTES:
        raise InputError(f"{source} was not made by `toolkit compress`: it does not begin with {MAGIC.decode()!r}.")
    if data[4:12] != fingerprint(run.folder):
        raise InputError(
            f"{source} was compressed with another run than {run.folder}; give the run that compressed it."
        )
    decoder = Decoder(data[HEADER_BYTES:], source)
    text = decode_document(NumpyStepper(run.network), run.tokenizer, decoder.pick)
    given_back = text.encode("utf-8")
    if zlib.crc32(given_back).to_bytes(4, "big") != data[12:HEADER_BYTES]:
        raise InputError(f"{source} is truncated or altered: the decoded text has another checksum than the one in it.")
    decoder.finish()
    return given_back
