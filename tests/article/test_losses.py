"""The losses against Keras' own."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from toolkit.article.losses import HEADS, binary_cross_entropy
from toolkit.article.recipe import Loss

LOGITS = tf.constant(np.random.default_rng(0).normal(size=(4, 3, 7)) * 2, tf.float32)
TARGETS = tf.constant(np.random.default_rng(1).integers(7, size=(4, 3)), tf.int32)
ONE_HOT = tf.one_hot(TARGETS, 7)


def test_binary_is_what_keras_shows():
    probabilities = tf.sigmoid(LOGITS)
    expected = float(keras.losses.BinaryCrossentropy()(ONE_HOT, probabilities))
    assert float(HEADS[Loss.BINARY].loss(LOGITS, TARGETS)) == pytest.approx(expected, rel=1e-4)
    assert float(tf.reduce_mean(binary_cross_entropy(probabilities, TARGETS))) == pytest.approx(expected, rel=1e-4)


def test_categorical_is_what_keras_shows():
    expected = float(keras.losses.CategoricalCrossentropy()(ONE_HOT, tf.nn.softmax(LOGITS)))
    assert float(HEADS[Loss.CATEGORICAL].loss(LOGITS, TARGETS)) == pytest.approx(expected, rel=1e-5)


def test_only_the_categorical_head_has_a_distribution():
    for head in HEADS.values():
        sums = tf.reduce_sum(head.probabilities(LOGITS), -1).numpy()
        assert np.allclose(sums, 1, atol=1e-5) == head.sums_to_one


def test_a_certain_and_wrong_answer_stays_finite():
    assert np.isfinite(binary_cross_entropy(tf.constant([[1.0, 0.0]]), tf.constant([1])).numpy()).all()
