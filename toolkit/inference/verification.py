"""Compress and decompress text with a run's probabilities: the proof that its likelihood is valid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from toolkit.errors import CodedDataError, ContractError
from toolkit.events.checks import check_distribution, check_encoding, check_text
from toolkit.events.distribution import Distribution
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Stepper
from toolkit.events.stepping import decode_document, encode_document
from toolkit.inference.model import Model
from toolkit.inference.range_coder import Decoder, Encoder, NotADistributionError
from toolkit.inference.scores import DocumentScores
from toolkit.inference.stepped import scored_on_the_way
from toolkit.text.corpus import Document, characters

Put = Callable[[Distribution, int], None]
StepThrough = Callable[[Stepper, Encoding, Put], float]
"""Puts the events of a document, and returns its reported bits."""
Report = Callable[[int], None]
Progress = Callable[[int, int], None]
"""Is told how much is done, of how much: of twice all characters, since what is coded is decoded."""
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
    model: Model,
    decoder: Decoding,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Progress,
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with what was reported.

    ``decoder`` must know the run and nothing of the documents: it is best called in another process
    (runs/decoding.py). Raises KilledError if that is killed, and InputError if it cannot work or a document cannot be
    encoded, which says nothing of the run.
    """
    bits = iter(reported_bits)

    def reported(stepper: Stepper, encoded: Encoding, put: Put) -> float:
        encode_document(stepper, model.tokenizer, encoded, put)
        return next(bits)

    verification = coded_and_decoded(model, decoder, documents, reported, lambda: None, report)
    verification.bits = float(sum(reported_bits))
    return verification


def verify_while_scoring(
    model: Model,
    decoder: Decoding,
    documents: Sequence[Document],
    check: Callable[[list[DocumentScores]], None],
    report: Progress,
) -> tuple[list[DocumentScores], Verification]:
    """The scores of a model that learns as it reads, and their verification: it steps through the documents once.

    ``check`` gets the scores before anything is decoded, and may raise ContractError. A coder pays the probabilities
    that are scored, so what can be wrong before decoding is the rest: spelling, and what is outside the network.
    Raises InputError and KilledError as ``verify`` does.
    """
    scores: list[DocumentScores] = []

    def scored(stepper: Stepper, encoded: Encoding, put: Put) -> float:
        scores.append(scored_on_the_way(stepper, model.tokenizer, encoded, put))
        return scores[-1].total

    return scores, coded_and_decoded(model, decoder, documents, scored, lambda: check(scores), report)


def coded_and_decoded(
    model: Model,
    decoder: Decoding,
    documents: Sequence[Document],
    step_through: StepThrough,
    check: Callable[[], None],
    report: Progress,
) -> Verification:
    """The outcome of coding documents, of ``check`` and, if nothing is wrong so far, of decoding them."""
    verification = Verification(characters(documents))
    try:
        coded = code(model, documents, step_through, report, verification)
        check()
        if not verification.wrong:
            check_decoded(coded, decoder, documents, report, verification)
    except (NotADistributionError, ContractError, CodedDataError) as error:  # a decoder may lose track in its own data
        verification.wrong = str(error)
    return verification


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def code(
    model: Model,
    documents: Sequence[Document],
    step_through: StepThrough,
    report: Progress,
    verification: Verification,
) -> bytes:
    """The coded documents. Fills in what coding pays, and the first document that pays other bits than reported.

    Raises ContractError for an encoding or a distribution that a coder cannot use.
    """
    encoder, stepper, tokenizer = Encoder(), model.start(), model.tokenizer
    done = 0
    for document in documents:
        before, encoded = encoder.bits, tokenizer.encode(document)
        check_encoding(tokenizer.vocabulary, encoded, len(document.text), document.name)
        expected = step_through(stepper, encoded, checked(encoder.put, document.name))
        verification.bits += expected
        if not abs(encoder.bits - before - expected) <= 1e-3 + 1e-4 * expected:
            verification.wrong = verification.wrong or (
                f"{document.name}: {expected:.3f} bits were reported, but stepping pays {encoder.bits - before:.3f}"
            )
        done += len(document.text)
        report(done, 2 * verification.characters)
    data: bytes = encoder.data()
    verification.coded_bits, verification.coded_bytes = encoder.bits, len(data)
    return data


def check_decoded(
    coded: bytes, decoder: Decoding, documents: Sequence[Document], report: Progress, verification: Verification
) -> None:
    """Decode; fills in a size that the bits do not explain.

    Raises ContractError for another text, and CodedDataError for data that cannot be decoded.
    """
    characters = verification.characters
    texts = decoder(coded, len(documents), lambda done: report(characters + done, 2 * characters))
    for document, text in zip(documents, texts, strict=True):
        check_text(text, document.text, document.name)
    verification.wrong = wrong_size(verification)


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def decode(model: Model, coded: bytes, documents: int, report: Report) -> list[str]:
    """The texts of so many coded documents. Raises CodedDataError if no coder can have written the data."""
    decoder, stepper = Decoder(coded), model.start()
    texts: list[str] = []
    for _ in range(documents):
        texts.append(decode_document(stepper, model.tokenizer, decoder.pick))
        report(sum(map(len, texts)))
    return texts


def checked(put: Put, shown: str) -> Put:
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
