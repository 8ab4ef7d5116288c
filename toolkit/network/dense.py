"""The output layer and its loss, in chunks: the cost of the next tokens and its gradients.

The gradient of softmax with cross-entropy is known as soon as the logits are: softmax − one-hot. So a chunk's
gradients are computed while its logits are in memory, and the logits of a large vocabulary never are all at once.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.network.backend import Tensor, keras, tf
from toolkit.network.recurrent import product

MAX_LOGITS = 8_000_000  # of a tower in memory at once (32 MB); above this, gradients are summed over chunks
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
            with tf.control_dependencies([parts[-1], *sums]):  # in parallel, all logits would be in memory at once
                more, d_outputs, terms = self.chunk(*chunk, scale)
            nats, sums = nats + more, tuple(a + b for a, b in zip(sums, terms, strict=True))
            parts.append(d_outputs)
        return Loss(nats, tf.concat(parts, 0), sums)

    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """Return the loss of a few ``targets`` (n,) after ``outputs`` (n, H), with all their logits in memory."""
        logits = Dense.logits(self, outputs)
        nats, d_logits = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=logits, labels=targets)
        scaled = scale * outputs  # rather than d_logits, which is the largest array
        factors = (d_logits, scaled) if self.tied else (scaled, d_logits)
        return Loss(
            tf.reduce_sum(nats),
            scale * product(d_logits, self.matrix, self.precision, transpose_b=not self.tied),
            (product(*factors, self.precision, transpose_a=True), scale * tf.reduce_sum(d_logits, 0)),
        )

    def scores(self, outputs: Tensor, targets: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
        """Return two float64 numbers after each of ``outputs`` (N, H).

        The first is the natural log of its target's softmax, the second the softmax of the ids ``among`` together.

        Args:
            outputs: The last recurrent layer's outputs (N, H).
            targets: The next ids (N,).
            among: 1 for an id that counts, 0 for another (V,), in float64.
        """
        logs: list[Tensor] = []
        masses: list[Tensor] = []
        for chunk, chunk_targets in self._chunks(outputs, targets, MAX_CACHED_LOGITS):
            with tf.control_dependencies([*logs[-1:], *masses[-1:]]):
                logits = self.logits(chunk)
                logits -= tf.reduce_max(logits, 1, keepdims=True)
                target = tf.gather(logits, chunk_targets, batch_dims=1)
                exponentials = tf.cast(tf.exp(logits), tf.float64)  # in float32 a large vocabulary's sum would drift
                total = tf.reduce_sum(exponentials, 1)
                logs.append(tf.cast(target, tf.float64) - tf.math.log(total))
                masses.append(tf.linalg.matvec(exponentials, among) / total)
        return tf.concat(logs, 0), tf.concat(masses, 0)

    def _chunks(self, outputs: Tensor, targets: Tensor, max_logits: int) -> list[tuple[Tensor, Tensor]]:
        rows = outputs.shape[0]
        chunks = min(rows, -(-rows * self.bias.shape[0] // max_logits))
        sizes = [rows * (k + 1) // chunks - rows * k // chunks for k in range(chunks)]
        return list(zip(tf.split(outputs, sizes), tf.split(targets, sizes), strict=True))

    def cut(self, at: int) -> tuple["Dense", "Dense"]:
        """Return the layers of the first ids and of the ids from ``at`` on."""
        sizes = [at, self.bias.shape[0] - at]
        matrices, biases = tf.split(self.matrix, sizes, 1 - self.tied), tf.split(self.bias, sizes)
        first, later = (
            Dense(matrix, bias, self.tied, self.precision) for matrix, bias in zip(matrices, biases, strict=True)
        )
        return first, later

    def beside(self, other: "Dense") -> "Dense":
        """Return the layer of these ids, followed by another layer's."""
        matrix = tf.concat([self.matrix, other.matrix], 1 - self.tied)
        return Dense(matrix, tf.concat([self.bias, other.bias], 0), self.tied, self.precision)


@dataclass(frozen=True, kw_only=True)
class Adaptive(Dense):
    """An adaptive softmax with one cutoff (Grave, Joulin, Cissé, Grangier & Jégou 2017).

    One more logit, of ``together_kernel`` (H, 1) and ``together_bias`` (1,), expects all ids from the cutoff on.
    P(id) is the softmax over the first ids and that logit. A later id has that logit's probability times the softmax
    among the later ids. So training computes later logits only where a later id is the target.
    """

    together_kernel: Tensor
    together_bias: Tensor
    cutoff: int

    @property
    def _together(self) -> Dense:
        matrix = tf.transpose(self.together_kernel) if self.tied else self.together_kernel
        return Dense(matrix, self.together_bias, self.tied, self.precision)

    def logits(self, outputs: Tensor) -> Tensor:
        """Return logits (N, V) of outputs (N, H)."""
        return expected_together(super().logits(outputs), self._together.logits(outputs), self.cutoff)

    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """Return the loss of a few ``targets`` (n,) after ``outputs`` (n, H)."""
        first, later = self.cut(self.cutoff)
        head = first.beside(self._together)
        nats, d_outputs, d_head = head.chunk(outputs, tf.minimum(targets, self.cutoff), scale)
        places = tf.where(targets >= self.cutoff)  # (n, 1)
        later_targets = tf.gather_nd(targets, places) - self.cutoff
        later_nats, d_later_outputs, d_later = later.chunk(tf.gather_nd(outputs, places), later_targets, scale)
        d_first, d_together = Dense(d_head[0], d_head[1], self.tied).cut(self.cutoff)
        d_whole = d_first.beside(Dense(d_later[0], d_later[1], self.tied))
        d_kernel = tf.reshape(d_together.matrix, self.together_kernel.shape)
        d_weights = (d_whole.matrix, d_whole.bias, d_kernel, d_together.bias)
        return Loss(nats + later_nats, tf.tensor_scatter_nd_add(d_outputs, places, d_later_outputs), d_weights)


def expected_together(logits: Tensor, together: Tensor, cutoff: int) -> Tensor:
    """Return logits (…, V) that give the ids from the cutoff on the softmax of ``together`` (…, 1).

    Their probabilities relative to each other stay. The arguments may be symbols of Keras.
    """
    later = logits[..., cutoff:]
    later = later - keras.ops.logsumexp(later, axis=-1, keepdims=True) + together
    return keras.ops.concatenate([logits[..., :cutoff], later], axis=-1)
