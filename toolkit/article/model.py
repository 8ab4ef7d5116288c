"""The article's network: one-hot characters -> two recurrent layers -> a dense layer at every step."""

from collections.abc import Sequence

from toolkit.article.layers import normalisation, recurrent
from toolkit.article.losses import HEADS
from toolkit.article.recipe import Recipe
from toolkit.network.backend import Tensor, keras, one_thread_per_operation, tf

State = tuple[Tensor, ...]
States = tuple[State, State]


class Model:
    """The network of a recipe over an alphabet of ``size`` characters; the recipe's seed determines its weights."""

    def __init__(self, recipe: Recipe, size: int) -> None:
        one_thread_per_operation()
        self.recipe, self.size = recipe, size
        self.head = HEADS[recipe.loss]
        self.first = recurrent(recipe.cell, size, recipe.units, 3 * recipe.seed)
        self.between = normalisation(recipe.between, recipe.units)
        self.second = recurrent(recipe.cell, recipe.units, recipe.units, 3 * recipe.seed + 1)
        glorot = keras.initializers.GlorotUniform(seed=2 * (3 * recipe.seed + 2))
        self.dense = keras.layers.Dense(size, kernel_initializer=glorot)
        self.dense.build((None, recipe.units))

    @property
    def variables(self) -> Sequence[Tensor]:
        """Keras' trainable variables."""
        return [
            *self.first.trainable_variables,
            *self.between.trainable_variables,
            *self.second.trainable_variables,
            *self.dense.trainable_variables,
        ]

    @property
    def parameters(self) -> int:
        """Trainable numbers."""
        return sum(int(tf.size(variable.value)) for variable in self.variables)

    def initial(self, rows: int) -> States:
        """The zero state of both layers."""
        return tuple(self.first.get_initial_state(rows)), tuple(self.second.get_initial_state(rows))

    def logits(self, ids: Tensor, states: States, *, training: bool) -> tuple[Tensor, States]:
        """Outputs before activation (B, T, V) for ids (B, T), and the state after them."""
        hidden, *first = self.first(tf.one_hot(ids, self.size), initial_state=list(states[0]))  # (B, T, H)
        hidden, *second = self.second(self.between(hidden, training=training), initial_state=list(states[1]))
        return self.dense(hidden), (tuple(first), tuple(second))
