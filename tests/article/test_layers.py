"""Our layers against Keras' own, with the same weights; and what stands between them."""

import numpy as np
import pytest
import tensorflow as tf

from toolkit.article.layers import CELLS, normalisation
from toolkit.article.recipe import Between, Cell

T, B, W, H = 5, 3, 4, 6
KERAS = {Cell.LSTM: tf.keras.layers.LSTM, Cell.GRU: tf.keras.layers.GRU}


@pytest.fixture
def inputs():
    return tf.constant(np.random.default_rng(0).normal(size=(T, B, W)), tf.float32)


@pytest.mark.parametrize("cell", Cell)
def test_outputs_and_gradients_equal_those_of_keras(cell, inputs):
    ours = CELLS[cell](W, H, 1)
    theirs = KERAS[cell](H, return_sequences=True, use_cudnn=False)
    theirs.build((None, None, W))
    theirs.set_weights([variable.numpy() for variable in ours.variables])
    with tf.GradientTape(persistent=True) as tape:
        outputs, _ = ours(inputs, ours.initial(B))
        expected = tf.transpose(theirs(tf.transpose(inputs, (1, 0, 2))), (1, 0, 2))
        sums = [tf.reduce_sum(values**2) for values in (outputs, expected)]
    np.testing.assert_allclose(outputs, expected, atol=1e-5)
    gradients = [
        tape.gradient(total, [v.value for v in layer])
        for total, layer in zip(sums, (ours.variables, theirs.trainable_variables), strict=True)
    ]
    for a, b in zip(*gradients, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)


@pytest.mark.parametrize("cell", Cell)
def test_two_windows_with_the_state_carried_equal_one(cell, inputs):
    layer = CELLS[cell](W, H, 2)
    whole, _ = layer(inputs, layer.initial(B))
    first, state = layer(inputs[:2], layer.initial(B))
    second, _ = layer(inputs[2:], state)
    np.testing.assert_allclose(tf.concat([first, second], 0), whole, atol=1e-6)


@pytest.mark.parametrize("cell", Cell)
def test_weights_are_drawn_from_the_seed(cell):
    first, again, other = (CELLS[cell](W, H, seed).variables[0].numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_normalisations_do_what_they_are_called(inputs):
    over = {Between.BATCH: (0, 1), Between.LAYER: (2,)}
    for between, axes in over.items():
        normal = normalisation(between, W)(inputs * 3 + 5, training=True).numpy()
        np.testing.assert_allclose(normal.mean(axes), 0, atol=1e-5)
        np.testing.assert_allclose(normal.std(axes), 1, atol=1e-2)
    np.testing.assert_array_equal(normalisation(Between.NOTHING, W)(inputs, training=True), inputs)
