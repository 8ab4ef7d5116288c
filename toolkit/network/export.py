"""A network for other programs: a ``.keras`` file of Keras' own layers, which opens without this toolkit."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.events.encoding import Reserve
from toolkit.network.backend import keras
from toolkit.network.network import RecurrentNetwork, TiedDense

TOKENS = "tokens.json"  # a file in the archive, which Keras ignores


def write(network: RecurrentNetwork, reserve: Reserve, tokens: Sequence[str], file: Path) -> None:
    """Write a model of Keras' own layers and, in the same archive, ``tokens.json`` with the token of each id.

    The model turns ids (B, T), in rows that begin with ``<doc>``, into the probabilities (B, T, V) of the next ids.
    These are the probabilities of scoring: a linear function of the softmax adds the reserve for untrained ids.

    Keras raises ValueError if the name does not end with ``.keras``.
    """
    body = keras.models.clone_model(network, clone_function=_plain_layer)
    for layer in network.layers:
        body.get_layer(layer.name).set_weights(_plain_weights(layer))
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


def _plain_weights(layer: Any) -> list[Any]:
    if isinstance(layer, TiedDense):
        return [np.ascontiguousarray(keras.ops.convert_to_numpy(layer.embedding.embeddings).T), layer.bias.numpy()]
    return list(layer.get_weights())
