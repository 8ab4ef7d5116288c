"""A network with its matrices rounded to integers of one byte, as the living page has them.

A matrix is kept as (outputs, inputs): each of its rows has its own scale, its largest weight divided by ``levels``.
The rows of the input matrix are the inputs of the ids. Vectors (biases) stay as they are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.network.backend import Array
from toolkit.network.network import RecurrentNetwork

LEVELS = (127, 90, 63, 45, 31, 22, 15)  # on each side of 0: all that a byte has, and half a bit less at each step


class Place(NamedTuple):
    """Where a matrix of the page stands in the network, and whether it is turned round there."""

    weight: str
    turned: bool

    def matrix(self, weight: Array) -> Array:
        """The page's matrix of the network's, or the network's of the page's."""
        return weight.T if self.turned else weight


@dataclass(frozen=True)
class Rounded:
    """A matrix (N, M) as ``integers`` (N, M) of int8 and ``scales`` (N,) of float32."""

    integers: npt.NDArray[np.int8]
    scales: npt.NDArray[np.float32]

    @property
    def matrix(self) -> npt.NDArray[np.float32]:
        """The rounded matrix (N, M)."""
        return self.integers * self.scales[:, None]


def rounded(matrix: npt.NDArray[np.floating], levels: int) -> Rounded:
    """The matrix (N, M) with the weights of each row rounded to whole numbers from −levels to levels.

    >>> rounded(np.array([[1.0, -0.5, 0.0]]), 2).integers.tolist()
    [[2, -1, 0]]
    """
    scales = (np.abs(matrix).max(1) / levels).astype(np.float32)  # (N,)
    divisors = np.where(scales > 0, scales, 1)
    return Rounded(np.rint(matrix / divisors[:, None]).astype(np.int8), scales)


def matrices(network: RecurrentNetwork) -> dict[str, Place]:
    """The matrices that the page has, by its names for them; a tied network has no output matrix of its own."""
    places = {"input": Place(network.input_matrix, turned=False)}
    for number, layer in enumerate(network.recurrent):
        if not (network.one_hot and number == 0):
            places[f"kernel{number}"] = Place(str(layer.cell.kernel.path), turned=True)
        places[f"recurrent{number}"] = Place(str(layer.cell.recurrent_kernel.path), turned=True)
    if not network.tied:
        places["output"] = Place(network.output_matrix, turned=True)
    if network.cutoff:
        places["together"] = Place(network.output_weights[2], turned=True)
    return places


def vectors(network: RecurrentNetwork) -> dict[str, Array]:
    """The biases, by the page's names for them."""
    weights = network.arrays()
    names = {f"bias{number}": str(layer.cell.bias.path) for number, layer in enumerate(network.recurrent)}
    names["output_bias"] = network.output_bias
    if network.cutoff:
        names["together_bias"] = network.output_weights[3]
    return {name: weights[weight] for name, weight in names.items()}


def rounded_matrices(network: RecurrentNetwork, levels: int) -> dict[str, Rounded]:
    """The network's matrices, rounded to so many levels."""
    weights = network.arrays()
    return {name: rounded(place.matrix(weights[place.weight]), levels) for name, place in matrices(network).items()}


def with_matrices(network: RecurrentNetwork, by_name: Mapping[str, Rounded]) -> RecurrentNetwork:
    """A copy of the network with the rounded matrices."""
    weights = network.arrays()
    for name, place in matrices(network).items():
        weights[place.weight] = place.matrix(by_name[name].matrix)
    other = network.copy()
    other.assign(weights)
    return other
