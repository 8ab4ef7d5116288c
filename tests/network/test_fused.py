"""The compiled loop: against keras.layers.LSTM and our own loop, and where it is used."""

import subprocess
from functools import cache, partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.config import NetworkSettings
from toolkit.environment import compiler
from toolkit.network import compiled, fused
from toolkit.network.compiled import UnusableError
from toolkit.network.lstm import LSTM, recurrence
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import GradientDescent
from toolkit.training.step import make_step

needs_a_compiler = pytest.mark.skipif(not compiler(), reason="there is no C++ compiler")
LOOP = "ToolkitLstmLoop"


@pytest.fixture(scope="module")
def loop():
    found = fused.chosen(recurrence, tf.float32)
    assert found is not None
    return found


@pytest.fixture
def first_choice(monkeypatch):
    """As in a process that has trained nothing yet; but what it has loaded stays loaded."""
    monkeypatch.setattr(fused, "choice", cache(fused.choice.__wrapped__))


def relative(a, b):
    return np.abs(np.asarray(a) - np.asarray(b)).max() / np.abs(np.asarray(b)).max()


def random(rng, *shape, scale=1.0):
    return tf.constant(rng.normal(size=shape, scale=scale), tf.float32)


@needs_a_compiler
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-5), ("bfloat16", 0.05)])
@pytest.mark.parametrize("units", [1, 16, 37, 130])
def test_outputs_and_gradients_equal_keras(loop, units, precision, tolerance):
    steps, rows, width = 11, 5, 3
    rng = np.random.default_rng(units)
    x, weighting = random(rng, rows, steps, width), random(rng, rows, steps, units)
    layer = keras.layers.LSTM(units, return_sequences=True, return_state=True, use_cudnn=False)
    layer.build(x.shape)
    layer.set_weights([rng.normal(size=w.shape, scale=units**-0.5) for w in layer.get_weights()])
    kernel, U, bias = (tf.constant(w) for w in layer.get_weights())
    with tf.GradientTape() as tape:
        tape.watch(x)
        theirs = layer(x)
        total = tf.reduce_sum(theirs[0] * weighting) + tf.reduce_sum(theirs[1] * theirs[2])
    their_gradients = tape.gradient(total, [x, *layer.trainable_variables])
    zero = tf.zeros((rows, units))
    with tf.GradientTape() as tape:
        tape.watch([x, kernel, U, bias])
        projected = tf.einsum("bti,ig->tbg", x, kernel) + bias
        hs, h, c = loop(projected, None, U, zero, zero, tf.as_dtype(precision))
        ours = tf.transpose(hs, (1, 0, 2)), h, c
        total = tf.reduce_sum(ours[0] * weighting) + tf.reduce_sum(h * c)
    for a, b in zip([*ours, *tape.gradient(total, [x, kernel, U, bias])], [*theirs, *their_gradients], strict=True):
        assert relative(a, b) < tolerance


@pytest.mark.slow
@needs_a_compiler
def test_it_compiles_for_a_processor_that_computes_with_16_bits(tmp_path):
    """Where ``-march=native`` says so by itself, TensorFlow's own headers did not, and training was slower."""
    command = [*compiler(), *compiled.FLAGS, "-mavx512fp16", "-fsyntax-only"]
    nothing = tmp_path / "nothing.cc"
    nothing.touch()
    if subprocess.run([*command, str(nothing)], capture_output=True, check=False).returncode:
        pytest.skip("this compiler knows no such processor")
    command += [*tf.sysconfig.get_compile_flags(), str(fused.SOURCE)]
    assert not subprocess.run(command, capture_output=True, check=False, text=True).stderr


