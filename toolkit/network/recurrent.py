"""What our recurrent layers have in common: they are Keras' own, with a faster loop over time where it is possible."""

from itertools import pairwise
from typing import Any, ClassVar, NamedTuple, Protocol

from toolkit.events.distribution import Floats
from toolkit.events.exact import Matrix
from toolkit.network.backend import Array, Tensor, has_gpu, keras, tf
from toolkit.network.loops import length, product

PARTS = 2  # of a batch in somebody's own Keras model
PRECISIONS = ("float32", "bfloat16", "float16")  # of products; the layer's state is float32 in all of them


class LoopWeights(NamedTuple):
    """A layer's weights as the loop over time needs them, with G = gates · H columns."""

    kernel: Tensor  # (I, G)
    bias: Tensor  # (G,), of the inputs
    recurrent: Tensor  # (H, G)
    recurrent_bias: Tensor | None = None  # (G,), of the recurrent product, if the formula keeps them apart


class Recurrent(Protocol):
    """A recurrent layer of Keras with ``units`` (H) units, and its formula as we compute it."""

    state: ClassVar[tuple[str, ...]]  # the names of the arrays (rows, H) of its state; the first is its output
    units: int
    cell: Any  # Keras': it has the variables

    def __call__(self, inputs: Any) -> Any:
        """Keras' call: outputs (B, T, H) of inputs (B, T, I)."""
        ...

    def loop_weights(self) -> LoopWeights:
        """The weights as they are now."""
        ...

    def get_weights(self) -> list[Array]:
        """The weights as they are now, as Keras has them: kernel, recurrent kernel, bias."""
        ...

    def run(
        self,
        projected: Tensor,
        keep: Tensor | None,
        weights: LoopWeights,
        state: tuple[Tensor, ...],
        precision: Any,
        *,
        training: bool,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """The outputs (T, B, H) of a window, and the state after it.

        ``projected`` (T, B, G) is inputs · kernel + bias. ``keep`` (T, B, 1) is 0 where the state is forgotten before a
        step and 1 elsewhere; without it nothing is forgotten. Only products are in ``precision``. In ``training``, sums
        may be rounded differently if that is faster.
        """
        ...

    def numpy_step(
        self, projected: Floats, recurrent: Matrix, bias: Floats, state: tuple[Floats, ...]
    ) -> tuple[Floats, ...]:
        """The state after one step of one row, in numpy: arrays (H,), the first within ±1.

        It must be the same on every processor (events/exact). ``projected`` (G,) is inputs · kernel, without bias;
        ``bias`` is Keras'.
        """
        ...


class FastLoop:
    """A mix-in, named before a recurrent layer of Keras among a class's bases: it replaces the loop over time.

    It covers the usual activations, any initial state, ``stateful``, dropout of the inputs, and mixed precision, on
    TensorFlow and a CPU. Everything else is computed by Keras: masks, ``go_backwards``, ``recurrent_dropout`` in
    training, other activations, other backends, a GPU (where Keras has cuDNN), float64, and ``use_cudnn=True``.
    """

    def build(self, sequences_shape: Any, initial_state_shape: Any = None) -> None:
        """Make the weights."""
        super().build(sequences_shape, initial_state_shape)  # type: ignore[misc]
        if self.has_fast_formula:
            self.supports_jit = False  # or Keras would compile the loop with XLA, which makes it slower

    @property
    def has_fast_formula(self: Any) -> bool:
        """Whether the layer's arguments are covered, leaving aside how it is called."""
        return (
            keras.backend.backend() == "tensorflow"
            and self.activation is keras.activations.tanh
            and self.recurrent_activation is keras.activations.sigmoid
            and self.compute_dtype in PRECISIONS
            and self.use_cudnn is not True
            and not self.go_backwards
        )

    def covers(self: Any, mask: Any, training: bool) -> bool:
        """Whether ``run`` computes what Keras would."""
        drops = training and (self.recurrent_dropout > 0 or (self.dropout > 0 and self.cell.implementation != 2))
        return self.has_fast_formula and mask is None and not drops and not has_gpu()

    def inner_loop(self: Any, sequences: Any, initial_state: Any, mask: Any, training: bool = False) -> Any:
        """Last outputs (B, H), all outputs (B, T, H) or the last ones (B, 1, H), and the last state.

        ``sequences`` is (B, T, I).
        """
        if not self.covers(mask, training):
            return super().inner_loop(sequences, initial_state, mask, training)  # type: ignore[misc]
        if training and self.dropout:  # the same mask in all steps
            sequences = sequences * self.cell.get_dropout_mask(sequences[:, 0, :])[:, None]
        weights, precision = self.loop_weights(), tf.as_dtype(self.compute_dtype)
        states = initial_state if isinstance(initial_state, list | tuple) else [initial_state]
        states = [tf.cast(array, tf.float32) for array in states]

        def part(rows: slice) -> tuple[Tensor, tuple[Tensor, ...]]:
            inputs = tf.transpose(sequences[rows], (1, 0, 2))  # (T, B / PARTS, I)
            state = tuple(array[rows] for array in states)
            projected = project(inputs, weights, precision)
            outputs, after = self.run(projected, None, weights, state, precision, training=training)
            return tf.transpose(outputs, (1, 0, 2)), after

        outputs, after = zip(*map(part, parts_of(sequences)), strict=True)
        last, *others = (tf.concat(arrays, 0) for arrays in zip(*after, strict=True))  # (B, H) each
        return last, tf.concat(outputs, 0) if self.return_sequences else last[:, None], [last, *others]


def parts_of(rows: Tensor) -> list[slice]:
    """Where a batch (B, …) is cut into PARTS, which are computed at the same time."""
    size = length(rows)
    bounds = [size * k // PARTS for k in range(PARTS + 1)]
    return [slice(*ends) for ends in pairwise(bounds)]


def project(inputs: Tensor, weights: LoopWeights, precision: Any) -> Tensor:
    """Inputs (T, B, I) times the kernel, plus the bias: (T, B, G), in one product."""
    width, gates = weights.kernel.shape
    flat = product(tf.reshape(inputs, (-1, width)), weights.kernel, precision)
    steps, rows = length(inputs), inputs.shape[1]
    biased = tf.nn.bias_add(flat, weights.bias)
    return tf.reshape(biased, (steps, tf.shape(inputs)[1] if rows is None else rows, gates))


def value(variable: Any) -> Tensor:
    """A Keras variable as a float32 tensor, as it is now."""
    return tf.cast(keras.ops.convert_to_tensor(variable), tf.float32)
