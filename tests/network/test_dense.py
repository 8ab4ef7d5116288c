"""The output layer against TensorFlow's own loss and gradients, and scipy's log-softmax; nothing large in memory."""

import numpy as np
import pytest
from scipy.special import log_softmax

from toolkit.network import dense
from toolkit.network.backend import tf
from toolkit.network.dense import Dense

N, H, V = 23, 6, 11
IDS = np.arange(V)
ways_to_tie = pytest.mark.parametrize("tied", [False, True])


def example(tied):
    """Return outputs, the weights of a layer, and targets; id 7 is never trained."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=shape) for shape in ((N, H), (V, H) if tied else (H, V), V)]
    arrays[2][7] = -1e9
    targets = tf.constant(rng.choice(IDS[IDS != 7], N), tf.int32)
    outputs, *weights = (tf.constant(array, tf.float32) for array in arrays)
    return outputs, weights, targets


@ways_to_tie
@pytest.mark.parametrize("max_logits", [10**6, 4 * V])
def test_scores_are_those_of_the_definition(tied, max_logits, monkeypatch):
    monkeypatch.setattr(dense, "MAX_CACHED_LOGITS", max_logits)
    outputs, (matrix, bias), targets = example(tied)
    rows = np.float64(outputs) @ (np.float64(matrix).T if tied else np.float64(matrix)) + np.float64(bias)
    expected, among, layer = log_softmax(rows, axis=1), IDS % 3 == 0, Dense(matrix, bias, tied)
    logs, masses = layer.scores(outputs, targets, tf.constant(among, tf.float64))
    np.testing.assert_allclose(logs, expected[np.arange(N), targets], rtol=5e-6)
    np.testing.assert_allclose(masses, np.exp(expected[:, among]).sum(1), rtol=5e-6)
    assert logs.dtype == masses.dtype == tf.float64


@ways_to_tie
@pytest.mark.parametrize("max_logits", [10**6, 4 * V, 1])  # one chunk, some of unlike sizes, a row each
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-6), ("bfloat16", 0.03)])
def test_loss_and_gradients_equal_tensorflows(tied, max_logits, precision, tolerance, monkeypatch):
    monkeypatch.setattr(dense, "MAX_LOGITS", max_logits)
    outputs, weights, targets = example(tied)
    with tf.GradientTape() as tape:
        tape.watch([outputs, *weights])
        logits = Dense(*weights, tied).logits(outputs)
        nats = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
    loss = Dense(*weights, tied, tf.as_dtype(precision)).loss(outputs, targets, 0.25)
    assert float(loss.nats) == pytest.approx(float(nats), rel=tolerance)
    expected = tape.gradient(nats, [outputs, *weights])
    for ours, theirs in zip([loss.d_outputs, *loss.d_weights], expected, strict=True):
        theirs = 0.25 * tf.convert_to_tensor(theirs)
        assert (ours.shape, ours.dtype) == (theirs.shape, tf.float32)
        assert np.abs(ours - theirs).max() <= tolerance * max(np.abs(theirs).max(), 1)
