"""What changes the weights by their gradients."""

from collections.abc import Sequence

from toolkit.backend import Tensor, tf

BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # Adam's (Kingma & Ba 2015)


class Adam:
    """Adam with the whole gradient clipped by its norm; its update is one fused kernel per weight matrix."""

    def __init__(self, weights: Sequence[Tensor], clip_norm: float) -> None:
        self.weights, self.clip_norm = weights, clip_norm
        self.moments = [(tf.Variable(tf.zeros_like(w)), tf.Variable(tf.zeros_like(w))) for w in weights]

    def forget(self) -> None:
        """Back to the state before the first update."""
        for moment in (moment for pair in self.moments for moment in pair):
            moment.assign(tf.zeros_like(moment))

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """Change the weights; ``update`` counts from 0."""
        clipped = clip(gradients, self.clip_norm)
        n = tf.cast(update + 1, tf.float32)
        for w, (m, v), g in zip(self.weights, self.moments, clipped, strict=True):
            tf.raw_ops.ResourceApplyAdam(
                var=w.handle, m=m.handle, v=v.handle, beta1_power=BETA_1**n, beta2_power=BETA_2**n,
                lr=rate, beta1=BETA_1, beta2=BETA_2, epsilon=EPSILON, grad=g,
            )  # fmt: skip


def clip(gradients: Sequence[Tensor], norm: float) -> list[Tensor]:
    """The gradients, scaled to a norm together where theirs is above it; where it is not, none is copied."""
    found = tf.linalg.global_norm(gradients)
    scale = norm * (1 / found)
    return tf.cond(found > norm, lambda: [g * scale for g in gradients], lambda: list(gradients))  # type: ignore[no-any-return]
