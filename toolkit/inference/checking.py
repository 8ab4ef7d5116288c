"""Whether what was scored is what a decoder would pay, and nothing else: checked of every held-out document.

What is cheap is checked at every event: the encoding, the reserve, each distribution of a spelling, and that the text
comes back from ids and outcomes alone. A model's own distributions are checked at a sample of events.
"""

from collections.abc import Callable, Sequence

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.events.coding import (
    ReadBack,
    Written,
    check_distribution,
    check_encoding,
    check_text,
    check_vocabulary,
    described,
    expect,
    spelled_outcomes,
    without_pending_space,
)
from toolkit.events.distribution import Floats, bits
from toolkit.events.encoding import DOC, Events, Tokenizer
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores
from toolkit.text.corpus import Document
from toolkit.text.neutral import goes_on

SAMPLED = 2_000  # events at which a model's distribution is checked
READ = 20_000  # events among which they are drawn; to reach one, a model must read all before it in its document
PLACES = 3  # of a document, at which a decoder stops
ROUNDING = 1e-6  # bits by which what is certain may seem to pay less than nothing

Reader = Callable[[Sequence[Written]], tuple[dict[str, object], list[ReadBack]]]


def check_scores(
    tokenizer: Tokenizer, documents: Sequence[Document], scores: Sequence[DocumentScores], read: Reader
) -> None:
    """Raise ContractError, with the document, unless a decoder pays the spelling that was scored and gives the text.

    ``read`` is the decoder: from what was written, it gives the vocabulary that it has and what it reads back.
    """
    vocabulary = tokenizer.vocabulary
    check_vocabulary(vocabulary)
    for document, of_document in zip(documents, scores, strict=True):
        check_encoding(vocabulary, of_document.encoding, len(document.text), document.name)
    written = [
        Written(d.name, s.encoding.ids.tolist(), spelled_outcomes(tokenizer, s.encoding, d.name))
        for d, s in zip(documents, scores, strict=True)
    ]
    for document, of_document in zip(documents, scores, strict=True):
        check_bits(tokenizer, of_document, document.name)
    known, texts = read(written[::-1])  # in another order: what is learnt in one document is unknown in the next
    expect(known == described(vocabulary), "the vocabulary is not the one that the saved state gives")
    for document, of_document, back in zip(documents, scores, texts[::-1], strict=True):
        check_text(back.text, document.text, document.name)
        check_spelling(of_document, back.bits, document.name)


def check_places(
    tokenizer: Tokenizer, documents: Sequence[Document], scores: Sequence[DocumentScores], read: Reader
) -> None:
    """Raise ContractError unless events stand where they say, which all figures about single words depend on.

    A decoder that stops after some of a document's events has exactly the text before the next one, but for the space
    before a word that is being spelled: tried at places drawn at random. And ids go on with a word, or do not, as
    ``Vocabulary.ending`` says.
    """
    rng = np.random.default_rng(0)
    parts, expected = [], []
    for document, of_document in zip(documents, scores, strict=True):
        encoding = of_document.encoding
        outcomes = spelled_outcomes(tokenizer, encoding, document.name)
        for place in rng.choice(len(encoding.ids), PLACES).tolist():
            spelled = sum(position < place for position in encoding.surfaces)
            shown = f"{document.name}, the first {place} events"
            parts.append(Written(shown, [*encoding.ids[:place].tolist(), DOC], outcomes[:spelled]))
            expected.append((document.text[: encoding.starts[place]], encoding, place))
        check_endings(tokenizer, document, encoding)
    for part, (text, *where), back in zip(parts, expected, read(parts)[1], strict=True):
        check_text(without_pending_space(back.text, *where), without_pending_space(text, *where), part.name)


def check_endings(tokenizer: Tokenizer, document: Document, encoding: Events) -> None:
    """Raise ContractError for an id that goes on with a word where ``Vocabulary.ending`` denies it, or vice versa.

    Only where one event that covers characters follows another, and stands for itself.
    """
    vocabulary, text = tokenizer.vocabulary, document.text
    if vocabulary.ending is None:  # it says nothing
        return
    widths, starts = encoding.widths, encoding.starts
    for event in np.flatnonzero((widths[1:] > 0) & (widths[:-1] > 0)) + 1:
        id_, place = int(encoding.ids[event]), int(starts[event])
        before = text[place - 1]  # an underscore is a letter to a regular expression, and to nobody else
        if id_ in vocabulary.spelled or before == "_" or not goes_on(before):
            continue
        expect(
            vocabulary.ends_words[id_] != goes_on(text[place]),
            f"{document.name}: after {text[max(0, place - 10) : place]!r}, {text[place : encoding.ends[event]]!r} is "
            f"{'not ' if goes_on(text[place]) else ''}said to go on with a word",
        )


