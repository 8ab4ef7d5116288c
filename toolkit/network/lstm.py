"""``keras.layers.LSTM``, fast on a CPU: one product per step forward, one backward, and the rest in bulk.

LSTM as in Gers, Schmidhuber & Cummins (2000):

    i, f, o = σ(z_i), σ(z_f), σ(z_o);  g = tanh(z_g);  z = x·W + b + h'·U
    c = f·c' + i·g;  h = o·tanh(c)

The order of gates is Keras': i, f, g (which it calls c), o.
The inputs of all steps are projected (x·W + b) before the loop. The gradient is our own: the backward loop has one
product per step, and the gradient of U is one large product after it. A step's arrays fit in a core's cache, so what a
step needs is computed in it, and kept unchanged for the backward loop.
"""

from collections.abc import Sequence
from typing import Any

from toolkit.events.distribution import Floats
from toolkit.events.exact import Matrix, sigmoid, tanh
from toolkit.network import fused
from toolkit.network.backend import UNROLLED_STEPS, Tensor, keras, tf
from toolkit.network.gradients import own_gradient
from toolkit.network.loops import arrays, before_steps, kept, length, looped, product
from toolkit.network.recurrent import FastLoop, LoopWeights, value


@keras.saving.register_keras_serializable(package="toolkit")
class LSTM(FastLoop, keras.layers.LSTM):  # type: ignore[misc]  # Keras publishes no types
    """``keras.layers.LSTM``: the same arguments, weights and outputs, computed faster on a CPU.

    >>> layer = LSTM(3, return_sequences=True)
    >>> layer(tf.ones((2, 5, 4))).shape  # (batch, steps, inputs) -> (batch, steps, units)
    TensorShape([2, 5, 3])
    """

    state = ("hidden", "cell")

    def loop_weights(self) -> LoopWeights:
        """The weights."""
        bias = value(self.cell.bias) if self.use_bias else tf.zeros(4 * self.units)
        return LoopWeights(value(self.cell.kernel), bias, value(self.cell.recurrent_kernel))

    def run(
        self,
        projected: Tensor,
        keep: Tensor | None,
        weights: LoopWeights,
        state: tuple[Tensor, ...],
        precision: Any,
        *,
        training: bool,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Hidden states (T, B, H), and the hidden and cell state (B, H) after the window.

        In training on a CPU one compiled operation computes them, where there is one (fused.py). cuDNN is not
        used, because it cannot reset a state inside a window.
        """
        h0, c0 = state
        loop = (fused.chosen(recurrence, precision) if training else None) or recurrence
        hs, h, c = loop(projected, keep, weights.recurrent, h0, c0, precision)
        return hs, (h, c)

    def numpy_step(
        self, projected: Floats, recurrent: Matrix, bias: Floats, state: tuple[Floats, ...]
    ) -> tuple[Floats, ...]:
        """Hidden and cell state (H,) after one step, in numpy."""
        h, c = state
        units = len(h)
        z = projected + bias + recurrent.product(h)  # (4H,): i, f, g, o
        z[2 * units : 3 * units] *= 2  # tanh x = 2 σ(2x) − 1, so one call gives all four
        i, f, doubled, o = sigmoid(z).reshape(4, units)
        c = f * c + i * (2 * doubled - 1)
        return o * tanh(c), c


def cell(z: Tensor, c: Tensor) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """Hidden and cell state (B, H) from z (B, 4H) and the cell state before (B, H).

    Also what the gradient needs: the gates i and f (B, 2H), g and o, and tanh c (B, H).
    """
    units = c.shape[1]
    z_s, z_g, z_o = tf.split(z, (2 * units, units, units), 1)
    s, g, o = tf.sigmoid(z_s), tf.tanh(z_g), tf.sigmoid(z_o)
    i, f = tf.split(s, 2, 1)
    c = f * c + i * g
    tanh_c = tf.tanh(c)
    return o * tanh_c, c, (s, g, o, tanh_c)


def recurrence(
    projected: Tensor,
    keep: Tensor | None,
    U: Tensor,
    h0: Tensor,
    c0: Tensor,
    precision: Any = tf.float32,
    unrolled: int = UNROLLED_STEPS,
) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, B, H) of all steps, and the last hidden and cell state (B, H).

    ``projected`` (T, B, 4H) are the projected inputs; ``keep`` (T, B, 1) is 0 where the state is forgotten before a
    step and 1 elsewhere, and None if nothing is forgotten; ``U`` (H, 4H); ``h0`` and ``c0`` (B, H) are the state before
    the first step. Only products are in ``precision``; an iteration of the graph's loop has ``unrolled`` steps.
    """
    if projected.shape[0] == 1:  # no loop, and TensorFlow knows the gradient
        h, c = kept(h0, keep, 0), kept(c0, keep, 0)
        h, c, _ = cell(projected[0] + product(h, U, precision), c)
        return h[None], h, c

    @own_gradient
    def run(projected: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
        hs, h, c, saved = forward(projected, keep, U, (h0, c0), precision, unrolled)

        def gradient(d_hs: Tensor, d_h: Tensor, d_c: Tensor) -> tuple[Tensor, ...]:
            d_projected, d_h0, d_c0 = backward(saved, keep, U, (d_hs, d_h, d_c), precision, unrolled)
            h_before = before_steps(h0, hs, keep)
            d_U = product(h_before, tf.reshape(d_projected, (-1, 4 * U.shape[0])), precision, transpose_a=True)
            return d_projected, d_U, d_h0, d_c0

        return (hs, h, c), gradient

    return run(projected, U, h0, c0)  # type: ignore[no-any-return]


def forward(
    projected: Tensor, keep: Tensor | None, U: Tensor, state: tuple[Tensor, Tensor], precision: Any, unrolled: int
) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """Hidden states (T, B, H), the last state, and, step by step, what the gradient needs."""
    rows, width = projected.shape[1:]
    units = width // 4
    U = tf.cast(U, precision)

    def step(t: Tensor, h: Tensor, c: Tensor, *written: Tensor) -> tuple[Tensor, ...]:
        c = kept(c, keep, t)
        h, after, gates = cell(projected[t] + product(kept(h, keep, t), U, precision), c)
        pairs = zip(written, (h, c, *gates), strict=True)
        return (h, after, *(array.write(t, values) for array, values in pairs))

    shape, i_f = (rows, units), (rows, 2 * units)
    steps = length(projected)
    empty = arrays(steps, shape, shape, i_f, shape, shape, shape)
    h, c, hs, *saved = looped(steps, step, (*state, *empty), unrolled)
    return hs.stack(), h, c, [array.identity() for array in saved]  # or TensorFlow would treat some as never used


def backward(
    saved: Sequence[Tensor],
    keep: Tensor | None,
    U: Tensor,
    upstream: tuple[Tensor, Tensor, Tensor],
    precision: Any,
    unrolled: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the projected inputs (T, B, 4H) and of the first state, with one product per step."""
    d_hs, d_h_last, d_c_last = upstream
    steps, (rows, units) = length(d_hs), d_hs.shape[1:]
    UT = tf.cast(tf.transpose(U), precision)

    def step(k: Tensor, d_h: Tensor, d_c: Tensor, d_zs: Tensor) -> tuple[Tensor, ...]:
        t = steps - 1 - k
        c_before, s, g, o, tanh_c = (array.read(t) for array in saved)
        i, f = tf.split(s, 2, 1)
        d_h = d_h + d_hs[t]
        d_c = d_c + tf.raw_ops.TanhGrad(y=tanh_c, dy=d_h * o)
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_c * g, d_c * c_before], 1))
        d_g, d_o = tf.raw_ops.TanhGrad(y=g, dy=d_c * i), tf.raw_ops.SigmoidGrad(y=o, dy=d_h * tanh_c)
        d_z = tf.concat([d_s, d_g, d_o], 1)  # (B, 4H)
        return kept(product(d_z, UT, precision), keep, t), kept(d_c * f, keep, t), d_zs.write(t, d_z)

    d_h0, d_c0, d_zs = looped(steps, step, (d_h_last, d_c_last, *arrays(steps, (rows, 4 * units))), unrolled)
    return d_zs.stack(), d_h0, d_c0
