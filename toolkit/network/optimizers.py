"""Optimizers: Adam, and plain gradient descent, each with or without weight decay."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from toolkit.config import TrainSettings
from toolkit.network.backend import Array, Arrays, Tensor, tf
from toolkit.network.network import NEVER

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # Adam's (Kingma & Ba 2015)


class Optimizer(Protocol):
    """Updates weights with their gradients; its state can be saved and restored."""

    weights: list[Tensor]

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Update the weights; ``update`` counts from 0."""
        ...

    def arrays(self) -> Arrays:
        """The state as numpy arrays by name."""
        ...

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Restore a state."""
        ...


class Adam:
    """Adam with the whole gradient clipped by its norm; an update is one fused kernel per weight matrix."""

    def __init__(self, weights: Sequence[Tensor], clip_norm: float, begun: int = 0) -> None:
        self.weights, self.clip_norm, self.begun = list(weights), clip_norm, begun
        self.moments = [(tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in weights]

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Update the weights; ``update`` counts from ``begun``, when both moments are 0."""
        clipped = clip(gradients, self.clip_norm)
        n = tf.cast(update - self.begun + 1, tf.float32)
        for w, (m, v), g in zip(self.weights, self.moments, clipped, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=w.handle, m=m.handle, v=v.handle, beta1_power=BETA_1**n, beta2_power=BETA_2**n,
                lr=rate, beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON, grad=g,
            )  # fmt: skip

    def arrays(self) -> Arrays:
        """Both moments of every weight, by its index: ``m0``, ``v0``, ``m1``, …"""
        return {
            f"{name}{i}": moment.numpy()
            for i, pair in enumerate(self.moments)
            for name, moment in zip("mv", pair, strict=True)
        }

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Restore the moments."""
        for i, (m, v) in enumerate(self.moments):
            m.assign(arrays[f"m{i}"])
            v.assign(arrays[f"v{i}"])


class GradientDescent:
    """Plain gradient descent with the whole gradient clipped by its norm; it has no state."""

    def __init__(self, weights: Sequence[Tensor], clip_norm: float, begun: int = 0) -> None:  # noqa: ARG002 - Adam's
        self.weights, self.clip_norm = list(weights), clip_norm

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:  # noqa: ARG002 - Adam's
        """Update the weights."""
        for w, g in zip(self.weights, clip(gradients, self.clip_norm), strict=True):
            tf.raw_ops.ResourceApplyGradientDescent(var=w.handle, alpha=rate, delta=g)

    def arrays(self) -> Arrays:
        """Nothing."""
        return {}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """There is nothing to restore."""


class Decaying:
    """An optimizer before each of whose updates every weight loses rate · ``decay`` of itself.

    With Adam it is AdamW (Loshchilov & Hutter 2019), with plain descent an L2 penalty. The biases of ids that training
    never shows stay at ``NEVER``: without that they would be drawn in the end.
    """

    def __init__(self, of: Optimizer, decay: float) -> None:
        self.of, self.decay, self.weights = of, decay, of.weights

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Let the weights decay, then update them."""
        for w in self.weights:
            losing = tf.where(w > NEVER / 2, w, 0.0) if w.shape.rank == 1 else w  # biases are vectors
            w.assign_sub(rate * self.decay * losing)
        self.of.apply(gradients, rate, update)

    def arrays(self) -> Arrays:
        """The optimizer's own."""
        return self.of.arrays()

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Restore the optimizer's own."""
        self.of.assign(arrays)


def clip(gradients: Sequence[Tensor], norm: float) -> list[Tensor]:
    """The gradients, scaled together to ``norm`` if their global norm is above it; otherwise none is copied."""
    global_norm = tf.linalg.global_norm(gradients)
    scale = norm * (1 / global_norm)
    return tf.cond(global_norm > norm, lambda: [g * scale for g in gradients], lambda: list(gradients))  # type: ignore[no-any-return]


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {  # by the value of train.optimizer
    "adam": Adam,
    "sgd": GradientDescent,
}


def optimizer_for(settings: TrainSettings, weights: Sequence[Tensor], begun: int = 0) -> Optimizer:
    """The optimizer that the settings name, for these weights, whose training was taken up at update ``begun``."""
    optimizer = OPTIMIZERS[settings.optimizer](weights, settings.clip_norm, begun)
    return Decaying(optimizer, settings.weight_decay) if settings.weight_decay else optimizer
