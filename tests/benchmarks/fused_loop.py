"""Training speed with the LSTM's whole loop in one operation of C++ (fused_loop.cc), beside TensorFlow's loop as it is.

    python -m tests.benchmarks.fused_loop [--shape 96,64,256,64,100,1]... [--precision float32]... [--turns 5]

A shape is V, embedding, units, batch, steps, layers; units are a multiple of 64. Nothing of the toolkit uses the
operation: the figures tell what a loop of its own would gain. It needs g++ and a processor with AVX-512, for bfloat16
also AVX512_BF16. It is compiled into a temporary folder and, at the size of each shape, checked against
``toolkit.network.lstm.recurrence``; what is timed is the trainer's own step in two towers, as in training.py, where the
loop is the only difference. The last column is the check's: the largest difference of an output, a state or a gradient,
as a part of its largest value; in bfloat16 the operation sums in float32 what TensorFlow rounds.
"""

import argparse
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, table
from tests.benchmarks.training import PRECISIONS, SHAPES, TOWERS, Shape, ours

SOURCE = Path(__file__).with_suffix(".cc")
MULTIPLE = 64  # of which units must be one
LARGEST = {"float32": 1e-5, "bfloat16": 0.05}  # differences, as parts of the largest value
Loop = Callable[..., tuple[Any, Any, Any]]  # as toolkit.network.lstm.recurrence


def compiled(folder: str) -> str:
    """The path of the compiled operations in this folder. Raises RuntimeError with what g++ says if it fails."""
    from toolkit.network.backend import tf

    library = str(Path(folder) / "fused_loop.so")
    command = ["g++", "-shared", "-fPIC", "-O3", "-march=native", "-w", *tf.sysconfig.get_compile_flags()]
    command += [str(SOURCE), "-o", library, *tf.sysconfig.get_link_flags()]
    found = subprocess.run(command, capture_output=True, text=True)  # -w: TensorFlow's headers warn of much
    if found.returncode:
        raise RuntimeError(f"g++ did not compile {SOURCE.name}; it needs AVX-512.\n{found.stderr}")
    return library


def fused(library: str) -> Loop:
    """What stands in for ``recurrence``: the same arguments and results, from the operations of a library."""
    from toolkit.network.backend import Tensor, tf
    from toolkit.network.gradients import own_gradient
    from toolkit.network.loops import product

    operations = tf.load_op_library(library)

    def loop(
        projected: Tensor, keep: Tensor | None, U: Tensor, h0: Tensor, c0: Tensor, precision: Any = tf.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        steps, (rows, units) = projected.shape[0], h0.shape
        keep = tf.ones((steps, rows, 1)) if keep is None else keep

        @own_gradient
        def run(projected: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
            hs, h_before, c_before, gates, c = operations.lstm_loop(projected, keep, U, h0, c0, products=precision)
            hs = tf.ensure_shape(hs, (steps, rows, units))  # the operations do not tell

            def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
                d_projected, d_h0, d_c0 = operations.lstm_loop_gradient(
                    keep, U, c_before, gates, d_hs, d_h, d_c, products=precision
                )
                d_zs = tf.reshape(d_projected, (steps * rows, 4 * units))
                d_U = product(tf.reshape(h_before, (steps * rows, units)), d_zs, precision, transpose_a=True)
                d_h0, d_c0 = (tf.ensure_shape(d_state, (rows, units)) for d_state in (d_h0, d_c0))
                return tf.reshape(d_zs, (steps, rows, 4 * units)), d_U, d_h0, d_c0

            return (hs, hs[-1], tf.ensure_shape(c, (rows, units))), gradient

        return run(projected, U, h0, c0)  # type: ignore[no-any-return]

    return loop


def results(loop: Loop, shape: Shape, precision: str) -> list[np.ndarray]:
    """Outputs (T, B, H), the last state (B, H) and all gradients of a tower's loop on random inputs.

    Some rows' states are forgotten before the first step, and others' in the middle.
    """
    from toolkit.network.backend import tf

    _, _, units, batch, steps, _ = shape
    rows, rng = batch // TOWERS, np.random.default_rng(0)
    keep = np.ones((steps, rows, 1), np.float32)
    keep[0, 1::3] = keep[steps // 2, ::2] = 0
    sizes = [(steps, rows, 4 * units), (units, 4 * units), (rows, units), (rows, units)]
    scales = [1, 1 / np.sqrt(units), 1, 1]
    inputs = [tf.constant(rng.normal(0, scale, size), tf.float32) for size, scale in zip(sizes, scales, strict=True)]

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def graph(projected: Any, U: Any, h0: Any, c0: Any) -> list[Any]:
        watched = [projected, U, h0, c0]
        with tf.GradientTape() as tape:
            tape.watch(watched)
            outputs = loop(projected, tf.constant(keep), U, h0, c0, tf.as_dtype(precision))
        upstream = [tf.constant(rng.normal(size=output.shape), tf.float32) for output in outputs]
        return [*outputs, *tape.gradient(outputs, watched, output_gradients=upstream)]

    return [value.numpy() for value in graph(*inputs)]


def difference(library: str, shape: Shape, precision: str) -> float:
    """The largest difference from ``recurrence``, as a part of the largest value. Raises RuntimeError if too large."""
    from toolkit.network.backend import one_thread_per_operation
    from toolkit.network.lstm import recurrence

    one_thread_per_operation()
    pairs = zip(results(fused(library), shape, precision), results(recurrence, shape, precision), strict=True)
    found = float(np.max([np.abs(a - b).max() / np.abs(b).max() for a, b in pairs]))
    if not found <= LARGEST[precision]:
        raise RuntimeError(f"{shape}, {precision}: the operation differs by {found:.1e} of the largest value.")
    return found


def with_operation(library: str, shape: Shape, precision: str) -> Run:
    """The trainer's step, its graph made with the operation in the loop's place."""
    from toolkit.network import lstm

    run = ours(shape, precision)
    with mock.patch.object(lstm, "recurrence", side_effect=fused(library)) as called:
        run(1)
    called.assert_called()
    return run


def row(library: str, shape: Shape, precision: str, turns: int) -> list[str]:
    """A line of the table."""
    found = difference(library, shape, precision)
    systems: dict[str, tuple[Callable[..., Run], tuple[Any, ...]]] = {
        "loop": (ours, (shape, precision)),
        "operation": (with_operation, (library, shape, precision)),
    }
    _, _, _, batch, steps, _ = shape
    speeds = {name: batch * steps / seconds for name, seconds in fewest_seconds(systems, turns).items()}
    cells = [*(f"{speed:,.0f}" for speed in speeds.values()), f"{speeds['operation'] / speeds['loop']:.2f}"]
    return [", ".join(map(str, shape)), precision, *cells, f"{found:.0e}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--precision", action="append", choices=PRECISIONS)
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    if other := [shape for shape in chosen.shape or [] if shape[2] % MULTIPLE]:
        parser.error(f"{other[0][2]} units: the operation needs a multiple of {MULTIPLE}.")
    print(machine(), flush=True)
    header = ["V, embedding, units, batch, steps, layers", "precision"]
    header += ["tokens/s as it is", "tokens/s with the operation", "ratio", "largest difference"]
    with tempfile.TemporaryDirectory() as folder:
        library = compiled(folder)
        print(table(header, []), flush=True)
        for shape in chosen.shape or [shape for shape in SHAPES if shape[2] % MULTIPLE == 0]:
            for precision in chosen.precision or PRECISIONS:
                print(f"| {' | '.join(row(library, shape, precision, chosen.turns))} |", flush=True)


if __name__ == "__main__":
    main()
