"""Values beyond reason are refused with a sentence, before any memory is asked for or any graph is built."""

import time

import pytest
from toolkit.comparison.completing import completed

from toolkit.comparison import memory
from toolkit.config import CompareSettings, NetworkSettings, TrainSettings, nested
from toolkit.errors import InputError
from toolkit.network.sizes import size

HUGE = 10**10


@pytest.mark.parametrize(
    "key", ["network.units", "network.embedding", "train.batch", "train.window_characters", "train.window_tokens"]
)
def test_what_no_memory_can_hold_is_refused_with_what_it_needs(key):
    began = time.monotonic()
    with pytest.raises(InputError, match=r"needs at least [\d,.]+ [TPEZ]iB to train; this machine has .* GiB") as error:
        completed(nested(key.split("."), HUGE), 10_000)
    assert f"{key}={HUGE}" in str(error.value)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("key", "value"),
    [("network.layers", 300), ("train.towers", 1000), ("samples.temperature", 1e-300), ("samples.temperature", 1e9),
     ("samples.count", HUGE), ("samples.characters", HUGE)],
)  # fmt: skip
def test_what_takes_minutes_or_has_no_distribution_is_refused(key, value):
    with pytest.raises(InputError, match=f"The setting {key} cannot be"):
        completed(nested(key.split("."), value), 10_000)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(("units", "layers"), [(16, 1), (256, 1), (512, 3)])
def test_the_least_is_below_what_a_network_takes_whatever_its_vocabulary(cell, units, layers):
    network = NetworkSettings(cell=cell, units=units, layers=layers)
    settings = CompareSettings(network=network, train=TrainSettings(batch=1, window_characters=1))
    smallest = size(network, cell, 2, one_hot=False).parameters  # of two ids
    assert 0 < memory.least_bytes(settings) < memory.BYTES * (memory.COPIES * smallest + 4 * units * layers)
