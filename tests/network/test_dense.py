"""The output layer against TensorFlow's own loss and gradients, and scipy's log-softmax, also in chunks."""

import numpy as np
import pytest
from scipy.special import log_softmax

from toolkit.network.backend import tf
from toolkit.network.dense import MAX_CACHED_LOGITS, MAX_LOGITS, Dense

H, UNTRAINED = 6, 7  # units, and an id that is never trained
ways_to_tie = pytest.mark.parametrize("tied", [False, True])


def example(tied, rows, ids):
    """Return outputs, the weights of a layer, and targets."""
    rng = np.random.default_rng(8)
    arrays = [rng.normal(size=shape) for shape in ((rows, H), (ids, H) if tied else (H, ids), ids)]
    arrays[2][UNTRAINED] = -1e9
    targets = tf.constant(rng.choice(np.delete(np.arange(ids), UNTRAINED), rows), tf.int32)
    outputs, *weights = (tf.constant(array, tf.float32) for array in arrays)
    return outputs, weights, targets


@ways_to_tie
@pytest.mark.parametrize(("rows", "ids"), [(23, 11), (2 * MAX_CACHED_LOGITS // 4000 + 1, 4000)])
def test_scores_are_those_of_the_definition(tied, rows, ids):
    outputs, (matrix, bias), targets = example(tied, rows, ids)
    logits = np.float64(outputs) @ (np.float64(matrix).T if tied else np.float64(matrix)) + np.float64(bias)
    expected, among, layer = log_softmax(logits, axis=1), np.arange(ids) % 3 == 0, Dense(matrix, bias, tied)
    logs, masses = layer.scores(outputs, targets, tf.constant(among, tf.float64))
    np.testing.assert_allclose(logs, expected[np.arange(rows), targets], rtol=5e-6)
    np.testing.assert_allclose(masses, np.exp(expected[:, among]).sum(1), rtol=5e-6)
    assert logs.dtype == masses.dtype == tf.float64


@ways_to_tie
@pytest.mark.parametrize(
    ("rows", "ids", "precision", "tolerance"),
    [
        (23, 11, "float32", 2e-6),
        (23, 11, "bfloat16", 0.03),
        (2 * MAX_LOGITS // 4000 + 1, 4000, "float32", 1e-5),  # in three chunks of unlike sizes
    ],
)
def test_loss_and_gradients_equal_tensorflows(tied, rows, ids, precision, tolerance):
    outputs, weights, targets = example(tied, rows, ids)
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
