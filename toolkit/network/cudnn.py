"""cuDNN's LSTM instead of our loop, where TensorFlow sees a GPU and cuDNN agrees with us.

No GPU was at hand when this was written. So at its first use cuDNN is compared with our loop on the GPU it runs on, and
only if they agree, forward and backward, is it used. The tests show that the same weights, in the layout that cuDNN
documents, give the same numbers when its formulas are computed from that layout, and that what disagrees is not used.
"""

import logging
from collections.abc import Callable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from toolkit.network.backend import Tensor, tf

LOG = logging.getLogger(__name__)
FARTHEST = 1e-4  # between the outputs, or the gradients, of the two, for numbers of about 1 in float32
STEPS, ROWS, INPUTS, UNITS = 23, 5, 7, 6  # of the batch that both compute


class Choice(NamedTuple):
    """Whether cuDNN is used, and why, in a sentence."""

    used: bool
    why: str


def present() -> bool:
    """Whether there is a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def chosen(recurrence: Callable[..., tuple[Tensor, Tensor, Tensor]]) -> bool:
    """Whether cuDNN is used; at the first use on a GPU this is found out, and logged as a warning.

    ``recurrence`` is our loop: (projected inputs, keep, U, h0, c0) -> hidden states, last hidden and cell state.
    """
    return present() and choice(recurrence).used


@cache
def choice(recurrence: Callable[..., tuple[Tensor, Tensor, Tensor]]) -> Choice:
    """The comparison of cuDNN with our loop on a small batch: outputs, last state, and the gradients of all inputs."""
    with tf.init_scope():  # computed now, even if a graph is being made
        try:
            distance = farthest(recurrence)
        except tf.errors.OpError as error:
            decided = Choice(
                False, f"cuDNN failed ({type(error).__name__}), so our own loop computes LSTMs on the GPU."
            )
        else:
            used = distance <= FARTHEST  # false if it is not a number
            who, how = ("cuDNN computes", "agrees") if used else ("our own loop computes", "disagrees")
            decided = Choice(
                used, f"{who} LSTMs on the GPU: cuDNN {how} with our loop (largest distance {distance:.1e})."
            )
    LOG.warning(decided.why)
    return decided


def farthest(recurrence: Callable[..., tuple[Tensor, Tensor, Tensor]]) -> float:
    """The largest distance between what cuDNN and our loop compute; NaN if one of them computes a NaN."""
    shapes = [
        (STEPS, ROWS, INPUTS),
        (INPUTS, 4 * UNITS),
        (UNITS, 4 * UNITS),
        (4 * UNITS,),
        (ROWS, UNITS),
        (ROWS, UNITS),
    ]
    batch = [tf.random.stateless_normal(shape, (0, k)) for k, shape in enumerate(shapes)]

    def ours(inputs: Tensor, kernel: Tensor, U: Tensor, bias: Tensor, h0: Tensor, c0: Tensor) -> Sequence[Tensor]:
        return recurrence(tf.einsum("tbi,ig->tbg", inputs, kernel) + bias, None, U, h0, c0)

    graph = tf.function(outputs_and_gradients, autograph=False)
    both = zip(graph(lstm, batch), graph(ours, batch), strict=True)
    return float(np.max([tf.reduce_max(tf.abs(a - b)) for a, b in both]))


def outputs_and_gradients(compute: Callable[..., Sequence[Tensor]], batch: Sequence[Tensor]) -> list[Tensor]:
    """In a graph, what a computation gives, and the gradients of the mean of its squares."""
    outputs = compute(*batch)
    total = tf.add_n([tf.reduce_mean(output**2) for output in outputs])
    return [*outputs, *tf.gradients(total, batch)]


def lstm(
    inputs: Tensor, kernel: Tensor, U: Tensor, bias: Tensor, h0: Tensor, c0: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Hidden states (T, B, H) of all steps, and the last hidden and cell state (B, H).

    ``inputs`` (T, B, I), ``kernel`` (I, 4H), ``U`` (H, 4H) and ``bias`` (4H,) with gates i, f, g, o, as in Keras; no
    state is forgotten within the window. TensorFlow provides the gradient.
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
    return tf.concat([tf.reshape(tf.transpose(gate), (-1,)) for gates in blocks for gate in gates], 0)
