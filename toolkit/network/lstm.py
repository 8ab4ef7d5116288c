"""The LSTM's recurrence, fast on a CPU: one product per step forward, one backward, and the rest in bulk.

LSTM as in Gers, Schmidhuber & Cummins (2000), with the weights of ``keras.layers.LSTM`` in another order of gates:
i, f, o, g here (one sigmoid over the first three), i, f, g, o there; ``from_keras`` converts.

    i, f, o = σ(z_i), σ(z_f), σ(z_o);  g = tanh(z_g);  z = x·W + b + h'·U
    c = f·c' + i·g;  h = o·tanh(c)

The inputs of all steps are projected (x·W + b) before the loop. The gradient is our own: the backward loop has one
product per step, and the gradient of U is one large product after it. A step's arrays fit in a core's cache, so what a
step needs is computed in it, and kept unchanged for the backward loop. On a GPU ``cudnn`` is used instead.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from toolkit.network import cudnn
from toolkit.network.backend import UNROLLED_STEPS, Tensor, tf
from toolkit.network.loops import arrays, looped, product

Array = npt.NDArray[np.float32]


def cell(z: Tensor, c: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, Tensor, Tensor]]:
    """Hidden and cell state (B, H) from z (B, 4H) and the cell state before (B, H).

    Also what the gradient needs: the gates i, f, o (B, 3H), the gate g and tanh c (B, H).
    """
    units = c.shape[1]
    z_s, z_g = tf.split(z, (3 * units, units), 1)
    s, g = tf.sigmoid(z_s), tf.tanh(z_g)
    i, f, o = tf.split(s, 3, 1)
    c = f * c + i * g
    tanh_c = tf.tanh(c)
    return o * tanh_c, c, (s, g, tanh_c)


def recurrence(
    projected: Tensor,
    keep: Tensor,
    U: Tensor,
    h0: Tensor,
    c0: Tensor,
    precision: Any = tf.float32,
    unrolled: int = UNROLLED_STEPS,
) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, B, H) of all steps, and the last hidden and cell state (B, H).

    ``projected`` (T, B, 4H) are the projected inputs; ``keep`` (T, B, 1) is 0 where the state is forgotten before a
    step and 1 elsewhere; ``U`` (H, 4H); ``h0`` and ``c0`` (B, H) are the state before the first step. Only products
    are in ``precision``; an iteration of the graph's loop has ``unrolled`` steps.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(projected: Tensor, keep: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
        hs, h, c, kept = forward(projected, keep, U, (h0, c0), precision, unrolled)

        def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
            d_projected, d_h0, d_c0 = backward(kept, keep, U, (d_hs, d_h, d_c), precision, unrolled)
            units = U.shape[0]
            h_before = tf.reshape(tf.concat([h0[None], hs[:-1]], 0) * keep, (-1, units))  # as used in the steps
            d_U = product(h_before, tf.reshape(d_projected, (-1, 4 * units)), precision, transpose_a=True)
            return d_projected, None, d_U, d_h0, d_c0

        return (hs, h, c), gradient

    return run(projected, keep, U, h0, c0)  # type: ignore[no-any-return]


def forward(
    projected: Tensor, keep: Tensor, U: Tensor, state: tuple[Tensor, Tensor], precision: Any, unrolled: int
) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """Hidden states (T, B, H), the last state, and, step by step, what the gradient needs."""
    steps, rows, width = projected.shape
    units = width // 4
    U = tf.cast(U, precision)

    def step(t: Tensor, h: Tensor, c: Tensor, *written: Tensor) -> tuple[Tensor, ...]:
        c = c * keep[t]
        h, after, gates = cell(projected[t] + product(h * keep[t], U, precision), c)
        kept = zip(written, (h, c, *gates), strict=True)
        return (h, after, *(array.write(t, value) for array, value in kept))

    state_shape, gates_shape = (rows, units), (rows, 3 * units)
    empty = arrays(steps, state_shape, state_shape, gates_shape, state_shape, state_shape)
    h, c, hs, *kept = looped(steps, step, (*state, *empty), unrolled)
    return (
        hs.stack(),
        h,
        c,
        [array.identity() for array in kept],
    )  # or TensorFlow would treat some as never used


def backward(
    kept: Sequence[Tensor],
    keep: Tensor,
    U: Tensor,
    upstream: tuple[Tensor, Tensor, Tensor],
    precision: Any,
    unrolled: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the projected inputs (T, B, 4H) and of the first state, with one product per step."""
    d_hs, d_h_last, d_c_last = upstream
    steps, rows, units = d_hs.shape
    UT = tf.cast(tf.transpose(U), precision)

    def step(k: Tensor, d_h: Tensor, d_c: Tensor, d_zs: Tensor) -> tuple[Tensor, ...]:
        t = steps - 1 - k
        c_before, s, g, tanh_c = (array.read(t) for array in kept)
        i, f, o = tf.split(s, 3, 1)
        d_h = d_h + d_hs[t]
        d_c = d_c + tf.raw_ops.TanhGrad(y=tanh_c, dy=d_h * o)
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_c * g, d_c * c_before, d_h * tanh_c], 1))
        d_z = tf.concat([d_s, tf.raw_ops.TanhGrad(y=g, dy=d_c * i)], 1)  # (B, 4H)
        return product(d_z, UT, precision) * keep[t], d_c * f * keep[t], d_zs.write(t, d_z)

    d_h0, d_c0, d_zs = looped(steps, step, (d_h_last, d_c_last, *arrays(steps, (rows, 4 * units))), unrolled)
    return d_zs.stack(), d_h0, d_c0


