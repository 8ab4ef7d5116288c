"""What runs saved before networks were Keras models: other names of the weights, and another order of gates.

Then an LSTM had its gates in the order i, f, o, g, a GRU its two biases apart, and the low logits of ids that training
never shows were not part of the bias.
"""

from collections.abc import Mapping

import numpy as np

from toolkit.network.backend import Array, Arrays
from toolkit.network.lstm import LSTM
from toolkit.network.network import NEVER, RecurrentNetwork


def weights(arrays: Mapping[str, Array], network: RecurrentNetwork) -> Mapping[str, Array]:
    """A run's weights, by the names that they have in ``network``. Raises KeyError if one is missing."""
    if "output_bias" not in arrays:
        return arrays
    converted = with_names_of(network, arrays)
    bias = converted[network.output_bias]
    return converted | {network.output_bias: np.where(network.trained, bias, np.float32(NEVER))}


def checkpoint(arrays: Mapping[str, Array], network: RecurrentNetwork) -> Mapping[str, Array]:
    """The arrays of a checkpoint, ``group/name``, with the names that ``network`` gives its weights.

    The optimizer's arrays are named for the place of a weight: ``m0``, ``v0``, ``m1``, …
    """
    if "weights/output_bias" not in arrays:
        return arrays
    converted = {name: array for name, array in arrays.items() if name.startswith("states/")}
    for group in ("weights", "best"):
        of_group = {name: arrays[f"{group}/{name}"] for name in flat_names(network)}
        converted |= {f"{group}/{name}": array for name, array in weights(of_group, network).items()}
    for moment in {name[len("optimizer/")] for name in arrays if name.startswith("optimizer/")}:
        by_name = {name: arrays[f"optimizer/{moment}{place}"] for place, name in enumerate(flat_names(network))}
        in_order = enumerate(with_names_of(network, by_name).values())
        converted |= {f"optimizer/{moment}{place}": array for place, array in in_order}
    return converted


def names(network: RecurrentNetwork) -> list[tuple[str, ...]]:
    """For each weight of ``network``, in its order, the names of the arrays that it is made of."""
    by_weight: list[tuple[str, ...]] = [] if network.one_hot else [("embedding",)]
    for number, layer in enumerate(network.recurrent):
        biases = (f"bias_{number}",) if isinstance(layer, LSTM) else (f"bias_{number}", f"recurrent_bias_{number}")
        by_weight += [(f"kernel_{number}",), (f"recurrent_{number}",), biases]
    return [*by_weight, *([] if network.tied else [("output",)]), ("output_bias",)]


def flat_names(network: RecurrentNetwork) -> list[str]:
    """All names in their order."""
    return [name for of_weight in names(network) for name in of_weight]


def with_names_of(network: RecurrentNetwork, arrays: Mapping[str, Array]) -> Arrays:
    """One array per weight of ``network``, by its name there, with its order of gates."""
    return {
        name: gates_as_in_keras(arrays[old[0]], name) if len(old) == 1 else np.stack([arrays[part] for part in old])
        for name, old in zip(network.named_weights, names(network), strict=True)
    }


def gates_as_in_keras(array: Array, name: str) -> Array:
    """An array (…, 4H) with gates i, f, o, g in the order i, f, g, o, if it is a weight of an LSTM."""
    if "lstm_cell" not in name:
        return array
    i, f, o, g = np.split(array, 4, -1)
    return np.concatenate([i, f, g, o], -1)
