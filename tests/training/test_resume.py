"""Training that is killed and resumed equals uninterrupted training; training that continues a finished one.

Continued training has one history and the best weights of all, and its rate does not jump where it begins.
"""

import time
from itertools import count

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from toolkit.config import CompareSettings, Held, NetworkSettings, TrainSettings
from toolkit.inference.neural import network_for
from toolkit.tokenizers.characters import Characters
from toolkit.training.records import Encoded, final_checkpoint
from toolkit.training.step import rate_at
from toolkit.training.trainer import Loop, train

pytestmark = pytest.mark.slow

NETWORK = NetworkSettings(units=8, embedding=8, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
TRAIN = TrainSettings(
    updates=20, batch=4, window_characters=40, checks=5, learning_rate=0.02, checkpoint_seconds=0.0
)
IN_PASSES = TRAIN.model_copy(
    update={"epochs": 2, "window_characters": 80, "checks": 6, "learning_rate": 0.05, "patience": 5}
)


class KilledError(Exception):
    """Ends a training from within, as SIGKILL does from outside."""


class Mortal:
    """A store in memory that keeps copies and raises KilledError after a number of saves."""

    def __init__(self, saves=-1, start=None):
        self.saves, self.kept = saves, start

    def load(self):
        return self.kept

    def save(self, checkpoint):
        position, arrays = checkpoint
        self.kept = position.model_copy(deep=True), {name: array.copy() for name, array in arrays.items()}
        self.saves -= 1
        if self.saves == 0:
            raise KilledError


@pytest.fixture(scope="module")
def tokenizer(split):
    return Characters().fit(split.train)


@pytest.fixture(scope="module")
def encodings(tokenizer, split):
    return [[tokenizer.encode(document) for document in part] for part in (split.train, split.valid)]


@pytest.fixture(scope="module")
def trained(tokenizer, encodings):
    """Train a network with some settings, from the start or from a finished training."""

    def run(settings, finished=None, store=None, **changes):
        store, network = store or Mortal(), NETWORK.model_copy(update=changes)
        if finished is not None:
            store.kept = store.kept or final_checkpoint(finished.model.network.arrays(), finished.end.history)
        both = CompareSettings(network=network, train=settings)
        return train(tokenizer, Encoded(*encodings), both, 0, lambda _: None, store)

    return run


@pytest.fixture(scope="module")
def finished(trained):
    return trained(TRAIN)


@pytest.fixture
def checked(tokenizer, encodings):
    """Train with prescribed validation bits, from the start or from a finished loop."""

    def run(settings, bits, ended=None):
        store = Mortal(start=final_checkpoint(ended.best, ended.position.history)) if ended else None
        loop = Loop(network_for(tokenizer, NETWORK), encodings[0], tokenizer, settings, 0, store)
        remaining = iter(bits)
        while not loop.is_finished:
            loop.run_to_next_check(lambda _: None)
            loop.check(lambda: next(remaining))
        return loop

    return run


def assert_same(arrays, others):
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def assert_same_outcome(a, b):
    assert (a.end.updates, a.end.characters_seen) == (b.end.updates, b.end.characters_seen)
    histories = [[row.model_dump(exclude={"seconds"}) for row in outcome.end.history] for outcome in (a, b)]
    assert histories[0] == histories[1]
    assert_same(a.model.network.arrays(), b.model.network.arrays())


@pytest.mark.parametrize(
    ("network", "changes", "moments"),
    [
        ({}, {}, (1, 6, -1)),  # before the first update, between checks, after the last
        ({"cell": "transformer", "memory": 8}, {}, (6,)),
        ({"layers": 2}, {"optimizer": "sgd", "learning_rate": 2.0, "towers": 1}, (8,)),
        ({}, {"forgotten": 0.5}, (9,)),
        # back to the best weights
        ({}, {"epochs": None, "updates": 36, "checks": 9, "learning_rate": 1.0, "batch": 1, "towers": 1}, (16,)),
    ],
)
def test_training_killed_after_any_checkpoint_ends_with_the_same_weights(trained, network, changes, moments):
    settings, whole = IN_PASSES.model_copy(update=changes), Mortal()
    expected = trained(settings, store=whole, **network)
    saves = -1 - whole.saves
    if settings.epochs is None:
        bits = [row.valid_bits_per_character for row in expected.end.history]
        assert bits != sorted(bits, reverse=True)  # a check was not the best, and training went back
    assert saves > expected.end.updates  # before every update, and after every check
    for moment in moments:
        store = Mortal(moment % (saves + 1))
        with pytest.raises(KilledError):
            trained(settings, store=store, **network)
        assert_same_outcome(trained(settings, store=store, **network), expected)


@pytest.fixture
def clock(monkeypatch):
    """A clock by which an update, or a check, takes a sixteenth of a second."""
    ticks = count()
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks) / 16)


