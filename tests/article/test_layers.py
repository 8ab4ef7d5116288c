"""Where the layers' weights come from, and what stands between them."""

import numpy as np
import pytest
import tensorflow as tf

from toolkit.article.layers import normalisation, recurrent
from toolkit.article.recipe import Between, Cell

T, B, W, H = 5, 3, 4, 6


@pytest.fixture
def inputs():
    return tf.constant(np.random.default_rng(0).normal(size=(B, T, W)), tf.float32)


@pytest.mark.parametrize("cell", Cell)
def test_weights_are_drawn_from_the_seed(cell):
    first, again, other = (recurrent(cell, W, H, seed).trainable_variables[0].numpy() for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0.1


def test_normalisations_do_what_they_are_called(inputs):
    over = {Between.BATCH: (0, 1), Between.LAYER: (2,)}
    for between, axes in over.items():
        normal = normalisation(between, W)(inputs * 3 + 5, training=True).numpy()
        np.testing.assert_allclose(normal.mean(axes), 0, atol=1e-5)
        np.testing.assert_allclose(normal.std(axes), 1, atol=1e-2)
    np.testing.assert_array_equal(normalisation(Between.NOTHING, W)(inputs, training=True), inputs)
