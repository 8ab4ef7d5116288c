"""Sizes from formulas against networks that Keras has built."""

from itertools import product

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.network.network import RecurrentNetwork
from toolkit.network.sizes import GATES, size

VOCABULARY = 11


@pytest.mark.parametrize(
    ("cell", "layers", "one_hot", "tied", "embedding"),
    [*product(GATES, (1, 2), (True, False), (True, False), (None, 3))],
)
def test_a_size_is_that_of_the_network(cell, layers, one_hot, tied, embedding):
    if tied and not one_hot and embedding:
        embedding = 5  # the only one that can be tied
    settings = NetworkSettings(cell=cell, units=5, layers=layers, tied=tied, embedding=embedding)
    network = RecurrentNetwork(settings, np.ones(VOCABULARY, bool), one_hot=one_hot)
    expected = size(settings, cell, VOCABULARY, one_hot=one_hot)
    assert expected.parameters == network.parameters == network.count_params()
    assert expected.embedding_parameters == network.embedding_parameters
    assert expected.multiply_adds == network.multiply_adds


def test_biases_are_not_products():
    """GRU, 2 units, 3 embedded, 7 ids: kernel 3·6, recurrent kernel 2·6, output 2·7."""
    settings = NetworkSettings(cell="gru", units=2, embedding=3, tied=False)
    network = RecurrentNetwork(settings, np.ones(7, bool), one_hot=False)
    assert network.multiply_adds == 18 + 12 + 14
