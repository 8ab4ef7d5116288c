"""LSTM and GRU: Keras' own layers are the oracle, and the loop has laws of its own."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.helpers.rounding import HAS_BFLOAT16, assert_same_sums
from toolkit.network.cells import GRU, LSTM
from toolkit.network.recurrent import LoopWeights, recurrence

PAIRS = {"lstm": (LSTM, keras.layers.LSTM), "gru": (GRU, keras.layers.GRU)}
RNG = np.random.default_rng(0)
every_cell = pytest.mark.parametrize("cell", PAIRS)


def random(*shape):
    return tf.constant(RNG.normal(size=shape, scale=0.5), tf.float32)


def window_of(cell, steps, rows=3, units=4):
    """The formula, projected inputs, weights and first state of a window."""
    formula, gates = PAIRS[cell][0], {"lstm": 4, "gru": 3}[cell] * units
    bias = [random(gates)] if cell == "gru" else []
    weights = LoopWeights(random(1, gates), random(gates), (random(units, gates), *bias))
    return formula, random(steps, rows, gates), weights, tuple(random(rows, units) for _ in formula.state)


DTYPES = ["float32", "float32", "mixed_bfloat16", "float64"]
if not HAS_BFLOAT16:
    DTYPES.remove("mixed_bfloat16")


@st.composite
def cases(draw):
    """Arguments of a layer, the shape of its inputs, and how it is called."""
    cell = draw(st.sampled_from(list(PAIRS)))
    arguments = {
        "units": draw(st.integers(1, 6)),
        "activation": draw(st.sampled_from(["tanh", "tanh", "tanh", "relu"])),
        "recurrent_activation": draw(st.sampled_from(["sigmoid", "sigmoid", "sigmoid", "hard_sigmoid"])),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "recurrent_dropout": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "dtype": draw(st.sampled_from(DTYPES)),
        "seed": 7,
    }
    rare = ("go_backwards", "unroll", "stateful")
    arguments |= {name: draw(st.sampled_from([False, False, False, True])) for name in rare}
    arguments |= {name: draw(st.booleans()) for name in ("use_bias", "return_sequences", "return_state")}
    if cell == "gru":
        arguments["reset_after"] = draw(st.sampled_from([True, True, False]))
    shape = (draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, 5, 10, 23])), draw(st.integers(1, 4)))
    called = {name: draw(st.booleans()) for name in ("training", "first_state")}
    return cell, arguments, shape, called | {"mask": draw(st.sampled_from([False, False, False, True]))}


def outputs_and_gradients(layer, weights, inputs, state, mask, training):
    """All that a layer returns and keeps, and the gradients of a function of it."""
    layer.build(inputs.shape)
    layer.set_weights(weights)
    inputs, state = tf.constant(inputs), [tf.constant(array) for array in state]
    with tf.GradientTape() as tape:
        tape.watch([inputs, state])
        named = {"initial_state": state} if state else {}
        returned = tf.nest.flatten(layer(inputs, mask=mask, training=training, **named))
        total = tf.add_n([tf.reduce_sum(tf.cast(array, tf.float32) ** 2) for array in returned])
    gradients = tape.gradient(
        total, [inputs, *state, *(variable.value for variable in layer.trainable_variables)]
    )
    carried = [variable.value for variable in layer.states] if layer.stateful else []
    return [tf.cast(array, tf.float64).numpy() for array in [*returned, *gradients, *carried]]


@pytest.mark.slow
@settings(max_examples=25)
@given(cases())
def test_a_layer_computes_what_keras_does_or_leaves_it_to_keras(case):
    cell, arguments, shape, called = case
    ours, theirs, other = (kind(**arguments) for kind in (*PAIRS[cell], PAIRS[cell][1]))
    other.build(shape)
    weights = [RNG.normal(size=weight.shape, scale=0.5) for weight in other.get_weights()]
    inputs = RNG.normal(size=shape).astype(np.float32)
    state_shape = (len(ours.state), shape[0], arguments["units"])
    state = list(RNG.normal(size=state_shape).astype(np.float32)) if called["first_state"] else []
    mask = tf.constant(RNG.random(shape[:2]) < 0.6) if called["mask"] else None
    computed, expected = (
        outputs_and_gradients(layer, weights, inputs, state, mask, called["training"]) for layer in (ours, theirs)
    )
    rows, steps, width = shape
    dtype = arguments["dtype"].removeprefix("mixed_")
    if not ours.covers(mask, called["training"]):
        terms, dtype = 0, "float32"  # Keras computes both
    elif dtype == "bfloat16":
        terms = 20  # of a step: its products and functions, which Keras rounds
    else:
        units = arguments["units"]  # forward, then backward
        terms = steps * ((width + units + 2) + (4 * units + rows))
    for a, b in zip(computed, expected, strict=True):
        assert_same_sums(a, b, terms, max(1, np.abs(b).max()), dtype)  # 0.09 seen


@every_cell
def test_gradients_where_a_state_is_forgotten_are_finite_differences(cell):
    formula, projected, weights, state = window_of(cell, 4, rows=2, units=2)
    keep = tf.constant([[[1.0], [0.0]], [[0.0], [1.0]], [[1.0], [1.0]], [[0.0], [1.0]]])

    def loss(projected, *others):
        arrays = len(state)
        loop_weights = LoopWeights(weights.kernel, weights.bias, others[arrays:])
        hs, after = recurrence(formula, projected, keep, loop_weights, others[:arrays])
        return tf.reduce_sum(hs**2) + tf.add_n([tf.reduce_sum(array**3) for array in after])

    arguments, delta = [projected, *state, *weights.recurrent], 1e-2
    exact, numerical = tf.test.compute_gradient(loss, arguments, delta=delta)
    magnitude = 1 / delta  # the loss is below 1
    for a, b in zip(exact, numerical, strict=True):
        # At each step a product, and the functions of four gates. 0.05 seen, of the
        # differences' own error.
        assert_same_sums(a, b, 4 * (2 + 4 * 6), magnitude)


@every_cell
def test_a_window_equals_two_with_the_state_carried_or_forgotten(cell):
    formula, projected, weights, state = window_of(cell, 9)
    zero = tuple(tf.zeros_like(array) for array in state)
    for cut, kept in ((1, 1.0), (4, 0.0), (8, 1.0), (8, 0.0)):
        keep = tf.concat([tf.ones((cut, 3, 1)), tf.fill((1, 3, 1), kept), tf.ones((8 - cut, 3, 1))], 0)
        whole, last = recurrence(formula, projected, keep, weights, state)
        first, middle = recurrence(formula, projected[:cut], keep[:cut], weights, state)
        ones = tf.ones_like(keep[cut:])
        second, end = recurrence(formula, projected[cut:], ones, weights, middle if kept else zero)
        for a, b in zip([whole, *last], [tf.concat([first, second], 0), *end], strict=True):
            assert_same_sums(a, b, 9 * (4 + 2))  # 0 seen
