"""The two losses, and how each reads the outputs."""

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.article.recipe import Loss
from toolkit.network.backend import Tensor, tf


@dataclass(frozen=True)
class Head:
    """How outputs (…, V) are read before their activation.

    ``loss`` is a mean in nats, over the same terms as in Keras; ``probabilities`` (…, V) lie between 0 and 1.
    Only if they sum to one (``sums_to_one``) are they a distribution over characters, with a number of bits.
    """

    loss: Callable[[Tensor, Tensor], Tensor]
    probabilities: Callable[[Tensor], Tensor]
    sums_to_one: bool


def binary(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over all outputs of −ln σ(z) for the character that came and −ln(1 − σ(z)) for all others."""
    wanted = tf.one_hot(targets, logits.shape[-1])
    return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=wanted, logits=logits))


def categorical(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over all characters of −ln softmax(z) of the one that came."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))


HEADS = {
    Loss.BINARY: Head(binary, tf.sigmoid, sums_to_one=False),
    Loss.CATEGORICAL: Head(categorical, tf.nn.softmax, sums_to_one=True),
}


def binary_cross_entropy(probabilities: Tensor, targets: Tensor) -> Tensor:
    """Binary cross-entropy in nats (…) of probabilities (…, V), the mean over the V outputs: the article's measure.

    Probabilities are clipped to stay 1e-7 away from 0 and 1, as in Keras.
    """
    clipped = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    wanted = tf.one_hot(targets, probabilities.shape[-1])
    return -tf.reduce_mean(tf.math.log(wanted * clipped + (1 - wanted) * (1 - clipped)), -1)
