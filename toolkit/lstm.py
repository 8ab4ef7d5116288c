"""The LSTM's recurrence, fast on a CPU: one product per step forward, one backward, and the rest in bulk.

LSTM as in Gers, Schmidhuber & Cummins (2000), with the weights of ``keras.layers.LSTM`` in another order of gates:
i, f, o, g here (one sigmoid over the first three), i, f, g, o there; ``from_keras`` converts.

    i, f, o = σ(z_i), σ(z_f), σ(z_o);  g = tanh(z_g);  z = x·W + b + h'·U
    c = f·c' + i·g;  h = o·tanh(c)

The inputs of all steps are projected (x·W + b) before the loop. The gradient is our own: what does not depend on the
recursion is computed for all steps at once, the backward loop keeps one product per step, and U's gradient is one
large product after it. Only then is a step short enough for a CPU.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.backend import Tensor, tf


def cell(z: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden and cell state (B, H) and gates (B, 4H) from z (B, 4H) and the cell state before (B, H)."""
    units = c.shape[1]
    s, g = tf.sigmoid(z[:, : 3 * units]), tf.tanh(z[:, 3 * units :])
    c = s[:, units : 2 * units] * c + s[:, :units] * g
    return s[:, 2 * units :] * tf.tanh(c), c, tf.concat([s, g], 1)


@tf.custom_gradient  # type: ignore[untyped-decorator]
def recurrence(projected: Tensor, keep: Tensor, U: Tensor, h0: Tensor, c0: Tensor) -> tuple[tuple[Tensor, ...], Any]:
    """Hidden states (T, B, H) of all steps, and the last hidden and cell state (B, H).

    ``projected`` (T, B, 4H) are the projected inputs; ``keep`` (T, B, 1) is 0 where the state is forgotten before a
    step and 1 elsewhere; ``U`` (H, 4H); ``h0`` and ``c0`` (B, H) the state before the first step.
    """
    steps, rows, width = projected.shape
    units = width // 4
    hs, cs = (tf.TensorArray(tf.float32, steps, element_shape=(rows, units)) for _ in range(2))
    gates = tf.TensorArray(tf.float32, steps, element_shape=(rows, 4 * units))

    def step(t: Tensor, h: Tensor, c: Tensor, hs: Tensor, cs: Tensor, gates: Tensor) -> tuple[Tensor, ...]:
        h, c, gate = cell(projected[t] + tf.matmul(h * keep[t], U), c * keep[t])
        return t + 1, h, c, hs.write(t, h), cs.write(t, c), gates.write(t, gate)

    _, h_last, c_last, hs, cs, gates = tf.while_loop(
        lambda t, *_: t < steps, step, (0, h0, c0, hs, cs, gates), maximum_iterations=steps
    )
    hs = hs.stack()

    def gradient(d_hs: Tensor, d_h_last: Tensor, d_c_last: Tensor) -> tuple[Tensor, ...]:
        h_before = tf.concat([h0[None], hs[:-1]], 0) * keep  # (T, B, H), as the step saw it
        states = cs.stack()
        c_before = tf.concat([c0[None], states[:-1]], 0) * keep
        d_projected, d_h0, d_c0 = backward(
            gates.stack(), tf.tanh(states), c_before, keep, U, (d_hs, d_h_last, d_c_last)
        )
        d_U = tf.matmul(tf.reshape(h_before, (-1, units)), tf.reshape(d_projected, (-1, 4 * units)), transpose_a=True)
        return d_projected, None, d_U, d_h0, d_c0

    return (hs, h_last, c_last), gradient


def backward(
    gates: Tensor, tanh_c: Tensor, c_before: Tensor, keep: Tensor, U: Tensor, upstream: tuple[Tensor, Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of the projected inputs (T, B, 4H) and of the first state, by one product per step."""
    d_hs, d_h_last, d_c_last = upstream
    steps, rows, units = tanh_c.shape
    i, f, o, g = tf.split(gates, 4, -1)
    if_of_c = tf.concat([g * i * (1 - i), c_before * f * (1 - f)], -1)  # factors of dc in dz_i and dz_f
    o_of_h, g_of_c, c_of_h = tanh_c * o * (1 - o), i * (1 - g * g), o * (1 - tanh_c * tanh_c)
    c_of_c = f * keep
    UT = tf.transpose(U)

    def back(k: Tensor, d_h: Tensor, d_c: Tensor, d_zs: Tensor) -> tuple[Tensor, ...]:
        t = steps - 1 - k
        d_h = d_h + d_hs[t]
        d_c = d_c + d_h * c_of_h[t]
        d_z = tf.concat([tf.tile(d_c, (1, 2)) * if_of_c[t], d_h * o_of_h[t], d_c * g_of_c[t]], 1)  # (B, 4H)
        return k + 1, tf.matmul(d_z, UT) * keep[t], d_c * c_of_c[t], d_zs.write(t, d_z)

    d_zs = tf.TensorArray(tf.float32, steps, element_shape=(rows, 4 * units))
    _, d_h0, d_c0, d_zs = tf.while_loop(
        lambda k, *_: k < steps, back, (0, d_h_last, d_c_last, d_zs), maximum_iterations=steps
    )
    return d_zs.stack(), d_h0, d_c0


def reorder_gates(weights: npt.NDArray[np.float32], order: tuple[int, int, int, int]) -> npt.NDArray[np.float32]:
    """The four blocks of the last axis (…, 4H) in another order."""
    blocks = np.split(weights, 4, axis=-1)
    return np.concatenate([blocks[k] for k in order], axis=-1)


def from_keras(weights: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """A kernel or bias of ``keras.layers.LSTM`` (gates i, f, g, o) for this module (i, f, o, g); its own inverse."""
    return reorder_gates(weights, (0, 1, 3, 2))


def initial(rows: int, units: int, layers: int) -> tuple[tuple[Tensor, Tensor], ...]:
    """The zero state: per layer a hidden and a cell state (rows, units)."""
    return tuple((tf.zeros((rows, units)), tf.zeros((rows, units))) for _ in range(layers))
