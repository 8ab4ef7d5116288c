"""Training that continues a finished one: one history, the best weights of all, and no jump where it begins."""

import numpy as np
import pytest
from mortal import KilledError, Mortal

from toolkit.config import Held, NetworkSettings, TrainSettings
from toolkit.inference.neural import network_for
from toolkit.tokenizers.characters import Characters
from toolkit.training.records import Further
from toolkit.training.step import rate_at
from toolkit.training.trainer import Loop, train

pytestmark = pytest.mark.slow

NETWORK = NetworkSettings(units=8, embedding=8, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
TRAIN = TrainSettings(updates=20, batch=4, window_characters=40, checks=5, learning_rate=0.02, checkpoint_seconds=0.0)


@pytest.fixture(scope="module")
def characters(split):
    return Characters().fit(split.train)


@pytest.fixture(scope="module")
def encodings(characters, split):
    return [[characters.encode(document) for document in part] for part in (split.train, split.valid)]


@pytest.fixture(scope="module")
def trained(characters, encodings):
    """Train a network with some settings, from the start or from a finished training."""

    def run(settings, first=None, store=None):
        store = store or Mortal(-1)
        if first is not None:
            store = Further(store, first.model.network.arrays(), first.history)
        return train(characters, *encodings, NETWORK, settings, 0, lambda _: None, store)

    return run


@pytest.fixture(scope="module")
def first(trained):
    return trained(TRAIN)


@pytest.fixture
def checked(characters, encodings):
    """Train with prescribed validation bits, from the start or from a finished loop."""

    def run(settings, bits, finished=None):
        position = finished and finished.position
        store = Further(Mortal(-1), finished.best_of_all, position.history) if finished else None
        loop = Loop(network_for(characters, NETWORK), encodings[0], characters, settings, 0, store)
        remaining = iter(bits)
        while not loop.is_finished:
            loop.run_to_next_check(lambda _: None)
            loop.check(lambda: next(remaining))
        return loop

    return run


def bits_of(loop):
    return [row.valid_bits_per_character for row in loop.position.history]


def assert_same(arrays, others):
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def test_with_nothing_but_weights_to_carry_it_equals_one_long_training(trained):
    """Plain descent has no moments, one pass carries no states to the next, and this rate depends on passes alone."""
    settings = TRAIN.model_copy(
        update={
            "optimizer": "sgd", "learning_rate": 2.0, "warmup": 0.0, "held": Held(epochs=2, divided_by=1.5),
            "forgotten": 0.0, "cooling": 1.0, "epochs": 2, "checks": 4, "patience": 99,
        }
    )  # fmt: skip
    half, whole = trained(settings), trained(settings.lasting(4))
    for training in (half, whole):  # the best weights are the last
        bits = [row.valid_bits_per_character for row in training.history]
        assert bits[-1] == min(bits)
    longer = trained(settings.lasting(4), half)
    assert (longer.updates, longer.characters_seen) == (whole.updates, whole.characters_seen)
    assert longer.history[-1].valid_bits_per_character == whole.history[-1].valid_bits_per_character
    assert_same(longer.model.network.arrays(), whole.model.network.arrays())


def test_adam_begins_anew_at_the_rate_of_the_longer_schedule(characters, encodings, first):
    """Adam's first step is the rate itself. Old counts with zero moments would make it eight times too large."""
    store = Further(Mortal(-1), first.model.network.arrays(), first.history)
    loop = Loop(network_for(characters, NETWORK), encodings[0], characters, TRAIN.lasting(40), 0, store)
    moves = []
    for _ in range(20):
        weights, rate = loop.network.arrays(), rate_at(loop.share, 0.0, loop.settings)
        loop.update()
        moves.append(max(np.abs(array - weights[name]).max() for name, array in loop.network.arrays().items()) / rate)
    assert loop.position.updates == 40
    assert moves[0] == pytest.approx(1.0, rel=1e-3)
    assert max(moves) < 1.5


@pytest.mark.parametrize("saves", [1, 2, 13, -1])
def test_killed_after_any_checkpoint_it_ends_with_the_same_weights(trained, first, saves):
    whole = Mortal(-1)
    expected = trained(TRAIN.lasting(40), first, whole)
    assert [row.updates for row in expected.history] == [4, 8, 12, 16, 20, 24, 32, 40]
    store = Mortal(saves % (-1 - whole.saves + 1))
    with pytest.raises(KilledError):
        trained(TRAIN.lasting(40), first, store)
    assert store.kept.position.begun == 20
    resumed = trained(TRAIN.lasting(40), first, store)
    assert [row.model_dump(exclude={"seconds"}) for row in resumed.history] == [
        row.model_dump(exclude={"seconds"}) for row in expected.history
    ]
    assert_same(resumed.model.network.arrays(), expected.model.network.arrays())


def test_without_a_better_check_the_weights_stay(checked):
    ended = checked(TRAIN, [5, 4, 3, 2, 1])
    longer = checked(TRAIN.lasting(100), [99] * 9, ended)
    assert_same(longer.best_of_all, ended.best_of_all)
    assert len(bits_of(longer)) == 5 + 1 + TRAIN.patience  # the first of its own checks is its best


@pytest.mark.parametrize(
    ("first_bits", "bits"),
    [
        ([5.0, 6.0, 6.0], [7.0, 6.5, 5.5, 4.5]),  # it becomes worse before it becomes better
        ([5.0, 6.0, 6.0], [6.0, 4.0, 6.0, 6.0]),  # patience begins anew
    ],
)
def test_checks_are_compared_with_those_since_it_began(checked, first_bits, bits):
    settings = TRAIN.model_copy(update={"updates": 100, "patience": 2})
    ended = checked(settings, first_bits)
    assert ended.position.updates == 60
    longer = checked(settings.lasting(250), bits, ended)
    assert bits_of(longer) == first_bits + bits


def test_a_budget_continues_from_the_seconds_spent(trained):
    settings = TRAIN.model_copy(update={"budget_seconds": 0.6})
    half = trained(settings)
    longer = trained(settings.lasting(1.2), half)
    assert longer.history[: len(half.history)] == half.history
    assert half.seconds < longer.history[len(half.history)].seconds <= longer.seconds
    assert longer.seconds >= 1.2