class LSTM:
    """The cell ``lstm``: Hochreiter & Schmidhuber (1997) with a forget gate (Gers, Schmidhuber & Cummins 2000)."""

    state = ("hidden", "cell")
    gates = 4

    def shapes(self, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        """Kernel (I, 4H), recurrent kernel (H, 4H), bias (4H,)."""
        return {"kernel": (inputs, 4 * units), "recurrent": (units, 4 * units), "bias": (4 * units,)}

    def initial_bias(self, name: str, units: int) -> npt.NDArray[Any]:  # noqa: ARG002 - there is only one
        """Zeros, and ones for the forget gate (Jozefowicz, Zaremba & Sutskever 2015)."""
        return np.repeat(np.array([0, 1, 0, 0], np.float32), units)

    def run(
        self,
        inputs: Callable[[], Tensor],
        projected: Callable[[], Tensor],
        keep: Tensor,
        weights: Mapping[str, Tensor],
        state: tuple[Tensor, ...],
        precision: Any,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Hidden states (T, B, H), and the state after the window.

        On a GPU cuDNN computes them, unless a state is forgotten within the window, which it cannot do.
        """
        h0, c0 = state
        U = weights["recurrent"]

        def ours() -> tuple[Tensor, Tensor, Tensor]:
            return recurrence(projected(), keep, U, h0, c0, precision)

        def on_gpu() -> tuple[Tensor, Tensor, Tensor]:
            kernel, bias = tf.identity(weights["kernel"]), tf.identity(weights["bias"])
            return cudnn.lstm(inputs(), kernel, U, bias, h0 * keep[0], c0 * keep[0])

        if cudnn.present() and precision == tf.float32:
            hs, h, c = tf.cond(tf.reduce_all(keep[1:] > 0), on_gpu, ours)
        else:
            hs, h, c = ours()
        return hs, (h, c)

    def advance(
        self, projected: Tensor, weights: Mapping[str, Tensor], state: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """Hidden and cell state (B, H) after one step."""
        h, c = state
        h, c, _ = cell(projected + tf.matmul(h, weights["recurrent"]), c)
        return h, c

    def step(self, projected: Array, weights: Mapping[str, Array], state: tuple[Array, ...]) -> tuple[Array, ...]:
        """Hidden and cell state (H,) after one step, in numpy."""
        h, c = state
        units = len(h)
        z = projected + h @ weights["recurrent"]  # (4H,): i, f, o, g
        s = expit(z[: 3 * units])
        c = s[units : 2 * units] * c + s[:units] * np.tanh(z[3 * units :])
        return s[2 * units :] * np.tanh(c), c


def reorder_gates(weights: npt.NDArray[np.float32], order: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    """The four blocks of the last axis (…, 4H) in another order."""
    blocks = np.split(weights, 4, axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)


def from_keras(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A kernel or bias of ``keras.layers.LSTM`` (gates i, f, g, o) for this module (i, f, o, g); its own inverse."""
    return reorder_gates(weights, (0, 1, 3, 2))
