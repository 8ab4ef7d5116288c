"""The network in other forms: in numpy, one event at a time, and as a ``.keras`` file for other programs."""

import json
import math
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.events.distribution import Floats, Matrix, rms_norm
from toolkit.events.encoding import DOC, Reserve
from toolkit.network.backend import keras
from toolkit.network.network import Network, TiedDense

TOKENS = "tokens.json"  # a file in the archive, which Keras ignores


class NumpyStepper:
    """A ``Stepper``: a network in numpy, with the reserve for untrained ids.

    With ``Matrix`` its numbers are the same on every processor, with ``FastMatrix`` it is faster.
    """

    def __init__(self, network: Network, reserve: Reserve, matrix: type[Matrix] = Matrix) -> None:
        self.network, self.reserve, self._matrix = network, reserve, matrix
        transformer = network.settings.cell == "transformer"
        self._normed: Callable[[Floats], Floats] = rms_norm if transformer else np.asarray
        self._largest = math.sqrt(network.settings.units) if transformer else 1.0  # of the outputs
        self.refresh()
        self.feed(DOC)

    def refresh(self) -> None:
        """Take over the network's weights as they are now."""
        network = self.network
        self._inputs = network.named_weights[network.input_matrix].numpy()  # (V, ...)
        self._layers: list[Any] = []
        largest = float(np.abs(self._inputs).max())
        for number, layer in enumerate(network.cores):
            self._layers.append(
                layer.numpy_weights(self._matrix, None if network.one_hot and number == 0 else largest)
            )
            largest = 1.0  # no cell's output is larger
        weights, bias = (network.named_weights[name].numpy() for name in network.output_weights)
        self._output = self._matrix(self._largest * (weights.T if network.tied else weights))
        self._bias = bias.astype(np.float64)

    def feed(self, id_: int) -> None:
        """Pass an event; ``<doc>`` starts a document from the zero state. The network does not read ids outside it."""
        if id_ in self.reserve.outside:
            return
        if id_ == DOC:
            self._state = [layer.numpy_state() for layer in self.network.cores]
        x = self._normed(self._inputs[id_].astype(np.float64))
        for number, (layer, weights) in enumerate(zip(self.network.cores, self._layers, strict=True)):
            x, *_ = self._state[number] = layer.numpy_step(x, weights, self._state[number])

    @property
    def outputs(self) -> Floats:
        """Return the last layer's outputs (H,) after the ids read, from −1 to 1."""
        return self._normed(self._state[-1][0]) / self._largest

    def distribution(self) -> Floats:
        """Return P (V,) of the next event."""
        return self.reserve.distribution(self._output.product(self.outputs) + self._bias)


def write(network: Network, reserve: Reserve, tokens: Sequence[str], file: Path) -> None:
    """Write a model of Keras' own layers and, in the same archive, ``tokens.json`` with the token of each id.

    The model turns ids (B, T), in rows that begin with ``<doc>``, into the probabilities (B, T, V) of the next ids.
    These are the probabilities of scoring: a linear function of the softmax adds the reserve for untrained ids.
    """
    body = keras.models.clone_model(network, clone_function=_plain_layer)
    for layer in network.layers:
        weights = layer.get_weights()
        if isinstance(layer, TiedDense):
            weights = [np.ascontiguousarray(layer.embedding.get_weights()[0].T), layer.bias.numpy()]
        body.get_layer(layer.name).set_weights(weights)
    nothing, everything = (reserve.spread(np.full(reserve.trained_count, share)) for share in (0.0, 1.0))
    scale = float((everything - nothing)[reserve.trained][0])
    softmax = keras.layers.Softmax(name="softmax", dtype="float32")(body.output)
    rescaled = keras.layers.Rescaling(scale, nothing.tolist(), name="reserve", dtype="float32")(softmax)
    keras.Model(body.input, rescaled, name="network").save(file)
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(TOKENS, json.dumps(list(tokens)))


def _plain_layer(layer: Any) -> Any:
    """Return a layer of Keras that computes the same, without weights: of the nearest class that is Keras' own."""
    if isinstance(layer, TiedDense):
        return keras.layers.Dense(layer.embedding.input_dim, name=layer.name, dtype="float32")
    plain: Any = next(kind for kind in type(layer).__mro__ if kind.__module__.split(".")[0] == "keras")
    return plain.from_config(layer.get_config())
