"""The optimizer: hand-worked steps, clipping, decay, and a state that is restored; the rate's schedule."""

import numpy as np
import pytest

from toolkit.config import Held, TrainSettings
from toolkit.network.backend import tf
from toolkit.network.network import NEVER, Optimizer
from toolkit.training.step import rate_at

every_kind = pytest.mark.parametrize("kind", ["adam", "sgd"])


def optimizer_of(weights, kind, clip_norm=100.0, weight_decay=0.0, begun=0):
    settings = TrainSettings(optimizer=kind, clip_norm=clip_norm, weight_decay=weight_decay)
    return Optimizer(settings, [weights], begun)


def step(optimizer, gradient, rate=0.5, update=0):
    optimizer.apply([tf.constant(gradient)], tf.constant(rate), tf.constant(update, tf.int64))


def test_gradient_descent_goes_against_the_gradient():
    w = tf.Variable([1.0, 2.0])
    step(optimizer_of(w, "sgd"), [3.0, 4.0])
    np.testing.assert_allclose(w, [1 - 0.5 * 3, 2 - 0.5 * 4])


@every_kind
def test_the_whole_gradient_is_clipped_by_its_norm(kind):
    small, large = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    step(optimizer_of(small, kind, clip_norm=1.0), [0.6, 0.8])  # of norm 1
    step(optimizer_of(large, kind, clip_norm=1.0), [30.0, 40.0])  # of norm 50, the same direction
    np.testing.assert_allclose(small, large, rtol=1e-6)


@pytest.mark.parametrize("begun", [0, 1000])
def test_adams_first_steps_are_as_worked_by_hand(begun):
    # m = 0.1 g, v = 0.001 g²; corrected both are g and g²: a step of rate · sign(g). A second gradient −g/2:
    # m = 0.9·0.1 g − 0.1 g/2 = 0.04 g, corrected by 1 − 0.81: 0.2105 g; v = 0.000999 g² + 0.00025 g², by 1 − 0.998001:
    # 0.62481 g²; step 0.2105/√0.62481 = 0.26634 of the rate
    w = tf.Variable([0.0])
    adam = optimizer_of(w, "adam", begun=begun)
    step(adam, [4.0], rate=0.1, update=begun)
    assert w.numpy()[0] == pytest.approx(-0.1, rel=1e-5)
    step(adam, [-2.0], rate=0.1, update=begun + 1)
    assert w.numpy()[0] == pytest.approx(-0.1 - 0.026634, rel=1e-4)


@every_kind
def test_without_a_gradient_weights_shrink_but_biases_of_untrained_ids_do_not(kind):
    w = tf.Variable([1.0, -2.0, NEVER])
    optimizer = optimizer_of(w, kind, weight_decay=0.25)
    for update in range(100):
        step(optimizer, [0.0] * 3, update=update)
    np.testing.assert_allclose(w, [0.875**100, -2 * 0.875**100, NEVER], rtol=1e-5)


@every_kind
@pytest.mark.parametrize("decay", [0.0, 0.25])
def test_a_restored_optimizer_continues_as_the_first(kind, decay):
    weights = [tf.Variable([1.0, 2.0]) for _ in range(2)]
    first, second = (optimizer_of(w, kind, weight_decay=decay) for w in weights)
    step(first, [1.0, -3.0])
    weights[1].assign(weights[0])
    second.assign(first.arrays())
    for optimizer in (first, second):
        step(optimizer, [0.5, 0.25], update=1)
    np.testing.assert_array_equal(*weights)


def test_a_held_rate_is_halved_before_each_pass_after_the_fourth():
    settings = TrainSettings(learning_rate=20.0, warmup=0.0, held=Held(epochs=4, divided_by=2.0))
    rates = [rate_at(0.5, epochs, settings) for epochs in (0.0, 3.0, 3.99, 4.0, 4.5, 5.0, 12.0)]
    assert rates == [20.0, 20.0, 20.0, 10.0, 10.0, 5.0, 20.0 / 2**9]
