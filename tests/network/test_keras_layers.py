"""Our recurrent layers in Keras: drawn at random beside Keras' own, what is left to Keras, and in its models."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.network import recurrent
from toolkit.network.gru import GRU
from toolkit.network.lstm import LSTM

pytestmark = pytest.mark.slow

PAIRS = {"lstm": (LSTM, keras.layers.LSTM), "gru": (GRU, keras.layers.GRU)}
TOLERANCE = {"float32": 1e-5, "mixed_bfloat16": 0.04, "mixed_float16": 0.01}
RNG = np.random.default_rng(0)


@st.composite
def cases(draw):
    """Arguments of a layer, the shape of its inputs, and how it is called."""
    cell = draw(st.sampled_from(list(PAIRS)))
    arguments = {
        "units": draw(st.integers(1, 6)),
        "activation": draw(st.sampled_from(["tanh", "tanh", "tanh", "relu"])),
        "recurrent_activation": draw(st.sampled_from(["sigmoid", "sigmoid", "sigmoid", "hard_sigmoid"])),
        "dropout": draw(st.sampled_from([0.0, 0.0, 0.3])),
        "recurrent_dropout": draw(st.sampled_from([0.0, 0.0, 0.0, 0.3])),
        "dtype": draw(st.sampled_from(["float32", "float32", "mixed_bfloat16", "mixed_float16", "float64"])),
        "seed": 7,
    }
    usual_rarely = ("go_backwards", "unroll", "stateful")
    arguments |= {name: draw(st.sampled_from([False, False, False, True])) for name in usual_rarely}
    arguments |= {name: draw(st.booleans()) for name in ("use_bias", "return_sequences", "return_state")}
    if cell == "gru":
        arguments["reset_after"] = draw(st.sampled_from([True, True, False]))
    else:
        arguments["unit_forget_bias"] = draw(st.booleans())
    shape = (draw(st.integers(1, 4)), draw(st.sampled_from([1, 2, 5, 10, 23])), draw(st.integers(1, 4)))
    called = {name: draw(st.booleans()) for name in ("training", "first_state")}
    called["mask"] = draw(st.sampled_from([False, False, False, True]))
    return cell, arguments, shape, called


def outputs_and_gradients(layer, weights, inputs, state, mask, training):
    """All that a layer returns and, if it is stateful, keeps, and the gradients of a function of it."""
    layer.build(inputs.shape)
    layer.set_weights(weights)
    inputs, state = tf.constant(inputs), [tf.constant(array) for array in state]
    with tf.GradientTape() as tape:
        tape.watch([inputs, state])
        named = {"initial_state": state} if state else {}
        mask = None if mask is None else tf.constant(mask)
        returned = tf.nest.flatten(layer(inputs, mask=mask, training=training, **named))
        total = tf.add_n([tf.reduce_sum(tf.cast(array, tf.float32) ** 2) for array in returned])
    gradients = tape.gradient(total, [inputs, *state, *(variable.value for variable in layer.trainable_variables)])
    carried = [variable.value for variable in layer.states] if layer.stateful else []
    return [tf.cast(array, tf.float64).numpy() for array in [*returned, *gradients, *carried]]


def drawn_weights(layer, shape):
    layer.build(shape)
    return [RNG.normal(size=weight.shape, scale=0.5) for weight in layer.get_weights()]


@settings(max_examples=60, deadline=None)
@given(cases())
def test_a_layer_gives_what_keras_gives_or_leaves_it_to_keras(case):
    cell, arguments, shape, called = case
    ours, theirs = (kind(**arguments) for kind in PAIRS[cell])
    weights = drawn_weights(PAIRS[cell][1](**arguments | {"stateful": False}), shape)
    inputs = RNG.normal(size=shape).astype(np.float32)
    of_state = (len(ours.state), shape[0], arguments["units"])
    state = list(RNG.normal(size=of_state).astype(np.float32)) if called["first_state"] else []
    mask = RNG.random(shape[:2]) < 0.6 if called["mask"] else None
    found, expected = (
        outputs_and_gradients(layer, weights, inputs, state, mask, called["training"]) for layer in (ours, theirs)
    )
    left_to_keras = not ours.covers(mask, called["training"])
    tolerance = 0 if left_to_keras else TOLERANCE[arguments["dtype"]]
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        assert a.shape == b.shape
        np.testing.assert_allclose(a, b, atol=tolerance * max(1, np.abs(b).max()), rtol=0)


LEFT_TO_KERAS = [
    {"activation": "relu"}, {"recurrent_activation": "hard_sigmoid"}, {"go_backwards": True}, {"dtype": "float64"},
    {"recurrent_dropout": 0.2}, {"mask": True}, {"gpu": True}, {"backend": "jax"},
]  # fmt: skip


@pytest.mark.parametrize("cell", list(PAIRS))
@pytest.mark.parametrize("case", [{}, *LEFT_TO_KERAS], ids=str)
def test_what_is_left_to_keras(cell, case, monkeypatch):
    kind = PAIRS[cell][0]
    ran = []
    usual = kind.run
    monkeypatch.setattr(kind, "run", lambda *given, **named: ran.append(1) or usual(*given, **named))
    arguments = dict(case)
    mask = np.ones((2, 5), bool) if arguments.pop("mask", False) else None
    if arguments.pop("gpu", False):
        monkeypatch.setattr(recurrent, "has_gpu", lambda: True)
    layer = kind(3, **{name: value for name, value in arguments.items() if name != "backend"})
    layer.build((2, 5, 4))
    if "backend" in arguments:
        monkeypatch.setattr(recurrent.keras.backend, "backend", lambda: arguments["backend"])
    layer(np.ones((2, 5, 4), np.float32), mask=mask, training=True)
    assert bool(ran) == (case == {})


def test_a_layer_that_must_have_cudnn_says_so_as_keras_does():
    with pytest.raises(ValueError, match="use_cudnn=True was specified"):
        LSTM(3, use_cudnn=True)(np.ones((2, 5, 4), np.float32))


def model_of(layer, steps):
    """A classifier that anyone might build."""
    return keras.Sequential(
        [
            keras.Input((steps, 4)),
            layer(6, return_sequences=True, seed=1),
            layer(5, dropout=0.2, seed=2),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("cell", list(PAIRS))
@pytest.mark.parametrize("steps", [13, None])
def test_a_sequential_model_fits_as_with_keras_own(cell, steps):
    x, y = RNG.normal(size=(20, 13, 4)), RNG.integers(0, 3, 20)
    losses = []
    for layer in PAIRS[cell]:
        keras.utils.set_random_seed(3)
        model = model_of(layer, steps)
        model.compile("adam", "sparse_categorical_crossentropy")
        losses.append(model.fit(x, y, batch_size=8, epochs=3, verbose=0).history["loss"])  # the last batch is smaller
    np.testing.assert_allclose(*losses, rtol=1e-5)


@pytest.mark.parametrize("cell", list(PAIRS))
def test_a_model_saved_with_one_is_loaded_with_the_other(cell, tmp_path, monkeypatch):
    x, (ours, theirs), file = RNG.normal(size=(2, 13, 4)), PAIRS[cell], tmp_path / "model.keras"
    name = f"toolkit>{ours.__name__}"

    def check(model, again, kind):
        assert {type(layer) for layer in again.layers[:2]} == {kind}
        np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0), atol=1e-6)

    model = model_of(ours, 13)
    model.save(file)
    check(model, keras.models.load_model(file), ours)
    monkeypatch.delitem(keras.saving.get_custom_objects(), name)  # as where toolkit is not installed
    check(model, keras.models.load_model(file, custom_objects={name: theirs}), theirs)
    model = model_of(theirs, 13)
    model.save(file)

    def ours_instead(layer):
        return (ours if isinstance(layer, theirs) else type(layer)).from_config(layer.get_config())

    loaded = keras.models.load_model(file)
    again = keras.models.clone_model(loaded, clone_function=ours_instead)
    again.set_weights(loaded.get_weights())
    check(model, again, ours)


@pytest.mark.parametrize("cell", list(PAIRS))
@pytest.mark.parametrize("turned", [False, True])
def test_weights_saved_with_one_are_loaded_with_the_other(cell, turned, tmp_path):
    saved, loaded = (model_of(layer, 13) for layer in PAIRS[cell][:: -1 if turned else 1])
    saved.save_weights(tmp_path / "model.weights.h5")
    loaded.load_weights(tmp_path / "model.weights.h5")
    for a, b in zip(saved.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("cell", list(PAIRS))
def test_arguments_and_weights_are_those_of_keras(cell):
    ours, theirs = (kind(5, dropout=0.1, kernel_regularizer="l2", name="layer") for kind in PAIRS[cell])
    assert ours.get_config() == theirs.get_config()
    for layer in (ours, theirs):
        layer.build((None, None, 3))
    assert [(w.path, tuple(w.shape)) for w in ours.weights] == [(w.path, tuple(w.shape)) for w in theirs.weights]
