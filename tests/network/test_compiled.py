"""The compiled loop: Keras is the oracle of its numbers; it is compiled once, checked, kept, and done without."""

import sys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.helpers.rounding import assert_same_sums
from toolkit.environment import compiler
from toolkit.network.cells import LSTM
from toolkit.network.compiled import check_loop, compiled_loop
from toolkit.network.recurrent import LoopWeights, recurrence

needs_a_compiler = pytest.mark.skipif(not compiler(), reason="there is no C++ compiler")


@pytest.fixture(scope="module")
def loop():
    loop = compiled_loop(LSTM)
    assert loop is not None
    return loop


def plain(*arguments):
    return recurrence(LSTM, *arguments)


def random(rng, *shape, scale=1.0):
    return tf.constant(rng.normal(size=shape, scale=scale), tf.float32)


@needs_a_compiler
@settings(max_examples=30)
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
            outputs = tf.nest.flatten(compute(tf.identity(projected), keep, weights, tuple(batch[2:])))
        results.append([*outputs, *tape.gradient(outputs, batch, output_gradients=upstream)])
    for a, b in zip(*results, strict=True):
        # Forward, backward, and of the polynomials of four gates.
        terms = steps * (units + 4 * units + rows + 4 * 6)
        assert_same_sums(a, b, terms, max(1.0, np.abs(b).max()))  # 0.07 seen


@needs_a_compiler
def test_arrays_of_other_shapes_are_not_read_beyond_their_ends(loop):
    shapes = {"x": (3, 2, 16), "keep": (3, 2, 1), "U": (4, 16), "h": (2, 4), "c": (2, 4)}
    for name, wrong in (
        ("x", (3, 2, 15)),
        ("keep", (3, 2)),
        ("keep", (2, 2, 1)),
        ("keep", ()),
        ("U", (4, 12)),
        ("h", (1, 4)),
    ):
        x, keep, U, h, c = (tf.zeros(shape) for shape in (shapes | {name: wrong}).values())
        with pytest.raises(tf.errors.InvalidArgumentError):
            loop(x, keep, LoopWeights(U, U, (U,)), (h, c))


def new_loop():
    """The compiled loop of a formula that no process has asked for."""
    return compiled_loop(type("New", (LSTM,), {}))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty cache."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "operations"


@pytest.mark.parametrize(("mode", "calls"), [(0o700, 1), (0o777, 0)])
def test_a_failure_is_kept_and_a_folder_of_others_is_not_used(mode, calls, folder, tmp_path, monkeypatch):
    folder.mkdir(parents=True)
    folder.chmod(mode)
    program, log = tmp_path / "compiler.py", tmp_path / "calls"
    log.touch()
    program.write_text(
        "import sys\nif '--version' in sys.argv: sys.exit()\n"
        f"print('once', file=open({str(log)!r}, 'a'))\nprint('E123', file=sys.stderr)\nsys.exit(1)"
    )
    monkeypatch.setenv("CXX", f"'{sys.executable}' '{program}'")
    for _ in range(2):
        assert new_loop() is None
    assert len(log.read_text().splitlines()) == calls
    assert ["E123" in path.read_text() for path in folder.glob("*.failed")] == [True] * calls


def test_without_a_compiler_there_is_none(folder, monkeypatch):
    for command in ("", "no-such-compiler --fast"):
        monkeypatch.setenv("CXX", command)
        assert new_loop() is None
        assert not folder.exists()


WRONG = {
    "outputs": lambda x, *others: (plain(x, *others)[0] * 1.001, plain(x, *others)[1]),
    "gradient": lambda x, *others: plain(0.9 * x + tf.stop_gradient(0.1 * x), *others),
    "no number": lambda x, *others: plain(x + tf.stop_gradient(x * np.nan), *others),
    "never forgets": lambda x, keep, *others: plain(x, tf.ones_like(keep), *others),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_loop_that_computes_something_else_is_rejected(wrong):
    with pytest.raises(RuntimeError, match="differs"):
        check_loop(WRONG[wrong], plain)
