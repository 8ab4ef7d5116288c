"""Rounded networks: as near as their levels allow, and the same in the page as here."""

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.network.network import RecurrentNetwork
from toolkit.network.rounding import LEVELS, matrices, rounded, rounded_matrices, with_matrices


def network(*, one_hot=False, **settings):
    return RecurrentNetwork(NetworkSettings(units=6, initial_range=0.5, **settings), np.ones(9, bool), one_hot=one_hot)


@pytest.mark.parametrize("levels", LEVELS)
def test_no_weight_is_off_by_more_than_half_a_step(levels):
    matrix = np.random.default_rng(0).normal(size=(7, 40)).astype(np.float32)
    matrix[3] = 0
    near = rounded(matrix, levels)
    steps = np.abs(matrix).max(1, keepdims=True) / levels
    assert (np.abs(near.matrix - matrix) <= steps * 0.5001).all()
    assert np.abs(near.integers).max() == levels


@pytest.mark.parametrize(
    "settings", [{}, {"one_hot": True, "layers": 2}, {"tied": False, "embedding": 4, "cell": "gru"}]
)
def test_every_matrix_is_rounded_and_no_bias(settings):
    whole = network(**settings)
    near = with_matrices(whole, rounded_matrices(whole, 15))
    places = {place.weight for place in matrices(whole).values()}
    for name, before in whole.arrays().items():
        after = near.arrays()[name]
        assert (name in places) == (before.ndim == 2 and not name.endswith("bias"))
        assert np.array_equal(before, after) == (name not in places)
        assert np.abs(before - after).max() < 0.5 / 15
