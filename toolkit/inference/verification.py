"""Proofs that the bits of a model are valid: coding and decoding, and checks of scores that any text can afford.

Checked at each event: the encoding, the reserve, and the distributions of spelling, and that the text is decoded from
ids and outcomes alone. A model's own distributions are checked at a sample of events, or by coding all of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.errors import ContractError
from toolkit.events.coding import (
    ReadBack,
    Written,
    check_distribution,
    check_encoding,
    check_text,
    check_vocabulary,
    decode_document,
    described,
    expect,
    spelled_outcomes,
    without_pending_space,
)
from toolkit.events.distribution import Floats, bits
from toolkit.events.encoding import DOC, Events, Tokenizer
from toolkit.inference.coding import CodedDataError, Decoder, Encoder, NotADistributionError
from toolkit.inference.model import Model
from toolkit.inference.scores import BITS, DocumentScores, step_through
from toolkit.text.corpus import Document, characters
from toolkit.text.neutral import goes_on

SAMPLED_EVENTS = 2_000  # at which a model's distribution is checked
READ_EVENTS = 20_000  # among which they are drawn: the model must read all events of a document before them
PLACES = 3  # of a document, at which a decoder stops
ROUNDING_BITS = 1e-6  # that rounding may take from an event without bits

Report = Callable[[int], None]  # receives the characters done
Progress = Callable[[int, int], None]  # receives the characters done and in all, coded and decoded ones counted apart
Decoding = Callable[[bytes, int, Report], list[str]]  # the texts of a number of coded documents
Reader = Callable[[Sequence[Written]], tuple[dict[str, object], list[ReadBack]]]  # a decoder's vocabulary, and texts


@dataclass
class Verification:
    """The outcome of coding and decoding documents. ``wrong`` is the first disagreement in words, or None."""

    characters: int = 0
    bits: float = 0.0  # as scoring reports them
    coded_bits: float = 0.0  # as the coder paid them
    coded_bytes: int = 0
    wrong: str | None = None
    scores: list[DocumentScores] = field(default_factory=list, compare=False)  # as coding finds them


def verify(
    model: Model,
    decoder: Decoding,
    documents: Sequence[Document],
    report: Progress,
    reported_bits: Sequence[float] | None = None,
    check: Callable[[list[DocumentScores]], None] = lambda _: None,
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with the reported bits.

    Args:
        model: The model, which may learn while it reads.
        decoder: A function that knows the run and nothing of the documents, as in another process (runs/isolated.py).
        documents: The texts.
        report: Receives the progress.
        reported_bits: Bits of each document; by default the scores that coding finds.
        check: Receives these scores before decoding, and may raise ContractError.

    Raises:
        KilledError: The decoder's process was killed.
        InputError: The decoder cannot work, or a document cannot be encoded.
    """
    outcome = Verification(characters(documents), float(sum(reported_bits or ())))
    encoder, stepper, tokenizer, coded, whole = Encoder(), model.start(), model.tokenizer, 0, outcome.characters
    try:
        for number, document in enumerate(documents):
            paid, encoding = encoder.bits, tokenizer.encode(document)
            check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
            outcome.scores.append(step_through(stepper, tokenizer, encoding, encoder.put))
            paid = encoder.bits - paid
            reported = outcome.scores[-1].total if reported_bits is None else reported_bits[number]
            if not abs(paid - reported) <= 1e-3 + 1e-4 * reported and not outcome.wrong:
                outcome.wrong = f"{document.name}: {reported:.3f} bits were reported, but a coder pays {paid:.3f}"
            coded += len(document.text)
            report(coded, 2 * whole)
        if reported_bits is None:
            outcome.bits = float(sum(scores.total for scores in outcome.scores))
        data = encoder.data()
        outcome.coded_bits, outcome.coded_bytes = encoder.bits, len(data)
        check(outcome.scores)
        if not outcome.wrong:
            texts = decoder(data, len(documents), lambda decoded: report(whole + decoded, 2 * whole))
            for document, text in zip(documents, texts, strict=True):
                check_text(text, document.text, document.name)
            fewest, limit = outcome.bits / 8 - 16, outcome.bits / 8 * 1.005 + 16
            if not fewest <= len(data) <= limit:
                outcome.wrong = f"{len(data)} bytes were coded, but the bits allow only {fewest:.0f} to {limit:.0f}"
    except (NotADistributionError, ContractError, CodedDataError) as error:
        outcome.wrong = str(error)
    return outcome


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]
def decode(model: Model, coded: bytes, documents: int, report: Report) -> list[str]:
    """Return the texts of a number of coded documents. Raises CodedDataError if no coder can have written the data."""
    decoder, stepper = Decoder(coded), model.start()
    texts: list[str] = []
    for _ in range(documents):
        texts.append(decode_document(stepper, model.tokenizer, decoder.pick))
        report(sum(map(len, texts)))
    return texts


def check_scores(
    tokenizer: Tokenizer, documents: Sequence[Document], scores: Sequence[DocumentScores], read: Reader
) -> None:
    """Raise ContractError, with the document, unless a decoder restores the text for the spelling bits scored.

    ``read`` is the decoder. It reads the documents in another order, so that nothing is learned from one for the next.
    """
    check_vocabulary(tokenizer.vocabulary)
    written = []
    for document, of_document in zip(documents, scores, strict=True):
        encoding, name = of_document.encoding, document.name
        check_encoding(tokenizer.vocabulary, encoding, len(document.text), name)
        written.append(Written(name, encoding.ids.tolist(), spelled_outcomes(tokenizer, encoding, name)))
        _check_bits(tokenizer, of_document, name)
    known, texts = read(written[::-1])
    expect(known == described(tokenizer.vocabulary), "the vocabulary differs from the one of the saved state")
    for document, of_document, back in zip(documents, scores, texts[::-1], strict=True):
        check_text(back.text, document.text, document.name)
        expected: Floats = np.zeros(len(of_document.encoding))
        expected[sorted(of_document.encoding.surfaces)] = back.bits
        wrong = np.flatnonzero(np.abs(of_document.spelling_bits - expected) > 1e-6 * (1 + expected))
        for place in wrong.tolist():
            paid, of_decoder = of_document.spelling_bits[place], expected[place]
            raise ContractError(
                f"{document.name}: event {place} is spelled with {paid:.3f} bits, a decoder pays {of_decoder:.3f}"
            )


