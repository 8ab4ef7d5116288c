"""``keras.layers.LSTM`` and ``keras.layers.GRU``, faster on a CPU.

LSTM as in Gers, Schmidhuber & Cummins (2000), gates in Keras' order i, f, g (which it calls c), o:

    i, f, o = σ(z_i), σ(z_f), σ(z_o);  g = tanh(z_g);  z = x·W + b + h'·U
    c = f·c' + i·g;  h = o·tanh(c)

GRU as in Cho et al. (2014), with the reset gate after the recurrent product, gates in the order z, r, g:

    z, r = σ(x·W + b + h'·U + u);  g = tanh(x·W_g + b_g + r ∘ (h'·U_g + u_g));  h = z ∘ h' + (1 − z) ∘ g
"""

from collections.abc import Callable

from toolkit.events.distribution import Floats, Matrix, sigmoid, tanh
from toolkit.network.backend import Tensor, Tensors, has_gpu, keras, tf
from toolkit.network.compiled import compiled_loop
from toolkit.network.recurrent import Loop, Recurrent, Vectors


@keras.saving.register_keras_serializable(package="toolkit")
class LSTM(Recurrent, keras.layers.LSTM):  # type: ignore[misc]  # Keras publishes no types
    """``keras.layers.LSTM``: the same arguments, weights and outputs, computed faster on a CPU.

    >>> layer = LSTM(3, return_sequences=True)
    >>> layer(tf.ones((2, 5, 4))).shape  # (batch, steps, inputs) -> (batch, steps, units)
    TensorShape([2, 5, 3])
    """

    state = ("hidden", "cell")
    saved_widths = (1, 2, 1, 1, 1)  # the cell before, i and f, g, o, tanh c

    @classmethod
    def compiled(cls) -> Loop | None:
        """Return the compiled loop, where there is one; cuDNN cannot forget a state inside a window."""
        return None if has_gpu() else compiled_loop(cls)

    @staticmethod
    def step(projected: Tensor, recurrent: Tensor, state: Tensors) -> tuple[Tensors, Tensors]:
        _, c_before = state
        units = c_before.shape[1]
        z_s, z_g, z_o = tf.split(projected + recurrent, (2 * units, units, units), 1)
        s, g, o = tf.sigmoid(z_s), tf.tanh(z_g), tf.sigmoid(z_o)
        i, f = tf.split(s, 2, 1)
        c = f * c_before + i * g
        tanh_c = tf.tanh(c)
        return (o * tanh_c, c), (c_before, s, g, o, tanh_c)

    @staticmethod
    def step_back(
        saved: Tensors, d_state: Tensors, through: Callable[[Tensor], Tensor]
    ) -> tuple[Tensors, Tensors]:
        c_before, s, g, o, tanh_c = saved
        d_h, d_c = d_state
        i, f = tf.split(s, 2, 1)
        d_c = d_c + tf.raw_ops.TanhGrad(y=tanh_c, dy=d_h * o)
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_c * g, d_c * c_before], 1))
        d_g, d_o = tf.raw_ops.TanhGrad(y=g, dy=d_c * i), tf.raw_ops.SigmoidGrad(y=o, dy=d_h * tanh_c)
        d_z = tf.concat([d_s, d_g, d_o], 1)
        return (d_z,), (through(d_z), d_c * f)

    @staticmethod
    def numpy_cell(projected: Floats, recurrent: Matrix, bias: Floats, state: Vectors) -> Vectors:
        h, c = state
        units = len(h)
        z = projected + bias + recurrent.product(h)
        z[2 * units : 3 * units] *= 2  # tanh x = 2 σ(2x) − 1, so one call gives all four
        i, f, doubled, o = sigmoid(z).reshape(4, units)
        c = f * c + i * (2 * doubled - 1)
        return o * tanh(c), c


@keras.saving.register_keras_serializable(package="toolkit")
class GRU(Recurrent, keras.layers.GRU):  # type: ignore[misc]
    """``keras.layers.GRU``: the same arguments, weights and outputs, computed faster on a CPU."""

    state = ("hidden",)
    saved_widths = (2, 1, 1, 1)  # z and r, g, the recurrent part of g, the state before
    gradient_arrays = 2

    @staticmethod
    def step(projected: Tensor, recurrent: Tensor, state: Tensors) -> tuple[Tensors, Tensors]:
        (h,) = state
        units = h.shape[1]
        x_s, x_g = tf.split(projected, (2 * units, units), 1)
        u_s, u_g = tf.split(recurrent, (2 * units, units), 1)
        s = tf.sigmoid(x_s + u_s)
        z, r = tf.split(s, 2, 1)
        g = tf.tanh(x_g + r * u_g)
        return (z * h + (1 - z) * g,), (s, g, u_g, h)

    @staticmethod
    def step_back(
        saved: Tensors, d_state: Tensors, through: Callable[[Tensor], Tensor]
    ) -> tuple[Tensors, Tensors]:
        s, g, u_g, h = saved
        (d_h,) = d_state
        z, r = tf.split(s, 2, 1)
        d_g = tf.raw_ops.TanhGrad(y=g, dy=d_h * (1 - z))  # before the tanh
        d_s = tf.raw_ops.SigmoidGrad(y=s, dy=tf.concat([d_h * (h - g), d_g * u_g], 1))
        d_recurrent = tf.concat([d_s, d_g * r], 1)
        return (tf.concat([d_s, d_g], 1), d_recurrent), (through(d_recurrent) + d_h * z,)

    @staticmethod
    def numpy_cell(projected: Floats, recurrent: Matrix, bias: Floats, state: Vectors) -> Vectors:
        (h,) = state
        units = len(h)
        projected = projected + bias[0]
        product = recurrent.product(h) + bias[1]
        s = sigmoid(projected[: 2 * units] + product[: 2 * units])
        z, r = s[:units], s[units:]
        g = tanh(projected[2 * units :] + r * product[2 * units :])
        return (z * h + (1 - z) * g,)
