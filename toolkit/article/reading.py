"""A network reads a text, held out or its own training text, and answers at every character."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.article.alphabet import Ids
from toolkit.article.losses import binary_cross_entropy
from toolkit.article.model import Model, States
from toolkit.article.results import Scores
from toolkit.article.windows import Passages
from toolkit.network.backend import Tensor, tf

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Answers:
    """The likeliest characters (rows, n) at the places of the passages' targets, and their scores."""

    likeliest: Ids
    scores: Scores


class Reader:
    """The graphs with which a model reads rows of text, a window or a character at a time."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._window = tf.function(self._read, autograph=False)
        self._step = tf.function(self._answer, autograph=False)

    def _answer(self, ids: Tensor, states: States) -> tuple[Tensor, States]:
        """Probabilities (B, T, V) for ids (B, T)."""
        logits, states = self.model.logits(ids, states, training=False)
        return self.model.head.probabilities(logits), states

    def _read(self, ids: Tensor, targets: Tensor, states: States) -> tuple[Tensor, Tensor, Tensor, States]:
        """Likeliest ids, binary cross-entropy and −ln p of the targets, each (B, T), for ids (B, T)."""
        probabilities, states = self._answer(ids, states)
        chosen = tf.gather(probabilities, targets, axis=-1, batch_dims=2)
        nats = -tf.math.log(tf.maximum(chosen, 1e-30))
        likeliest = tf.argmax(probabilities, -1, output_type=tf.int32)
        return likeliest, binary_cross_entropy(probabilities, targets), nats, states

    def step(self, ids: Ids, states: States) -> tuple[Floats, States]:
        """Probabilities (B, V) of the characters ``shift`` after ids (B,), and the state after them."""
        probabilities, states = self._step(tf.constant(ids[:, None]), states)
        return probabilities.numpy()[:, 0], states

    def answers(self, passages: Passages) -> Answers:
        """Each target predicted once, from what the recipe lets the network read before it.

        The passages' rows are read in windows; the state is carried between windows only if the recipe says so.
        """
        recipe = self.model.recipe
        inputs, targets = passages.inputs(recipe.shift), passages.targets
        states = self.model.initial(len(inputs))
        parts = []
        for start in range(0, targets.shape[1], recipe.window):
            if not recipe.carried:
                states = self.model.initial(len(inputs))
            window = slice(start, start + recipe.window)
            *part, states = self._window(tf.constant(inputs[:, window]), tf.constant(targets[:, window]), states)
            parts.append([tensor.numpy() for tensor in part])
        likeliest, binary, nats = (np.concatenate(windows, 1) for windows in zip(*parts, strict=True))
        bits = float(nats.mean(dtype=np.float64)) / math.log(2)
        scores = Scores(
            accuracy=float(np.mean(likeliest == targets)),
            binary_cross_entropy=float(binary.mean(dtype=np.float64)),
            bits_per_character=bits if self.model.head.sums_to_one else None,
        )
        return Answers(likeliest, scores)
