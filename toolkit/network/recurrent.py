"""Recurrent layers: Keras' own with a faster loop over time. Each step has one product forward and one backward.

The inputs of all steps are projected (x·W + b) before the loop. The gradient is ours: the gradient of the recurrent
kernel U is one large product after the backward loop. What that loop needs of a step is saved while it is in the cache.
"""

import weakref
from collections.abc import Callable, Sequence
from functools import partial
from threading import RLock
from typing import Any, ClassVar, NamedTuple

import numpy as np

from toolkit.events.distribution import Floats, Matrix
from toolkit.network.backend import Tensor, Tensors, gradient_registry, has_gpu, keras, tf

Vectors = tuple[Floats, ...]
PARTS = 2  # of a batch in a Keras model, computed at the same time
UNROLLED_STEPS = 4  # of an iteration of the graph's loop; with more it is faster, but built slower


class LoopWeights(NamedTuple):
    """The weights of a layer with H units and I inputs; G is H times the number of gates."""

    kernel: Tensor  # (I, G)
    bias: Tensor  # (G,), of the inputs
    recurrent: Tensors  # the recurrent kernel U (H, G), and the bias (G,) of its product if the formula has one


LOCK = RLock()  # graphs are made in several threads
Loop = Callable[..., tuple[Tensor, Tensors]]  # ``recurrence`` with its first argument


