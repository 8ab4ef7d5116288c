"""Scoring against an LSTM written out in numpy, against uniform models, and against its own sums."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolkit.inference.scoring import score_network
from toolkit.inference.word_costs import bits_by_word

from toolkit.evaluation.metrics.coverage import by_frequency
from toolkit.events.distribution import bits
from toolkit.events.encoding import CLASSES, DOC, SPELLING, Events
from toolkit.events.stepping import spelling_bits
from toolkit.inference.scores import character_bits, ledger
from toolkit.results.bits import PARTS
from toolkit.text.corpus import Document
from toolkit.text.neutral import training_counts

UNSEEN = Document("unseen", "Ω ñandú 😀 zyzzyva, the harbour\n\n\n lay.  ")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def numpy_bits(run, ids):
    """Bits of each event by an LSTM in float64, one step after another."""
    network = run.model.network
    w = {name: array.astype(np.float64) for name, array in network.arrays().items()}
    inputs, output, output_bias = (w[n] for n in (network.input_matrix, network.output_matrix, network.output_bias))
    kernel, recurrent, bias = (w[f"lstm_0/lstm_cell/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
    units = recurrent.shape[0]
    h = c = np.zeros(units)
    paid, last = [], DOC
    for id_ in ids:
        if last == DOC:
            h = c = np.zeros(units)
        z = (inputs[last] if network.one_hot else inputs[last] @ kernel) + bias + h @ recurrent
        i, f, g, o = np.split(z, 4)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        logits = h @ (output.T if network.tied else output) + output_bias
        paid.append(bits(run.model.tokenizer.vocabulary.reserve.distribution(logits), id_))
        last = id_
    return np.array(paid)


def test_network_bits_equal_an_lstm_written_out(run, split):
    documents = [*split.test, UNSEEN]
    encodings = [run.model.tokenizer.encode(document) for document in documents]
    for encoding, scores in zip(encodings, run.model.score(encodings), strict=True):
        np.testing.assert_allclose(scores.network_bits, numpy_bits(run, encoding.ids.tolist()), rtol=2e-4, atol=2e-5)


def test_no_documents_cost_nothing(run):
    assert run.model.score([]) == []


def test_a_document_costs_the_same_alone_and_among_others(run, split):
    encodings = [run.model.tokenizer.encode(document) for document in split.test]
    together = run.model.score(encodings)
    for encoding, scores in zip(encodings, together, strict=True):
        (alone,) = run.model.score([encoding])
        assert alone.total == pytest.approx(scores.total, rel=1e-6)


def zeroed(run):
    """The run's network with an output layer of zeros."""
    network = run.model.network
    arrays = network.arrays()
    never = np.where(network.trained, 0, arrays[network.output_bias])
    nothing = np.zeros_like(arrays[network.output_matrix])
    network.assign({**arrays, network.output_matrix: nothing, network.output_bias: never})
    return arrays


def test_a_zeroed_output_layer_pays_log2_of_the_trained_ids_and_the_reserve(run, split):
    arrays = zeroed(run)
    try:
        encodings = [run.model.tokenizer.encode(document) for document in [*split.test, UNSEEN]]
        scores = run.model.score(encodings)
    finally:
        run.model.network.assign(arrays)
    reserve = run.model.tokenizer.vocabulary.reserve
    trained = int(reserve.trained.sum())
    usual = math.log2(trained) - math.log2(1 - reserve.share)
    surprise = math.log2(reserve.untrained_count) - math.log2(reserve.share)
    for encoding, document in zip(encodings, scores, strict=True):
        expected = np.where(reserve.trained[encoding.ids], usual, surprise)
        np.testing.assert_allclose(document.network_bits, expected, rtol=1e-12)