def test_a_budget_counts_what_was_spent_before_the_kill(trained, clock):  # noqa: ARG001
    settings = IN_PASSES.model_copy(update={"epochs": None, "budget_seconds": 1.0, "checks": 3})
    expected, store = trained(settings), Mortal(8)
    with pytest.raises(KilledError):
        trained(settings, store=store)
    assert store.kept[0].seconds < 0.5
    assert_same_outcome(trained(settings, store=store), expected)


def test_with_nothing_but_weights_to_carry_continued_training_equals_one_long_training(trained):
    """Plain descent has no moments, one pass carries no states to the next, and this rate depends on passes alone."""
    settings = TRAIN.model_copy(
        update={
            "optimizer": "sgd", "learning_rate": 2.0, "warmup": 0.0, "held": Held(epochs=2, divided_by=1.5),
            "forgotten": 0.0, "epochs": 2, "checks": 4, "patience": 99,
        }
    )  # fmt: skip
    half, whole = trained(settings), trained(settings.lasting(4))
    for training in (half, whole):  # the best weights are the last
        bits = [row.valid_bits_per_character for row in training.end.history]
        assert bits[-1] == min(bits)
    longer = trained(settings.lasting(4), half)
    assert (longer.end.updates, longer.end.characters_seen) == (whole.end.updates, whole.end.characters_seen)
    assert longer.end.history[-1].valid_bits_per_character == whole.end.history[-1].valid_bits_per_character
    assert_same(longer.model.network.arrays(), whole.model.network.arrays())


def test_adam_begins_anew_at_the_rate_of_the_longer_schedule(tokenizer, encodings, finished):
    """Adam's first step is the rate itself. Old counts with zero moments would make it eight times too large."""
    store = Mortal(start=final_checkpoint(finished.model.network.arrays(), finished.end.history))
    loop = Loop(network_for(tokenizer, NETWORK), encodings[0], tokenizer, TRAIN.lasting(40), 0, store)
    moves = []
    for _ in range(20):
        weights, rate = loop.network.arrays(), rate_at(loop.share, 0.0, loop.settings)
        loop.update()
        moves.append(
            max(np.abs(array - weights[name]).max() for name, array in loop.network.arrays().items()) / rate
        )
    assert loop.position.updates == 40
    assert_same_sums(moves[0], 1.0, 10, 1 / (1 - 0.999))  # 0.002 seen
    assert max(moves) < 1.5


def test_continued_training_killed_after_any_checkpoint_ends_with_the_same_weights(trained, finished):
    whole = Mortal()
    expected = trained(TRAIN.lasting(40), finished, whole)
    assert [row.updates for row in expected.end.history] == [4, 8, 12, 16, 20, 24, 32, 40]
    for saves in (1, 13, -1 - whole.saves):
        store = Mortal(saves)
        with pytest.raises(KilledError):
            trained(TRAIN.lasting(40), finished, store)
        assert store.kept[0].begun == 20
        assert_same_outcome(trained(TRAIN.lasting(40), finished, store), expected)


def test_without_a_better_check_the_weights_stay(checked):
    impatient = TRAIN.model_copy(update={"patience": 2})
    ended = checked(impatient, [5, 4, 3, 2, 1])
    longer = checked(impatient.lasting(100), [99] * 9, ended)
    assert_same(longer.best, ended.best)
    assert len(longer.position.history) == 5 + 1 + 2  # the first of its own checks is its best


def test_checks_are_compared_with_those_since_it_began(checked):
    settings, first_bits = TRAIN.model_copy(update={"updates": 100, "patience": 2}), [5.0, 6.0, 6.0]
    ended = checked(settings, first_bits)
    assert ended.position.updates == 60
    for bits in (
        [7.0, 6.5, 5.5, 4.5],  # it becomes worse before it becomes better
        [6.0, 4.0, 6.0, 6.0],  # patience begins anew
    ):
        longer = checked(settings.lasting(250), bits, ended)
        assert [row.valid_bits_per_character for row in longer.position.history] == first_bits + bits


def test_a_budget_continues_from_the_seconds_spent(trained, clock):  # noqa: ARG001
    settings = TRAIN.model_copy(update={"budget_seconds": 0.5, "checks": 2})
    half = trained(settings)
    longer = trained(settings.lasting(1.0), half)
    assert longer.end.history[:2] == half.end.history
    assert [row.seconds for row in longer.end.history] == [5 / 16, 9 / 16, 17 / 16]
