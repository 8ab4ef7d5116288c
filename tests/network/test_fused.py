"""The compiled loop: against keras.layers.LSTM and our own loop, where it is used, and what stands in for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.config import NetworkSettings
from toolkit.network import cudnn, fused
from toolkit.network.lstm import LSTM, recurrence
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import Adam
from toolkit.training.step import make_step

needs_a_compiler = pytest.mark.skipif(not fused.found_compiler(), reason="there is no C++ compiler")
LOOP = "ToolkitLstmLoop"


@pytest.fixture(scope="module")
def loop():
    found = fused.chosen(recurrence, tf.float32)
    assert found is not None
    return found


@pytest.fixture
def choosing():
    """As in a process that has trained nothing yet; but a library can be loaded only once."""
    fused.choice.cache_clear()
    yield
    fused.choice.cache_clear()


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "operations"


def compiles(command, **_):
    """A compiler that needs no time."""
    Path(command[command.index("-o") + 1]).touch()
    return subprocess.CompletedProcess(command, 0)


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
    return RecurrentNetwork(NetworkSettings(units=8, dropout=0.1, **others), np.ones(20, bool), one_hot=True, seed=1)


def update(made, precision="float32"):
    """The operations of an update, and the weights after three."""
    step = make_step(made, Adam(list(made.named_weights.values()), 1.0), 2, 0, precision)
    rng = np.random.default_rng(0)
    states = tuple(made.initial(3) for _ in range(2))
    for number in range(3):
        x, y = tf.constant(rng.integers(0, 20, (2, 6, 7)), tf.int32)
        _, states = step(x, y, states, tf.constant(0.01), tf.constant(number, tf.int64))
    operations = {each.type for each in step.get_concrete_function(x, y, states, 0.01, number).graph.get_operations()}
    return operations, made.arrays()


@needs_a_compiler
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.02)])
def test_it_trains_to_the_weights_that_our_own_loop_does(precision, tolerance, monkeypatch):
    operations, weights = update(network(), precision)
    assert {LOOP, f"{LOOP}Gradient"} <= operations
    monkeypatch.setattr(fused, "choice", lambda _: None)
    operations, others = update(network(), precision)
    assert not any(name.startswith(LOOP) for name in operations)
    assert weights.keys() == others.keys()
    for name, weight in weights.items():
        np.testing.assert_allclose(weight, others[name], atol=tolerance)


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


@pytest.mark.usefixtures("choosing")
@pytest.mark.parametrize("named", ["", "no-such-compiler --fast"])
def test_without_a_compiler_there_is_none_and_nothing_is_said(named, empty_cache, monkeypatch, caplog):
    monkeypatch.setenv("CXX", named)
    assert fused.chosen(recurrence, tf.float32) is None
    assert not caplog.text
    assert not empty_cache.exists()


def test_the_usual_compilers_are_tried_in_order(monkeypatch):
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name == "clang++" else None)
    assert fused.found_compiler() == ["clang++"]


def test_on_a_gpu_and_in_float16_our_own_loop_trains(monkeypatch):
    assert fused.chosen(recurrence, tf.float16) is None
    monkeypatch.setattr(cudnn, "present", lambda: True)
    assert fused.chosen(recurrence, tf.float32) is None


@pytest.mark.usefixtures("choosing")
def test_what_a_compiler_refuses_is_said_once_and_not_tried_again(empty_cache, monkeypatch, caplog):
    monkeypatch.setenv("CXX", f"{sys.executable} -c 'import sys; sys.exit(\"no such instruction\")'")
    assert fused.chosen(recurrence, tf.float32) is None
    assert "does not compile the LSTM's loop:\nno such instruction" in caplog.text
    (said,) = empty_cache.iterdir()
    assert "no such instruction" in said.read_text()
    caplog.clear()
    fused.choice.cache_clear()
    with mock.patch.object(subprocess, "run", side_effect=AssertionError):
        assert fused.chosen(recurrence, tf.float32) is None
    assert not caplog.text


@pytest.mark.usefixtures("choosing", "empty_cache")
def test_what_tensorflow_cannot_load_is_not_used(monkeypatch, caplog, tmp_path):
    """A compiler that writes anything."""
    program = tmp_path / "compiler.py"
    program.write_text("import sys; open(sys.argv[sys.argv.index('-o') + 1], 'w').write('no library')")
    monkeypatch.setenv("CXX", f"{sys.executable} {program}")
    assert fused.chosen(recurrence, tf.float32) is None
    assert "TensorFlow does not load the compiled LSTM's loop" in caplog.text


@needs_a_compiler
@pytest.mark.usefixtures("choosing")
@pytest.mark.parametrize("changed", ["forward", "backward", "bfloat16"])
def test_what_disagrees_with_our_own_loop_is_not_used(changed, loop, empty_cache, monkeypatch, caplog):
    """As if a compiler had a defect, in one direction or in one precision alone."""

    def wrong(projected, keep, U, h0, c0, precision=tf.float32):
        @tf.custom_gradient
        def halved(value):
            return value, lambda upstream: upstream * (0.9 if changed == "backward" else 1.0)

        factor = 1.0 + 1e-3 * (changed == "forward") + 0.2 * (changed == "bfloat16" and precision == tf.bfloat16)
        hs, h, c = loop(halved(projected), keep, U, h0, c0, precision)
        return hs * factor, h, c

    monkeypatch.setattr(subprocess, "run", compiles)
    monkeypatch.setattr(fused, "loaded", lambda _: wrong)
    assert fused.chosen(recurrence, tf.float32) is None
    assert "disagrees with TensorFlow's in " + ("bfloat16" if changed == "bfloat16" else "float32") in caplog.text
    assert not list(empty_cache.glob("*.so"))


@needs_a_compiler
@pytest.mark.usefixtures("choosing")
def test_a_cache_that_cannot_be_written_costs_nothing_but_time(loop, monkeypatch, tmp_path, caplog):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file" / "cache"))
    monkeypatch.setattr(fused, "loaded", lambda _: loop)
    monkeypatch.setattr(fused, "made", lambda *_: fused.kept(tmp_path / "file" / "cache" / "x.so", b"") or loop)
    assert fused.chosen(recurrence, tf.float32) is loop
    assert "set TOOLKIT_CACHE to another folder" in caplog.text


def test_another_processor_or_source_has_another_library(monkeypatch, tmp_path):
    keys = {fused.key(["c++"]), fused.key(["clang++"])}
    monkeypatch.setattr(fused, "instructions", lambda: "another")
    keys.add(fused.key(["c++"]))
    other = tmp_path / "other.cc"
    other.write_text("")
    monkeypatch.setattr(fused, "SOURCE", other)
    keys.add(fused.key(["c++"]))
    assert len(keys) == 4


PROGRAM = """
import sys
from toolkit.network import fused
from toolkit.network.backend import one_thread_per_operation
from toolkit.network.lstm import recurrence
one_thread_per_operation()
fused.FLAGS = [sys.argv[1] if flag.startswith("-march") else flag for flag in fused.FLAGS]
assert fused.choice(recurrence), "not used"
"""


@needs_a_compiler
@pytest.mark.usefixtures("loop")
def test_it_is_compiled_once_for_all_processes():
    program = f"from toolkit.network import fused; fused.made = None\n{PROGRAM}"
    said = subprocess.run([sys.executable, "-c", program, "-march=native"], capture_output=True)
    assert said.returncode == 0, said.stderr


@needs_a_compiler
@pytest.mark.slow
@pytest.mark.skipif(os.uname().machine != "x86_64", reason="instructions of an x86-64 processor")
@pytest.mark.parametrize("march", ["x86-64", "x86-64-v3"])
def test_processors_with_fewer_instructions_compute_the_same(march, tmp_path):
    environment = {**os.environ, "TOOLKIT_CACHE": str(tmp_path)}
    said = subprocess.run([sys.executable, "-c", PROGRAM, f"-march={march}"], env=environment, capture_output=True)
    assert said.returncode == 0, said.stderr
    assert list((tmp_path / "operations").glob("*.so"))
