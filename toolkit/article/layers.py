"""The recurrent layers and what lies between them."""

from toolkit.article.recipe import Between, Cell
from toolkit.network.backend import Tensor, keras
from toolkit.network.gru import GRU
from toolkit.network.lstm import LSTM

LAYERS = {Cell.LSTM: LSTM, Cell.GRU: GRU}


def recurrent(cell: Cell, width: int, units: int, seed: int) -> Tensor:
    """A recurrent layer of Keras, called with (B, T, I) and its state; gives (B, T, H) and the state after it.

    Its weights are drawn from the seed: glorot for inputs, orthogonal for the recurrence.
    """
    layer = LAYERS[cell](
        units,
        return_sequences=True,
        return_state=True,
        kernel_initializer=keras.initializers.GlorotUniform(seed=2 * seed),
        recurrent_initializer=keras.initializers.Orthogonal(seed=2 * seed + 1),
    )
    layer.build((None, None, width))
    return layer


def normalisation(between: Between, units: int) -> Tensor:
    """The Keras layer between the recurrent layers, called with inputs and ``training``."""
    kinds = {
        Between.NOTHING: keras.layers.Identity,
        Between.BATCH: keras.layers.BatchNormalization,
        Between.LAYER: keras.layers.LayerNormalization,
    }
    layer = kinds[between]()
    layer.build((None, None, units))
    return layer
