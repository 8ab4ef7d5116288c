"""A graph with a gradient of our own goes when nobody holds it any longer, and gives the same gradient until then."""

import gc
import weakref

import numpy as np
import pytest

from toolkit.network.backend import tf
from toolkit.network.gradients import own_gradient


@own_gradient
def squared(x):
    return x * x, lambda d: 3 * x * d  # not 2, so that it is known whose gradient it is


@pytest.mark.parametrize("of", [lambda y, x, tape: tape.gradient(y, x), lambda y, x, tape: tf.gradients(y, x)[0]])  # noqa: ARG005
def test_a_graph_goes_with_whoever_made_it(of):
    @tf.function(autograph=False)
    def slope(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = squared(x)
        return of(y, x, tape)

    np.testing.assert_allclose(slope(tf.constant([2.0, 5.0])), [6, 15])
    graph = weakref.ref(slope.get_concrete_function(tf.TensorSpec([2])).graph)
    assert graph() is not None
    del slope
    gc.collect()
    assert graph() is None


def test_outside_a_graph_the_gradient_is_the_same():
    x = tf.constant([2.0, 5.0])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = squared(x)
    np.testing.assert_allclose(tape.gradient(y, x), [6, 15])
