"""The dense layer and its loss, in chunks: the cost of the next tokens and its gradients.

The gradient of softmax with cross-entropy is known as soon as the logits are: softmax − one-hot. So a chunk's
gradients are computed while its logits are in memory, and all the logits of a large vocabulary never are at once.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.network.backend import Tensor, tf
from toolkit.network.loops import product

CELLS = 8_000_000  # logits of a tower in memory at once (32 MB); above this, gradients are summed over chunks
CACHED = 1_000_000  # the same without gradients to sum: this many stay in a core's cache


class Loss(NamedTuple):
    """Nats of all targets together, and the gradients of ``scale`` times that sum."""

    nats: Tensor
    d_outputs: Tensor  # (N, H)
    d_matrix: Tensor  # shaped like the matrix
    d_bias: Tensor  # (V,)


@dataclass(frozen=True)
class Dense:
    """A dense layer: ``matrix`` (H, V), or (V, H) if it is the embedding (``tied``), and ``bias`` (V,)."""

    matrix: Tensor
    bias: Tensor
    tied: bool
    precision: Any = tf.float32  # of its products

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""
        return tf.nn.bias_add(product(outputs, self.matrix, self.precision, transpose_b=self.tied), self.bias)

    def loss(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The cross-entropy of ``targets`` (N,) after ``outputs`` (N, H)."""
        first, *others = self._parted(outputs, targets, CELLS)
        nats, d_outputs, *sums = self._chunk(*first, scale)
        parts = [d_outputs]
        for other in others:
            with tf.control_dependencies([parts[-1], *sums]):  # in parallel, all logits would be in memory at once
                more, d_outputs, *terms = self._chunk(*other, scale)
            nats, sums = nats + more, [a + b for a, b in zip(sums, terms, strict=True)]
            parts.append(d_outputs)
        return Loss(nats, tf.concat(parts, 0), *sums)

    def scores(self, outputs: Tensor, targets: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
        """Two float64 numbers after each of ``outputs`` (N, H).

        The natural log of the softmax of its target, of ``targets`` (N,); and how much of the softmax the ids have for
        which ``among`` (V,), in float64, is 1 and not 0.
        """
        by_chunk: list[tuple[Tensor, Tensor]] = []
        for part in self._parted(outputs, targets, CACHED):
            with tf.control_dependencies([score for scores in by_chunk[-1:] for score in scores]):
                by_chunk.append(self._scores(*part, among))
        logs, masses = zip(*by_chunk, strict=True)
        return tf.concat(logs, 0), tf.concat(masses, 0)

    def _parted(self, outputs: Tensor, targets: Tensor, cells: int) -> list[tuple[Tensor, Tensor]]:
        """Outputs and targets cut into chunks of at most about ``cells`` logits."""
        rows = outputs.shape[0]
        chunks = min(rows, -(-rows * self.bias.shape[0] // cells))
        sizes = [rows * (k + 1) // chunks - rows * k // chunks for k in range(chunks)]
        return list(zip(tf.split(outputs, sizes), tf.split(targets, sizes), strict=True))

    def _scores(self, outputs: Tensor, targets: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
        """``scores`` of one chunk, with all its logits in memory."""
        logits = self.logits(outputs)
        logits -= tf.reduce_max(logits, 1, keepdims=True)
        target = tf.gather(logits, targets, batch_dims=1)
        exponentials = tf.cast(tf.exp(logits), tf.float64)  # in float32 a large vocabulary's sum would drift
        total = tf.reduce_sum(exponentials, 1)
        return tf.cast(target, tf.float64) - tf.math.log(total), tf.linalg.matvec(exponentials, among) / total

    def _chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The loss of one chunk, with all its logits in memory."""
        nats, d_logits = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=self.logits(outputs), labels=targets)
        scaled = scale * outputs  # rather than d_logits, which is the largest array
        factors = (d_logits, scaled) if self.tied else (scaled, d_logits)
        return Loss(
            tf.reduce_sum(nats),
            scale * product(d_logits, self.matrix, self.precision, transpose_b=not self.tied),
            product(*factors, self.precision, transpose_a=True),
            scale * tf.reduce_sum(d_logits, 0),
        )
