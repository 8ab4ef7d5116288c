"""The network: one step equals the loop, shapes, what it refuses."""

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.events.encoding import DOC
from toolkit.network.backend import tf
from toolkit.network.network import RecurrentNetwork

TRAINED = np.array([True, True, False, True, True, True])
IDS = np.array([[0, 0], [3, 1], [5, 0], [1, 4]], np.int32)  # (steps, rows), with a <doc> in the middle of a row


@pytest.mark.parametrize("one_hot", [True, False])
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_equal_the_loop(one_hot, layers):
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5, layers=layers), TRAINED, one_hot=one_hot, seed=3)
    whole, last = network.hidden(tf.constant(IDS), network.initial(2))
    state = network.initial(2)
    for ids, expected in zip(IDS, whole, strict=True):
        kept = (ids != DOC).astype(np.float32)[:, None]
        outputs, state = network.advance(tf.constant(ids), [(h * kept, c * kept) for h, c in state])
        np.testing.assert_allclose(outputs, expected, atol=1e-6)
    for (h, c), (h_last, c_last) in zip(state, last, strict=True):
        np.testing.assert_allclose(h, h_last, atol=1e-6)
        np.testing.assert_allclose(c, c_last, atol=1e-6)


def test_untrained_ids_have_no_softmax():
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5), TRAINED, one_hot=False)
    softmax = tf.nn.softmax(network.logits(tf.ones((1, 5))))[0].numpy()
    assert softmax[~TRAINED].tolist() == [0.0]
    assert softmax.sum() == pytest.approx(1)


def test_tied_weights_need_equal_sizes():
    RecurrentNetwork(NetworkSettings(units=5, embedding=4), TRAINED, one_hot=True)
    with pytest.raises(InputError, match=r"embedding = network\.units, not 4 and 5"):
        RecurrentNetwork(NetworkSettings(units=5, embedding=4), TRAINED, one_hot=False)


@pytest.mark.parametrize(("one_hot", "tied", "names"), [(True, True, {"kernel_0", "output"}),
                                                        (False, True, {"embedding"}),
                                                        (False, False, {"embedding", "output"})])  # fmt: skip
def test_weights_by_kind(one_hot, tied, names):
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5, tied=tied), TRAINED, one_hot=one_hot)
    assert names <= network.shapes().keys()
    assert ("output" in network.shapes()) == ("output" in names)
    assert network.parameters == sum(array.size for array in network.arrays().values())


def test_other_weights_are_refused():
    network = RecurrentNetwork(NetworkSettings(units=5, embedding=5), TRAINED, one_hot=False)
    with pytest.raises(ValueError, match="expected"):
        network.assign({"embedding": np.zeros((6, 5), np.float32)})


def test_a_character_alone_moves_the_gates_as_much_as_a_sum_of_unit_variance_would():
    one_hot = RecurrentNetwork(NetworkSettings(units=32), np.ones(50, bool), one_hot=True).arrays()["kernel_0"]
    embedded = RecurrentNetwork(NetworkSettings(units=32, embedding=32), np.ones(50, bool), one_hot=False).arrays()[
        "kernel_0"
    ]
    assert one_hot.std() == pytest.approx(1, abs=0.05)
    assert embedded.std() == pytest.approx(np.sqrt(2 / (32 + 4 * 32)), rel=0.05)  # glorot's variance


def test_a_uniform_range_holds_for_characters_too():
    arrays = RecurrentNetwork(NetworkSettings(units=8, initial_range=0.1), np.ones(50, bool), one_hot=True).arrays()
    assert np.abs(arrays["kernel_0"]).max() <= 0.1
