"""The network, a Keras model: recurrent layers or a transformer between an input matrix and a dense softmax.

A recurrent layer with H units, I inputs and g gates has a kernel (I, gH), a recurrent kernel (H, gH) and biases of gH
numbers. An LSTM has one bias. A GRU has one for either product, as its reset gate comes after the recurrent product.
"""

from types import SimpleNamespace
from typing import NamedTuple

from toolkit.config import NetworkSettings

GATES = {"lstm": 4, "gru": 3}  # by cell
NETWORKS = (*GATES, "transformer")
BIASES = {"lstm": 1, "gru": 2}  # of each gate
# That this process computes networks with; None for as many as it has cores.
SHARE = SimpleNamespace(threads=None)


class Size(NamedTuple):
    """Weights, weights of the input matrix, and multiplications with an addition for one event."""

    parameters: int
    embedding_parameters: int
    multiply_adds: int


def size(settings: NetworkSettings, vocabulary_size: int, *, one_hot: bool) -> Size:
    """Return the size of a network.

    A tied embedding is counted once, as the input matrix, though it is also the output's; its product is there.

    >>> size(NetworkSettings(units=2), 10, one_hot=False)
    Size(parameters=70, embedding_parameters=20, multiply_adds=52)
    """
    if settings.cell == "transformer":
        return _size_of_transformer(settings, vocabulary_size, tied=settings.tied and not one_hot)
    units, embedded, width = settings.units, settings.embedded, GATES[settings.cell] * settings.units
    inputs = vocabulary_size * (width if one_hot else embedded)  # rows that are looked up
    first = 0 if one_hot else embedded * width  # the first layer's kernel, unless it is the input matrix
    kernels = first + (settings.layers - 1) * units * width
    recurrent = settings.layers * units * width
    biases = settings.layers * BIASES[settings.cell] * width + vocabulary_size
    output = units * vocabulary_size
    tied = settings.tied and not one_hot
    parameters = inputs + kernels + recurrent + biases + (0 if tied else output)
    return Size(parameters, inputs, kernels + recurrent + output)


def _size_of_transformer(settings: NetworkSettings, vocabulary_size: int, *, tied: bool) -> Size:
    """Return the size of a network of blocks (transformer.py), each event with a whole memory before it."""
    units, heads = settings.units, settings.heads * (settings.units // settings.heads)  # numbers of all heads
    matrices = settings.layers * (4 * heads + 8 * units) * units
    attention = settings.layers * 2 * heads * (settings.memory + 1)
    table = vocabulary_size * units
    parameters = matrices + vocabulary_size + (table if tied else 2 * table)
    return Size(parameters, table, matrices + attention + table)
