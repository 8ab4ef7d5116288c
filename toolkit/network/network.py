"""A network with recurrent layers, as a Keras model, and its optimizer.

Keras' layers have the weights, and compute what is exported. ``Forward`` and ``Dense`` (dense.py) compute the same for
training, scoring and sampling.
"""

import zlib
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.distribution import Arrays, Bools
from toolkit.events.encoding import DOC
from toolkit.network import size
from toolkit.network.backend import State, Tensor, Tensors, keras, one_thread_per_operation, tf
from toolkit.network.cells import GRU, LSTM
from toolkit.network.dense import Dense
from toolkit.network.recurrent import LoopWeights, Recurrent, custom_gradient, project

LAYERS: dict[str, Any] = {"lstm": LSTM, "gru": GRU}
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-8  # Adam's (Kingma & Ba 2015)
NEVER = -1e9  # the logit of an id that training never shows: its softmax is 0


class RecurrentNetwork(keras.Model):  # type: ignore[misc]  # Keras publishes no types
    """The logits (B, T, V) of the ids that follow ``ids`` (B, T), each row a document from its start.

    Its Keras layers are ``embedding``, or ``one_hot`` and ``rows``, then ``settings.layers`` recurrent layers with the
    name of their cell, and ``output``. This may be tied to the embedding.

    ``input_matrix`` is the name of the matrix (V, …) whose rows are the inputs of the ids. ``output_weights`` are the
    names of the output layer's weights. Ids that are not ``trained`` get rows of zeros, and logits with a softmax of 0.
    """

    def __init__(self, settings: NetworkSettings, trained: Bools, *, one_hot: bool, seed: int = 0) -> None:
        one_thread_per_operation()
        tied = settings.tied and not one_hot
        super().__init__(*_symbols(settings, len(trained), seed, one_hot=one_hot, tied=tied), name="network")
        self.settings, self.one_hot, self.tied = settings, one_hot, tied
        self.vocabulary_size = len(trained)
        self.size = size(settings, len(trained), one_hot=one_hot)
        self.graphs: dict[Any, Tensor] = {}  # by key
        output = self.get_layer("output")
        inputs = self.recurrent[0].cell.kernel if one_hot else self.get_layer("embedding").embeddings
        self.input_matrix = inputs.path
        self.output_weights = [v.path for v in (inputs if tied else output.kernel, output.bias)]
        untrained = ~trained
        weights = [self.named_weights[name] for name in self.output_weights]
        self.named_weights[self.input_matrix].assign(np.where(untrained[:, None], 0, inputs))
        weights[1].assign(np.where(untrained, NEVER, weights[1]))

    def graph(self, key: Any, function: Callable[..., Any]) -> Tensor:
        """Return the graph of a function, made once for its users' key and the shapes of its arguments."""
        if key not in self.graphs:
            self.graphs[key] = tf.function(function, autograph=False)
        return self.graphs[key]

    @cached_property
    def named_weights(self) -> dict[str, Tensor]:
        """Return the weights as TensorFlow's variables, by Keras' names for them (``lstm_0/lstm_cell/kernel``)."""
        return {variable.path: variable.value for variable in self.trainable_variables}

    @cached_property
    def recurrent(self) -> list[Recurrent]:
        """Return the recurrent layers."""
        return [layer for layer in self.layers if isinstance(layer, keras.layers.RNN)]

    def initial(self, rows: int) -> State:
        """Return the zero state."""
        return tuple(
            tuple(tf.zeros((rows, self.settings.units)) for _ in layer.state) for layer in self.recurrent
        )

    def output_layer(self, precision: Any = tf.float32) -> Dense:
        """Return the layer that turns outputs into logits."""
        matrix, bias = (tf.identity(self.named_weights[name]) for name in self.output_weights)
        return Dense(matrix, bias, self.tied, precision)

    def arrays(self) -> Arrays:
        """Return the weights as numpy arrays."""
        return {name: variable.numpy() for name, variable in self.named_weights.items()}

    def assign(self, arrays: Arrays) -> None:
        """Set the weights. Raises KeyError if a name is missing, and ValueError if a shape differs."""
        for name, variable in self.named_weights.items():
            variable.assign(arrays[name])


