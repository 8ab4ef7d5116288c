"""The output layer and its loss, in chunks: the cost of the next tokens and its gradients.

The gradient of softmax with cross-entropy is known as soon as the logits are: softmax − one-hot. So a chunk's
gradients are computed while its logits are in memory, and all the logits of a large vocabulary never are at once.

The layer is dense, or it has an adaptive softmax with one cutoff (Grave, Joulin, Cissé, Grangier & Jégou 2017).
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.network.backend import Tensor, keras, tf
from toolkit.network.loops import product

MOST_LOGITS = 8_000_000  # logits of a tower in memory at once (32 MB); above this, gradients are summed over chunks
CACHED = 1_000_000  # the same without gradients to sum: this many stay in a core's cache


class Loss(NamedTuple):
    """Nats of all targets together, and the gradients of ``scale`` times that sum."""

    nats: Tensor
    d_outputs: Tensor  # (N, H)
    d_weights: tuple[Tensor, ...]  # in the order and the shapes of the layer's weights


class OutputLayer(ABC):
    """What turns outputs into logits, and its loss."""

    @property
    @abstractmethod
    def vocabulary_size(self) -> int:
        """V, the number of ids."""

    @abstractmethod
    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""

    @abstractmethod
    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The loss of a few ``targets`` (n,) after ``outputs`` (n, H), with all their logits in memory."""

    def loss(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The cross-entropy of ``targets`` (N,) after ``outputs`` (N, H)."""
        first, *others = self._parted(outputs, targets, MOST_LOGITS)
        nats, d_outputs, sums = self.chunk(*first, scale)
        parts = [d_outputs]
        for other in others:
            with tf.control_dependencies([parts[-1], *sums]):  # in parallel, all logits would be in memory at once
                more, d_outputs, terms = self.chunk(*other, scale)
            nats, sums = nats + more, tuple(a + b for a, b in zip(sums, terms, strict=True))
            parts.append(d_outputs)
        return Loss(nats, tf.concat(parts, 0), sums)

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
        chunks = min(rows, -(-rows * self.vocabulary_size // cells))
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


@dataclass(frozen=True)
class Dense(OutputLayer):
    """A dense layer: ``matrix`` (H, V), or (V, H) if it is the embedding (``tied``), and ``bias`` (V,)."""

    matrix: Tensor
    bias: Tensor
    tied: bool
    precision: Any = tf.float32  # of its products

    @property
    def vocabulary_size(self) -> int:
        """V, the number of ids."""
        return int(self.bias.shape[0])

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""
        return tf.nn.bias_add(product(outputs, self.matrix, self.precision, transpose_b=self.tied), self.bias)

    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The loss of a few ``targets`` (n,) after ``outputs`` (n, H), with all their logits in memory."""
        nats, d_logits = tf.raw_ops.SparseSoftmaxCrossEntropyWithLogits(features=self.logits(outputs), labels=targets)
        scaled = scale * outputs  # rather than d_logits, which is the largest array
        factors = (d_logits, scaled) if self.tied else (scaled, d_logits)
        return Loss(
            tf.reduce_sum(nats),
            scale * product(d_logits, self.matrix, self.precision, transpose_b=not self.tied),
            (product(*factors, self.precision, transpose_a=True), scale * tf.reduce_sum(d_logits, 0)),
        )

    def cut(self, at: int) -> tuple["Dense", "Dense"]:
        """The layers of the first ids and of those from ``at`` on."""
        sizes = [at, self.vocabulary_size - at]
        parts = zip(tf.split(self.matrix, sizes, 1 - self.tied), tf.split(self.bias, sizes), strict=True)
        first, others = (Dense(matrix, bias, self.tied, self.precision) for matrix, bias in parts)
        return first, others

    def beside(self, other: "Dense") -> "Dense":
        """The layer of these ids and then of another's."""
        matrix = tf.concat([self.matrix, other.matrix], 1 - self.tied)
        return Dense(matrix, tf.concat([self.bias, other.bias], 0), self.tied, self.precision)


@dataclass(frozen=True)
class Adaptive(OutputLayer):
    """A dense layer in which all ids from a cutoff on are first expected together, by one logit more.

    P(id) is the softmax over the first ids and that logit; for one of the others, what that logit has times the softmax
    among the others alone. So in training the others' logits are computed only where one of them is the target. Its
    weights are those of ``whole``, the dense layer of all ids, and the one logit's ``kernel`` (H, 1) and ``bias`` (1,).
    """

    whole: Dense
    kernel: Tensor
    bias: Tensor
    cutoff: int

    @property
    def together(self) -> Dense:
        """The layer of the one logit."""
        matrix = tf.transpose(self.kernel) if self.whole.tied else self.kernel
        return Dense(matrix, self.bias, self.whole.tied, self.whole.precision)

    @property
    def vocabulary_size(self) -> int:
        """V, the number of ids."""
        return self.whole.vocabulary_size

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (N, V) of outputs (N, H)."""
        return expected_together(self.whole.logits(outputs), self.together.logits(outputs), self.cutoff)

    def chunk(self, outputs: Tensor, targets: Tensor, scale: float) -> Loss:
        """The loss of a few ``targets`` (n,) after ``outputs`` (n, H)."""
        first, others = self.whole.cut(self.cutoff)
        head = first.beside(self.together)
        nats, d_outputs, (d_matrix, d_bias) = head.chunk(outputs, tf.minimum(targets, self.cutoff), scale)
        places = tf.where(targets >= self.cutoff)  # (n, 1)
        few, their_targets = tf.gather_nd(outputs, places), tf.gather_nd(targets, places) - self.cutoff
        more, d_few, (d_their_matrix, d_their_bias) = others.chunk(few, their_targets, scale)
        d_first, d_together = Dense(d_matrix, d_bias, self.whole.tied).cut(self.cutoff)
        d_whole = d_first.beside(Dense(d_their_matrix, d_their_bias, self.whole.tied))
        d_kernel = tf.reshape(d_together.matrix, self.kernel.shape)
        d_weights = (d_whole.matrix, d_whole.bias, d_kernel, d_together.bias)
        return Loss(nats + more, tf.tensor_scatter_nd_add(d_outputs, places, d_few), d_weights)


def expected_together(logits: Tensor, together: Tensor, cutoff: int) -> Tensor:
    """Logits (…, V) whose softmax has from the cutoff on as much as ``together`` (…, 1) has beside the first ids.

    Among themselves the others are as likely as before. Keras' symbols are taken, too.
    """
    others = logits[..., cutoff:]
    others = others - keras.ops.logsumexp(others, axis=-1, keepdims=True) + together
    return keras.ops.concatenate([logits[..., :cutoff], others], axis=-1)
