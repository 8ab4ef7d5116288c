"""A network for others: a ``.keras`` file of Keras' own layers, which opens without this toolkit."""

import json
import zipfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.errors import InputError, first_line
from toolkit.events.encoding import Reserve
from toolkit.network.backend import keras
from toolkit.network.network import RecurrentNetwork, TiedDense

TOKENS = "tokens.json"  # in the file, which is a zip archive; Keras ignores it


def plain(network: RecurrentNetwork, reserve: Reserve) -> Any:
    """A model of Keras' own layers: ids (B, T) -> probabilities (B, T, V) of the id after each.

    A row is a document that begins with ``<doc>``. The probabilities are those that scoring charges for: the softmax,
    with the reserve for what training never shows. They are a linear function of the softmax, which is the last layer.
    Raises InputError if a layer is of no kind that Keras has.
    """
    body = keras.models.clone_model(network, clone_function=plain_layer)
    for layer in network.layers:
        body.get_layer(layer.name).set_weights(plain_weights(layer))
    nothing, everything = (reserve.spread(np.full(reserve.trained_count, share)) for share in (0.0, 1.0))
    scale = float((everything - nothing)[reserve.trained][0])
    softmax = keras.layers.Softmax(name="softmax", dtype="float32")(body.output)
    rescaled = keras.layers.Rescaling(scale, nothing.tolist(), name="reserve", dtype="float32")(softmax)
    return keras.Model(body.input, rescaled, name="network")


def plain_layer(layer: Any) -> Any:
    """A layer of Keras that computes the same, without weights.

    Our recurrent layers are subclasses of Keras' own; the layer of Keras is the nearest class that a layer is made of.
    """
    if isinstance(layer, TiedDense):
        return keras.layers.Dense(layer.embedding.input_dim, name=layer.name, dtype="float32")
    of_keras: Any = next(kind for kind in type(layer).__mro__ if kind.__module__.split(".")[0] == "keras")
    if of_keras in (keras.layers.Layer, keras.layers.RNN):
        raise InputError(f"Keras has no layer that computes what {type(layer).__name__} does; export another network.")
    return of_keras.from_config(layer.get_config())


def plain_weights(layer: Any) -> Sequence[Any]:
    """The weights of ``plain_layer``: a tied layer's kernel is a copy of the embedding."""
    if isinstance(layer, TiedDense):
        return [np.ascontiguousarray(keras.ops.convert_to_numpy(layer.embedding.embeddings).T), layer.bias.numpy()]
    weights: Sequence[Any] = layer.get_weights()
    return weights


def write(network: RecurrentNetwork, reserve: Reserve, tokens: Sequence[str], file: Path) -> None:
    """Write the plain model, and in the same archive ``tokens.json``: the token of each id.

    Raises InputError if the name does not end with ``.keras``, or the file cannot be written.
    """
    if file.is_dir():
        raise InputError(f"{file} is a folder; name a file, such as model.keras.")
    if file.suffix != ".keras":
        raise InputError(f"{file} is not a name for a Keras model; name a file that ends with .keras.")
    temporary = file.with_name(f".{file.name}.new.keras")
    try:
        plain(network, reserve).save(temporary)
        with zipfile.ZipFile(temporary, "a") as archive:
            archive.writestr(TOKENS, json.dumps(list(tokens)))
        temporary.replace(file)
    except OSError as error:
        raise InputError(
            f"{file} cannot be written: {error.strerror or first_line(error)}; choose another place."
        ) from error
    finally:
        with suppress(OSError):  # it may never have been made
            temporary.unlink()
