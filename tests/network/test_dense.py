"""The dense layer's loss and gradients against TensorFlow's own, and scipy's log-softmax; nothing large in memory."""

import numpy as np
import pytest
from scipy.special import log_softmax

from toolkit.network import dense
from toolkit.network.backend import tf
from toolkit.network.dense import Dense

N, H, V = 23, 6, 11


def example(tied):
    """Outputs, targets, a matrix and a bias; id 3 is never trained."""
    rng = np.random.default_rng(8)
    outputs, matrix = rng.normal(size=(N, H)), rng.normal(size=(V, H) if tied else (H, V))
    bias = np.where(np.arange(V) == 3, -1e9, rng.normal(size=V))
    targets = rng.choice([v for v in range(V) if v != 3], N)
    return (*(tf.constant(value, tf.float32) for value in (outputs, matrix, bias)), tf.constant(targets, tf.int32))


def by_tape(outputs, matrix, bias, targets, tied):
    """Σ nats and its gradients as TensorFlow derives them."""
    with tf.GradientTape() as tape:
        tape.watch([outputs, matrix, bias])
        logits = tf.matmul(outputs, matrix, transpose_b=tied) + bias
        nats = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
    return nats, tape.gradient(nats, [outputs, matrix, bias])


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("cells", [10**6, 4 * V, 1])  # one chunk, some of unlike sizes, a row each
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-6), ("bfloat16", 0.03)])
def test_loss_and_gradients_equal_tensorflows(tied, cells, precision, tolerance, monkeypatch):
    monkeypatch.setattr(dense, "MOST_LOGITS", cells)
    outputs, matrix, bias, targets = example(tied)
    nats, expected = by_tape(outputs, matrix, bias, targets, tied)
    found = Dense(matrix, bias, tied, tf.as_dtype(precision)).loss(outputs, targets, 0.25)
    assert float(found.nats) == pytest.approx(float(nats), rel=tolerance)
    for ours, theirs in zip([found.d_outputs, *found.d_weights], expected, strict=True):
        assert np.abs(ours - 0.25 * theirs).max() <= tolerance * np.abs(theirs).max()
        assert ours.dtype == tf.float32


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("cells", [10**6, 4 * V])
def test_the_softmax_equals_scipys(tied, cells, monkeypatch):
    monkeypatch.setattr(dense, "CACHED", cells)
    outputs, matrix, bias, targets = example(tied)
    among = np.arange(V) % 3 == 0
    found, masses = Dense(matrix, bias, tied).scores(outputs, targets, tf.constant(among, tf.float64))
    w = matrix.numpy().astype(np.float64)
    expected = log_softmax(outputs.numpy().astype(np.float64) @ (w.T if tied else w) + bias.numpy(), axis=1)
    np.testing.assert_allclose(found, expected[np.arange(N), targets], rtol=2e-6)
    np.testing.assert_allclose(masses, np.exp(expected[:, among]).sum(1), rtol=2e-6)
    assert found.dtype == masses.dtype == tf.float64


@pytest.mark.parametrize(("method", "given"), [("loss", 1.0), ("scores", np.ones(V))])
def test_logits_never_stand_whole_in_memory(method, given, monkeypatch):
    monkeypatch.setattr(dense, "MOST_LOGITS", 5 * V)
    monkeypatch.setattr(dense, "CACHED", 5 * V)
    outputs, matrix, bias, targets = example(tied=False)
    layer = Dense(matrix, bias, tied=False)
    graph = tf.function(lambda x, y: getattr(layer, method)(x, y, given))
    operations = graph.get_concrete_function(outputs, targets).graph.get_operations()
    products = [op.outputs[0].shape for op in operations if op.type == "MatMul"]
    largest = max(shape[0] for shape in products if shape[1] == V and shape[0] != H)
    assert largest == 5
    # and one chunk waits for the one before it
    waiting = [op for op in operations if op.type == "MatMul" and op.control_inputs]
    assert len(waiting) >= len([shape for shape in products if shape == (largest, V)]) - 1
