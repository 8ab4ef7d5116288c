"""The GRU's recurrence, fast on a CPU like the LSTM's: one product per step forward, one backward, the rest in bulk.

GRU as in Cho et al. (2014), with the reset gate applied after the recurrent product, and with the weights and the order
of gates of ``keras.layers.GRU(reset_after=True)``: z, r, g.

    z, r = σ(x·W + b + h'·U + u);  g = tanh(x·W_g + b_g + r ∘ (h'·U_g + u_g));  h = z ∘ h' + (1 − z) ∘ g
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from toolkit.network.backend import Tensor, tf
from toolkit.network.loops import arrays, looped, product

Array = npt.NDArray[np.float32]


class GRU:
    """The cell ``gru``."""

    state = ("hidden",)
    gates = 3

    def shapes(self, inputs: int, units: int) -> dict[str, tuple[int, ...]]:
        """Kernel (I, 3H), recurrent kernel (H, 3H), bias (3H,) and recurrent bias (3H,)."""
        width = 3 * units
        return {
            "kernel": (inputs, width), "recurrent": (units, width), "bias": (width,), "recurrent_bias": (width,),
        }  # fmt: skip

    def initial_bias(self, name: str, units: int) -> npt.NDArray[Any]:  # noqa: ARG002 - both are alike
        """Zeros."""
        return np.zeros(3 * units, np.float32)

    def run(
        self,
        inputs: Callable[[], Tensor],  # noqa: ARG002 - a cell may use either
        projected: Callable[[], Tensor],
        keep: Tensor,
        weights: Mapping[str, Tensor],
        state: tuple[Tensor, ...],
        precision: Any,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Hidden states (T, B, H), and the last one."""
        bias = tf.identity(weights["recurrent_bias"])
        hs = recurrence(projected(), keep, weights["recurrent"], bias, state[0], precision)
        return hs, (hs[-1],)

    def advance(
        self, projected: Tensor, weights: Mapping[str, Tensor], state: tuple[Tensor, ...]
    ) -> tuple[Tensor, ...]:
        """The hidden state (B, H) after one step."""
        recurrent = tf.matmul(state[0], weights["recurrent"]) + weights["recurrent_bias"]
        return (cell(projected, recurrent, state[0])[0],)

    def step(self, projected: Array, weights: Mapping[str, Array], state: tuple[Array, ...]) -> tuple[Array, ...]:
        """The hidden state (H,) after one step, in numpy."""
        (h,) = state
        units = len(h)
        recurrent = h @ weights["recurrent"] + weights["recurrent_bias"]
        s = expit(projected[: 2 * units] + recurrent[: 2 * units])
        z, r = s[:units], s[units:]
        g = np.tanh(projected[2 * units :] + r * recurrent[2 * units :])
        return (z * h + (1 - z) * g,)


def cell(projected: Tensor, recurrent: Tensor, h: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
    """The hidden state (B, H) from projected inputs, recurrent product (B, 3H) each, and the state before.

    Also what the gradient needs: the gates z and r (B, 2H), and g, the recurrent part of g and the state before (B, H).
    """
    units = h.shape[1]
    x_s, x_g = tf.split(projected, (2 * units, units), 1)
    u_s, u_g = tf.split(recurrent, (2 * units, units), 1)
    s = tf.sigmoid(x_s + u_s)
    z, r = tf.split(s, 2, 1)
    g = tf.tanh(x_g + r * u_g)
    return z * h + (1 - z) * g, (s, g, u_g, h)


def recurrence(
    projected: Tensor, keep: Tensor, U: Tensor, bias: Tensor, h0: Tensor, precision: Any = tf.float32
) -> Tensor:
    """Hidden states (T, B, H) of all steps.

    ``projected`` (T, B, 3H) are the projected inputs; ``keep`` (T, B, 1) is 0 where the state is forgotten before a
    step and 1 elsewhere; ``U`` (H, 3H); ``bias`` (3H,) is the recurrent one; ``h0`` (B, H) is the state before the
    first step. Only products are in ``precision``.
    """

    @tf.custom_gradient  # type: ignore[untyped-decorator]
    def run(projected: Tensor, keep: Tensor, U: Tensor, bias: Tensor, h0: Tensor) -> tuple[Tensor, Any]:
        hs, kept = forward(projected, keep, U, bias, h0, precision)

        def gradient(d_hs: Tensor) -> tuple[Tensor, ...]:
            d_projected, d_recurrent, d_h0 = backward(kept, keep, U, d_hs, precision)
            units = U.shape[0]
            h_before = tf.reshape(tf.concat([h0[None], hs[:-1]], 0) * keep, (-1, units))  # as used in the steps
            d_flat = tf.reshape(d_recurrent, (-1, 3 * units))
            d_U = product(h_before, d_flat, precision, transpose_a=True)
            return d_projected, None, d_U, tf.reduce_sum(d_flat, 0), d_h0

        return hs, gradient

    return run(projected, keep, U, bias, h0)


def forward(
    projected: Tensor, keep: Tensor, U: Tensor, bias: Tensor, h0: Tensor, precision: Any
) -> tuple[Tensor, list[Tensor]]:
    """Hidden states (T, B, H) and, step by step, what the gradient needs."""
    steps, rows, width = projected.shape
    units = width // 3
    U = tf.cast(U, precision)

    def step(t: Tensor, h: Tensor, *written: Tensor) -> tuple[Tensor, ...]:
        h = h * keep[t]
        h, parts = cell(projected[t], tf.nn.bias_add(product(h, U, precision), bias), h)
        return (h, *(array.write(t, value) for array, value in zip(written, (h, *parts), strict=True)))

    state_shape = (rows, units)
    empty = arrays(steps, state_shape, (rows, 2 * units), state_shape, state_shape, state_shape)
    _, hs, *kept = looped(steps, step, (h0, *empty))
    return hs.stack(), [array.identity() for array in kept]  # or TensorFlow would treat some as never used


def backward(
    kept: Sequence[Tensor], keep: Tensor, U: Tensor, d_hs: Tensor, precision: Any
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of projected inputs and recurrent products (T, B, 3H), and of the first state; one product per step."""
    steps, rows, units = d_hs.shape
    UT = tf.cast(tf.transpose(U), precision)

    def step(k: Tensor, d_h: Tensor, d_xs: Tensor, d_us: Tensor) -> tuple[Tensor, ...]:
        t = steps - 1 - k
        s, g, u_g, h = (array.read(t) for array in kept)
        z, r = tf.split(s, 2, 1)
        d_h = d_h + d_hs[t]
        d_g = tf.raw_ops.TanhGrad(y=g, dy=d_h * (1 - z))  # before the tanh
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_h * (h - g), d_g * u_g], 1))
        d_x, d_u = tf.concat([d_s, d_g], 1), tf.concat([d_s, d_g * r], 1)  # (B, 3H) each
        before = (product(d_u, UT, precision) + d_h * z) * keep[t]
        return before, d_xs.write(t, d_x), d_us.write(t, d_u)

    shape = (rows, 3 * units)
    d_h0, d_xs, d_us = looped(steps, step, (tf.zeros((rows, units)), *arrays(steps, shape, shape)))
    return d_xs.stack(), d_us.stack(), d_h0
