"""Compress and decompress text with a run's probabilities: the proof that its likelihood is valid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from toolkit.errors import ContractError, InputError
from toolkit.events.checks import check_distribution, check_encoding, check_text
from toolkit.events.distribution import Distribution
from toolkit.events.stepping import decode_document, encode_document
from toolkit.inference.model import Model
from toolkit.inference.range_coder import Decoder, Encoder, NotADistributionError
from toolkit.text.corpus import Document

Report = Callable[[int], None]
Decoding = Callable[[bytes, int, Report], list[str]]
"""The texts of so many coded documents; reports how many characters are done."""


@dataclass
class Verification:
    """The outcome of coding and decoding documents. ``wrong`` is the first disagreement in words, or None."""

    characters: int = 0
    bits: float = 0.0  # as the batched scorer reports them
    coded_bits: float = 0.0  # as the coder paid them, event by event
    coded_bytes: int = 0
    wrong: str | None = None


def verify(
    encoding: Model,
    decoder: Decoding,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Callable[[int, int], None],
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with what was reported.

    ``decoder`` must know the run and nothing of the documents: it is best called in another process
    (runs/isolated.py). ``report`` is told how much is done, of twice all characters.
    """
    characters = sum(len(document.text) for document in documents)
    verification = Verification(characters, float(sum(reported_bits)))
    try:
        coded = code(encoding, documents, reported_bits, lambda done: report(done, 2 * characters), verification)
        if not verification.wrong:
            texts = decoder(coded, len(documents), lambda done: report(characters + done, 2 * characters))
            for document, text in zip(documents, texts, strict=True):
                check_text(text, document.text, document.name)
            verification.wrong = wrong_size(verification)
    except (NotADistributionError, ContractError, InputError) as error:  # a decoder may lose track in its own data
        verification.wrong = str(error)
    return verification


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def code(
    model: Model,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Report,
    verification: Verification,
) -> bytes:
    """The coded documents. Fills in what coding pays, and the first document that pays other bits than reported.

    Raises ContractError for an encoding or a distribution that a coder cannot use.
    """
    encoder, stepper, tokenizer = Encoder(), model.start(), model.tokenizer
    done = 0
    for document, expected in zip(documents, reported_bits, strict=True):
        before, encoded = encoder.bits, tokenizer.encode(document)
        check_encoding(tokenizer.vocabulary, encoded, len(document.text), document.name)
        encode_document(stepper, tokenizer, encoded, checked(encoder.put, document.name))
        if not abs(encoder.bits - before - expected) <= 1e-3 + 1e-4 * expected:
            verification.wrong = verification.wrong or (
                f"{document.name}: {expected:.3f} bits were reported, but stepping pays {encoder.bits - before:.3f}"
            )
        done += len(document.text)
        report(done)
    data: bytes = encoder.data()
    verification.coded_bits, verification.coded_bytes = encoder.bits, len(data)
    return data


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def decode(model: Model, coded: bytes, documents: int, report: Report) -> list[str]:
    """The texts of so many coded documents. Raises InputError if no coder can have written the data."""
    decoder, stepper = Decoder(coded), model.start()
    texts: list[str] = []
    for _ in range(documents):
        texts.append(decode_document(stepper, model.tokenizer, decoder.pick))
        report(sum(map(len, texts)))
    return texts


def checked(put: Callable[[Distribution, int], None], shown: str) -> Callable[[Distribution, int], None]:
    """``put``, which first raises ContractError for what is not an outcome of a distribution."""

    def check_and_put(distribution: Distribution, outcome: int) -> None:
        check_distribution(distribution, outcome, shown)
        put(distribution, outcome)

    return check_and_put


def wrong_size(verification: Verification) -> str | None:
    """In words, a coded size that the bits do not explain; None if bits/8 − 16 ≤ bytes ≤ 1.005 · bits/8 + 16."""
    bits, coded_bytes = verification.bits, verification.coded_bytes
    least, most = bits / 8 - 16, bits / 8 * 1.005 + 16
    if least <= coded_bytes <= most:
        return None
    return f"{coded_bytes} bytes were coded, but {bits:.1f} bits allow only {least:.0f} to {most:.0f}"
