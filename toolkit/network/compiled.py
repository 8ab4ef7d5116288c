"""The LSTM's loop over time and its gradient as two operations of C++ (fused.cc), for training on a CPU.

The first process that trains compiles the operations for its processor, checks them against the plain loop and moves
them into the cache. If they fail, a ``.failed`` file keeps other processes from trying again. Scoring and coding never
use them, so they do not depend on a compiler.
"""

import hashlib
import logging
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

import numpy as np

from toolkit.environment import COMPILED, CPUINFO, compiler, proc_value, processor
from toolkit.errors import first_line
from toolkit.files import cache_root, locked, rename_synced
from toolkit.network.backend import Tensor, Tensors, tf
from toolkit.network.recurrent import Loop, LoopWeights, Recurrent, custom_gradient, recurrence

LOG = logging.getLogger(__name__)
SOURCE = Path(__file__).with_name("fused.cc")
NATIVE = "-mcpu=native" if platform.machine() in ("arm64", "aarch64") else "-march=native"
LINKED = ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
# -w: TensorFlow's headers cause many warnings. -U: with it the 16-bit code in these headers does not compile.
FLAGS = ("-shared", "-fPIC", "-std=c++17", "-O3", NATIVE, *LINKED, "-w", "-U__AVX512FP16__")
COMPILE_SECONDS = 600
AS_TEXT: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace", "check": False}
FAILURES = (RuntimeError, subprocess.TimeoutExpired, tf.errors.OpError)  # not tried again
TOLERANCE = 1e-5  # relative to the largest value of the plain loop
LOCK = Lock()  # a process can load the operations only once


def compiled_loop(formula: type[Recurrent]) -> Loop | None:
    """Return the compiled ``recurrence`` of a formula, or None without a compiler or if it cannot be used.

    Its sums are in another order.
    """
    with LOCK:
        return _loop(formula)  # type: ignore[arg-type]  # mypy finds no __hash__ in a class


@cache
def _loop(formula: type[Recurrent]) -> Loop | None:
    if not (command := compiler()):
        return None
    try:
        with tf.init_scope():  # computed now, even while a graph is made
            operations = _operations(command, formula)
    except (*FAILURES, OSError) as error:
        LOG.warning(f"{SOURCE.name} is not used, so training is slower: {first_line(error)}.")
        return None
    COMPILED.add(SOURCE.name)
    return partial(_run, operations)


def _operations(command: Sequence[str], formula: type[Recurrent]) -> Any:
    """Return the operations from the cache, or compile and check them, or raise the error of a former attempt."""
    folder = cache_root() / "operations"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise OSError(f"Other users can write to {folder}. Remove it with `toolkit cache clear`")
    compiling = [*command, *FLAGS, *tf.sysconfig.get_compile_flags()]
    library = folder / f"{SOURCE.stem}-{_key(command, compiling)}.so"
    failed = library.with_suffix(".failed")
    with locked(library, replaceable=True, wait=True):
        if library.exists():
            return tf.load_op_library(str(library))
        if failed.exists():
            raise RuntimeError(failed.read_text("utf-8"))
        try:
            with TemporaryDirectory(dir=folder) as temporary:
                new = Path(temporary) / library.name
                line = [*compiling, str(SOURCE), "-o", str(new), *tf.sysconfig.get_link_flags()]
                ended = subprocess.run(line, stdin=subprocess.DEVNULL, timeout=COMPILE_SECONDS, **AS_TEXT)
                if ended.returncode:
                    raise RuntimeError(f"{command[0]} does not compile it.\n{ended.stderr}")
                operations = tf.load_op_library(str(new))
                check_loop(partial(_run, operations), partial(recurrence, formula))
                rename_synced(new, library)
        except FAILURES as error:
            failed.write_text(str(error), "utf-8")
            raise
    return operations


def _key(command: Sequence[str], compiling: Sequence[str]) -> str:
    """Return a digest of all that the library depends on."""
    version = subprocess.run([*command, "--version"], **AS_TEXT).stdout
    features = proc_value(CPUINFO, "flags") or proc_value(CPUINFO, "Features")
    machine = f"{platform.machine()} {processor()} {features} {platform.libc_ver()}"
    sources = (file.read_text("utf-8") for file in (SOURCE, Path(__file__)))
    parts = [*sources, *version.splitlines()[:1], *compiling, tf.version.VERSION, machine]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _run(
    operations: Any, projected: Tensor, keep: Tensor, weights: LoopWeights, state: Tensors
) -> tuple[Tensor, Tensors]:
    """Return the outputs and the state after them, as ``recurrence`` does."""

    @custom_gradient
    def run(projected: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[Tensors, Any]:
        hs, h_before, c_before, gates, c = operations.toolkit_lstm_loop(projected, keep, U, h0, c0)
        units, width = U.shape
        hs = tf.ensure_shape(hs, (*projected.shape[:2], units))  # the operations do not tell shapes

        def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> Tensors:
            arrays = keep, U, c_before, gates, d_hs, d_h, d_c
            d_projected, *d_state = operations.toolkit_lstm_loop_gradient(*arrays)
            d_zs = tf.reshape(d_projected, (-1, width))
            d_U = tf.matmul(tf.reshape(h_before, (-1, units)), d_zs, transpose_a=True)
            return (tf.ensure_shape(d_projected, projected.shape), d_U, *d_state)

        return (hs, hs[-1], tf.ensure_shape(c, c0.shape)), gradient

    hs, *after = run(projected, *weights.recurrent, *state)
    return hs, tuple(after)


def check_loop(loop: Loop, plain: Loop) -> None:
    """Raise RuntimeError if outputs, last states or gradients of two loops differ, or are not numbers."""
    steps, rows, units = 5, 17, 140  # several tiles and panels, and parts of them
    rng = np.random.default_rng(0)
    shapes = [(steps, rows, 4 * units), (units, 4 * units), (rows, units), (rows, units)]
    batch = [tf.constant(rng.normal(size=shape, scale=0.2), tf.float32) for shape in shapes]
    keep = tf.constant(rng.random((steps, rows, 1)) > 0.3, tf.float32)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def outputs_and_gradients(compute: Loop) -> list[Tensor]:
        half, U, *state = batch
        weights = LoopWeights(U, half, (U,))
        projected = half + half  # overwritten, as in training
        outputs = tf.nest.flatten(compute(projected, keep, weights, state))
        total = tf.add_n([tf.reduce_mean(output**2) for output in outputs])
        return [*outputs, *tf.gradients(total, batch)]

    pairs = zip(*map(outputs_and_gradients, (loop, plain)), strict=True)
    distance = np.max([np.abs(a - b).max() / np.abs(b).max() for a, b in pairs])
    if not distance <= TOLERANCE:  # also if it is not a number
        raise RuntimeError(f"It differs from TensorFlow's operations by {distance:.1e}.")
