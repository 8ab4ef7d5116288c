"""The network: one step equals the loop, shapes, what it refuses."""

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.events.encoding import DOC
from toolkit.network.backend import tf
from toolkit.network.network import NEVER, RecurrentNetwork

TRAINED = np.array([True, True, False, True, True, True])
IDS = np.array([[0, 0], [3, 1], [5, 0], [1, 4]], np.int32)  # (steps, rows), with a <doc> in the middle of a row


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_equal_the_loop(one_hot, layers):
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5, layers=layers), TRAINED, one_hot=one_hot, seed=3)
    forward = network.forward()
    whole, last = forward.window(tf.constant(IDS), network.initial(2))
    state = network.initial(2)
    for ids, expected in zip(IDS, whole, strict=True):
        kept = (ids != DOC).astype(np.float32)[:, None]
        outputs, state = forward.step(tf.constant(ids), [(h * kept, c * kept) for h, c in state])
        np.testing.assert_allclose(outputs, expected, atol=1e-6)
    for (h, c), (h_last, c_last) in zip(state, last, strict=True):
        np.testing.assert_allclose(h, h_last, atol=1e-6)
        np.testing.assert_allclose(c, c_last, atol=1e-6)


def test_untrained_ids_have_no_softmax():
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5), TRAINED, one_hot=False)
    softmax = tf.nn.softmax(network.output_layer().logits(tf.ones((1, 5))))[0].numpy()
    assert softmax[~TRAINED].tolist() == [0.0]
    assert softmax.sum() == pytest.approx(1)


def test_tied_weights_need_equal_sizes():
    RecurrentNetwork(NetworkSettings(units=5, embedding=4), TRAINED, one_hot=True)
    with pytest.raises(InputError, match=r"embedding differs from network\.units"):
        RecurrentNetwork(NetworkSettings(units=5, embedding=4), TRAINED, one_hot=False)


KINDS = [  # of inputs, outputs and cell, with the weights that Keras names
    ({"cell": "lstm", "layers": 2}, True, ["lstm_0/lstm_cell/kernel", "lstm_0/lstm_cell/recurrent_kernel",
     "lstm_0/lstm_cell/bias", "lstm_1/lstm_cell/kernel", "lstm_1/lstm_cell/recurrent_kernel", "lstm_1/lstm_cell/bias",
     "output/kernel", "output/bias"]),
    ({"cell": "lstm", "tied": True}, False, ["embedding/embeddings", "lstm_0/lstm_cell/kernel",
     "lstm_0/lstm_cell/recurrent_kernel", "lstm_0/lstm_cell/bias", "output/bias"]),
    ({"cell": "gru", "tied": False}, False, ["embedding/embeddings", "gru_0/gru_cell/kernel",
     "gru_0/gru_cell/recurrent_kernel", "gru_0/gru_cell/bias", "output/kernel", "output/bias"]),
]  # fmt: skip


def network_of(settings, one_hot, seed=3):
    return RecurrentNetwork(NetworkSettings(units=5, embedding=5, **settings), TRAINED, one_hot=one_hot, seed=seed)


@pytest.mark.parametrize(("settings", "one_hot", "names"), KINDS, ids=str)
def test_weights_have_the_names_that_keras_gives_them(settings, one_hot, names):
    network = network_of(settings, one_hot)
    assert list(network.arrays()) == names
    assert network.parameters == sum(array.size for array in network.arrays().values()) == network.count_params()


@pytest.mark.parametrize(("settings", "one_hot", "names"), KINDS, ids=str)
def test_keras_computes_what_training_scoring_and_sampling_do(settings, one_hot, names):  # noqa: ARG001
    network = network_of(settings, one_hot)
    for variable in network.trainable_variables:
        variable.assign_add(np.random.default_rng(1).normal(size=variable.shape))
    ids = np.array([[0, 3, 5, 1, 4], [0, 4, 4, 1, 3]], np.int32)  # (rows, steps), each a document from its start
    outputs, _ = network.forward().window(tf.constant(ids.T), network.initial(2))
    logits = tf.reshape(network.output_layer().logits(tf.reshape(outputs, (-1, 5))), (5, 2, 6))
    np.testing.assert_allclose(network(ids), tf.transpose(logits, (1, 0, 2)), atol=1e-5)
    np.testing.assert_allclose(network(ids[:, :1]), network(ids)[:, :1], atol=1e-6)  # a single id


def test_the_summary_names_every_layer(capsys):
    network_of({"layers": 2}, one_hot=True).summary()
    said = capsys.readouterr().out
    assert all(name in said for name in ("one_hot", "lstm_0 (LSTM)", "lstm_1 (LSTM)", "output (Dense)"))


def test_each_weight_has_a_seed_of_its_own():
    first, again, other = (network_of({"layers": 2, "tied": False}, one_hot=False, seed=seed) for seed in (1, 1, 2))
    matrices = [array for array in first.arrays().values() if array.ndim == 2]
    assert len({array.ravel()[1] for array in matrices}) == len(matrices)
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
        assert "bias" in name or not np.array_equal(array, other.arrays()[name])


def test_ids_that_training_never_shows_stay_as_they_start():
    arrays = network_of({"initial_range": 0.1}, one_hot=False).arrays()
    assert (arrays["embedding/embeddings"][~TRAINED] == 0).all()
    assert arrays["output/bias"][~TRAINED].tolist() == [np.float32(NEVER)]


def test_other_weights_are_refused():
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5), TRAINED, one_hot=False)
    with pytest.raises(ValueError, match="expected"):
        network.assign({"embedding": np.zeros((6, 5), np.float32)})


def test_a_character_alone_moves_the_gates_as_much_as_a_sum_of_unit_variance_would():
    settings = NetworkSettings(units=32, embedding=32)
    one_hot, embedded = (
        RecurrentNetwork(settings, np.ones(50, bool), one_hot=kind).arrays()["lstm_0/lstm_cell/kernel"]
        for kind in (True, False)
    )
    assert one_hot.std() == pytest.approx(1, abs=0.05)
    assert embedded.std() == pytest.approx(np.sqrt(2 / (32 + 4 * 32)), rel=0.05)  # glorot's variance


def test_a_uniform_range_holds_for_characters_too():
    arrays = RecurrentNetwork(NetworkSettings(units=8, initial_range=0.1), np.ones(50, bool), one_hot=True).arrays()
    assert np.abs(arrays["lstm_0/lstm_cell/kernel"]).max() <= 0.1
