"""The network, a Keras model: recurrent layers, fast on a CPU, between an input matrix and a dense softmax."""

from typing import TYPE_CHECKING

from toolkit.plugins import Registry

if TYPE_CHECKING:
    from toolkit.network.recurrent import Recurrent

CELLS: "Registry[Recurrent]" = Registry(
    "cell",
    "toolkit.cells",
    {
        "lstm": "toolkit.network.lstm:LSTM",
        "gru": "toolkit.network.gru:GRU",
    },
)