@needs_a_compiler
@settings(max_examples=40)
@given(st.integers(1, 80), st.integers(1, 14), st.integers(1, 9), st.integers(0, 10**6))
@example(64, 6, 5, 0)
@example(65, 7, 1, 1)
def test_it_computes_what_our_own_loop_does_also_where_states_are_forgotten(loop, units, rows, steps, seed):
    rng = np.random.default_rng(seed)
    batch = [
        random(rng, steps, rows, 4 * units), random(rng, units, 4 * units, scale=units**-0.5),
        random(rng, rows, units), random(rng, rows, units),
    ]  # fmt: skip
    keep = tf.constant(rng.random((steps, rows, 1)) > 0.3, tf.float32)
    upstream = [random(rng, steps, rows, units), random(rng, rows, units), random(rng, rows, units)]
    found = []
    for which in (loop, recurrence):
        with tf.GradientTape() as tape:
            tape.watch(batch)
            outputs = which(batch[0], tf.identity(keep), *batch[1:])
        found.append([*outputs, *tape.gradient(outputs, batch, output_gradients=upstream)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5 * max(1.0, float(tf.reduce_max(tf.abs(b)))))


@needs_a_compiler
def test_large_numbers_saturate_and_what_is_no_number_stays_visible(loop):
    projected = np.zeros((2, 3, 4 * 20), np.float32)
    projected[:, 0], projected[:, 1] = 1e30, -1e30
    projected[1, 2, 7] = np.nan
    hs, _, c = loop(tf.constant(projected), None, tf.zeros((20, 80)), tf.zeros((3, 20)), tf.zeros((3, 20)))
    np.testing.assert_allclose(c[0], 2.0, rtol=1e-6)  # two steps of 1 · 1, nothing forgotten
    np.testing.assert_allclose(hs[:, 1], 0.0, atol=1e-30)
    assert np.isnan(hs[1, 2, 7])
    assert np.isfinite(np.delete(hs[1], 7, axis=1)).all()


@needs_a_compiler
def test_the_same_call_gives_the_same_bits(loop):
    rng = np.random.default_rng(0)
    batch = [random(rng, 9, 6, 4 * 48), None, random(rng, 48, 4 * 48), random(rng, 6, 48), random(rng, 6, 48)]
    first = loop(*batch)
    for _ in range(3):
        for a, b in zip(loop(*batch), first, strict=True):
            np.testing.assert_array_equal(a, b)


def of_operations(function, *arguments):
    """The types of all operations in a function's graph, and in the graphs that it calls."""
    graph = tf.function(function).get_concrete_function(*arguments).graph
    inner = [f.graph.get_operations() for f in graph._functions.values() if hasattr(f, "graph")]  # nothing public
    return {operation.type for operations in [graph.get_operations(), *inner] for operation in operations}


def network(**others):
    return RecurrentNetwork(NetworkSettings(units=40, dropout=0.1, **others), np.ones(20, bool), one_hot=True, seed=1)


def update(made, precision):
    """The precision of the operations of an update, and the weights after three."""
    step = make_step(made, GradientDescent(list(made.named_weights.values()), 1.0), 2, 0, precision)
    rng = np.random.default_rng(0)
    states = tuple(made.initial(3) for _ in range(2))
    for number in range(3):
        x, y = tf.constant(rng.integers(0, 20, (2, 6, 7)), tf.int32)
        _, states = step(x, y, states, tf.constant(1.0), tf.constant(number, tf.int64))
    operations = step.get_concrete_function(
        x, y, states, tf.constant(1.0), tf.constant(number, tf.int64)
    ).graph.get_operations()
    products = {each.type: each.get_attr("products") for each in operations if each.type.startswith(LOOP)}
    return products, made.arrays()


@needs_a_compiler
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.02)])
def test_it_trains_to_the_weights_that_our_own_loop_does(precision, tolerance, monkeypatch):
    first = network().arrays()
    products, weights = update(network(), precision)
    assert products == {LOOP: tf.as_dtype(precision), f"{LOOP}Gradient": tf.as_dtype(precision)}
    monkeypatch.setattr(fused, "choice", lambda _: None)
    products, others = update(network(), precision)
    assert not products
    assert weights.keys() == others.keys()
    for name, weight in weights.items():  # of what three updates change, almost nothing
        assert np.abs(weight - others[name]).max() <= tolerance * np.abs(others[name] - first[name]).max()


