"""The LSTM's loop over time as one operation of C++ (fused.cc), compiled for the machine it trains on.

TensorFlow's bookkeeping takes as long as a small step itself. Where there is a C++ compiler, networks are therefore
trained with one operation for the whole loop, and one for its gradient. At the first training they are compiled, which
takes some ten seconds, compared with our own loop, and kept in the cache; without a compiler, or if they disagree, our
own loop trains. Everything but training uses our own loop, so that what a trained network says of a text, and how it
codes it, does not depend on what is installed.

``$CXX`` names the compiler; empty, it means none.
"""

import hashlib
import logging
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from toolkit.cache import entry, write_entry
from toolkit.environment import instructions
from toolkit.errors import InputError
from toolkit.network import cudnn
from toolkit.network.backend import Tensor, tf
from toolkit.network.gradients import own_gradient
from toolkit.network.loops import product

LOG = logging.getLogger(__name__)
SOURCE = Path(__file__).with_suffix(".cc")
COMPILERS = ("c++", "g++", "clang++")
FLAGS = ("-shared", "-fPIC", "-std=c++17", "-O3", "-march=native", "-w")  # -w: TensorFlow's headers warn of much
FARTHEST = {tf.float32: 1e-5, tf.bfloat16: 0.05}  # from our loop, as parts of the largest value; sums differ in order
STEPS, ROWS, UNITS = 9, 7, 70  # of the batch that both compute: whole tiles and registers, and parts of them

Loop = Callable[..., tuple[Tensor, Tensor, Tensor]]  # as lstm.recurrence


class NotCompiledError(Exception):
    """Why the operations cannot be used, in a sentence."""


def chosen(recurrence: Loop, precision: Any) -> Loop | None:
    """What trains in the place of ``recurrence``, our own loop, with products in a precision; None if that does."""
    return None if precision not in FARTHEST or cudnn.present() else choice(recurrence)


@cache
def choice(recurrence: Loop) -> Loop | None:
    """The compiled loop, or None; in the first process the reason why there is none, if there should be, is logged."""
    if (compiler := found_compiler()) is None:
        return None
    library = entry("operations", f"{key(compiler)}.so")
    failed = library.with_suffix(".txt")
    if failed.exists():  # a process before found out why
        return None
    with tf.init_scope():  # computed now, even if a graph is being made
        try:
            return loaded(library) if library.exists() else made(compiler, library, recurrence)
        except NotCompiledError as error:
            LOG.warning(f"{error} So networks are trained without it, more slowly; what was tried is in {failed}.")
            kept(failed, str(error).encode())
            return None


def found_compiler() -> list[str] | None:
    """The command of the compiler: ``$CXX``, or the first of the usual ones that is installed."""
    named = os.environ.get("CXX")
    commands = [shlex.split(named)] if named is not None else [[name] for name in COMPILERS]
    return next((command for command in commands if command and shutil.which(command[0])), None)


def key(compiler: Sequence[str]) -> str:
    """What tells one library from another: its source, the compiler, TensorFlow, and the processor."""
    parts = [SOURCE.read_text("utf-8"), *compiler, *FLAGS, *tf.sysconfig.get_compile_flags(), tf.version.VERSION]
    return hashlib.sha256("\n".join([*parts, instructions()]).encode()).hexdigest()[:16]


def made(compiler: Sequence[str], library: Path, recurrence: Loop) -> Loop:
    """The loop, compiled, compared with ours, and kept as a file. Raises NotCompiledError if it cannot be used."""
    with TemporaryDirectory() as folder:
        new = Path(folder) / library.name
        command = [*compiler, *FLAGS, *tf.sysconfig.get_compile_flags(), str(SOURCE), "-o", str(new)]
        said = subprocess.run([*command, *tf.sysconfig.get_link_flags()], capture_output=True, text=True)
        if said.returncode:
            raise NotCompiledError(f"{compiler[0]} does not compile the LSTM's loop:\n{said.stderr}")
        loop = loaded(new)
        for precision, most in FARTHEST.items():
            distance = farthest(loop, recurrence, precision)
            if not distance <= most:  # also if it is not a number
                raise NotCompiledError(
                    f"The LSTM's loop as {compiler[0]} compiles it disagrees with TensorFlow's in {precision.name} "
                    f"(by {distance:.1e} of the largest value)."
                )
        kept(library, new.read_bytes())
    return loop


def kept(file: Path, content: bytes) -> None:
    """Write a file to the cache; if that is not writable, the next process does all again."""
    try:
        write_entry(file, content)
    except InputError as error:
        LOG.warning(str(error))


def loaded(library: Path) -> Loop:
    """What stands in for ``lstm.recurrence``, with the same arguments and results. Raises NotCompiledError."""
    try:
        operations = tf.load_op_library(str(library))
    except tf.errors.OpError as error:
        raise NotCompiledError(f"TensorFlow does not load the compiled LSTM's loop: {error.message}.") from error

    def loop(
        projected: Tensor, keep: Tensor | None, U: Tensor, h0: Tensor, c0: Tensor, precision: Any = tf.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        units = U.shape[0]
        keep = tf.ones_like(projected[..., :1]) if keep is None else keep

        @own_gradient
        def run(projected: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
            hs, h_before, c_before, gates, c = operations.toolkit_lstm_loop(
                projected, keep, U, h0, c0, products=precision
            )
            hs = tf.ensure_shape(hs, (*projected.shape[:2], units))  # the operations do not tell

            def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
                d_projected, d_h0, d_c0 = operations.toolkit_lstm_loop_gradient(
                    keep, U, c_before, gates, d_hs, d_h, d_c, products=precision
                )
                d_zs = tf.reshape(d_projected, (-1, 4 * units))
                d_U = product(tf.reshape(h_before, (-1, units)), d_zs, precision, transpose_a=True)
                d_first = (tf.ensure_shape(d_state, h0.shape) for d_state in (d_h0, d_c0))
                return tf.ensure_shape(d_projected, projected.shape), d_U, *d_first

            return (hs, hs[-1], tf.ensure_shape(c, c0.shape)), gradient

        return run(projected, U, h0, c0)  # type: ignore[no-any-return]

    return loop


def farthest(loop: Loop, recurrence: Loop, precision: Any) -> float:
    """The largest distance between two loops' outputs, last states and gradients, as a part of the largest value.

    Some rows' states are forgotten before the first step, and others' in the middle.
    """
    shapes = [(STEPS, ROWS, 4 * UNITS), (UNITS, 4 * UNITS), (ROWS, UNITS), (ROWS, UNITS)]
    scales = [1.0, UNITS**-0.5, 1.0, 1.0]
    batch = [
        scale * tf.random.stateless_normal(shape, (0, k))
        for k, (shape, scale) in enumerate(zip(shapes, scales, strict=True))
    ]
    rows = tf.range(ROWS)
    forgotten = {0: rows % 3 == 1, STEPS // 2: rows % 2 == 0}
    nowhere = tf.zeros_like(rows, tf.bool)
    keep = tf.stack([1 - tf.cast(forgotten.get(t, nowhere), tf.float32) for t in range(STEPS)])[..., None]

    graph = tf.function(cudnn.outputs_and_gradients, autograph=False)

    def computed(which: Loop) -> list[Tensor]:
        def outputs(projected: Tensor, *others: Tensor) -> Sequence[Tensor]:
            return which(projected, keep, *others, precision)

        return graph(outputs, batch)  # type: ignore[no-any-return]

    pairs = zip(computed(loop), computed(recurrence), strict=True)
    return max(float(tf.reduce_max(tf.abs(a - b)) / tf.reduce_max(tf.abs(b))) for a, b in pairs)
