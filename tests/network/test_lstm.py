"""The recurrence against keras.layers.LSTM with the same weights, and against its own laws."""

import gc
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf

from toolkit.network import lstm
from toolkit.network.backend import USUAL_UNROLLED_STEPS
from toolkit.network.loops import looped

T, B, E, H = 2 * USUAL_UNROLLED_STEPS + 3, 4, 5, 6  # turns of the loop, and steps after it
recurrence = partial(lstm.recurrence, unrolled=USUAL_UNROLLED_STEPS)  # as users have it


def relative(a, b):
    return np.abs(np.asarray(a) - np.asarray(b)).max() / np.abs(np.asarray(b)).max()


def keras_outputs_and_gradients(layer, x, weighting):
    with tf.GradientTape() as tape:
        tape.watch(x)
        hs, h, c = layer(x)  # (B, T, H)
        loss = tf.reduce_sum(tf.transpose(hs, (1, 0, 2)) * weighting) + tf.reduce_sum(h * c)
    return (tf.transpose(hs, (1, 0, 2)), h, c), tape.gradient(loss, [x, *layer.trainable_variables])


def our_outputs_and_gradients(x, kernel, U, bias, weighting, keep, precision=tf.float32):
    variables = [tf.convert_to_tensor(v) for v in (kernel, U, bias)]
    with tf.GradientTape() as tape:
        for v in (x, *variables):
            tape.watch(v)
        kernel, U, bias = variables
        projected = tf.reshape(
            tf.matmul(tf.reshape(tf.transpose(x, (1, 0, 2)), (T * B, E)), kernel) + bias, (T, B, 4 * H)
        )
        hs, h, c = recurrence(projected, keep, U, tf.zeros((B, H)), tf.zeros((B, H)), precision)
        loss = tf.reduce_sum(hs * weighting) + tf.reduce_sum(h * c)
    return (hs, h, c), tape.gradient(loss, [x, *variables])


@pytest.mark.parametrize(
    ("seed", "precision", "tolerance"), [(0, "float32", 1e-5), (1, "float32", 1e-5), (0, "bfloat16", 0.05)]
)
def test_outputs_and_gradients_equal_keras(seed, precision, tolerance):
    rng = np.random.default_rng(seed)
    x = tf.constant(rng.normal(size=(B, T, E)), tf.float32)
    weighting = tf.constant(rng.normal(size=(T, B, H)), tf.float32)
    layer = keras.layers.LSTM(H, return_sequences=True, return_state=True, use_cudnn=False)
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=w.shape).astype("float32") * 0.5 for w in layer.get_weights()])
    theirs, their_gradients = keras_outputs_and_gradients(layer, x, weighting)
    kernel, U, bias = layer.get_weights()
    ours, our_gradients = our_outputs_and_gradients(
        x, kernel, U, bias, weighting, tf.ones((T, B, 1)), tf.as_dtype(precision)
    )
    for a, b in zip(ours, theirs, strict=True):
        assert relative(a, b) < tolerance
    assert relative(our_gradients[0], their_gradients[0]) < tolerance
    for a, b in zip(our_gradients[1:], their_gradients[1:], strict=True):
        assert relative(a, b) < tolerance


def test_gradient_of_the_first_state_and_of_a_reset_equals_finite_differences():
    rng = np.random.default_rng(3)
    projected = tf.constant(rng.normal(size=(T, B, 4 * H)), tf.float32)
    U = tf.constant(rng.normal(size=(H, 4 * H)) * 0.5, tf.float32)
    keep = tf.constant((rng.random((T, B, 1)) > 0.3).astype("float32"))
    h0, c0 = (rng.normal(size=(B, H)).astype("float32") for _ in range(2))

    def loss(h0, c0):
        hs, h, c = recurrence(projected, keep, U, tf.constant(h0), tf.constant(c0))
        return float(tf.reduce_sum(hs * hs) + tf.reduce_sum(h * c))

    with tf.GradientTape() as tape:
        first = [tf.constant(h0), tf.constant(c0)]
        tape.watch(first)
        hs, h, c = recurrence(projected, keep, U, *first)
        value = tf.reduce_sum(hs * hs) + tf.reduce_sum(h * c)
    for place, gradient in enumerate(tape.gradient(value, first)):
        for index in [(0, 0), (1, 3), (3, 5)]:  # a row may be forgotten at once: then both are 0
            step = np.zeros((B, H), np.float32)
            step[index] = 1e-2
            arguments = [(h0, c0), (h0, c0)]
            up, down = (
                loss(*(v + sign * step * (place == i) for i, v in enumerate(pair)))
                for sign, pair in zip((1, -1), arguments, strict=True)
            )
            assert float(gradient[index]) == pytest.approx((up - down) / 2e-2, abs=2e-2)


def test_state_is_forgotten_where_it_is_not_kept():
    rng = np.random.default_rng(4)
    projected = tf.constant(rng.normal(size=(T, B, 4 * H)), tf.float32)
    U = tf.constant(rng.normal(size=(H, 4 * H)), tf.float32)
    keep = np.ones((T, B, 1), np.float32)
    keep[3] = 0
    zeros = tf.zeros((B, H))
    hs, _, _ = recurrence(projected, tf.constant(keep), U, zeros, zeros)
    second, _, _ = recurrence(projected[3:], tf.ones((T - 3, B, 1)), U, zeros, zeros)
    np.testing.assert_allclose(hs[3:], second, rtol=1e-6)


def test_two_windows_with_the_state_carried_equal_one():
    rng = np.random.default_rng(5)
    projected = tf.constant(rng.normal(size=(T, B, 4 * H)), tf.float32)
    U = tf.constant(rng.normal(size=(H, 4 * H)), tf.float32)
    keep, zeros = tf.ones((T, B, 1)), tf.zeros((B, H))
    whole, h_whole, c_whole = recurrence(projected, keep, U, zeros, zeros)
    first, h, c = recurrence(projected[:4], keep[:4], U, zeros, zeros)
    second, h, c = recurrence(projected[4:], keep[4:], U, h, c)
    np.testing.assert_allclose(whole, tf.concat([first, second], 0), rtol=1e-5)
    np.testing.assert_allclose(h_whole, h, rtol=1e-5)
    np.testing.assert_allclose(c_whole, c, rtol=1e-5)


@pytest.mark.parametrize("unrolled", [1, 2, 3, 7, 8])
def test_a_loop_takes_every_step_once_and_in_order_however_many_are_in_a_turn(unrolled):
    (total,) = looped(7, lambda t, total: [total * 10 + t], [tf.constant(0)], unrolled)
    assert int(total) == 123456


def test_without_a_graph_or_a_gradient_tensorflow_has_nothing_to_complain_of(caplog):
    zero = tf.zeros((B, H))
    tf.get_logger().addHandler(caplog.handler)
    try:
        recurrence(tf.zeros((T, B, 4 * H)), tf.ones((T, B, 1)), tf.zeros((H, 4 * H)), zero, zero)
        gc.collect()
    finally:
        tf.get_logger().removeHandler(caplog.handler)
    assert not caplog.records
