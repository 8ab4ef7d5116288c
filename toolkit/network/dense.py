"""The output layer and its loss, in chunks: the cost of the next tokens and its gradients.

The gradient of softmax with cross-entropy is known as soon as the logits are: softmax − one-hot. So a chunk's
gradients are computed while its logits are in memory, and the logits of a large vocabulary never are all at once.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.network.backend import Tensor, tf
from toolkit.network.recurrent import product

MAX_LOGITS = 8_000_000  # of a tower in memory at once (32 MB); above this, gradients are summed over chunks
SMALLEST_FLOAT = 1e-37  # normal in float32
MAX_CACHED_LOGITS = 1_000_000  # the same without gradients: this many stay in a core's cache


class Loss(NamedTuple):
    """Nats of all targets together, and the gradients of ``scale`` times that sum."""

    nats: Tensor
    d_outputs: Tensor  # (N, H)
    d_weights: tuple[Tensor, ...]  # in the order and the shapes of the layer's weights


@dataclass(frozen=True)
class Dense:
    """A dense layer: ``matrix`` (H, V), or (V, H) if it is the embedding (``tied``), and ``bias`` (V,)."""

    matrix: Tensor
    bias: Tensor
    tied: bool
    precision: Any = tf.float32  # of its products

    def logits(self, outputs: Tensor) -> Tensor:
        """Return logits (N, V) of outputs (N, H)."""
        return tf.nn.bias_add(product(outputs, self.matrix, self.precision, transpose_b=self.tied), self.bias)

    def loss(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """Return the cross-entropy of ``targets`` (N,) after ``outputs`` (N, H)."""
        first, *chunks = self._chunks(outputs, targets, MAX_LOGITS)
        nats, d_outputs, sums = self.chunk(*first, scale)
        parts = [d_outputs]
        for chunk in chunks:
            # In parallel, all logits would be in memory at once.
            with tf.control_dependencies([parts[-1], *sums]):
                more, d_outputs, terms = self.chunk(*chunk, scale)
            nats, sums = nats + more, tuple(a + b for a, b in zip(sums, terms, strict=True))
            parts.append(d_outputs)
        return Loss(nats, tf.concat(parts, 0), sums)

    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """Return the loss of a few ``targets`` (n,) after ``outputs`` (n, H), with all their logits in memory."""
        logits = self.logits(outputs)
        softmax = tf.nn.softmax(logits)  # seven times as fast as TensorFlow's own cross-entropy
        places = tf.stack([tf.range(targets.shape[0]), targets], 1)
        nats = -tf.math.log(tf.maximum(tf.gather_nd(softmax, places), SMALLEST_FLOAT))
        d_logits = tf.tensor_scatter_nd_sub(softmax, places, tf.ones_like(nats))
        scaled = scale * outputs  # rather than d_logits, which is the largest array
        factors = (d_logits, scaled) if self.tied else (scaled, d_logits)
        return Loss(
            tf.reduce_sum(nats),
            scale * product(d_logits, self.matrix, self.precision, transpose_b=not self.tied),
            (product(*factors, self.precision, transpose_a=True), scale * tf.reduce_sum(d_logits, 0)),
        )

    def scores(self, outputs: Tensor, targets: Tensor, among: Tensor) -> Tensor:
        """Return two float64 numbers (2, N) after each of ``outputs`` (N, H).

        The first is the natural log of the softmax of its target, of ``targets`` (N,). The second is the softmax of a
        set of ids together: ``among`` (V,) is 1 for these and 0 for others, in float64.
        """
        scores: list[Tensor] = []
        for chunk, chunk_targets in self._chunks(outputs, targets, MAX_CACHED_LOGITS):
            with tf.control_dependencies(scores[-1:]):
                logits = self.logits(chunk)
                logits -= tf.reduce_max(logits, 1, keepdims=True)
                target = tf.gather(logits, chunk_targets, batch_dims=1)
                exponentials = tf.cast(tf.exp(logits), tf.float64)  # in float32 the sum would drift
                total = tf.reduce_sum(exponentials, 1)
                log = tf.cast(target, tf.float64) - tf.math.log(total)
                scores.append(tf.stack([log, tf.linalg.matvec(exponentials, among) / total]))
        return tf.concat(scores, 1)

    def _chunks(self, outputs: Tensor, targets: Tensor, max_logits: int) -> list[tuple[Tensor, Tensor]]:
        rows = outputs.shape[0]
        chunks = min(rows, -(-rows * self.bias.shape[0] // max_logits))
        sizes = [rows * (k + 1) // chunks - rows * k // chunks for k in range(chunks)]
        return list(zip(tf.split(outputs, sizes), tf.split(targets, sizes), strict=True))
