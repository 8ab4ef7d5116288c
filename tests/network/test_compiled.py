"""The compiled loop: Keras is the oracle of its numbers; it is compiled once, checked, kept, and done without."""

import sys
from functools import cache

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.environment import compiler
from toolkit.network import compiled
from toolkit.network.cells import LSTM
from toolkit.network.compiled import compiled_loop
from toolkit.network.network import Optimizer, RecurrentNetwork
from toolkit.network.recurrent import LoopWeights, recurrence
from toolkit.training.step import make_step

needs_a_compiler = pytest.mark.skipif(not compiler(), reason="there is no C++ compiler")


@pytest.fixture(scope="module")
def loop():
    loop = compiled_loop(LSTM)
    assert loop is not None
    return loop


def random(rng, *shape, scale=1.0):
    return tf.constant(rng.normal(size=shape, scale=scale), tf.float32)


@needs_a_compiler
@settings(max_examples=40)
@given(st.integers(1, 80), st.integers(1, 14), st.integers(1, 9), st.integers(0, 10**6))
@example(64, 6, 5, 0)
@example(65, 7, 1, 1)
def test_it_computes_the_plain_loop_also_where_states_are_forgotten(loop, units, rows, steps, seed):
    rng = np.random.default_rng(seed)
    projected, U = random(rng, steps, rows, 4 * units), random(rng, units, 4 * units, scale=units**-0.5)
    batch = [projected, U, random(rng, rows, units), random(rng, rows, units)]
    keep = tf.constant(rng.random((steps, rows, 1)) > 0.3, tf.float32)
    upstream = [random(rng, steps, rows, units), random(rng, rows, units), random(rng, rows, units)]
    results = []
    for compute in (loop, plain):
        with tf.GradientTape() as tape:
            tape.watch(batch)
            weights = LoopWeights(U, projected, (U,))
            outputs = tf.nest.flatten(
                compute(tf.identity(projected), keep, weights, tuple(batch[2:]), tf.float32)
            )
        results.append([*outputs, *tape.gradient(outputs, batch, output_gradients=upstream)])
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5 * max(1.0, float(tf.reduce_max(tf.abs(b)))))


@needs_a_compiler
@pytest.mark.parametrize(
    "changed",
    [{"x": (3, 2, 15)}, {"keep": (3, 2)}, {"keep": (2, 2, 1)}, {"keep": ()}, {"U": (4, 12)}, {"h": (1, 4)}],
)
def test_arrays_of_other_shapes_are_not_read_beyond_their_ends(changed, loop):
    shapes = {"x": (3, 2, 16), "keep": (3, 2, 1), "U": (4, 16), "h": (2, 4), "c": (2, 4)} | changed
    x, keep, U, h, c = (tf.zeros(shape) for shape in shapes.values())
    with pytest.raises(tf.errors.InvalidArgumentError):
        loop(x, keep, LoopWeights(U, U, (U,)), (h, c), tf.float32)


def weights_after_updates(precision):
    network = RecurrentNetwork(NetworkSettings(units=40, dropout=0.1), np.ones(20, bool), one_hot=True, seed=1)
    optimizer = Optimizer(TrainSettings(optimizer="sgd"), list(network.named_weights.values()))
    step, rng = make_step(network, optimizer, 2, 0, precision), np.random.default_rng(0)
    first, states = network.arrays(), tuple(network.initial(3) for _ in range(2))
    for update in range(3):
        x, y = tf.constant(rng.integers(0, 20, (2, 6, 7)), tf.int32)
        _, states = step(x, y, states, tf.constant(1.0), tf.constant(update, tf.int64))
    return first, network.arrays()


@needs_a_compiler
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("bfloat16", 0.02)])
def test_it_trains_to_the_weights_of_the_plain_loop(loop, precision, tolerance, monkeypatch):  # noqa: ARG001
    first, weights = weights_after_updates(precision)
    monkeypatch.setattr(LSTM, "compiled", lambda _: None)
    _, others = weights_after_updates(precision)
    for name, weight in weights.items():
        assert np.abs(weight - others[name]).max() <= tolerance * np.abs(others[name] - first[name]).max()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache, as in a process that has trained nothing yet."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(compiled, "_loop", cache(compiled._loop.__wrapped__))
    return tmp_path / "cache" / "operations"


@pytest.mark.parametrize(("mode", "calls"), [(0o700, 1), (0o777, 0)])
def test_a_failure_is_kept_and_a_folder_of_others_is_not_used(mode, calls, folder, tmp_path, monkeypatch):
    folder.mkdir(parents=True)
    folder.chmod(mode)
    program, log = tmp_path / "compiler.py", tmp_path / "calls"
    log.touch()
    program.write_text(
        "import sys\nif '--version' in sys.argv: sys.exit()\n"
        f"print('once', file=open({str(log)!r}, 'a'))\nprint('no such instruction', file=sys.stderr)\nsys.exit(1)"
    )
    monkeypatch.setenv("CXX", f"'{sys.executable}' '{program}'")
    for _ in range(2):
        compiled._loop.cache_clear()
        assert compiled_loop(LSTM) is None
    assert len(log.read_text().splitlines()) == calls
    assert ["no such instruction" in path.read_text() for path in folder.glob("*.failed")] == [True] * calls


@pytest.mark.parametrize("command", ["", "no-such-compiler --fast"])
def test_without_a_compiler_there_is_none(command, folder, monkeypatch):
    monkeypatch.setenv("CXX", command)
    assert compiled_loop(LSTM) is None
    assert not folder.exists()


def plain(*arguments):
    return recurrence(LSTM, *arguments)


WRONG = {
    "outputs": lambda x, *others: (plain(x, *others)[0] * 1.001, plain(x, *others)[1]),
    "gradient": lambda x, *others: plain(0.9 * x + tf.stop_gradient(0.1 * x), *others),
    "no number": lambda x, *others: plain(x + tf.stop_gradient(x * np.nan), *others),
    "never forgets": lambda x, keep, *others: plain(x, tf.ones_like(keep), *others),
    "in bfloat16": lambda x, *others: plain(x if others[-1] == tf.float32 else 1.3 * x, *others),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_loop_that_computes_something_else_is_rejected(wrong):
    compiled._check(plain, plain)
    with pytest.raises(RuntimeError, match="differs"):
        compiled._check(WRONG[wrong], plain)
