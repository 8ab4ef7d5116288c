"""What a recurrence is made of in a graph: a product, a loop with several steps in a turn, and arrays to write to."""

from collections.abc import Callable, Sequence
from typing import Any

from toolkit.network.backend import UNROLLED_STEPS, Tensor, tf


def product(a: Tensor, b: Tensor, precision: Any = tf.float32, **transpose: bool) -> Tensor:
    """a · b (float32), its factors rounded to a precision and its result from there; sums are float32."""
    return tf.cast(tf.matmul(tf.cast(a, precision), tf.cast(b, precision), **transpose), tf.float32)


def looped(
    steps: int, step: Callable[..., Sequence[Tensor]], values: Sequence[Tensor], unrolled: int = UNROLLED_STEPS
) -> Sequence[Tensor]:
    """The values after ``values = step(t, *values)`` for t = 0 … steps − 1, in one graph, ``unrolled`` to a turn."""

    def turn(first: Tensor, *values: Tensor) -> tuple[Tensor, ...]:
        for k in range(unrolled):
            values = tuple(step(first + k, *values))
        return (first + unrolled, *values)

    turns = steps // unrolled
    if turns:
        _, *values = tf.while_loop(
            lambda t, *_: t < turns * unrolled, turn, (0, *values), maximum_iterations=turns, parallel_iterations=1
        )
    for t in range(turns * unrolled, steps):
        values = step(tf.constant(t), *values)
    return values


def arrays(steps: int, *shapes: tuple[int, ...]) -> list[Tensor]:
    """Empty arrays for one value of a shape per step."""
    return [tf.TensorArray(tf.float32, steps, element_shape=shape, clear_after_read=False) for shape in shapes]
