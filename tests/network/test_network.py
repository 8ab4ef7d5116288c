"""The network: Keras computes the same, a step equals the loop, sizes, first weights; the output layer in chunks."""

from itertools import product

import numpy as np
import pytest
from scipy.special import log_softmax

from tests.helpers.rounding import assert_same_sums, needs_bfloat16
from toolkit.config import NetworkSettings
from toolkit.events.encoding import Reserve
from toolkit.network import GATES, NETWORKS
from toolkit.network.backend import tf
from toolkit.network.dense import MAX_CACHED_LOGITS, MAX_LOGITS, Dense
from toolkit.network.forms import NumpyStepper
from toolkit.network.network import NEVER, Network

TRAINED = np.array([True, True, False, True, True, True])
IDS = np.array([[0, 0], [3, 1], [5, 0], [1, 4]], np.int32)  # (steps, rows), with a <doc> in the middle of a row
LSTM, GRU = (
    [f"{cell}_0/{cell}_cell/{name}" for name in ("kernel", "recurrent_kernel", "bias")] for cell in GATES
)


def network_of(settings, one_hot, seed=3, trained=TRAINED):
    settings = NetworkSettings(**{"units": 5, "embedding": 5, "heads": 2, "memory": 2} | settings)
    return Network(settings, trained, one_hot=one_hot, seed=seed)


@pytest.mark.parametrize(
    ("cell", "one_hot", "layers"),
    [
        *(("lstm", True, 1), ("lstm", False, 2), ("gru", True, 2), ("gru", False, 1)),
        *(("transformer", True, 1), ("transformer", False, 2)),
    ],
)
def test_keras_steps_and_numpy_compute_the_loop(cell, one_hot, layers):
    network = network_of({"cell": cell, "layers": layers, "tied": not one_hot}, one_hot)
    for variable in network.trainable_variables:
        variable.assign_add(np.random.default_rng(1).normal(size=variable.shape))
    forward, dense, state = network.forward(), network.output_layer(), network.initial(2)
    outputs, last = forward.window(tf.constant(IDS), state)
    steppers = [NumpyStepper(network, Reserve(TRAINED, 0, 1)) for _ in range(2)]
    # Terms of a block: qkv, two of attention, out, up, down, two lengths; a square
    # doubles errors.
    block = 2 * (5 + 2 + 3 + 4 + 5 + 20 + 2 * 5)
    terms = layers * (block if cell == "transformer" else len(IDS) * (5 + 5))
    matrix = np.abs(network.named_weights[network.output_weights[0]])
    matrix = matrix.T if network.tied else matrix
    for ids, expected in zip(IDS, outputs, strict=True):
        hs, state = forward.window(tf.constant(ids)[None], state)
        assert_same_sums(hs[0], expected, terms)  # 0.05 seen
        for stepper, id_ in zip(steppers, ids, strict=True):
            stepper.feed(int(id_))
        logits, largest = dense.logits(expected), (np.abs(expected) @ matrix).max()
        reserve = Reserve(TRAINED, 0, 1)
        logs = np.log([reserve.distribution(row) for row in logits.numpy()])
        stepped = np.log([stepper.distribution() for stepper in steppers])
        assert_same_sums(stepped, logs, terms + 5, largest, "stepper")  # 0.05 seen
    for array, end in zip(tf.nest.flatten(state), tf.nest.flatten(last), strict=True):
        assert_same_sums(array, end, terms)  # 0.03 seen
    document = IDS[:, :1].T  # one row of Keras' model
    logits = dense.logits(outputs[:, 0]).numpy()[:, TRAINED]
    whole = network(document)[0].numpy()[:, TRAINED]
    single = network(document[:, :1])[0].numpy()[:, TRAINED]
    assert_same_sums(whole, logits, terms + 5)  # 0.05 seen
    assert_same_sums(single, logits[:1], terms + 5)  # 0.03 seen


def test_weights_have_the_names_that_keras_gives_them():
    embedding, output = ["embedding/embeddings"], ["output/kernel", "output/bias"]
    for settings, one_hot, names in (
        ({}, True, [*LSTM, *output]),
        ({"tied": True}, False, [*embedding, *LSTM, "output/bias"]),
        ({"cell": "gru", "tied": False}, False, [*embedding, *GRU, *output]),
    ):
        assert list(network_of(settings, one_hot).arrays()) == names


@pytest.mark.parametrize(("cell", "layers"), [*product(NETWORKS, (1, 2))])
def test_a_size_is_that_of_the_network(cell, layers):
    for one_hot, tied, embedding in ((True, False, 5), (True, True, 3), (False, True, 5), (False, False, 3)):
        settings = {"cell": cell, "layers": layers, "tied": tied, "embedding": embedding}
        network = network_of(settings, one_hot, trained=np.ones(11, bool))
        arrays = network.arrays()
        matrices = {name: a.size for name, a in arrays.items() if a.ndim == 2 and not name.endswith("bias")}
        assert network.size.parameters == sum(array.size for array in arrays.values())
        assert network.size.embedding_parameters == matrices[network.input_matrix]
        looked_up = 0 if network.tied else network.size.embedding_parameters
        attention = (
            layers * 2 * 4 * 3 if cell == "transformer" else 0
        )  # 4 numbers of keys and of values, 3 places
        assert network.size.multiply_adds == sum(matrices.values()) - looked_up + attention


