"""The optimizer of a network: Adam or plain gradient descent, with clipped gradients and decaying weights."""

from collections.abc import Mapping, Sequence

from toolkit.config import TrainSettings
from toolkit.network.backend import Array, Arrays, Tensor, tf
from toolkit.network.network import NEVER

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # Adam's (Kingma & Ba 2015)


class Optimizer:
    """Adam, whose ``moments`` ``m0``, ``v0``, ``m1``, … have the weight's index, or plain gradient descent.

    Gradients are clipped by their common norm. Before an update every weight loses rate · decay of itself, as in AdamW
    (Loshchilov & Hutter 2019). Training was continued at the update ``begun``.
    """

    def __init__(self, settings: TrainSettings, weights: Sequence[Tensor], begun: int = 0) -> None:
        self.settings, self.weights, self.begun = settings, list(weights), begun
        names = "mv" if settings.optimizer == "adam" else ""
        self.moments = {f"{m}{i}": tf.Variable(tf.zeros_like(w)) for i, w in enumerate(weights) for m in names}

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Update the weights; ``update`` counts from ``begun``, when all moments are 0."""
        for weight in self.weights if self.settings.weight_decay else []:
            # Biases at NEVER do not decay, or untrained ids would be drawn in the end.
            decaying = tf.where(weight > NEVER / 2, weight, 0.0) if weight.shape.rank == 1 else weight
            weight.assign_sub(rate * self.settings.weight_decay * decaying)
        max_norm, norm = self.settings.clip_norm, tf.linalg.global_norm(gradients)
        scale = max_norm * (1 / norm)
        clipped = tf.cond(norm > max_norm, lambda: [g * scale for g in gradients], lambda: list(gradients))
        number = tf.cast(update - self.begun + 1, tf.float32)
        powers = {"beta1_power": BETA_1**number, "beta2_power": BETA_2**number}
        constants = {"lr": rate, "beta1": BETA_1, "beta2": BETA_2, "epsilon": EPSILON}
        for i, (weight, gradient) in enumerate(zip(self.weights, clipped, strict=True)):
            if self.moments:
                m, v = self.moments[f"m{i}"].handle, self.moments[f"v{i}"].handle
                tf.raw_ops.ResourceApplyAdam(var=weight.handle, m=m, v=v, grad=gradient, **powers, **constants)
            else:
                tf.raw_ops.ResourceApplyGradientDescent(var=weight.handle, alpha=rate, delta=gradient)

    def arrays(self) -> Arrays:
        """Return the moments by name."""
        return {name: moment.numpy() for name, moment in self.moments.items()}

    def assign(self, arrays: Mapping[str, Array]) -> None:
        """Restore the moments."""
        for name, moment in self.moments.items():
            moment.assign(arrays[name])
