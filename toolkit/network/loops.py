"""What a recurrence in a graph is made of: products, a loop with several steps per iteration, arrays to write to."""

from collections.abc import Callable, Sequence
from typing import Any

from toolkit.network.backend import UNROLLED_STEPS, Tensor, tf


def product(a: Tensor, b: Tensor, precision: Any = tf.float32, **transpose: bool) -> Tensor:
    """a · b (float32), with its factors and result rounded to a precision; sums are float32."""
    return tf.cast(tf.matmul(tf.cast(a, precision), tf.cast(b, precision), **transpose), tf.float32)


def looped(
    steps: int, step: Callable[..., Sequence[Tensor]], values: Sequence[Tensor], unrolled: int = UNROLLED_STEPS
) -> Sequence[Tensor]:
    """The values after ``values = step(t, *values)`` for t = 0 … steps − 1, with ``unrolled`` steps per iteration."""

    def iteration(first: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        for k in range(unrolled):
            values = tuple(step(first + k, *values))
        return (first + unrolled, *values)

    iterations = steps // unrolled
    if iterations:
        _, *values = tf.while_loop(
            lambda t, *_: t < iterations * unrolled,
            iteration,
            (0, *values),
            maximum_iterations=iterations,
            parallel_iterations=1,
        )
    for t in range(iterations * unrolled, steps):
        values = step(tf.constant(t), *values)
    return values


def arrays(steps: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    """Empty arrays with one value per step, an array for each shape."""
    return [tf.TensorArray(tf.float32, steps, element_shape=shape, clear_after_read=False) for shape in shapes]
