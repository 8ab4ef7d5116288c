"""Optimizers: a hand-worked step each, clipping, and a state that comes back; the rate's schedules; fresh weights."""

import numpy as np
import pytest

from toolkit.config import Held, NetworkSettings, TrainSettings
from toolkit.network.backend import tf
from toolkit.network.network import NEVER, RecurrentNetwork
from toolkit.network.optimizers import OPTIMIZERS, Adam, GradientDescent, optimizer_for
from toolkit.training.step import rate_at


def step(optimizer, gradient, rate=0.5, update=0):
    optimizer.apply([tf.constant(gradient)], tf.constant(rate), tf.constant(update, tf.int64))


def test_gradient_descent_goes_against_the_gradient():
    w = tf.Variable([1.0, 2.0])
    step(GradientDescent([w], clip_norm=100.0), [3.0, 4.0])
    np.testing.assert_allclose(w.numpy(), [1 - 0.5 * 3, 2 - 0.5 * 4])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_whole_gradient_is_clipped_by_its_norm(name):
    small, large = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    step(OPTIMIZERS[name]([small], 1.0), [0.6, 0.8])  # of norm 1
    step(OPTIMIZERS[name]([large], 1.0), [30.0, 40.0])  # of norm 50, the same direction
    np.testing.assert_allclose(small.numpy(), large.numpy(), rtol=1e-6)


def test_adams_first_steps_are_as_worked_by_hand():
    # m = 0.1 g, v = 0.001 g²; corrected both are g and g²: a step of rate · sign(g). A second gradient −g/2:
    # m = 0.9·0.1 g − 0.1 g/2 = 0.04 g, corrected by 1 − 0.81: 0.2105 g; v = 0.000999 g² + 0.00025 g², by 1 − 0.998001:
    # 0.62481 g²; step 0.2105/√0.62481 = 0.26634 of the rate
    w = tf.Variable([0.0])
    adam = Adam([w], clip_norm=100.0)
    step(adam, [4.0], rate=0.1)
    assert w.numpy()[0] == pytest.approx(-0.1, rel=1e-5)
    step(adam, [-2.0], rate=0.1, update=1)
    assert w.numpy()[0] == pytest.approx(-0.1 - 0.026634, rel=1e-4)


def test_adam_that_begins_later_makes_the_same_steps():
    weights = [tf.Variable([0.0]) for _ in range(2)]
    first, later = Adam([weights[0]], 100.0), Adam([weights[1]], 100.0, begun=1000)
    for update, gradient in enumerate([4.0, -2.0, 1.0]):
        step(first, [gradient], update=update)
        step(later, [gradient], update=1000 + update)
        np.testing.assert_array_equal(weights[0].numpy(), weights[1].numpy())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_without_a_gradient_weights_shrink_by_the_rate_times_the_decay(name):
    w = tf.Variable([1.0, -2.0])
    optimizer = optimizer_for(TrainSettings(optimizer=name, weight_decay=0.25), [w])
    for update in range(3):
        step(optimizer, [0.0, 0.0], update=update)
    np.testing.assert_allclose(w.numpy(), [0.875**3, -2 * 0.875**3], rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_biases_of_what_training_never_shows_do_not_decay(name):
    """With them at half of ``NEVER`` and less, ids that are not trained would be drawn in the end."""
    trained = np.array([True, True, False, True])
    network = RecurrentNetwork(NetworkSettings(units=8, layers=1), trained, one_hot=True)
    bias = network.named_weights[network.output_bias]
    bias.assign(np.where(trained, 2.0, NEVER))
    optimizer = optimizer_for(TrainSettings(optimizer=name, weight_decay=0.25), [bias])
    for update in range(100):
        step(optimizer, [0.0] * 4, update=update)
    np.testing.assert_allclose(bias.numpy(), np.where(trained, 2.0 * 0.875**100, NEVER), rtol=1e-5)


@pytest.mark.parametrize("decay", [0.0, 0.25])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_taken_over_goes_on_as_the_one_it_came_from(name, decay):
    weights = [tf.Variable([1.0, 2.0]) for _ in range(2)]
    settings = TrainSettings(optimizer=name, weight_decay=decay)
    first, second = (optimizer_for(settings, [w]) for w in weights)
    step(first, [1.0, -3.0])
    weights[1].assign(weights[0])
    second.assign(first.arrays())
    for optimizer in (first, second):
        step(optimizer, [0.5, 0.25], update=1)
    np.testing.assert_array_equal(weights[0].numpy(), weights[1].numpy())


def test_a_held_rate_is_halved_before_each_pass_after_the_fourth():
    settings = TrainSettings(learning_rate=20.0, warmup=0.0, held=Held(epochs=4, divided_by=2.0))
    rates = [rate_at(0.5, epochs, settings) for epochs in (0.0, 3.0, 3.99, 4.0, 4.5, 5.0, 12.0)]
    assert rates == [20.0, 20.0, 20.0, 10.0, 10.0, 5.0, 20.0 / 2**9]


def test_weights_within_a_range_are_uniform():
    settings = NetworkSettings(units=300, embedding=40, layers=2, tied=False, initial_range=0.1)
    arrays = RecurrentNetwork(settings, np.ones(1000, bool), one_hot=False).arrays()
    assert len(arrays) == 9
    for name, array in arrays.items():
        assert np.abs(array).max() <= 0.1, name
        assert array.std() == pytest.approx(0.1 / np.sqrt(3), rel=0.05), name


def test_a_network_begins_within_its_range():
    network = RecurrentNetwork(
        NetworkSettings(units=6, embedding=6, initial_range=0.1), np.ones(9, bool), one_hot=False
    )
    assert all(0 < np.abs(array).max() <= 0.1 for array in network.arrays().values())
