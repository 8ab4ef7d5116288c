"""Training: the same small loop for every experiment."""

import time
from collections.abc import Callable
from typing import Any

from toolkit.article.alphabet import Ids
from toolkit.article.model import Model, States
from toolkit.article.windows import TOWERS, Streams
from toolkit.network.backend import Tensor, keras, tf

Towers = tuple[States, ...]


class Training:
    """A model's updates on a training text, with Keras' Adam at a constant rate.

    ``seconds`` excludes building the graph.
    """

    def __init__(self, model: Model, text: Ids) -> None:
        recipe = model.recipe
        self.model = model
        self.streams = Streams(text[: recipe.characters], recipe.batch, recipe.window, recipe.shift, recipe.seed)
        self.updates = 0
        self.seconds = 0.0
        self.states = self.zero_states()
        self.step = make_step(model, self.states, self.streams.rows, recipe.window)

    @property
    def characters_read(self) -> int:
        """Characters of training text read, including repetitions."""
        return self.updates * self.streams.characters_per_update

    def zero_states(self) -> Towers:
        """The zero state of every tower."""
        return tuple(self.model.initial(self.streams.rows // TOWERS) for _ in range(TOWERS))

    def run_to(self, characters: int) -> float:
        """Train until ``characters`` are read; returns the mean loss since the last call, in nats (0 if no update)."""
        losses: list[Tensor] = []
        while self.characters_read < characters:
            start = time.perf_counter()
            if not self.model.recipe.carried or self.streams.begins_pass(self.updates):
                self.states = self.zero_states()
            inputs, targets = self.streams.at(self.updates)
            loss, self.states = self.step(tf.constant(inputs), tf.constant(targets), self.states)
            losses.append(loss.numpy())  # waits for the update, so the clock is right
            self.updates += 1
            self.seconds += time.perf_counter() - start
        return float(sum(losses) / len(losses)) if losses else 0.0


def make_step(model: Model, states: Towers, rows: int, window: int) -> Callable[..., Any]:
    """The graph of one update: inputs and targets (B, T), states -> mean loss in nats, states after the window.

    The batch is cut into towers that run side by side; their gradients are added.
    """
    adam = keras.optimizers.Adam(model.recipe.learning_rate)
    adam.build(model.variables)
    weights = [variable.value for variable in model.variables]

    def tower(inputs: Tensor, targets: Tensor, state: States) -> tuple[Tensor, list[Tensor], States]:
        with tf.GradientTape() as tape:
            logits, state = model.logits(inputs, state, training=True)  # (B / towers, T, V)
            loss = model.head.loss(logits, targets) / TOWERS
        return loss, tape.gradient(loss, weights), state

    def step(inputs: Tensor, targets: Tensor, states: Towers) -> tuple[Tensor, Towers]:
        parts = zip(tf.split(inputs, TOWERS), tf.split(targets, TOWERS), states, strict=True)
        losses, gradients, after = zip(*(tower(*part) for part in parts), strict=True)
        adam.apply([tf.add_n(towers) for towers in zip(*gradients, strict=True)], model.variables)
        return tf.add_n(losses), after

    ids = tf.TensorSpec((rows, window), tf.int32)
    like = tf.nest.map_structure(lambda state: tf.TensorSpec(state.shape, state.dtype), states)
    return tf.function(step, autograph=False).get_concrete_function(ids, ids, like)  # type: ignore[no-any-return]