def _check_bits(tokenizer: Tokenizer, scores: DocumentScores, name: str) -> None:
    ids = scores.encoding.ids
    for kind in BITS:
        values = getattr(scores, kind)
        expect(len(values) == len(ids), f"{name}: {len(values)} events of {len(ids)} are paid for")
        for place in np.flatnonzero(~(np.isfinite(values) & (values >= -ROUNDING_BITS))).tolist():
            raise ContractError(f"{name}: event {place} pays {values[place]} bits ({kind})")
    expected = tokenizer.vocabulary.reserve.outside_bits(ids)
    expect(np.array_equal(scores.outside_bits, expected), f"{name}: the reserve gives other outside bits")


def check_places(
    tokenizer: Tokenizer, documents: Sequence[Document], scores: Sequence[DocumentScores], read: Reader
) -> None:
    """Raise ContractError if an event does not stand at its place: figures about single words depend on that.

    A decoder that stops after some events of a document has exactly the text before the next event. The space before a
    word whose spelling has begun may be missing. PLACES of each document are drawn at random.
    """
    rng = np.random.default_rng(0)
    parts, expected = [], []
    for document, of_document in zip(documents, scores, strict=True):
        encoding = of_document.encoding
        outcomes = spelled_outcomes(tokenizer, encoding, document.name)
        for place in rng.choice(len(encoding), PLACES).tolist():
            spelled = sum(position < place for position in encoding.surfaces)
            ids = [*encoding.ids[:place].tolist(), DOC]
            parts.append(Written(f"{document.name}, the first {place} events", ids, outcomes[:spelled]))
            expected.append((document.text[: encoding.starts[place]], encoding, place))
        check_endings(tokenizer, document, encoding)
    for part, (text, *where), back in zip(parts, expected, read(parts)[1], strict=True):
        check_text(without_pending_space(back.text, *where), without_pending_space(text, *where), part.name)


def check_endings(tokenizer: Tokenizer, document: Document, encoding: Events) -> None:
    """Raise ContractError if an id continues a word although it is in ``Vocabulary.ending``, or vice versa.

    Only events that cover characters, stand for themselves and follow another such event are checked.
    """
    vocabulary, text = tokenizer.vocabulary, document.text
    if vocabulary.ending is None:
        return
    widths, starts = encoding.widths, encoding.starts
    for event in np.flatnonzero((widths[1:] > 0) & (widths[:-1] > 0)) + 1:
        id_, place = int(encoding.ids[event]), int(starts[event])
        before = text[place - 1]
        if id_ in vocabulary.spelled or before == "_" or not goes_on(before):  # "_" is a letter in \w only
            continue
        if vocabulary.ends_words[id_] == goes_on(text[place]):
            raise ContractError(
                f"{document.name}: after {text[max(0, place - 10) : place]!r}, the vocabulary is wrong that "
                f"{text[place : encoding.ends[event]]!r} {'ends' if vocabulary.ends_words[id_] else 'continues'} a word"
            )


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]  # as in coding
def check_sample(model: Model, documents: Sequence[Document], scores: Sequence[DocumentScores], seed: int) -> None:
    """Raise ContractError unless stepping pays the scored bits of some events, and of the ends of words before them.

    SAMPLED_EVENTS are drawn by seed among the first READ_EVENTS of the documents, in an order drawn by seed.
    """
    rng = np.random.default_rng(seed)
    order, ends_words = rng.permutation(len(scores)).tolist(), model.tokenizer.vocabulary.ends_words
    total = min(READ_EVENTS, sum(len(of_document.bits) for of_document in scores))
    sampled = frozenset(rng.choice(total, min(SAMPLED_EVENTS, total), replace=False).tolist())
    stepper, read, excess, whole = model.start(), 0, 0.0, 0.0
    for number in order:
        of_document = scores[number]
        scored = of_document.network_bits + of_document.outside_bits
        for place, id_ in enumerate(of_document.encoding.ids.tolist()):
            if read in sampled:
                name, distribution = f"{documents[number].name}, event {place}", stepper.distribution()
                check_distribution(distribution, id_, name)
                ending, paid = float(distribution[ends_words].sum()), bits(distribution, id_)
                _check_paid(paid, float(scored[place]), name)
                ending_bits = -np.log2(ending) if ending > 0 else np.inf
                _check_paid(ending_bits, float(of_document.ending_bits[place]), f"{name}, ends of words")
                excess, whole = excess + paid - float(scored[place]), whole + paid
            read += 1
            if read == total:
                message = (
                    f"{len(sampled):,} events: {whole - excess:.3f} bits were scored, but stepping pays {whole:.3f}"
                )
                expect(abs(excess) <= 1e-3 + 1e-4 * whole, message)
                return
            stepper.feed(id_)


def _check_paid(paid: float, scored: float, name: str) -> None:
    close = abs(paid - scored) <= 1e-2 + 1e-3 * paid and np.isfinite(paid)
    expect(bool(close), f"{name}: {scored:.3f} bits were scored, but stepping pays {paid:.3f}")