class Recurrent:
    """A mix-in, named before a recurrent layer of Keras among a class's bases: it replaces the loop over time.

    Keras computes what ``covers`` does not cover, such as masks, ``go_backwards`` and other activations.

    A subclass has the formula of its cell. ``state`` names the arrays (B, H) of the state, the output first.
    ``saved_widths`` are the widths, in units, of the arrays that ``step`` saves for ``step_back``.
    ``step(projected, recurrent, state)`` returns the state after a step and the saved arrays (B, widths · H).
    ``projected`` (B, G) is inputs · kernel + bias. ``recurrent`` (B, G) is the output before the step · U, plus its
    bias if there is one.
    ``step_back(saved, d_state, through)`` returns the gradients of ``projected`` and ``recurrent``, once if they are
    equal, and of the state before. ``through`` turns a gradient of ``recurrent`` into one of the output before.

    ``numpy_cell(projected, recurrent, bias, state)`` returns the state after one step of one row, arrays (H,) in numpy,
    the first within ±1, the same on every processor. ``projected`` has no bias; ``bias`` is Keras'.
    """

    state: ClassVar[tuple[str, ...]]
    saved_widths: ClassVar[tuple[int, ...]]
    gradient_arrays: ClassVar[int] = 1  # 2 if the recurrent product has another gradient than the inputs
    step: Any
    step_back: Any
    numpy_cell: Any
    cell: Any  # Keras' cell with the variables
    get_weights: Any  # Keras': kernel, recurrent kernel, bias

    @property
    def state_widths(self: Any) -> list[int]:
        """The widths of the state's arrays."""
        return [self.units] * len(self.state)

    @classmethod
    def compiled(cls) -> Loop | None:
        """Return a loop for training that computes ``recurrence`` faster, with other rounding; None without one."""
        return None

    def run(self, *arguments: Any, training: bool) -> tuple[Tensor, Tensors]:
        """Return ``recurrence`` of its arguments after the first, in training from the compiled loop."""
        loop = (self.compiled() if training else None) or partial(recurrence, type(self))
        return loop(*arguments)

    def loop_weights(self: Any) -> LoopWeights:
        """Return the weights as they are now, in float32."""
        kernel, recurrent = (_value(matrix) for matrix in (self.cell.kernel, self.cell.recurrent_kernel))
        width = kernel.shape[1]
        biases = tf.reshape(_value(self.cell.bias), (-1, width)) if self.use_bias else tf.zeros((1, width))
        bias, *recurrent_bias = tf.unstack(biases)
        return LoopWeights(kernel, bias, (recurrent, *recurrent_bias))

    def numpy_weights(self, matrix: type[Matrix], largest: float | None) -> tuple[Matrix | None, Matrix, Floats]:
        """Return kernel, recurrent kernel and bias; the kernel is None where the inputs are its rows."""
        kernel, recurrent, bias = self.get_weights()
        projection = None if largest is None else matrix(kernel, largest)
        return projection, matrix(recurrent), bias.astype(np.float64)

    def numpy_state(self: Any) -> Vectors:
        """Return the zero state of one row."""
        return tuple(np.zeros(self.units) for _ in self.state)

    def numpy_step(self, x: Floats, weights: tuple[Matrix | None, Matrix, Floats], state: Vectors) -> Vectors:
        """Return the state after one step of one row, given its input."""
        kernel, recurrent, bias = weights
        after: Vectors = self.numpy_cell(x if kernel is None else kernel.product(x), recurrent, bias, state)
        return after

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Make the weights."""
        super().build(sequences_shape, initial_state_shape)  # type: ignore[misc]
        if self.has_fast_formula:
            self.supports_jit = False  # or Keras would compile the loop with XLA, which makes it slower

    @property
    def has_fast_formula(self: Any) -> bool:
        """Return whether the layer's arguments are covered."""
        return (
            self.activation is keras.activations.tanh
            and self.recurrent_activation is keras.activations.sigmoid
            and self.compute_dtype in ("float32", "bfloat16")
            and self.use_cudnn is not True
            and not self.go_backwards
            and getattr(self, "reset_after", True)  # a GRU's reset gate comes after the recurrent product
        )

    def covers(self: Any, mask: Any, training: bool) -> bool:
        """Return whether ``run`` computes what Keras would."""
        drops = training and (self.dropout or self.recurrent_dropout)
        return self.has_fast_formula and mask is None and not drops and not has_gpu()

    def inner_loop(self: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Return last outputs (B, H), all outputs (B, T, H) or the last (B, 1, H), and the last state."""
        if not self.covers(mask, training) or sequences.shape[1] is None:
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[misc]
        weights = self.loop_weights()
        states = [tf.cast(array, tf.float32) for array in tf.nest.flatten(initial_state)]
        size = tf.shape(sequences)[0] if sequences.shape[0] is None else sequences.shape[0]
        parts = []
        for k in range(PARTS):
            rows = slice(size * k // PARTS, size * (k + 1) // PARTS)
            projected = project(
                tf.transpose(sequences[rows], (1, 0, 2)), weights, tf.as_dtype(self.compute_dtype)
            )
            state = tuple(array[rows] for array in states)
            keep = tf.ones_like(projected[..., :1])
            outputs, after = self.run(projected, keep, weights, state, training=training)
            parts.append((tf.transpose(outputs, (1, 0, 2)), *after))
        outputs, *after = (tf.concat(arrays, 0) for arrays in zip(*parts, strict=True))
        return after[0], outputs if self.return_sequences else after[0][:, None], after


def recurrence(
    formula: type[Recurrent], projected: Tensor, keep: Tensor, weights: LoopWeights, state: Tensors
) -> tuple[Tensor, Tensors]:
    """Return the outputs (T, B, H) of a window, and the state after it, arrays (B, H).

    The inputs are ``projected`` (T, B, G). ``keep`` (T, B, 1) is 0 where the state is forgotten before a step and 1
    elsewhere.
    """
    arrays, (steps, rows, _) = len(state), projected.shape

    def remember(state: Sequence[Tensor], t: int | Tensor) -> Tensors:
        return tuple(array * keep[t] for array in state)

    def stepped(t: int | Tensor, projected: Tensor, state: Tensors, U: Tensor, *bias: Tensor) -> Any:
        recurrent = state[0] @ U
        return formula.step(projected[t], tf.nn.bias_add(recurrent, *bias) if bias else recurrent, state)

    def empty_arrays(widths: Sequence[int]) -> list[Tensor]:
        shapes = [(rows, width) for width in widths]
        return [
            tf.TensorArray(tf.float32, steps, element_shape=shape, clear_after_read=False) for shape in shapes
        ]

    if steps == 1:  # no loop, and TensorFlow knows the gradient
        state, _ = stepped(0, projected, remember(state, 0), *weights.recurrent)
        return state[0][None], state

    @custom_gradient
    def run(projected: Tensor, *others: Tensor) -> tuple[Tensors, Any]:
        state, (U, *bias) = others[:arrays], others[arrays:]
        units, width = U.shape

        def step(t: Tensor, *variables: Tensor) -> Tensors:
            after, saved = stepped(t, projected, remember(variables[:arrays], t), U, *bias)
            written = zip(variables[arrays:], (after[0], *saved), strict=True)
            return (*after, *(array.write(t, value) for array, value in written))

        empty = empty_arrays([units, *(units * number for number in formula.saved_widths)])
        variables = looped(steps, step, [*state, *empty])
        after, hs = variables[:arrays], variables[arrays].stack()
        saved = [array.identity() for array in variables[arrays + 1 :]]  # or some would count as never used

        def gradient(d_hs: Tensor, *d_after: Tensor) -> Tensors:
            transposed = tf.transpose(U)

            def step_back(k: Tensor, *variables: Tensor) -> Tensors:
                t = steps - 1 - k
                d_products, d_before = formula.step_back(
                    tuple(array.read(t) for array in saved),
                    (variables[0] + d_hs[t], *variables[1:arrays]),
                    lambda d_recurrent: d_recurrent @ transposed,
                )
                written = zip(variables[arrays:], d_products, strict=True)
                return (*remember(d_before, t), *(array.write(t, value) for array, value in written))

            empty = empty_arrays([width] * formula.gradient_arrays)
            variables = looped(steps, step_back, [*d_after, *empty])
            d_products = [array.stack() for array in variables[arrays:]]
            d_recurrent = tf.reshape(d_products[-1], (-1, width))
            hs_before = tf.concat([state[0][None], hs[:-1]], 0)
            h_before = tf.reshape(hs_before * keep, (-1, units))
            d_U = tf.matmul(h_before, d_recurrent, transpose_a=True)
            return (d_products[0], *variables[:arrays], d_U, *(tf.reduce_sum(d_recurrent, 0) for _ in bias))

        return (hs, *after), gradient

    hs, *after = run(projected, *state, *weights.recurrent)
    return hs, tuple(after)


def project(inputs: Tensor, weights: LoopWeights, precision: Any) -> Tensor:
    """Return inputs (T, B, I) times the kernel, plus the bias: (T, B, G), in one product."""
    width, gates = weights.kernel.shape
    flat = product(tf.reshape(inputs, (-1, width)), weights.kernel, precision)
    return tf.reshape(tf.nn.bias_add(flat, weights.bias), (inputs.shape[0], -1, gates))


def product(a: Tensor, b: Tensor, precision: Any = tf.float32, **transpose: bool) -> Tensor:
    """Return a · b (float32), with its factors and result rounded to a precision; sums are float32."""
    return tf.cast(tf.matmul(tf.cast(a, precision), tf.cast(b, precision), **transpose), tf.float32)


def looped(steps: int, step: Callable[..., Sequence[Tensor]], variables: Sequence[Tensor]) -> Sequence[Tensor]:
    """Return the variables after ``variables = step(t, *variables)`` for t = 0 … steps − 1."""
    iterations = steps // UNROLLED_STEPS
    end = iterations * UNROLLED_STEPS

    def body(t: Tensor, *variables: Tensor) -> Tensors:
        for k in range(UNROLLED_STEPS):
            variables = tuple(step(t + k, *variables))
        return (t + UNROLLED_STEPS, *variables)

    if iterations:
        limits = {"parallel_iterations": 1, "maximum_iterations": iterations}
        _, *variables = tf.while_loop(lambda t, *_: t < end, body, (0, *variables), **limits)
    for t in range(end, steps):
        variables = step(tf.constant(t), *variables)
    return variables


def custom_gradient(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``tf.custom_gradient`` of a function, with gradients that are freed with their graph.

    TensorFlow registers every gradient for good, which holds its graph. So the registry refers to it weakly.
    """
    with_gradient = tf.custom_gradient(function)

    def call(*arguments: Any) -> Any:
        registry = gradient_registry._registry
        with LOCK:
            names = set(registry)
            outputs = with_gradient(*arguments)
            for name in registry.keys() - names:
                gradient = registry[name]["type"]
                tf.compat.v1.get_default_graph().add_to_collection("custom gradients", gradient)
                registry[name]["type"] = weakref.proxy(gradient)
        return outputs

    return call


def _value(variable: Any) -> Tensor:
    return tf.cast(keras.ops.convert_to_tensor(variable), tf.float32)