class Forward:
    """From ids to the last recurrent layer's outputs, with the weights as they are now, read and dropped once.

    In training, ``draw`` is a seed and the number of the update. They and the place alone determine the dropout masks.
    """

    def __init__(
        self, network: RecurrentNetwork, precision: Any = tf.float32, draw: tuple[int, Tensor] | None = None
    ) -> None:
        self.settings, self.layers = network.settings, network.recurrent
        self.precision, self.draw = precision, draw
        self.embedding = None if network.one_hot else network.named_weights[network.input_matrix]
        self.weights = [layer.loop_weights() for layer in self.layers]
        if draw and self.settings.recurrent_dropout:
            self.weights = [self._dropped(weights, number) for number, weights in enumerate(self.weights)]
        first = self.weights[0]
        self.rows = first.kernel + first.bias if network.one_hot else None  # (V, G): a one-hot input's projection

    @property
    def sources(self) -> list[Tensor]:
        """Return all tensors that were computed from the layers' weights, the inputs of a window's gradient."""
        return [tensor for tensor in tf.nest.flatten([self.weights, self.rows]) if tensor is not None]

    def window(self, ids: Tensor, state: State, tower: int = 0) -> tuple[Tensor, State]:
        """Return outputs (T, B, H) for ids (T, B), and the state after them; every ``<doc>`` forgets the state.

        Each ``tower``, a part of the batch, has its own masks of units.
        """
        keep = tf.cast(tf.not_equal(ids, DOC), tf.float32)[..., None]
        projected = self._projected_inputs(ids, tower)
        after: list[Tensors] = []
        for number, (layer, weights, first) in enumerate(zip(self.layers, self.weights, state, strict=True)):
            training = self.draw is not None
            outputs, last = layer.run(projected, keep, weights, first, self.precision, training=training)
            after.append(last)
            outputs = self._drop_units(outputs, self.settings.dropout, f"outputs {number} {tower}")
            if number + 1 < len(self.layers):
                projected = project(outputs, self.weights[number + 1], self.precision)
        return tf.reshape(outputs, (*ids.shape, outputs.shape[-1])), tuple(after)

    def _projected_inputs(self, ids: Tensor, tower: int) -> Tensor:
        """Return the projected inputs (T, B, G) of the first layer for ``ids`` (T, B)."""
        if self.embedding is None:
            return _rows(self.rows, ids)
        drops = self.draw and self.settings.input_dropout
        if self.embedding.shape[0] <= np.prod(ids.shape) and not drops:  # each id once, not each occurrence
            return _rows(project(self.embedding[None], self.weights[0], self.precision)[0], ids)
        inputs = self._drop_units(tf.gather(self.embedding, ids), self.settings.input_dropout, f"inputs {tower}")
        return project(inputs, self.weights[0], self.precision)

    def _drop_units(self, units: Tensor, rate: float, place: str) -> Tensor:
        """Drop units (T, B, H) in training, the same ones in all steps of a row (Gal & Ghahramani 2016)."""
        return units * self._mask((1, *units.shape[1:]), rate, place) if self.draw and rate else units

    def _dropped(self, weights: LoopWeights, layer: int) -> LoopWeights:
        """Drop recurrent weights (Merity, Keskar & Socher 2018); an LSTM's mask has its gates as i, f, o, g."""
        U, *bias = weights.recurrent
        mask = self._mask(tuple(U.shape), self.settings.recurrent_dropout, f"recurrent {layer}")
        gates = tf.split(mask, U.shape[1] // U.shape[0], 1)
        return weights._replace(recurrent=(U * tf.concat([*gates[:2], *reversed(gates[2:])], 1), *bias))

    def _mask(self, shape: tuple[int, ...], rate: float, place: str) -> Tensor:
        """Return a mask of 0 and 1/(1 − rate)."""
        assert self.draw
        seed, update = self.draw
        key = tf.stack([tf.cast(seed * 0x10001 + zlib.crc32(place.encode()) % 0x10000, tf.int64), update])
        return tf.cast(tf.random.stateless_uniform(shape, key) >= rate, tf.float32) / (1 - rate)


def _symbols(
    settings: NetworkSettings, vocabulary_size: int, seed: int, *, one_hot: bool, tied: bool
) -> tuple[Any, Any]:
    """Return Keras' symbols for the ids and for the logits, with the layers between them.

    Every weight has a seed of its own, made of the network's seed and the weight's name. Weights start as in Keras,
    but the input matrix of one-hot inputs has variance 1: a gate gets one of its rows, not a sum of V terms.
    """
    initial_range, initializers, layers = settings.initial_range, keras.initializers, keras.layers

    def start(name: str, usual: Callable[..., Any], *arguments: float) -> Any:
        sequence = np.random.SeedSequence((seed, zlib.crc32(name.encode())))
        weight_seed = int(sequence.generate_state(1)[0] >> 1)
        if initial_range is not None:
            return initializers.RandomUniform(-initial_range, initial_range, weight_seed)
        return usual(*arguments, seed=weight_seed)

    ids = keras.Input((None,), dtype="int32", name="ids")
    if one_hot:
        encoding = layers.CategoryEncoding(vocabulary_size, "one_hot", dtype="float32", name="one_hot")
        hidden = layers.Reshape((-1, vocabulary_size), name="rows")(encoding(ids))  # even a single id has a row
    else:
        rows = start("embedding", initializers.RandomUniform, -0.05, 0.05)
        embedding = layers.Embedding(vocabulary_size, settings.embedded, rows, dtype="float32", name="embedding")
        hidden = embedding(ids)
    for number in range(settings.layers):
        name, usual = f"{settings.cell}_{number}", [initializers.GlorotUniform]
        if one_hot and number == 0:
            usual = [initializers.RandomUniform, -np.sqrt(3), np.sqrt(3)]  # of variance 1
        hidden = LAYERS[settings.cell](
            settings.units,
            kernel_initializer=start(f"{name} kernel", *usual),
            recurrent_initializer=start(f"{name} recurrent kernel", initializers.Orthogonal),
            bias_initializer=start(f"{name} bias", initializers.RandomUniform, 0.0, 0.0),
            return_sequences=True,
            dtype="float32",
            name=name,
            **({"unit_forget_bias": False} if settings.cell == "lstm" and initial_range is not None else {}),
        )(hidden)
    bias = start("output bias", initializers.RandomUniform, 0.0, 0.0)
    options = {"bias_initializer": bias, "dtype": "float32", "name": "output"}
    if tied:
        return ids, TiedDense(embedding, **options)(hidden)
    kernel = start("output kernel", initializers.GlorotUniform)
    return ids, layers.Dense(vocabulary_size, kernel_initializer=kernel, **options)(hidden)


class TiedDense(keras.layers.Layer):  # type: ignore[misc]
    """A dense layer whose kernel is an embedding, transposed (Press & Wolf 2017)."""

    def __init__(self, embedding: Any, bias_initializer: Any = "zeros", **named: Any) -> None:
        super().__init__(**named)
        self.embedding, self.bias_initializer = embedding, bias_initializer

    def build(self, _: Any) -> None:
        """Make the bias (V,)."""
        size = self.embedding.input_dim
        self.bias = self.add_weight((size,), initializer=self.bias_initializer, name="bias")

    def call(self, outputs: Any) -> Any:
        """Return logits (…, V) of outputs (…, H)."""
        return keras.ops.matmul(outputs, keras.ops.transpose(self.embedding.embeddings)) + self.bias


def _rows(table: Tensor, ids: Tensor) -> Tensor:
    """Return rows (T, B, G) of a table (V, G). Gradients are added in the order of ids, which is faster."""

    @custom_gradient
    def rows(table: Tensor) -> tuple[Tensor, Any]:
        def gradient(d_rows: Tensor) -> Tensor:
            size, width = table.shape
            flat = tf.reshape(ids, (-1,))
            order = tf.argsort(flat, stable=True)
            data, segments = tf.reshape(d_rows, (-1, width)), tf.gather(flat, order)
            return tf.sparse.segment_sum(data, order, segments, num_segments=size)

        return tf.gather(table, ids), gradient

    return rows(table)


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

    def assign(self, arrays: Arrays) -> None:
        """Restore the moments."""
        for name, moment in self.moments.items():
            moment.assign(arrays[name])