@needs_a_compiler
def test_what_is_no_training_does_not_depend_on_it():
    """Texts are scored, coded and decoded, and models exported, by operations that every TensorFlow has."""
    made = network()
    ids = tf.zeros((5, 3), tf.int32)
    assert LOOP not in of_operations(lambda: made.forward().window(ids, made.initial(3))[0])
    layer = LSTM(8)
    layer.build((3, 5, 4))
    assert LOOP not in of_operations(lambda: layer(tf.zeros((3, 5, 4)), training=False))
    assert LOOP in of_operations(lambda: layer(tf.zeros((3, 5, 4)), training=True))


@needs_a_compiler
def test_a_model_in_training_may_have_batches_of_any_size():
    model = keras.Sequential([keras.Input((None, 4)), LSTM(8, return_sequences=True), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    for rows in (1, 5):
        model.train_on_batch(np.ones((rows, 6, 4)), np.ones((rows, 6, 1)))
    assert np.isfinite(model.get_weights()[0]).all()


def test_on_a_gpu_and_in_float16_our_own_loop_trains(monkeypatch):
    assert fused.chosen(recurrence, tf.float16) is None
    monkeypatch.setattr(fused, "has_gpu", lambda: True)
    assert fused.chosen(recurrence, tf.float32) is None


IN_BFLOAT16 = {tf.float32: 1.0, tf.bfloat16: 1.3}  # a factor that only one precision has


def scaled_backwards(value, factor):
    """The value, whose gradient is multiplied."""

    @tf.custom_gradient
    def same(value):
        return value, lambda upstream: upstream * factor

    return same(value)


@needs_a_compiler
@pytest.mark.usefixtures("first_choice")
@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (lambda loop, p, *others: [loop(p, *others)[0] * 1.001, *loop(p, *others)[1:]], "float32"),
        (lambda loop, p, *others: [*loop(p, *others)[:2], loop(p, *others)[2] * 1.001], "float32"),
        (lambda loop, p, *others: loop(scaled_backwards(p, 0.9), *others), "float32"),
        (lambda loop, p, *others: loop(scaled_backwards(p, np.nan), *others), "float32"),
        (lambda loop, p, _, *others: loop(p, None, *others), "float32"),
        (lambda loop, p, keep, U, h, c, as_: loop(p, keep, U * IN_BFLOAT16[as_], h, c, as_), "bfloat16"),
    ],
    ids=["outputs", "last cell", "gradient", "no number", "never forgets", "in bfloat16"],
)  # fmt: skip
def test_what_disagrees_with_our_own_loop_is_refused(wrong, where, loop, monkeypatch):
    """As if a compiler had a defect, in one direction or in one precision alone."""
    monkeypatch.setattr(fused, "loop", lambda _: partial(wrong, loop))
    with pytest.raises(UnusableError, match=f"In {where} it disagrees with TensorFlow's operations by"):
        fused.check(recurrence, None)


@needs_a_compiler
@pytest.mark.parametrize(
    "changed",
    [
        {"projected": (3, 2, 15)}, {"keep": (3, 2)}, {"keep": (2, 2, 1)}, {"keep": ()}, {"U": (4, 12)},
        {"h0": (1, 4)}, {"c0": (2, 5)},
    ],
)  # fmt: skip
def test_arrays_of_other_shapes_are_refused_and_not_read_beyond_their_ends(changed, loop):
    shapes = {"projected": (3, 2, 16), "keep": (3, 2, 1), "U": (4, 16), "h0": (2, 4), "c0": (2, 4)} | changed
    with pytest.raises(tf.errors.InvalidArgumentError, match="has the shape"):
        loop(**{name: tf.zeros(shape) for name, shape in shapes.items()})
