"""Proofs that the bits of a model are valid: coding and decoding, and checks of scores that any text can afford."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from types import SimpleNamespace
from typing import Any

import numpy as np

from toolkit.errors import ContractError
from toolkit.events.coding import (
    check_distribution,
    check_encoding,
    check_vocabulary,
    decode_document,
    document_events,
    expect,
)
from toolkit.events.distribution import Distribution, Uniform, bits
from toolkit.events.encoding import DOC, SPELLING, Events, Tokenizer, Vocabulary
from toolkit.inference.coding import CodedDataError, Decoder, Encoder, one_blas_thread
from toolkit.inference.model import Model
from toolkit.inference.scores import BITS, DocumentScores, step_through
from toolkit.text.corpus import Document, characters
from toolkit.text.neutral import goes_on

PLACES = 3  # of a document, at which a decoder stops
ROUNDING_BITS = 1e-6  # that rounding may take from an event without bits
EVENT_TOLERANCES, SUM_TOLERANCES = (1e-2, 1e-3), (1e-3, 1e-4)  # in bits, and in parts of the bits paid
SHOWN_CHARACTERS = 20  # of a text in a message

Report = Callable[[int], None]  # receives the characters done
Progress = Callable[[int, int], None]  # receives the characters done and in all, coded and decoded ones apart
Decoding = Callable[[bytes, int, Report], list[str]]  # the texts of a number of coded documents
# A document's name, and the outcomes of its events and of their spelling in order.
Written = tuple[str, list[int]]
Readings = tuple[tuple[object, ...], list[tuple[str, list[float]]]]  # as ``read_written`` returns


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
) -> Verification:
    """Code the documents, decode them, and compare text, bits and bytes with the reported bits.

    The ``decoder`` knows the run and nothing of the documents, as in another process (runs/isolated.py). By default,
    the reported bits are the scores that coding finds. Raises KilledError if the decoder's process was killed, and
    InputError if it cannot work or a document cannot be encoded.
    """
    outcome, encoder, stepper, tokenizer = (
        Verification(characters(documents)),
        Encoder(),
        model.start(),
        model.tokenizer,
    )
    coded, whole = 0, outcome.characters
    try:
        for document in documents:
            encoding = tokenizer.encode(document)
            check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
            outcome.scores.append(step_through(stepper, tokenizer, encoding, encoder.put))
            coded += len(document.text)
            report(coded, 2 * whole)
        paid = [scores.total for scores in outcome.scores]
        outcome.bits = float(sum(reported_bits or paid))
        coded_text = encoder.data()
        outcome.coded_bits, outcome.coded_bytes = encoder.bits, len(coded_text)
        for document, reported, of_coder in zip(documents, reported_bits or paid, paid, strict=True):
            _check_paid(of_coder, reported, document.name, SUM_TOLERANCES)
        texts = decoder(coded_text, len(documents), lambda decoded: report(whole + decoded, 2 * whole))
        for document, text in zip(documents, texts, strict=True):
            _check_text(text, document.text, document.name)
        minimum, limit = outcome.bits / 8 - 16, outcome.bits / 8 * 1.005 + 16
        allowed = f"the bits allow only {minimum:.0f} to {limit:.0f}"
        expect(minimum <= len(coded_text) <= limit, f"{len(coded_text)} bytes were coded, but {allowed}")
    except (ContractError, CodedDataError) as error:
        outcome.wrong = str(error)
    return outcome


@one_blas_thread
def decode(model: Model, coded: bytes, documents: int, report: Report) -> list[str]:
    """Return the texts of a number of coded documents. Raises CodedDataError if no coder can have written the data."""
    decoder, stepper = Decoder(coded), model.start()
    texts: list[str] = []
    for _ in range(documents):
        texts.append(decode_document(stepper, model.tokenizer, decoder.pick))
        report(sum(map(len, texts)))
    return texts


def read_written(tokenizer: Tokenizer, written: Sequence[Written]) -> Readings:
    """Return everything in the vocabulary, and the text of each written document with its bits of spelling by event.

    The tokenizer has not seen the documents. Raises ContractError unless it can read all outcomes.
    """
    vocabulary, reserve = tokenizer.vocabulary, tokenizer.vocabulary.reserve
    known = (
        (vocabulary.tokens, dict(vocabulary.spelled), vocabulary.spelling_part, vocabulary.ends_words.tolist()),
        (reserve.trained.tolist(), reserve.surprises, reserve.events, dict(reserve.outside)),
    )
    return known, [_read(tokenizer, name, iter(outcomes)) for name, outcomes in written]


def _read(tokenizer: Tokenizer, name: str, unread: Iterator[int]) -> tuple[str, list[float]]:
    uniform = Uniform(len(tokenizer.vocabulary))  # without a model all ids are alike
    by_event = list[float]()

    def pick(distribution: Distribution) -> int:
        outcome = next(unread, -1)
        check_distribution(distribution, outcome, name)
        if distribution is uniform:
            by_event.append(0.0)
        else:
            by_event[-1] += bits(distribution, outcome)
        return outcome

    stepper: Any = SimpleNamespace(distribution=lambda: uniform, feed=lambda _: None)
    text = decode_document(stepper, tokenizer, pick)
    expect(next(unread, None) is None, f"{name}: the decoder reads less than was written")
    return text, by_event


def check_scores(
    tokenizer: Tokenizer,
    documents: Sequence[Document],
    scores: Sequence[DocumentScores],
    read: Callable[[Sequence[Written]], Readings],
    places: int = 0,
) -> None:
    """Raise ContractError, with the document, unless a decoder restores the text for the spelling bits scored.

    ``read`` is the decoder: ``read_written`` with a tokenizer in the saved state. It gets the documents in another
    order, so that nothing is learned from one for the next. ``places`` beginnings of each document, drawn at random,
    are decoded before it: figures about single words depend on the text that a decoder has before the next event.
    """
    vocabulary, rng = tokenizer.vocabulary, np.random.default_rng(0)
    check_vocabulary(vocabulary)
    written: list[tuple[Written, str, DocumentScores, int]] = []  # with its text, and its event that is ``<doc>``
    for document, of_document in zip(documents, scores, strict=True):
        encoding, name = of_document.encoding, document.name
        check_encoding(vocabulary, encoding, len(document.text), name)
        _check_bits(vocabulary, of_document, name)
        outcomes = [[id_] for id_ in encoding.ids.tolist()]
        for place, distribution, outcome in document_events(tokenizer, encoding):
            check_distribution(distribution, outcome, name)
            outcomes[place].append(int(outcome))
        written.append(((name, [*chain(*outcomes)]), document.text, of_document, len(encoding) - 1))
        for place in rng.choice(len(encoding), places).tolist():
            begun = f"{name}, the first {place} events", [*chain(*outcomes[:place]), DOC]
            written.append((begun, document.text[: encoding.starts[place]], of_document, place))
        if places:
            check_endings(vocabulary, document, encoding)
    written.reverse()
    known, readings = read([of_text for of_text, *_ in written])
    of_tokenizer, _ = read_written(tokenizer, [])
    expect(known == of_tokenizer, "the vocabulary differs from the one of the saved state")
    for ((name, _), text, of_document, end), (restored, paid) in zip(written, readings, strict=True):
        decoded, expected = (_without_pending_space(of, of_document.encoding, end) for of in (restored, text))
        _check_text(decoded, expected, name)
        scored = np.append(of_document.spelling_bits[:end], of_document.spelling_bits[-1])
        for place in np.flatnonzero(np.abs(scored - paid) > 1e-6 * (1 + np.array(paid))).tolist():
            shown = f"{scored[place]:.3f} bits, a decoder pays {paid[place]:.3f}"
            raise ContractError(f"{name}: event {place} is spelled with {shown}")


def _check_bits(vocabulary: Vocabulary, scores: DocumentScores, name: str) -> None:
    ids = scores.encoding.ids
    for kind in BITS:
        of_kind = getattr(scores, kind)
        expect(len(of_kind) == len(ids), f"{name}: {len(of_kind)} events of {len(ids)} are paid for")
        for place in np.flatnonzero(~(np.isfinite(of_kind) & (of_kind >= -ROUNDING_BITS))).tolist():
            raise ContractError(f"{name}: event {place} pays {of_kind[place]} bits ({kind})")
    same = np.array_equal(scores.outside_bits, vocabulary.reserve.outside_bits(ids))
    expect(same, f"{name}: the reserve gives other outside bits")


def _check_text(text: object, expected: str, shown: str) -> None:
    expect(isinstance(text, str), f"{shown}: the decoder returns a {type(text).__name__}, not a text")
    if text != expected:
        begin = len(os.path.commonprefix([str(text), expected]))  # noqa: RUF071 - of characters
        original, decoded = (whole[begin : begin + SHOWN_CHARACTERS] for whole in (expected, str(text)))
        raise ContractError(f"{shown}: the text differs at character {begin}: {original!r} became {decoded!r}")


def _without_pending_space(text: str, encoding: Events, place: int) -> str:
    """Return the text before an event, without the space before a word that is spelled there: it is decoded later."""
    if encoding.parts[place] != SPELLING:
        return text
    unspelled = np.flatnonzero(encoding.parts[:place] != SPELLING)
    begin = int(encoding.starts[unspelled[-1]]) if len(unspelled) else 0
    return text[:begin] + text[begin:].removeprefix(" ")


def check_endings(vocabulary: Vocabulary, document: Document, encoding: Events) -> None:
    """Raise ContractError if an id continues a word although it is in ``Vocabulary.ending``, or vice versa."""
    if vocabulary.ending is None:
        return
    text, widths, starts = document.text, encoding.widths, encoding.starts
    for event in np.flatnonzero((widths[1:] > 0) & (widths[:-1] > 0)) + 1:
        id_, place = int(encoding.ids[event]), int(starts[event])
        previous = text[place - 1]
        if id_ in vocabulary.spelled or previous == "_" or not goes_on(previous):  # "_" is a letter in \w only
            continue
        ends = bool(vocabulary.ending[id_])
        context = text[max(0, place - 10) : place]
        token = text[place : encoding.ends[event]]
        wrong = f"the vocabulary is wrong that {token!r} {'ends' if ends else 'continues'} a word"
        expect(ends != goes_on(text[place]), f"{document.name}: after {context!r}, {wrong}")


@one_blas_thread
def check_sample(
    model: Model, documents: Sequence[Document], scores: Sequence[DocumentScores], seed: int
) -> None:
    """Raise ContractError unless stepping pays the scored bits of events, and of the ends of words before them.

    These are the first events, as many as the model says, of a document that is drawn by seed.
    """
    number = int(np.random.default_rng(seed).integers(len(scores)))
    name, encoding, most = documents[number].name, scores[number].encoding, model.sampled_events
    surfaces = {place: surface for place, surface in encoding.surfaces.items() if place < most}
    events, check = Events(encoding.array[:most], surfaces), partial(check_distribution, shown=name)
    stepped = step_through(model.start(), model.tokenizer, events, check)
    for kind in ("network_bits", "ending_bits"):
        paid, scored = (getattr(bits, kind)[: len(events)] for bits in (stepped, scores[number]))
        for place, pair in enumerate(zip(paid.tolist(), scored.tolist(), strict=True)):
            _check_paid(*pair, f"{name}, event {place} ({kind})", EVENT_TOLERANCES)
        _check_paid(paid.sum(), scored.sum(), f"{name} ({kind})", SUM_TOLERANCES)


def _check_paid(paid: float, scored: float, name: str, tolerances: tuple[float, float]) -> None:
    absolute, relative = tolerances
    close = abs(paid - scored) <= absolute + relative * paid and np.isfinite(paid)
    expect(bool(close), f"{name}: {scored:.3f} bits were scored, but a coder pays {paid:.3f}")
