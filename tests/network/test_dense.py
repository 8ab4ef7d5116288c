"""The output layers against TensorFlow's own loss and gradients, and scipy's log-softmax; nothing large in memory."""

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from tests.network.test_network import network_of
from toolkit.inference import sampling
from toolkit.network import dense
from toolkit.network.backend import tf
from toolkit.network.dense import Dense
from toolkit.network.stepper import NumpyStepper

N, H, V = 23, 6, 11
IDS = np.arange(V)
every_kind = pytest.mark.parametrize("tied", [False, True])


def example(tied):
    """Outputs, the weights of a layer, and targets; id 7 is never trained."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=shape) for shape in ((N, H), (V, H) if tied else (H, V), V)]
    arrays[2][7] = -1e9
    targets = tf.constant(rng.choice(IDS[IDS != 7], N), tf.int32)
    outputs, *weights = (tf.constant(array, tf.float32) for array in arrays)
    return outputs, weights, targets


def layer_of(weights, tied, precision=tf.float32):
    return Dense(*weights, tied, precision)


def log_probabilities(outputs, weights, tied):
    """The logarithms of the softmax by its definition, in float64."""
    outputs, matrix, bias = (np.float64(array) for array in (outputs, *weights))
    return log_softmax(outputs @ (matrix.T if tied else matrix) + bias, axis=1)


@every_kind
@pytest.mark.parametrize("max_logits", [10**6, 4 * V])
def test_scores_are_those_of_the_definition(tied, max_logits, monkeypatch):
    monkeypatch.setattr(dense, "MAX_CACHED_LOGITS", max_logits)
    outputs, weights, targets = example(tied)
    expected, among, layer = log_probabilities(outputs, weights, tied), IDS % 3 == 0, layer_of(weights, tied)
    np.testing.assert_allclose(softmax(layer.logits(outputs), axis=1), np.exp(expected), atol=1e-6)
    logs, masses = layer.scores(outputs, targets, tf.constant(among, tf.float64))
    np.testing.assert_allclose(logs, expected[np.arange(N), targets], rtol=5e-6)
    np.testing.assert_allclose(masses, np.exp(expected[:, among]).sum(1), rtol=5e-6)
    assert logs.dtype == masses.dtype == tf.float64


@every_kind
@pytest.mark.parametrize("max_logits", [10**6, 4 * V, 1])  # one chunk, some of unlike sizes, a row each
@pytest.mark.parametrize("only", [None, 2])  # all targets, or one
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-6), ("bfloat16", 0.03)])
def test_loss_and_gradients_equal_tensorflows(tied, max_logits, only, precision, tolerance, monkeypatch):
    monkeypatch.setattr(dense, "MAX_LOGITS", max_logits)
    outputs, weights, targets = example(tied)
    targets = targets if only is None else tf.fill(targets.shape, only)
    with tf.GradientTape() as tape:
        tape.watch([outputs, *weights])
        logits = layer_of(weights, tied).logits(outputs)
        nats = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
    loss = layer_of(weights, tied, tf.as_dtype(precision)).loss(outputs, targets, 0.25)
    assert float(loss.nats) == pytest.approx(float(nats), rel=tolerance)
    expected = tape.gradient(nats, [outputs, *weights])
    for ours, theirs in zip([loss.d_outputs, *loss.d_weights], expected, strict=True):
        theirs = 0.25 * tf.convert_to_tensor(theirs)
        assert (ours.shape, ours.dtype) == (theirs.shape, tf.float32)
        assert np.abs(ours - theirs).max() <= tolerance * max(np.abs(theirs).max(), 1)


@pytest.mark.parametrize(("method", "argument"), [("loss", 1.0), ("scores", np.ones(V))])
def test_chunks_of_logits_wait_for_each_other(method, argument, monkeypatch):
    for name in ("MAX_LOGITS", "MAX_CACHED_LOGITS"):
        monkeypatch.setattr(dense, name, 5 * V)
    outputs, weights, targets = example(tied=False)
    graph = tf.function(lambda x, y: getattr(layer_of(weights, tied=False), method)(x, y, argument))
    operations = graph.get_concrete_function(outputs, targets).graph.get_operations()
    products = [op for op in operations if op.type == "MatMul" and op.outputs[0].shape[1] == V]
    logits = [op for op in products if op.outputs[0].shape[0] != H]
    assert max(op.outputs[0].shape[0] for op in logits) == 5
    assert len([op for op in logits if op.control_inputs]) == len(logits) - 1


def some_network(one_hot=False, tied=True):
    settings = {"units": H, "embedding": None, "tied": tied, "initial_range": 0.8}
    return network_of(settings, one_hot, trained=IDS != 7)


@pytest.mark.parametrize(("one_hot", "tied"), [(True, True), (False, True), (False, False)])
def test_keras_the_scorer_and_the_coder_expect_the_same(one_hot, tied):
    network, ids = some_network(one_hot, tied), np.array([[0, 3, 5, 1, 9, 4]], np.int32)
    stepper, expected = NumpyStepper(network), []
    for id_ in ids[0]:
        stepper.feed(int(id_))
        expected.append(softmax(stepper.logits()))
    outputs, _ = network.forward().window(tf.constant(ids.T), network.initial(1))
    np.testing.assert_allclose(softmax(network.output_layer().logits(outputs[:, 0]), axis=1), expected, atol=1e-6)
    np.testing.assert_allclose(softmax(network(ids)[0], axis=1), expected, atol=1e-6)


@pytest.mark.parametrize(("streams", "small"), [(1, 10_000), (1, 4), (3, 10_000)])  # whole, cut in parts, side by side
@pytest.mark.parametrize("temperature", [1.0, 0.6])
def test_samples_are_drawn_from_the_softmax_at_any_temperature(streams, small, temperature, monkeypatch):
    monkeypatch.setattr(sampling, "SMALL", small)
    network = some_network()
    outputs = tf.constant(np.random.default_rng(1).uniform(-1, 1, (streams, H)), tf.float32)
    logits = network.output_layer().logits(outputs).numpy() / temperature
    logits[:, 0] = -np.inf  # no document ends
    drawn_from = softmax(sampling.output(network, temperature, streams).logits(outputs), axis=1)
    np.testing.assert_allclose(drawn_from[:, :V], softmax(logits, axis=1), atol=1e-6)
    assert not drawn_from[:, V:].any()
