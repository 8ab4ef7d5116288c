"""One update of the weights against Keras: its layers with the same weights, and its Adam."""

import keras
import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.network.backend import tf
from toolkit.network.lstm import from_keras
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import Adam
from toolkit.training.step import make_step, total

B, T, H, E = 4, 7, 6, 5


class Recorder:
    """An optimizer that keeps the gradients and changes nothing."""

    def __init__(self, network):
        self.weights = list(network.weights.values())
        self.found = [tf.Variable(tf.zeros_like(weight)) for weight in self.weights]

    def apply(self, gradients, rate, update):  # noqa: ARG002
        for variable, gradient in zip(self.found, gradients, strict=True):
            variable.assign(gradient)


def network_of(vocabulary, tied=False, one_hot=False, layers=1):
    settings = NetworkSettings(units=H, embedding=H if tied else E, layers=layers, tied=tied)
    return RecurrentNetwork(settings, np.ones(vocabulary, np.bool_), one_hot=one_hot, seed=6)


def ids(vocabulary, count=1):
    """Batches (count, 2, B, T) without ``<doc>``, some ids in them often."""
    found = np.random.default_rng(9).integers(1, vocabulary, (count, 2, B, T)).astype(np.int32)
    found[..., ::3] = 1 + DOC
    return found


class Oracle:
    """The network of Keras' layers, with the weights of ours."""

    def __init__(self, network):
        self.network, w = network, network.weights
        self.weights = {name: keras.Variable(array) for name, array in network.arrays().items()}
        self.cells = [
            keras.layers.LSTM(H, return_sequences=True, use_cudnn=False) for _ in range(network.settings.layers)
        ]
        for layer, cell in enumerate(self.cells):
            cell.build((B, T, w[f"kernel_{layer}"].shape[0]))
            cell.set_weights([from_keras(w[f"{name}_{layer}"].numpy()) for name in ("kernel", "recurrent", "bias")])
            names = [f"{name}_{layer}" for name in ("kernel", "recurrent", "bias")]
            self.weights |= dict(zip(names, cell.trainable_variables, strict=True))

    def variables(self):
        return list(self.weights.values())

    def loss(self, x, y):
        """Mean nats of all targets."""
        w, network = self.weights, self.network
        hidden = tf.one_hot(x, network.vocabulary_size) if network.one_hot else tf.gather(w["embedding"].value, x)
        for cell in self.cells:
            hidden = cell(hidden)
        matrix = tf.transpose(w["embedding"].value) if network.tied else w["output"].value
        logits = tf.einsum("bth,hv->btv", hidden, matrix) + w["output_bias"].value
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))

    def gradients(self, x, y):
        """Loss and its gradients, in the order of ``weights``."""
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        return loss, tape.gradient(loss, [variable.value for variable in self.variables()])


def ordered(name, array):
    """A gradient or weight of Keras with its gates in our order."""
    array = tf.convert_to_tensor(array).numpy()
    return from_keras(array) if name.split("_")[0] in ("kernel", "recurrent", "bias") else array


def zero(network, towers):
    return tuple(network.initial(B // towers) for _ in range(towers))


KINDS = [  # a vocabulary smaller than the batch's tokens in a tower is projected whole, a larger one is looked up first
    {"vocabulary": 9}, {"vocabulary": 40}, {"vocabulary": 9, "one_hot": True}, {"vocabulary": 9, "tied": True},
    {"vocabulary": 40, "tied": True}, {"vocabulary": 40, "layers": 2},
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("towers", [1, 2])
def test_loss_and_gradients_equal_those_of_keras_layers(kind, towers):
    network = network_of(**kind)
    ((x, y),) = ids(network.vocabulary_size)
    recorder, oracle = Recorder(network), Oracle(network)
    loss, _ = make_step(network, recorder, towers, 0)(
        tf.constant(x), tf.constant(y), zero(network, towers), tf.constant(0.0), tf.constant(0, tf.int64)
    )
    their_loss, theirs = oracle.gradients(x, y)
    assert float(loss) == pytest.approx(float(their_loss), rel=1e-6)
    for name, ours, gradient in zip(network.weights, recorder.found, theirs, strict=True):
        np.testing.assert_allclose(ours, ordered(name, gradient), atol=2e-7, rtol=1e-4, err_msg=name)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_bfloat16_gradients_point_the_same_way(kind):
    network = network_of(**kind)
    ((x, y),) = ids(network.vocabulary_size)
    found = []
    for precision in ("float32", "bfloat16"):
        recorder = Recorder(network)
        make_step(network, recorder, 2, 0, precision=precision)(
            tf.constant(x), tf.constant(y), zero(network, 2), tf.constant(0.0), tf.constant(0, tf.int64)
        )
        found.append(np.concatenate([gradient.numpy().ravel() for gradient in recorder.found]))
    plain, rounded = found
    assert not np.array_equal(plain, rounded)
    assert np.linalg.norm(rounded - plain) < 0.02 * np.linalg.norm(plain)


@pytest.mark.parametrize("clip_norm", [1e3, 0.05])
def test_updates_equal_those_of_keras_adam(clip_norm):
    network = network_of(12, tied=True)
    oracle = Oracle(network)
    theirs = keras.optimizers.Adam(0.01, epsilon=1e-8, global_clipnorm=clip_norm)
    step = make_step(network, Adam(list(network.weights.values()), clip_norm), 2, 0)
    for update, (x, y) in enumerate(ids(12, count=3)):
        step(tf.constant(x), tf.constant(y), zero(network, 2), tf.constant(0.01), tf.constant(update, tf.int64))
        _, gradients = oracle.gradients(x, y)
        theirs.apply(gradients, oracle.variables())
    for name, variable in oracle.weights.items():
        np.testing.assert_allclose(network.weights[name], ordered(name, variable.value), atol=2e-5, err_msg=name)


def test_the_same_update_twice_gives_the_same_bits():
    results = []
    for _ in range(2):
        network = network_of(40, tied=True)
        step = make_step(network, Adam(list(network.weights.values()), 1.0), 2, 0)
        for update, (x, y) in enumerate(ids(40, count=3)):
            step(tf.constant(x), tf.constant(y), zero(network, 2), tf.constant(0.01), tf.constant(update, tf.int64))
        results.append(network.arrays())
    for name, array in results[0].items():
        np.testing.assert_array_equal(array, results[1][name])


def test_the_sum_of_looked_up_rows_and_dense_terms():
    slices = [
        tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([2, 0, 2]), tf.constant([3, 1])) for _ in "ab"
    ]
    dense = tf.constant([[10.0], [20.0], [30.0]])
    assert total([[slices[0]], [slices[1]]]).numpy().tolist() == [[4.0], [0.0], [10.0]]
    assert total([[slices[0], dense], [dense]]).numpy().tolist() == [[22.0], [40.0], [65.0]]
    assert total([[dense], [dense]]).numpy().tolist() == [[20.0], [40.0], [60.0]]
