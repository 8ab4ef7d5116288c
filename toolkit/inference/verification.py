"""Compress and decompress text with a run's probabilities: the proof that its likelihood is valid."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from threadpoolctl import threadpool_limits

from toolkit.errors import InputError
from toolkit.events.stepping import decode_document, encode_document
from toolkit.inference.model import Model
from toolkit.inference.range_coder import Decoder, Encoder, NotADistributionError
from toolkit.text.corpus import Document

DECOY = Document("decoy", "Another text, of which whoever decodes the first must know nothing.\n")


@dataclass
class Verification:
    """The outcome of coding and decoding documents. ``wrong`` is the first disagreement in words, or None."""

    characters: int = 0
    bits: float = 0.0  # as the batched scorer reports them
    coded_bits: float = 0.0  # as the coder paid them, event by event
    coded_bytes: int = 0
    wrong: str | None = field(default=None)


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def verify(
    encoding: Model,
    decoding: Model,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Callable[[int, int], None],
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with what was reported.

    ``encoding`` and ``decoding`` are the same run, loaded twice: the decoder has only what was saved.
    """
    verification = Verification(sum(len(document.text) for document in documents), float(sum(reported_bits)))
    try:
        code_and_decode(encoding, decoding, documents, reported_bits, report, verification)
    except (NotADistributionError, InputError) as error:  # the decoder has lost track in its own data
        verification.wrong = verification.wrong or str(error)
    return verification


def code_and_decode(
    encoding: Model,
    decoding: Model,
    documents: Sequence[Document],
    reported_bits: Sequence[float],
    report: Callable[[int, int], None],
    verification: Verification,
) -> None:
    """Fill in what coding pays and the first thing that is wrong.

    Raises NotADistributionError, and InputError if the decoder cannot follow the encoder.
    """
    encoder, stepper, tokenizer = Encoder(), encoding.start(), encoding.tokenizer
    done = 0
    for document, expected in zip(documents, reported_bits, strict=True):
        before = encoder.bits
        encode_document(stepper, tokenizer, tokenizer.encode(document), encoder.put)
        if not abs(encoder.bits - before - expected) <= 1e-3 + 1e-4 * expected:
            verification.wrong = verification.wrong or (
                f"{document.name}: {expected:.3f} bits were reported, but stepping pays {encoder.bits - before:.3f}"
            )
        done += len(document.text)
        report(done, 2 * verification.characters)
    coded = encoder.data()
    verification.coded_bits, verification.coded_bytes = encoder.bits, len(coded)
    with suppress(InputError):  # a tokenizer may refuse it
        tokenizer.encode(DECOY)
    difference = verification.wrong or first_difference(decoding, documents, coded, report)
    verification.wrong = difference or wrong_size(verification)


def first_difference(
    model: Model,
    documents: Iterable[Document],
    coded: bytes,
    report: Callable[[int, int], None],
) -> str | None:
    """In words, the first document that is not restored from the coded data; None if all are."""
    documents = list(documents)
    characters = done = sum(len(document.text) for document in documents)
    decoder, stepper = Decoder(coded), model.start()
    for document in documents:
        text = decode_document(stepper, model.tokenizer, decoder.pick)
        if text != document.text:
            place = next((i for i, (a, b) in enumerate(zip(text, document.text, strict=False)) if a != b), len(text))
            return f"{document.name}: the decoded text differs at character {place}"
        done += len(document.text)
        report(done, 2 * characters)
    return None


def wrong_size(verification: Verification) -> str | None:
    """In words, a coded size that the bits do not explain; None if bits/8 − 16 ≤ bytes ≤ 1.005 · bits/8 + 16."""
    bits, coded_bytes = verification.bits, verification.coded_bytes
    least, most = bits / 8 - 16, bits / 8 * 1.005 + 16
    if least <= coded_bytes <= most:
        return None
    return f"{coded_bytes} bytes were coded, but {bits:.1f} bits allow only {least:.0f} to {most:.0f}"
