"""The LSTM's loop over time as one operation of C++ (fused.cc), and one for its gradient, in training.

TensorFlow's bookkeeping for a small step takes as long as the step. Where there is a C++ compiler, networks are
therefore trained with the whole loop in one operation, once it has been compared with our own loop. Everything but
training uses our own loop: what a trained network says of a text, and how it codes it, does not depend on a compiler.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from toolkit.network.backend import Tensor, has_gpu, tf
from toolkit.network.compiled import UnusableError, operations
from toolkit.network.gradients import own_gradient
from toolkit.network.loops import product

SOURCE = Path(__file__).with_suffix(".cc")
FARTHEST = {tf.float32: 1e-5, tf.bfloat16: 0.05}  # from our loop, as parts of the largest value
STEPS, ROWS, UNITS = 5, 17, 140  # of the batch that both compute: several tiles and panels, and parts of them
ONE_AT_A_TIME = Lock()  # operations can be loaded only once

Loop = Callable[..., tuple[Tensor, Tensor, Tensor]]  # as lstm.recurrence


def chosen(recurrence: Loop, precision: Any) -> Loop | None:
    """What trains in the place of ``recurrence``, our own loop, with products in a precision; None if that does.

    Sums are in another order and, in bfloat16, of float32 numbers, where our loop rounds each product's result.
    """
    if precision not in FARTHEST or has_gpu():
        return None
    with ONE_AT_A_TIME:
        return choice(recurrence)


@cache
def choice(recurrence: Loop) -> Loop | None:
    """The operations as a loop, if there are any that agree with ``recurrence``."""
    with tf.init_scope():  # computed now, even if a graph is being made
        found = operations(SOURCE, partial(check, recurrence))
    return None if found is None else loop(found)


def check(recurrence: Loop, found: Any) -> None:
    """Raises UnusableError if operations and ``recurrence`` compute different things."""
    for precision, most in FARTHEST.items():
        try:
            distance = farthest(loop(found), recurrence, precision)
        except tf.errors.ResourceExhaustedError:  # no fault of theirs
            raise
        except tf.errors.OpError as error:
            raise UnusableError(f"In {precision.name} it fails: {error.message}") from error
        if not distance <= most:  # also if it is not a number
            raise UnusableError(
                f"In {precision.name} it disagrees with TensorFlow's operations by {distance:.1e} of the largest value."
            )


def loop(found: Any) -> Loop:
    """What stands in for ``lstm.recurrence``, with the same arguments and results, of operations."""

    def computed(
        projected: Tensor, keep: Tensor | None, U: Tensor, h0: Tensor, c0: Tensor, precision: Any = tf.float32
    ) -> tuple[Tensor, Tensor, Tensor]:
        units = U.shape[0]
        keep = tf.ones_like(projected[..., :1]) if keep is None else keep

        @own_gradient
        def run(projected: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
            hs, h_before, c_before, gates, c = found.toolkit_lstm_loop(projected, keep, U, h0, c0, products=precision)
            hs = tf.ensure_shape(hs, (*projected.shape[:2], units))  # the operations do not tell

            def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
                d_projected, d_h0, d_c0 = found.toolkit_lstm_loop_gradient(
                    keep, U, c_before, gates, d_hs, d_h, d_c, products=precision
                )
                d_zs = tf.reshape(d_projected, (-1, 4 * units))
                d_U = product(tf.reshape(h_before, (-1, units)), d_zs, precision, transpose_a=True)
                d_first = (tf.ensure_shape(d_state, h0.shape) for d_state in (d_h0, d_c0))
                return tf.ensure_shape(d_projected, projected.shape), d_U, *d_first

            return (hs, hs[-1], tf.ensure_shape(c, c0.shape)), gradient

        return run(projected, U, h0, c0)  # type: ignore[no-any-return]

    return computed


def farthest(one: Loop, other: Loop, precision: Any) -> float:
    """The largest distance between two loops' outputs, last states and gradients, as a part of the largest value.

    It is NaN if one of them computes a NaN. Some rows' states are forgotten before the first step, and
    others' in the middle.
    """
    shapes = [(STEPS, ROWS, 4 * UNITS), (UNITS, 4 * UNITS), (ROWS, UNITS), (ROWS, UNITS)]
    scales = [0.5, UNITS**-0.5, 1.0, 1.0]
    batch = [
        scale * tf.random.stateless_normal(shape, (0, k))
        for k, (shape, scale) in enumerate(zip(shapes, scales, strict=True))
    ]
    rows = tf.range(ROWS)
    forgotten = {0: rows % 3 == 1, STEPS // 2: rows % 2 == 0}
    nowhere = tf.zeros_like(rows, tf.bool)
    keep = tf.stack([1 - tf.cast(forgotten.get(t, nowhere), tf.float32) for t in range(STEPS)])[..., None]

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def outputs_and_gradients(compute: Callable[..., Sequence[Tensor]], batch: Sequence[Tensor]) -> list[Tensor]:
        outputs = compute(*batch)
        total = tf.add_n([tf.reduce_mean(output**2) for output in outputs])
        return [*outputs, *tf.gradients(total, batch)]

    def computed(which: Loop) -> list[Tensor]:
        def outputs(half: Tensor, *others: Tensor) -> Sequence[Tensor]:
            return which(half + half, keep, *others, precision)  # a sum that nobody else needs, as in training

        return outputs_and_gradients(outputs, batch)  # type: ignore[no-any-return]

    pairs = zip(computed(one), computed(other), strict=True)
    return float(np.max([tf.reduce_max(tf.abs(a - b)) / tf.reduce_max(tf.abs(b)) for a, b in pairs]))