def test_every_event_is_paid_once_and_parts_sum_to_the_total(run, split):
    encodings = [run.model.tokenizer.encode(document) for document in split.test]
    scores = run.model.score(encodings)
    for text, encoding, document in zip(split.test, encodings, scores, strict=True):
        assert document.network_bits.shape == encoding.ids.shape
        assert (document.network_bits > 0).all()
        assert (document.spelling_bits > 0).sum() == len(encoding.surfaces)
        assert document.parts().sum() == pytest.approx(document.total)
        by_character, end = document.by_character()
        assert by_character.sum() + end == pytest.approx(document.total)
        assert by_character.shape == (len(text.text),)
    characters = sum(len(text.text) for text in split.test)
    total = ledger(scores, characters)
    assert total.total * characters == pytest.approx(sum(d.total for d in scores))
    assert total.total == pytest.approx(sum(getattr(total, part) for part in PARTS))


def test_bands_sum_to_the_total_and_have_the_same_characters(run, split):
    scores = run.model.score([run.model.tokenizer.encode(document) for document in split.test])
    texts = [document.text for document in split.test]
    by_word = [bits_by_word(*pair) for pair in zip(texts, scores, strict=True)]
    bands = by_frequency(by_word, texts, training_counts(split.train))
    assert sum(band.bits for band in bands) == pytest.approx(sum(document.total for document in scores))
    assert sum(band.characters for band in bands) == sum(map(len, texts))


def test_a_placeholder_pays_for_its_spelling(run):
    encoding = run.model.tokenizer.encode(UNSEEN)
    paid = spelling_bits(run.model.tokenizer, encoding)
    assert encoding.surfaces
    for position, surface in encoding.surfaces.items():
        assert paid[position] >= len(surface) * 0.5  # nothing that was never seen comes nearly free
    (scores,) = run.model.score([encoding])
    elsewhere = run.model.tokenizer.vocabulary.spelling_part is None  # it is in the part of the token itself
    assert scores.parts()[SPELLING] == pytest.approx(0.0 if elsewhere else paid.sum())
    assert scores.parts().sum() == pytest.approx(scores.total)
    assert scores.total == pytest.approx(scores.network_bits.sum() + paid.sum())


def test_parts_by_mechanism(run, split):
    """char and bpe have no classes; a word strategy's class events are all in classes, each with a spelling."""
    encoding = run.model.tokenizer.encode(split.test[0])
    classes = set(np.flatnonzero(encoding.parts == CLASSES).tolist())
    if run.spec.column.strategy is None:
        assert not classes
    else:
        assert classes == set(encoding.surfaces)
        assert all(run.model.tokenizer.vocabulary.spelled[int(encoding.ids[i])].isupper() for i in classes)


def test_first_events_of_all_ids_sum_to_one(run):
    """Σ P(id), each id scored as the only event of a document, is what the stepwise distribution says: 1 over all."""
    ids = np.arange(min(60, len(run.model.tokenizer.vocabulary)), dtype=np.int32)
    documents = [Events.of([i], [0], [0], {}) for i in ids]
    paid = score_network(run.model.network, run.model.tokenizer.vocabulary, documents)
    distribution = run.model.start().distribution()
    np.testing.assert_allclose([2.0 ** -events.bits[0] for events in paid], distribution[ids], rtol=1e-4)
    assert distribution.sum() == pytest.approx(1, abs=1e-12)


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(0, 30)), min_size=1, max_size=40))
def test_bits_are_charged_to_characters_and_none_are_lost(events: list[tuple[int, float]]) -> None:
    """The bits of an event without characters wait for the next character that an event covers."""
    expected: list[float] = []
    waiting = 0.0
    for width, paid in events:
        if width:
            expected += [paid / width + waiting, *[paid / width] * (width - 1)]
        waiting = 0.0 if width else waiting + paid
    characters, end = character_bits(np.array([width for width, _ in events]), np.array([b for _, b in events]))
    np.testing.assert_allclose(characters, expected, atol=1e-9)
    assert end == pytest.approx(waiting)
