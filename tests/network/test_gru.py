"""The GRU against keras.layers.GRU with the same weights, and against its own laws."""

from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network import gru
from toolkit.network.backend import USUAL_UNROLLED_STEPS
from toolkit.network.network import RecurrentNetwork

T, B, E, H = 2 * USUAL_UNROLLED_STEPS + 3, 4, 5, 6  # turns of the loop, and steps after it
recurrence = partial(gru.recurrence, unrolled=USUAL_UNROLLED_STEPS)  # as users have it


def keras_outputs_and_gradients(layer, x, weighting):
    with tf.GradientTape() as tape:
        tape.watch(x)
        hs = tf.transpose(layer(x), (1, 0, 2))  # (T, B, H)
        loss = tf.reduce_sum(hs * weighting) + tf.reduce_sum(hs[-1] ** 2)
    return hs, tape.gradient(loss, [x, *layer.trainable_variables])


def our_outputs_and_gradients(x, kernel, U, bias, weighting, keep, precision):
    variables = [tf.convert_to_tensor(v) for v in (kernel, U, bias)]
    with tf.GradientTape() as tape:
        for v in (x, *variables):
            tape.watch(v)
        kernel, U, bias = variables
        rows = tf.reshape(tf.transpose(x, (1, 0, 2)), (T * B, E))
        projected = tf.reshape(tf.matmul(rows, kernel) + bias[0], (T, B, 3 * H))
        hs = recurrence(projected, keep, U, bias[1], tf.zeros((B, H)), precision)
        loss = tf.reduce_sum(hs * weighting) + tf.reduce_sum(hs[-1] ** 2)
    return hs, tape.gradient(loss, [x, *variables])


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.05)])
def test_outputs_and_gradients_equal_keras(precision, tolerance):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(B, T, E)), tf.float32)
    weighting = tf.constant(rng.normal(size=(T, B, H)), tf.float32)
    layer = keras.layers.GRU(H, return_sequences=True, use_cudnn=False)  # reset_after is Keras' default
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in layer.get_weights()])
    theirs, their_gradients = keras_outputs_and_gradients(layer, x, weighting)
    ours, our_gradients = our_outputs_and_gradients(
        x, *layer.get_weights(), weighting, tf.ones((T, B, 1)), tf.as_dtype(precision)
    )
    for a, b in zip([ours, *our_gradients], [theirs, *their_gradients], strict=True):
        assert np.abs(a - np.asarray(b)).max() / np.abs(b).max() < tolerance


def test_gradients_where_a_state_is_forgotten_are_those_of_finite_differences():
    rng = np.random.default_rng(1)
    projected, U = rng.normal(size=(5, 2, 9)), rng.normal(size=(3, 9))
    bias, h0 = rng.normal(size=9), rng.normal(size=(2, 3))
    keep = np.ones((5, 2, 1))
    keep[2, 0] = keep[0, 1] = 0
    weighting = tf.constant(rng.normal(size=(5, 2, 3)), tf.float32)
    values = [tf.constant(value, tf.float32) for value in (projected, U, bias, h0)]

    def loss(projected, U, bias, h0):
        hs = recurrence(projected, tf.constant(keep, tf.float32), U, bias, h0)
        return tf.reduce_sum(hs * weighting)

    theoretical, numerical = tf.test.compute_gradient(loss, values, delta=1e-2)
    for a, b in zip(theoretical, numerical, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-2)


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_equal_the_loop_in_tensorflow_and_in_numpy(one_hot, layers):
    settings = NetworkSettings(cell="gru", units=5, layers=layers)
    network = RecurrentNetwork(settings, np.ones(6, bool), one_hot=one_hot, seed=3)
    for layer in network.recurrent:
        layer.cell.bias.assign(np.random.default_rng(7).normal(size=layer.cell.bias.shape))
    ids = np.array([0, 3, 5, 1, 0, 4], np.int32)
    forward, dense = network.forward(), network.output_layer()
    whole, last = forward.window(tf.constant(ids[:, None]), network.initial(1))
    state, stepper = network.initial(1), network.stepper()
    for id_, expected in zip(ids, whole, strict=True):
        kept = np.float32(id_ != DOC)
        outputs, state = forward.step(tf.constant([id_]), [tuple(part * kept for part in layer) for layer in state])
        np.testing.assert_allclose(outputs, expected, atol=1e-6)
        stepper.feed(int(id_))
        np.testing.assert_allclose(stepper.logits(), dense.logits(expected)[0], atol=1e-6)
    for (h,), (h_last,) in zip(state, last, strict=True):
        np.testing.assert_allclose(h, h_last, atol=1e-6)
