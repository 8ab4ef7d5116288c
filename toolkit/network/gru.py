"""``keras.layers.GRU``, fast on a CPU like our LSTM: one product per step forward, one backward, the rest in bulk.

GRU as in Cho et al. (2014), with the reset gate applied after the recurrent product. The order of gates is z, r, g.

    z, r = σ(x·W + b + h'·U + u);  g = tanh(x·W_g + b_g + r ∘ (h'·U_g + u_g));  h = z ∘ h' + (1 − z) ∘ g
"""

from collections.abc import Sequence
from typing import Any

from toolkit.events.distribution import Floats
from toolkit.events.exact import Matrix, sigmoid, tanh
from toolkit.network.backend import UNROLLED_STEPS, Tensor, keras, tf
from toolkit.network.gradients import own_gradient
from toolkit.network.loops import arrays, before_steps, kept, length, looped, product
from toolkit.network.recurrent import FastLoop, LoopWeights, value


@keras.saving.register_keras_serializable(package="toolkit")
class GRU(FastLoop, keras.layers.GRU):  # type: ignore[misc]  # Keras publishes no types
    """``keras.layers.GRU``: the same arguments, weights and outputs, computed faster on a CPU."""

    state = ("hidden",)

    @property
    def has_fast_formula(self) -> bool:
        """Whether the layer's arguments are covered; the reset gate must come after the recurrent product."""
        return super().has_fast_formula and bool(self.reset_after)

    def loop_weights(self) -> LoopWeights:
        """The weights, with both biases."""
        cell = self.cell
        bias, recurrent_bias = tf.unstack(value(cell.bias) if self.use_bias else tf.zeros((2, 3 * self.units)))
        return LoopWeights(value(cell.kernel), bias, value(cell.recurrent_kernel), recurrent_bias)

    def run(
        self,
        projected: Tensor,
        keep: Tensor | None,
        weights: LoopWeights,
        state: tuple[Tensor, ...],
        precision: Any,
        *,
        training: bool,  # noqa: ARG002 - trained by the loop that scores
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Hidden states (T, B, H), and the one (B, H) after the window."""
        hs = recurrence(projected, keep, weights.recurrent, weights.recurrent_bias, state[0], precision)
        return hs, (hs[-1],)

    def numpy_step(
        self, projected: Floats, recurrent: Matrix, bias: Floats, state: tuple[Floats, ...]
    ) -> tuple[Floats, ...]:
        """The hidden state (H,) after one step, in numpy."""
        (h,) = state
        units = len(h)
        projected = projected + bias[0]
        product = recurrent.product(h) + bias[1]
        s = sigmoid(projected[: 2 * units] + product[: 2 * units])
        z, r = s[:units], s[units:]
        g = tanh(projected[2 * units :] + r * product[2 * units :])
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
    projected: Tensor,
    keep: Tensor | None,
    U: Tensor,
    bias: Tensor,
    h0: Tensor,
    precision: Any = tf.float32,
    unrolled: int = UNROLLED_STEPS,
) -> Tensor:
    """Hidden states (T, B, H) of all steps.

    ``projected`` (T, B, 3H) are the projected inputs; ``keep`` (T, B, 1) is 0 where the state is forgotten before a
    step and 1 elsewhere, and None if nothing is forgotten; ``U`` (H, 3H); ``bias`` (3H,) is the recurrent one; ``h0``
    (B, H) is the state before the first step. Only products are in ``precision``; an iteration of the graph's loop has
    ``unrolled`` steps.
    """
    if projected.shape[0] == 1:  # no loop, and TensorFlow knows the gradient
        h = kept(h0, keep, 0)
        return cell(projected[0], tf.nn.bias_add(product(h, U, precision), bias), h)[0][None]

    @own_gradient
    def run(projected: Tensor, U: Tensor, bias: Tensor, h0: Tensor) -> tuple[Tensor, Any]:
        hs, saved = forward(projected, keep, U, bias, h0, precision, unrolled)

        def gradient(d_hs: Tensor) -> tuple[Tensor, ...]:
            d_projected, d_recurrent, d_h0 = backward(saved, keep, U, d_hs, precision, unrolled)
            h_before = before_steps(h0, hs, keep)
            d_flat = tf.reshape(d_recurrent, (-1, 3 * U.shape[0]))
            d_U = product(h_before, d_flat, precision, transpose_a=True)
            return d_projected, d_U, tf.reduce_sum(d_flat, 0), d_h0

        return hs, gradient

    return run(projected, U, bias, h0)


def forward(
    projected: Tensor, keep: Tensor | None, U: Tensor, bias: Tensor, h0: Tensor, precision: Any, unrolled: int
) -> tuple[Tensor, list[Tensor]]:
    """Hidden states (T, B, H) and, step by step, what the gradient needs."""
    rows, width = projected.shape[1:]
    units = width // 3
    U = tf.cast(U, precision)

    def step(t: Tensor, h: Tensor, *written: Tensor) -> tuple[Tensor, ...]:
        h = kept(h, keep, t)
        h, parts = cell(projected[t], tf.nn.bias_add(product(h, U, precision), bias), h)
        return (h, *(array.write(t, values) for array, values in zip(written, (h, *parts), strict=True)))

    state_shape = (rows, units)
    steps = length(projected)
    empty = arrays(steps, state_shape, (rows, 2 * units), state_shape, state_shape, state_shape)
    _, hs, *saved = looped(steps, step, (h0, *empty), unrolled)
    return hs.stack(), [array.identity() for array in saved]  # or TensorFlow would treat some as never used


def backward(
    saved: Sequence[Tensor], keep: Tensor | None, U: Tensor, d_hs: Tensor, precision: Any, unrolled: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of projected inputs and recurrent products (T, B, 3H), and of the first state; one product per step."""
    steps, (rows, units) = length(d_hs), d_hs.shape[1:]
    UT = tf.cast(tf.transpose(U), precision)

    def step(k: Tensor, d_h: Tensor, d_xs: Tensor, d_us: Tensor) -> tuple[Tensor, ...]:
        t = steps - 1 - k
        s, g, u_g, h = (array.read(t) for array in saved)
        z, r = tf.split(s, 2, 1)
        d_h = d_h + d_hs[t]
        d_g = tf.raw_ops.TanhGrad(y=g, dy=d_h * (1 - z))  # before the tanh
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_h * (h - g), d_g * u_g], 1))
        d_x, d_u = tf.concat([d_s, d_g], 1), tf.concat([d_s, d_g * r], 1)  # (B, 3H) each
        return kept(product(d_u, UT, precision) + d_h * z, keep, t), d_xs.write(t, d_x), d_us.write(t, d_u)

    shape = (rows, 3 * units)
    nothing = tf.zeros_like(d_hs[-1])
    d_h0, d_xs, d_us = looped(steps, step, (nothing, *arrays(steps, shape, shape)), unrolled)
    return d_xs.stack(), d_us.stack(), d_h0
