"""The two losses, and what each makes of the outputs."""

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.article.recipe import Loss
from toolkit.network.backend import Tensor, tf


@dataclass(frozen=True)
class Head:
    """How outputs (…, V) before their activation are read.

    ``loss`` is the mean in nats over what Keras takes the mean of; ``probabilities`` (…, V) lie between 0 and 1.
    ``sums_to_one``: only then is there one distribution over the characters, and a number of bits.
    """

    loss: Callable[[Tensor, Tensor], Tensor]
    probabilities: Callable[[Tensor], Tensor]
    sums_to_one: bool


def binary(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean over all outputs of −ln σ(z) where the character came and −ln(1 − σ(z)) where not."""
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

    Probabilities are kept 1e-7 away from 0 and 1, as Keras keeps them.
    """
    kept = tf.clip_by_value(probabilities, 1e-7, 1 - 1e-7)
    wanted = tf.one_hot(targets, probabilities.shape[-1])
    return -tf.reduce_mean(tf.math.log(wanted * kept + (1 - wanted) * (1 - kept)), -1)
