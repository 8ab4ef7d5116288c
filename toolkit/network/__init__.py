"""The network, a Keras model: recurrent layers, fast on a CPU, between an input matrix and a dense softmax."""

from typing import Any

from toolkit.plugins import Registry

CELLS: Registry[Any] = Registry(
    "cell", "toolkit.cells", {"lstm": "toolkit.network.cells:LSTM", "gru": "toolkit.network.cells:GRU"}
)


class Share:
    """The ``threads`` that this process computes networks with, or None for as many as it has cores.

    It is set before TensorFlow is loaded, and without loading it.
    """

    threads: int | None = None


SHARE = Share()
