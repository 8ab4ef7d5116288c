"""Values beyond reason are refused with a sentence, before any memory is asked for or any graph is built."""

import time

import pytest

from toolkit.comparison import memory
from toolkit.comparison.completing import completed
from toolkit.config import CompareSettings, NetworkSettings, TrainSettings, nested
from toolkit.errors import InputError
from toolkit.inference.continuation import check
from toolkit.inference.drawing import ALL, Likeliest
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


def test_a_batch_that_its_towers_cannot_share_equally_is_refused():
    """It would be rounded up, and the settings would say another number of rows than the updates have."""
    with pytest.raises(InputError, match=r"train\.batch is 10 rows, which the 4 .* such as --set train\.batch=12"):
        completed({"train": {"batch": 10, "towers": 4}}, 10_000)
    assert completed({"train": {"batch": 12, "towers": 4}}, 10_000).train.batch == 12
    assert completed({"train": {"batch": 10}}, 10_000).train.towers == 2
    assert completed({"train": {"towers": 4}}, 20_000).train.batch == 10  # the recipe's, which nobody gave


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize(("units", "layers"), [(16, 1), (256, 1), (512, 3)])
def test_the_least_is_below_what_a_network_takes_whatever_its_vocabulary(cell, units, layers):
    network = NetworkSettings(cell=cell, units=units, layers=layers)
    settings = CompareSettings(network=network, train=TrainSettings(batch=1, window_characters=1))
    smallest = size(network, cell, 2, one_hot=False).parameters  # of two ids
    assert 0 < memory.least_bytes(settings) < memory.BYTES * (memory.COPIES * smallest + 4 * units * layers)


def test_a_machine_that_does_not_say_refuses_nothing(monkeypatch):
    monkeypatch.setattr(memory, "memory", lambda: 0)
    assert completed({"network": {"units": HUGE}}, 10_000).network.units == HUGE


@pytest.mark.parametrize(
    ("asked", "said"),
    [((10**12, 1.0, ALL), "The length in characters is 1000000000000"), ((9, 1e-300, ALL), "temperature"),
     ((9, 1e300, ALL), "temperature"), ((9, 1.0, Likeliest(top_p=1e-320)), "top-p")],
)  # fmt: skip
def test_a_text_that_cannot_be_drawn_is_refused(asked, said):
    with pytest.raises(InputError, match=said):
        check(*asked)
