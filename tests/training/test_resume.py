"""Training that is killed and resumed equals uninterrupted training, array by array."""

import numpy as np
import pytest
from mortal import KilledError, Mortal

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.runs.folder import CheckpointFile
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.words import Words
from toolkit.training.records import DivergedError
from toolkit.training.trainer import train

pytestmark = pytest.mark.slow

NETWORK = NetworkSettings(units=8, embedding=8, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1)
TRAIN = TrainSettings(
    epochs=2, batch=4, window_characters=80, checks=6, learning_rate=0.05, checkpoint_seconds=0.0, patience=5
)


def trained(tokenizer, split, settings, store, layers=1):
    network = NETWORK.model_copy(update={"layers": layers})
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    return train(tokenizer, training, valid, network, settings, 0, lambda _: None, store)


def assert_same(arrays, others):
    assert arrays.keys() == others.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, others[name], err_msg=name)


def without_seconds(history):
    return [row.model_dump(exclude={"seconds"}) for row in history]


@pytest.mark.parametrize(
    ("layers", "changes", "moments"),
    [
        (1, {}, (1, 6, -1)),  # before the first update, between checks, after the last
        (2, {"optimizer": "sgd", "learning_rate": 2.0, "cooling": 1.0, "towers": 1}, (8,)),
        (1, {"forgotten": 0.5}, (9,)),
        (1, {"epochs": None, "updates": 36, "checks": 9, "learning_rate": 0.7}, (12,)),  # back to the best weights
    ],
)
def test_training_killed_after_any_checkpoint_ends_with_the_same_weights(split, layers, changes, moments):
    settings = TRAIN.model_copy(update=changes)
    tokenizer = Words("unk").fit(split.train, split.valid)
    whole = Mortal(-1)
    expected = trained(tokenizer, split, settings, whole, layers)
    saves = -1 - whole.saves
    if settings.epochs is None:
        bits = [row.valid_bits_per_character for row in expected.history]
        assert bits != sorted(bits, reverse=True)  # a check was not the best, and training went back
    assert saves > expected.updates  # before every update, and after every check
    for moment in moments:
        store = Mortal(moment % (saves + 1))
        with pytest.raises(KilledError):
            trained(tokenizer, split, settings, store, layers)
        resumed = trained(tokenizer, split, settings, store, layers)
        assert without_seconds(resumed.history) == without_seconds(expected.history)
        assert (resumed.updates, resumed.characters_seen) == (expected.updates, expected.characters_seen)
        assert_same(expected.model.network.arrays(), resumed.model.network.arrays())


def test_a_budget_counts_what_was_spent_before_the_kill(split):
    tokenizer = Characters().fit(split.train)
    settings = TRAIN.model_copy(update={"epochs": None, "budget_seconds": 1.5})
    store = Mortal(8)
    with pytest.raises(KilledError):
        trained(tokenizer, split, settings, store)
    killed = store.kept.position.updates
    assert 0 < store.kept.position.seconds < 1.5
    store.kept.position.seconds = 1.4999
    resumed = trained(tokenizer, split, settings, store)
    assert resumed.updates <= killed + 1  # not for another one and a half seconds


def test_a_training_that_diverged_does_so_again(split, tmp_path):
    tokenizer = Characters().fit(split.train)
    settings = TRAIN.model_copy(update={"learning_rate": float("inf")})
    for _ in range(2):  # the second begins with a checkpoint of the first, whose weights are no numbers
        with pytest.raises(DivergedError, match="nan"):
            trained(tokenizer, split, settings, CheckpointFile(tmp_path / "run", {}))
        assert CheckpointFile(tmp_path / "run", {}).load().position.updates > 0
