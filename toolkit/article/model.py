"""The article's network: one-hot characters -> two recurrent layers -> a dense layer at every step."""

from collections.abc import Sequence

from toolkit.article.layers import CELLS, State, normalisation
from toolkit.article.losses import HEADS
from toolkit.article.recipe import Recipe
from toolkit.network.backend import Tensor, tf

States = tuple[State, State]


class Model:
    """The network of a recipe over an alphabet of ``size`` characters; the recipe's seed determines its weights."""

    def __init__(self, recipe: Recipe, size: int) -> None:
        self.recipe, self.size = recipe, size
        self.head = HEADS[recipe.loss]
        make = CELLS[recipe.cell]
        self.first = make(size, recipe.units, 3 * recipe.seed)
        self.between = normalisation(recipe.between, recipe.units)
        self.second = make(recipe.units, recipe.units, 3 * recipe.seed + 1)
        glorot = tf.keras.initializers.GlorotUniform(seed=2 * (3 * recipe.seed + 2))
        self.dense = tf.keras.layers.Dense(size, kernel_initializer=glorot)
        self.dense.build((None, recipe.units))

    @property
    def variables(self) -> Sequence[Tensor]:
        """Keras' trainable variables."""
        return [
            *self.first.variables,
            *self.between.trainable_variables,
            *self.second.variables,
            *self.dense.trainable_variables,
        ]

    @property
    def parameters(self) -> int:
        """Trainable numbers."""
        return sum(int(tf.size(variable.value)) for variable in self.variables)

    def initial(self, rows: int) -> States:
        """The zero state of both layers."""
        return self.first.initial(rows), self.second.initial(rows)

    def logits(self, ids: Tensor, states: States, *, training: bool) -> tuple[Tensor, States]:
        """Outputs before activation (T, B, V) for ids (T, B), and the state after them."""
        hidden, first = self.first(tf.one_hot(ids, self.size), states[0])  # (T, B, H)
        hidden, second = self.second(self.between(hidden, training=training), states[1])
        return self.dense(hidden), (first, second)
