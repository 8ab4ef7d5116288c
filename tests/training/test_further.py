"""Training that goes on from a finished one: one history, the best weights of all, and no jump where it begins."""

import time
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from mortal import KilledError, Mortal
from toolkit.training.checkpoint import Forgetful, Further

from toolkit.config import Held, NetworkSettings, TrainSettings
from toolkit.tokenizers.characters import Characters
from toolkit.training import trainer
from toolkit.training.trainer import train

pytestmark = pytest.mark.slow

NETWORK = NetworkSettings(units=8, embedding=8, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
TRAIN = TrainSettings(updates=20, batch=4, window_characters=40, checks=5, learning_rate=0.02, checkpoint_seconds=0.0)


@pytest.fixture(scope="module")
def characters(split):
    return Characters().fit(split.train)


@pytest.fixture(scope="module")
def trained(characters, split):
    """Trains a network with some settings, from the start or from another training."""

    def run(settings, before=None, store=None, report=lambda _: None):
        store = store or Forgetful()
        if before is not None:
            store = Further(store, before.model.network.arrays(), before.history)
        training, valid = ([characters.encode(document) for document in part] for part in (split.train, split.valid))
        return train(characters, training, valid, NETWORK, settings, 0, report, store)

    return run


def assert_same_weights(a, b):
    for name, array in a.model.network.arrays().items():
        np.testing.assert_array_equal(array, b.model.network.arrays()[name], err_msg=name)


def test_a_recipe_whose_rate_is_the_schedules_alone_goes_on_as_if_it_had_not_ended(trained):
    """Without moments and states to lose, the weights are those of the longer training, bit by bit."""
    settings = TRAIN.model_copy(
        update={
            "optimizer": "sgd", "learning_rate": 2.0, "warmup": 0.0, "held": Held(epochs=2, divided_by=1.5),
            "forgotten": 0.0, "cooling": 1.0, "epochs": 2, "checks": 4, "patience": 99,
        }
    )  # fmt: skip
    first, whole = trained(settings), trained(settings.lasting(4))
    for training in (first, whole):  # the best weights are the last
        assert training.history[-1].valid_bits_per_character == min(
            r.valid_bits_per_character for r in training.history
        )
    longer = trained(settings.lasting(4), first)
    assert (longer.updates, longer.characters_seen) == (whole.updates, whole.characters_seen)
    assert longer.history[-1].valid_bits_per_character == whole.history[-1].valid_bits_per_character
    assert_same_weights(longer, whole)


def test_adam_begins_anew_where_the_longer_schedule_stands(trained, monkeypatch):
    """Zero moments taken for old ones would make the first steps eight times too large."""
    first, steps = trained(TRAIN), []
    right = trainer.Loop.update

    def watched(loop):
        before = loop.network.arrays()
        done = right(loop)
        moved = max(np.abs(array - before[name]).max() for name, array in loop.network.arrays().items())
        share = (loop.position.updates - 1) / loop.windows.updates
        steps.append((loop.position.updates, moved / trainer.rate_at(share, 0.0, loop.settings)))
        return done

    monkeypatch.setattr(trainer.Loop, "update", watched)
    longer = trained(TRAIN.lasting(40), first)
    assert [updates for updates, _ in steps] == list(range(21, 41))
    assert steps[0][1] == pytest.approx(1.0, rel=1e-3)  # Adam's first step is the rate itself
    assert max(moved for _, moved in steps) < 1.5
    assert [row.updates for row in longer.history] == [4, 8, 12, 16, 20, 24, 32, 40]


@pytest.mark.parametrize("saves", [1, 2, 13, -1])
def test_killed_after_any_checkpoint_it_ends_with_the_same_weights(trained, saves):
    first, whole = trained(TRAIN), Mortal(-1)
    expected = trained(TRAIN.lasting(40), first, whole)
    store = Mortal(saves % (-1 - whole.saves + 1))
    with pytest.raises(KilledError):
        trained(TRAIN.lasting(40), first, store)
    assert store.kept.position.begun == 20
    resumed = trained(TRAIN.lasting(40), first, store)
    assert [row.model_dump(exclude={"seconds"}) for row in resumed.history] == [
        row.model_dump(exclude={"seconds"}) for row in expected.history
    ]
    assert_same_weights(resumed, expected)


def test_where_no_later_check_is_better_the_weights_stay(trained, monkeypatch):
    first = trained(TRAIN)
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: 99.0)
    longer = trained(TRAIN.lasting(100), first)
    assert_same_weights(longer, first)
    # the first of its own checks is its best; then patience ends it
    assert len(longer.history) == len(first.history) + 1 + TRAIN.patience


def test_what_stopped_early_may_become_worse_before_it_becomes_better(trained, monkeypatch):
    """A check is held against those since training was taken up again, so that patience does not end it at once."""
    bits = iter([9.0, 5.0, 6.0, 6.0, 9.0, 7.0, 6.5, 5.5, 4.5])
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    settings = TRAIN.model_copy(update={"updates": 100, "patience": 2})
    first = trained(settings)
    longer = trained(settings.lasting(250), first)
    assert [row.valid_bits_per_character for row in longer.history] == [5.0, 6.0, 6.0, 7.0, 6.5, 5.5, 4.5]


def test_patience_begins_anew(trained, monkeypatch):
    bits = iter([9.0, 5.0, 6.0, 6.0, 9.0, 6.0, 4.0, 6.0, 6.0])  # the first of each training only makes the graph
    monkeypatch.setattr(trainer.Validation, "bits_per_character", lambda *_: next(bits))
    settings = TRAIN.model_copy(update={"updates": 100, "patience": 2})
    first = trained(settings)
    assert first.updates == 60
    rates = []
    longer = trained(settings.lasting(200), first, report=lambda progress: rates.append(progress.share))
    assert [row.valid_bits_per_character for row in longer.history] == [5.0, 6.0, 6.0, 6.0, 4.0, 6.0, 6.0]
    assert [row.updates for row in longer.history] == [20, 40, 60, 80, 120, 160, 200]


def test_a_budget_goes_on_from_what_was_spent(trained, monkeypatch):
    """By a clock on which each update takes a hundredth of a second, however busy the machine is."""
    clock = count()
    a_hundredth_on = SimpleNamespace(perf_counter=lambda: next(clock) / 100, monotonic=time.monotonic)
    monkeypatch.setattr(trainer, "time", a_hundredth_on)
    settings = TRAIN.model_copy(update={"budget_seconds": 0.6})
    first = trained(settings)
    longer = trained(settings.lasting(1.2), first)
    assert (first.seconds, longer.seconds) == (pytest.approx(0.605, abs=0.006), pytest.approx(1.205, abs=0.006))
    assert longer.updates == pytest.approx(2 * first.updates, abs=3)  # checks take the rest
    assert longer.history[: len(first.history)] == first.history
