"""cuDNN's LSTM instead of our loop, if TensorFlow sees a GPU.

It has never run, for lack of a GPU. The tests show only that the same weights, in the layout that cuDNN documents,
give the same numbers when its formulas are computed from that layout.
"""

from toolkit.network.backend import Tensor, tf

FROM_OURS = (0, 1, 3, 2)  # cuDNN's gates are i, f, g, o; ours i, f, o, g


def present() -> bool:
    """Whether there is a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def lstm(
    inputs: Tensor, kernel: Tensor, U: Tensor, bias: Tensor, h0: Tensor, c0: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, B, H) of all steps, and the last hidden and cell state (B, H).

    ``inputs`` (T, B, I), ``kernel`` (I, 4H), ``U`` (H, 4H) and ``bias`` (4H,) with our order of gates; no state is
    forgotten within the window. TensorFlow provides the gradient.
    """
    hs, h, c, _, _ = tf.raw_ops.CudnnRNNV3(
        input=inputs, input_h=h0[None], input_c=c0[None], params=parameters(kernel, U, bias),
        sequence_lengths=tf.fill((inputs.shape[1],), inputs.shape[0]), rnn_mode="lstm", is_training=True,
    )  # fmt: skip
    return hs, h[0], c[0]


def parameters(kernel: Tensor, U: Tensor, bias: Tensor) -> Tensor:
    """The one array that cuDNN reads: per gate the kernel, then per gate U, each (H, inputs), then two biases per gate.

    cuDNN adds both biases; the second ones are zeros.
    """
    blocks = [tf.split(weights, 4, -1) for weights in (kernel, U, bias, tf.zeros_like(bias))]
    return tf.concat([tf.reshape(tf.transpose(gates[k]), (-1,)) for gates in blocks for k in FROM_OURS], 0)
