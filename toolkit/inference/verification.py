"""Compress and decompress text with a run's probabilities: the proof that its likelihood is valid."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from toolkit.errors import ContractError
from toolkit.events.coding import (
    Stepper,
    check_distribution,
    check_encoding,
    check_text,
    decode_document,
    encode_document,
)
from toolkit.events.distribution import Distribution
from toolkit.events.encoding import Events
from toolkit.inference.model import Model
from toolkit.inference.range_coder import CodedDataError, Decoder, Encoder, NotADistributionError
from toolkit.inference.scores import DocumentScores
from toolkit.inference.stepped import scored_on_the_way
from toolkit.text.corpus import Document, characters

Put = Callable[[Distribution, int], None]
StepThrough = Callable[[Stepper, Events, Put], float]
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
    model: Model, decoder: Decoding, documents: Sequence[Document], reported_bits: Sequence[float], report: Progress
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with what was reported.

    ``decoder`` must know the run and nothing of the documents: it is best called in another process
    (runs/isolated.py). Raises KilledError if that is killed, and InputError if it cannot work or a document cannot be
    encoded, which says nothing of the run.
    """
    bits = iter(reported_bits)

    def reported(stepper: Stepper, encoded: Events, put: Put) -> float:
        encode_document(stepper, model.tokenizer, encoded, put)
        return next(bits)

    verification = Verifying(model, decoder, documents, report).done(reported)
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

    def scored(stepper: Stepper, encoded: Events, put: Put) -> float:
        scores.append(scored_on_the_way(stepper, model.tokenizer, encoded, put))
        return scores[-1].total

    return scores, Verifying(model, decoder, documents, report).done(scored, lambda: check(scores))


class Verifying:
    """Documents on their way through a coder and a decoder; ``outcome`` is what has come of it so far."""

    def __init__(self, model: Model, decoder: Decoding, documents: Sequence[Document], report: Progress) -> None:
        self.model, self.decoder, self.documents, self.report = model, decoder, documents, report
        self.outcome = Verification(characters(documents))

    def done(self, step_through: StepThrough, check: Callable[[], None] = lambda: None) -> Verification:
        """The outcome of coding documents, of ``check`` and, if nothing is wrong so far, of decoding them."""
        try:
            coded = self.code(step_through)
            check()
            if not self.outcome.wrong:
                self.check_decoded(coded)
        except (NotADistributionError, ContractError, CodedDataError) as error:  # a decoder may lose track in its data
            self.outcome.wrong = str(error)
        return self.outcome

    @threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
    def code(self, step_through: StepThrough) -> bytes:
        """The coded documents. Fills in what coding pays, and the first document that pays other bits than reported.

        Raises ContractError for an encoding or a distribution that a coder cannot use.
        """
        encoder, stepper, tokenizer, outcome = Encoder(), self.model.start(), self.model.tokenizer, self.outcome
        done = 0
        for document in self.documents:
            before, encoded = encoder.bits, tokenizer.encode(document)
            check_encoding(tokenizer.vocabulary, encoded, len(document.text), document.name)
            expected = step_through(stepper, encoded, checked(encoder.put, document.name))
            outcome.bits += expected
            if not abs(encoder.bits - before - expected) <= 1e-3 + 1e-4 * expected:
                outcome.wrong = outcome.wrong or (
                    f"{document.name}: {expected:.3f} bits were reported, but stepping pays {encoder.bits - before:.3f}"
                )
            done += len(document.text)
            self.report(done, 2 * outcome.characters)
        data: bytes = encoder.data()
        outcome.coded_bits, outcome.coded_bytes = encoder.bits, len(data)
        return data

    def check_decoded(self, coded: bytes) -> None:
        """Decode; fills in a size that the bits do not explain.

        Raises ContractError for another text, and CodedDataError for data that cannot be decoded.
        """
        whole = self.outcome.characters
        texts = self.decoder(coded, len(self.documents), lambda done: self.report(whole + done, 2 * whole))
        for document, text in zip(self.documents, texts, strict=True):
            check_text(text, document.text, document.name)
        self.outcome.wrong = wrong_size(self.outcome)


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
