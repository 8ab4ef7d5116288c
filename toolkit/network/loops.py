"""What a recurrence in a graph is made of: products, a loop with several steps per iteration, arrays to write to."""

from collections.abc import Callable, Sequence
from typing import Any

from toolkit.network.backend import UNROLLED_STEPS, Tensor, tf


def product(a: Tensor, b: Tensor, precision: Any = tf.float32, **transpose: bool) -> Tensor:
    """a · b (float32), with its factors and result rounded to a precision; sums are float32."""
    return tf.cast(tf.matmul(tf.cast(a, precision), tf.cast(b, precision), **transpose), tf.float32)


def looped(
    steps: int | Tensor,
    step: Callable[..., Sequence[Tensor]],
    values: Sequence[Tensor],
    unrolled: int = UNROLLED_STEPS,
) -> Sequence[Tensor]:
    """The values after ``values = step(t, *values)`` for t = 0 … steps − 1, with ``unrolled`` steps per iteration.

    ``steps`` may be a tensor: a number that is known only when the graph runs.
    """

    def several(first: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        for k in range(unrolled):
            values = tuple(step(first + k, *values))
        return (first + unrolled, *values)

    def one(t: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        return (t + 1, *step(t, *values))

    whole = steps // unrolled * unrolled
    known = isinstance(steps, int)
    if not known or whole:
        _, *values = tf.while_loop(
            lambda t, *_: t < whole,
            several,
            (0, *values),
            maximum_iterations=steps // unrolled,
            parallel_iterations=1,
        )
    if known:
        for t in range(whole, steps):
            values = step(tf.constant(t), *values)
        return values
    _, *values = tf.while_loop(
        lambda t, *_: t < steps, one, (whole, *values), maximum_iterations=steps - whole, parallel_iterations=1
    )
    return values


def arrays(steps: int | Tensor, *shapes: tuple[int | None, ...]) -> list[Tensor]:
    """Empty arrays with one value per step, an array for each shape; what is None there is not known in advance."""
    return [tf.TensorArray(tf.float32, steps, element_shape=shape, clear_after_read=False) for shape in shapes]


def length(tensor: Tensor) -> int | Tensor:
    """The size of the first axis: a number if it is known when the graph is made, otherwise a tensor."""
    known: int | None = tensor.shape[0]
    return tf.shape(tensor)[0] if known is None else known


def kept(state: Tensor, keep: Tensor | None, t: int | Tensor) -> Tensor:
    """A state (B, H) before step t, forgotten where ``keep`` (T, B, 1) is 0; without ``keep``, nowhere."""
    return state if keep is None else state * keep[t]


def before_steps(h0: Tensor, hs: Tensor, keep: Tensor | None) -> Tensor:
    """The states (T · B, H) before all steps, as they were used there: the first, and those after the other steps."""
    before = tf.concat([h0[None], hs[:-1]], 0)
    return tf.reshape(before if keep is None else before * keep, (-1, h0.shape[1]))