def test_untrained_ids_have_no_softmax_and_zero_inputs():
    network = network_of({"initial_range": 0.1}, one_hot=False)
    softmax = tf.nn.softmax(network.output_layer().logits(tf.ones((1, 5))))[0].numpy()
    assert softmax[~TRAINED].tolist() == [0.0]
    assert_same_sums(softmax.sum(), 1, 2 * len(softmax))  # 0 seen
    assert (network.arrays()["embedding/embeddings"][~TRAINED] == 0).all()
    assert network.arrays()["output/bias"][~TRAINED].tolist() == [np.float32(NEVER)]


def test_each_weight_has_a_seed_of_its_own():
    settings = {"layers": 2, "tied": False}
    first, again, other = (network_of(settings, one_hot=False, seed=seed) for seed in (1, 1, 2))
    matrices = [array for array in first.arrays().values() if array.ndim == 2]
    assert len({array.ravel()[1] for array in matrices}) == len(matrices)
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, again.arrays()[name])
        assert "bias" in name or not np.array_equal(array, other.arrays()[name])


def test_first_weights_move_the_gates_alike_or_are_uniform_within_a_range():
    glorot = np.sqrt(2 / (32 + 4 * 32))
    wide = {"units": 300, "embedding": 40, "layers": 2, "tied": False, "initial_range": 0.1}
    for one_hot, deviation in ((True, 1.0), (False, glorot)):
        network = network_of({"units": 32, "embedding": 32}, one_hot, trained=np.ones(50, bool))
        assert network.arrays()[LSTM[0]].std() == pytest.approx(deviation, rel=0.05)
        for name, array in network_of(wide, one_hot, trained=np.ones(1000, bool)).arrays().items():
            assert 0 < np.abs(array).max() <= 0.1, name
            assert array.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05), name


H, UNTRAINED = 6, 7  # units, and an id that is never trained


def example(tied, rows, ids):
    """Return outputs, the weights of a layer, and targets."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=shape) for shape in ((rows, H), (ids, H) if tied else (H, ids), ids)]
    arrays[2][UNTRAINED] = -1e9
    targets = tf.constant(rng.choice(np.delete(np.arange(ids), UNTRAINED), rows), tf.int32)
    outputs, *weights = (tf.constant(array, tf.float32) for array in arrays)
    return outputs, weights, targets


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(("rows", "ids"), [(23, 11), (2 * MAX_CACHED_LOGITS // 4000 + 1, 4000)])
def test_scores_are_those_of_the_definition(tied, rows, ids):
    outputs, (matrix, bias), targets = example(tied, rows, ids)
    logits = np.float64(outputs) @ (np.float64(matrix).T if tied else np.float64(matrix)) + np.float64(bias)
    expected, among, layer = log_softmax(logits, axis=1), np.arange(ids) % 3 == 0, Dense(matrix, bias, tied)
    logs, masses = layer.scores(outputs, targets, tf.constant(among, tf.float64))
    terms, largest = 2 * (H + 1), np.abs(logits[:, np.arange(ids) != UNTRAINED]).max()
    # 0.07 seen
    assert_same_sums(logs, expected[np.arange(rows), targets], terms, largest)
    expected_masses = np.exp(expected[:, among]).sum(1)
    # 0.05 seen
    assert_same_sums(np.log(masses), np.log(expected_masses), terms, largest)
    assert logs.dtype == masses.dtype == tf.float64


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize(
    ("rows", "ids", "precision"),
    [
        (23, 11, "float32"),
        pytest.param(23, 11, "bfloat16", marks=needs_bfloat16),
        (2 * MAX_LOGITS // 4000 + 1, 4000, "float32"),  # in three chunks of unlike sizes
    ],
)
def test_loss_and_gradients_equal_tensorflows(tied, rows, ids, precision):
    outputs, weights, targets = example(tied, rows, ids)
    with tf.GradientTape() as tape:
        tape.watch([outputs, *weights])
        logits = Dense(*weights, tied).logits(outputs)
        nats = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
    loss = Dense(*weights, tied, tf.as_dtype(precision)).loss(outputs, targets, 0.25)
    # Products are rounded to bfloat16, but rows are summed in float32.
    terms = 2 * H if precision == "bfloat16" else H + rows
    assert_same_sums(loss.nats, nats, terms, dtype=precision)  # 0.03 seen
    expected = tape.gradient(nats, [outputs, *weights])
    for ours, theirs in zip([loss.d_outputs, *loss.d_weights], expected, strict=True):
        theirs = 0.25 * tf.convert_to_tensor(theirs)
        assert (ours.shape, ours.dtype) == (theirs.shape, tf.float32)
        magnitude = max(np.abs(theirs).max(), 1)
        assert_same_sums(ours, theirs, terms, magnitude, precision)  # 0.08 seen