def check_bits(tokenizer: Tokenizer, scores: DocumentScores, shown: str) -> None:
    """Raise ContractError if an event pays less than nothing, or not what the reserve says; ``ending_bits``, too, must
    be those of a probability.
    """
    reserve, ids = tokenizer.vocabulary.reserve, scores.encoding.ids
    paid = (scores.network_bits, scores.spelling_bits, scores.outside_bits)
    for bits_of_all, said in (*((of_part, "pays") for of_part in paid), (scores.ending_bits, "ends a word with")):
        expect(len(bits_of_all) == len(ids), f"{shown}: {len(bits_of_all)} events of {len(ids)} are paid for")
        wrong = ~(np.isfinite(bits_of_all) & (bits_of_all >= -ROUNDING))
        place = int(np.argmax(wrong))
        expect(not wrong[place], f"{shown}: event {place} {said} {bits_of_all[place]} bits")
    outside = np.array_equal(scores.outside_bits, reserve.outside_bits(ids))
    expect(outside, f"{shown}: being outside the network is not paid for as the reserve says")


def check_spelling(scores: DocumentScores, paid: Sequence[float], shown: str) -> None:
    """Raise ContractError if spelling was scored with other bits than the decoder paid, surface by surface."""
    expected: Floats = np.zeros(len(scores.encoding.ids))
    expected[sorted(scores.encoding.surfaces)] = paid
    apart = np.abs(scores.spelling_bits - expected) > 1e-6 * (1 + expected)
    if apart.any():
        place = int(np.argmax(apart))
        expect(
            False,
            f"{shown}: the spelling behind event {place} was scored with {scores.spelling_bits[place]:.3f} bits, "
            f"but a decoder pays {expected[place]:.3f}",
        )


@threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]  # as in coding
def check_sample(model: Model, documents: Sequence[Document], scores: Sequence[DocumentScores], seed: int) -> None:
    """Raise ContractError unless a model's distribution is one, and pays what was scored, at a sample of events.

    It must also end words with the probability that was scored, which all figures about single words depend on.

    2,000 are drawn by seed among the first 20,000 events of the documents, in an order that is drawn too.
    """
    rng = np.random.default_rng(seed)
    order, ends_words = rng.permutation(len(scores)).tolist(), model.tokenizer.vocabulary.ends_words
    total = min(READ, sum(len(of_document.bits) for of_document in scores))
    sampled = frozenset(rng.choice(total, min(SAMPLED, total), replace=False).tolist())
    stepper, read, apart, whole = model.start(), 0, 0.0, 0.0
    for number in order:
        scored = scores[number].network_bits + scores[number].outside_bits
        for place, id_ in enumerate(scores[number].encoding.ids.tolist()):
            if read in sampled:
                shown = f"{documents[number].name}, event {place}"
                distribution = stepper.distribution()
                check_event(distribution, id_, float(scored[place]), shown)
                check_ending(float(distribution[ends_words].sum()), float(scores[number].ending_bits[place]), shown)
                paid = bits(distribution, id_)
                apart, whole = apart + paid - float(scored[place]), whole + paid
            read += 1
            if read == total:
                expect(
                    abs(apart) <= 1e-3 + 1e-4 * whole,
                    f"{whole - apart:.3f} bits were scored for {len(sampled):,} events, but the model pays {whole:.3f} "
                    f"step by step",
                )
                return
            stepper.feed(id_)


def check_event(distribution: Floats, id_: int, scored: float, shown: str) -> None:
    """Raise ContractError if a model's distribution is none, or does not pay what was scored."""
    check_distribution(distribution, id_, shown)
    paid = bits(distribution, id_)
    expect(
        abs(paid - scored) <= 1e-2 + 1e-3 * paid,
        f"{shown}: {scored:.3f} bits were scored, but the model pays {paid:.3f} step by step",
    )


def check_ending(probability: float, scored: float, shown: str) -> None:
    """Raise ContractError if the probability that no word goes on is not the one that was scored."""
    paid = -np.log2(probability) if probability > 0 else np.inf
    expect(
        probability > 0 and abs(paid - scored) <= 1e-2 + 1e-3 * paid,
        f"{shown}: that no word goes on was scored with {scored:.3f} bits, but step by step the model says {paid:.3f}",
    )
