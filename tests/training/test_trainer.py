"""Training: repeatable, its best check kept, its reasons to stop, the same text per update for every tokenizer."""

import math
import time
from itertools import count

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from toolkit.config import CompareSettings, NetworkSettings, TrainSettings
from toolkit.inference.neural import network_for
from toolkit.network.backend import tf
from toolkit.network.network import NEVER
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import SpacyWords, Whitespace
from toolkit.training.records import DivergedError, Encoded
from toolkit.training.step import forget, rate_at
from toolkit.training.trainer import FAR_ABOVE, Loop, train

NETWORK = NetworkSettings(units=12, embedding=12, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
PLAIN = NetworkSettings(units=12, embedding=12)
TRAIN = TrainSettings(updates=30, batch=4, window_characters=40, checks=3, learning_rate=0.01)


def silent(_):
    pass


@pytest.fixture(scope="module")
def characters(split):
    return Characters().fit(split.train)


def trained(tokenizer, split, seed=0, network=NETWORK, documents=None, **changes):
    parts = (documents or split.train, split.valid)
    training, valid = ([tokenizer.encode(document) for document in part] for part in parts)
    settings = CompareSettings(network=network, train=TRAIN.model_copy(update=changes))
    return train(tokenizer, Encoded(training, valid), settings, seed, silent, None)


def loop_of(tokenizer, documents, network=PLAIN, seed=0, **changes):
    encodings = [tokenizer.encode(document) for document in documents]
    settings = TRAIN.model_copy(update=changes)
    return Loop(network_for(tokenizer, network, seed), encodings, tokenizer, settings, seed)


def after_checks(loop, *bits):
    """Return the loop after checks with these validation bits, until training ends."""
    remaining = iter(bits)
    while not loop.is_finished:
        loop.run_to_next_check(silent)
        loop.check(lambda: next(remaining))
    return loop


def assert_same(arrays, others):
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_weights_and_another_gives_others(characters, split):
    weights, same, other = (trained(characters, split, seed=seed).model.network.arrays() for seed in (0, 0, 1))
    assert_same(weights, same)
    assert any((array != other[name]).any() for name, array in weights.items())


def test_characters_are_trained_in_float32_whatever_the_precision(characters, split):
    loops = [loop_of(characters, split.train, updates=2, precision=name) for name in ("float32", "bfloat16")]
    weights, same = (after_checks(loop, 4.0, 4.0, 4.0).network.arrays() for loop in loops)
    assert_same(weights, same)


def test_training_learns_but_leaves_untrained_ids_at_zero(characters, split):
    outcome = trained(characters, split, updates=90)
    assert outcome.end.history[-1].valid_bits_per_character < 0.75 * math.log2(len(characters.vocabulary))
    assert outcome.end.history[-1].updates == outcome.end.updates == 90
    network, known = outcome.model.network, characters.vocabulary.reserve.trained
    kernel = network.arrays()[network.input_matrix]
    assert (kernel[~known] == 0).all()
    assert (kernel[known] != 0).any(1).all()


@pytest.mark.parametrize("tokenizer", [SpacyWords("unk"), Whitespace("spell")])
def test_the_model_has_the_complete_bits_of_the_best_check(tokenizer, split):
    tokenizer.fit(split.train, split.valid)
    changes = {"updates": 90, "checks": 6, "learning_rate": 0.1, "patience": 6}
    outcome = trained(tokenizer, split, network=PLAIN, documents=split.train[:1], **changes)
    bits = [row.valid_bits_per_character for row in outcome.end.history]
    assert min(bits) < bits[-1]  # it learns a single document by heart
    scores = outcome.model.score([tokenizer.encode(document) for document in split.valid])
    characters = sum(len(document.text) for document in split.valid)
    total = sum(document.total for document in scores)
    assert_same_sums(total / characters, min(bits), 24)  # 0.001 seen


def test_the_rate_follows_the_schedule_and_the_weights_of_the_best_check_are_kept(characters, split):
    """With gradients clipped to a small norm, plain descent moves all weights by the rate times that norm."""
    settings = {"optimizer": "sgd", "learning_rate": 2.0, "clip_norm": 1e-3, "warmup": 0.2}
    loop = loop_of(characters, split.train, updates=8, checks=4, **settings)
    for bits in (5.0, 3.0, 4.5, 4.0):
        for _ in range(2):
            weights, rate = loop.network.arrays(), rate_at(loop.share, 0.0, loop.settings)
            loss, covered = loop.update()
            loop.position.nats_since_check.append(loss)
            loop.position.characters_since_check += covered
            squares = [((array - weights[name]) ** 2).sum() for name, array in loop.network.arrays().items()]
            trained_weights = [array[array > NEVER] for array in weights.values()]
            norm = np.linalg.norm(np.concatenate(trained_weights))
            # 0.001 seen
            assert_same_sums(math.sqrt(sum(squares)), rate * 1e-3, 1, norm)
        last = loop.network.arrays()
        loop.check(lambda bits=bits: bits)
        assert_same(loop.network.arrays(), last)
        best = last if bits == 3.0 else loop.best
        assert_same(loop.best, best)


@pytest.mark.parametrize(("bits", "checks"), [((5, 4, 4.5, 4.2, 1), 4), ((5, 6, 4, 6, 3, 6), 6)])
def test_patience_counts_checks_in_a_row(characters, split, bits, checks):
    loop = after_checks(loop_of(characters, split.train, updates=60, checks=6, patience=2), *bits)
    assert [row.valid_bits_per_character for row in loop.position.history] == list(bits[:checks])
    assert loop.position.updates == 10 * checks


@pytest.mark.parametrize("tokenizer", [Characters(), SpacyWords("unk")])
def test_the_training_curve_has_complete_bits_of_the_text_trained_on(tokenizer, split):
    """A text read once from beginning to end, and not learnt, needs the bits that it needs as validation text."""
    documents = split.train[:1]
    encodings = [tokenizer.fit(documents, documents).encode(document) for document in documents]
    changes = {"epochs": 1, "batch": 1, "towers": 1, "checks": 1, "learning_rate": 1e-12, "forgotten": 0.0}
    settings = CompareSettings(network=PLAIN, train=TRAIN.model_copy(update=changes))
    (row,) = train(tokenizer, Encoded(encodings, encodings), settings, 0, silent, None).end.history
    assert row.train_bits_per_character == pytest.approx(row.valid_bits_per_character, rel=0.02)


def test_a_validation_loss_that_is_no_number_is_a_divergence(characters, split):
    with pytest.raises(DivergedError, match="20"):
        after_checks(loop_of(characters, split.train), 5.0, math.nan)


@pytest.mark.parametrize("rate", [math.inf, 30.0])
def test_a_training_loss_that_is_no_number_or_stays_far_above_its_start_is_a_divergence(characters, split, rate):
    with pytest.raises(DivergedError):
        trained(characters, split, learning_rate=rate, checks=10)


def test_three_bad_checks_in_a_row_after_the_warm_up_are_a_divergence(characters, split):
    loop, bits = loop_of(characters, split.train, warmup=0.1, patience=99), count(99, -1)
    loop.position.first_nats = 3.0

    def check(nats):
        loop.position.nats_since_check = [FAR_ABOVE * 3 + nats]
        loop.check(lambda: next(bits))

    for nats in 5 * [0.1]:
        check(nats)
    loop.position.updates = 20
    for nats in (0.1, 0.1, -0.1, 0.1, 0.1):
        check(nats)
    with pytest.raises(DivergedError, match="20"):
        check(0.1)


def test_a_short_training_whose_loss_stays_near_its_start_is_no_divergence(characters, split):
    """All its checks have a training loss above a uniform model's."""
    network = PLAIN.model_copy(update={"initial_range": 1.0})
    changes = {"updates": 6, "checks": 6, "learning_rate": 1e-4, "warmup": 0.0}
    outcome = trained(characters, split, network=network, **changes)
    uniform_bits = math.log2(len(characters.vocabulary))
    assert len(outcome.end.history) == 6
    assert min(row.train_bits_per_character for row in outcome.end.history) > uniform_bits


def test_rows_forget_their_state_by_draws_from_seed_and_update(characters, split):
    documents = [Document("one", split.train[0].text * 20)]
    loop, never = (loop_of(characters, documents, seed=5, batch=64, forgotten=share) for share in (0.3, 0.0))
    windows = loop.windows.per_epoch
    assert loop.forgetting == pytest.approx(
        0.3 - (1 + 64) / (64 * windows)
    )  # the pass and its document begin some
    for update in range(2 * windows):
        if update % windows:  # a pass begins without states
            remembered = np.random.default_rng((5, update, 1)).random(64) >= loop.forgetting
            never.states = forget(never.states, remembered)
        assert loop.update() == never.update()
    assert_same(loop.network.arrays(), never.network.arrays())


def test_forgetting_sets_whole_rows_to_zero(characters, split):
    states = tf.nest.map_structure(tf.ones_like, loop_of(characters, split.train).zero_states)
    states = forget(states, np.array([True, False, False, True]))
    towers = [tf.nest.flatten(state) for state in states]
    for parts in zip(*towers, strict=True):  # hidden and cell
        np.testing.assert_array_equal(np.concatenate(parts), np.outer([1, 0, 0, 1], np.ones(12)))


def test_a_budget_ends_training_by_the_clock(characters, split, monkeypatch):
    clock = count()
    monkeypatch.setattr(time, "perf_counter", lambda: next(clock) / 16)  # a sixteenth of a second for each update
    outcome = trained(characters, split, budget_seconds=1.0, updates=10**6, checks=4)
    assert (outcome.end.updates, outcome.end.seconds) == (13, 17 / 16)
    assert [row.updates for row in outcome.end.history] == [4, 7, 10, 13]


def test_a_text_shorter_than_a_window_trains():
    tokenizer = Characters().fit([Document("t", "abcab")])
    encodings = [tokenizer.encode(Document("t", "abcab"))]
    settings = CompareSettings(network=NETWORK, train=TRAIN)
    assert train(tokenizer, Encoded(encodings, encodings), settings, 0, silent, None).end.updates == 30


def test_the_rate_rises_and_then_falls():
    settings = TrainSettings(learning_rate=1.0, warmup=0.1)
    rates = [rate_at(share, 0.0, settings) for share in (0, 0.05, 0.1, 0.5, 0.9, 1)]
    assert rates[0] < rates[1] < rates[2] == 1.0
    assert rates[2:] == sorted(rates[2:], reverse=True)
    assert rates[-1] == pytest.approx(0.01)
