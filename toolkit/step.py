"""One update of the weights: forward, backward and the optimizer, in one graph."""

from collections.abc import Callable, Sequence
from typing import Protocol

from toolkit.backend import Tensor, tf
from toolkit.network import Masks, Network


class Optimizer(Protocol):
    """What changes ``weights`` by their gradients."""

    weights: Sequence[Tensor]

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Change the weights; ``update`` counts from 0."""


def make_step(network: Network, optimizer: Optimizer, towers: int, seed: int) -> Callable[..., Tensor]:
    """The graph of one update: (inputs, targets, states, rate, update) -> (mean nats per token, states).

    The batch is cut into towers, independent graphs that run side by side; their gradients are added.
    """

    def tower(k: int, x: Tensor, y: Tensor, state: Tensor, masks: Masks) -> tuple[Tensor, list[Tensor], Tensor]:
        with tf.GradientTape() as tape:
            outputs, state = network.hidden(tf.transpose(x), state, masks, k)  # (T, B/towers, H)
            logits = network.logits(tf.reshape(outputs, (-1, outputs.shape[-1])))
            targets = tf.reshape(tf.transpose(y), (-1,))
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits)) / towers
        return loss, [tf.convert_to_tensor(g) for g in tape.gradient(loss, optimizer.weights)], state

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(x: Tensor, y: Tensor, states: Tensor, rate: Tensor, update: Tensor) -> tuple[Tensor, Tensor]:
        masks = Masks(seed, update, network.settings)
        parts = zip(range(towers), tf.split(x, towers), tf.split(y, towers), states, strict=True)
        losses, gradients, after = zip(*(tower(*part, masks) for part in parts), strict=True)
        optimizer.apply([tf.add_n(parts) for parts in zip(*gradients, strict=True)], rate, update)
        return tf.add_n(losses), after

    return step  # type: ignore[no-any-return]
