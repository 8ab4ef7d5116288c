"""Loss and gradients of an update against Keras' layers with the same weights; the optimizer by hand; the rate."""

import keras
import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums, needs_bfloat16
from toolkit.config import Held, NetworkSettings, TrainSettings
from toolkit.events.encoding import DOC
from toolkit.network.backend import tf
from toolkit.network.network import NEVER, Network, Optimizer
from toolkit.training.step import make_step, rate_at

B, T, H, E = 4, 7, 6, 5


class Recorder:
    """An optimizer that keeps the gradients and changes nothing."""

    def __init__(self, network):
        self.weights = list(network.named_weights.values())
        self.gradients = [tf.Variable(tf.zeros_like(weight)) for weight in self.weights]

    def apply(self, gradients, rate, update):  # noqa: ARG002
        for variable, gradient in zip(self.gradients, gradients, strict=True):
            variable.assign(gradient)


def network_of(vocabulary, tied=False, one_hot=False, layers=1):
    settings = NetworkSettings(units=H, embedding=H if tied else E, layers=layers, tied=tied)
    return Network(settings, np.ones(vocabulary, np.bool_), one_hot=one_hot, seed=6)


def ids(vocabulary):
    """Inputs and targets (2, B, T) without ``<doc>``, some ids in them often."""
    batch = np.random.default_rng(9).integers(1, vocabulary, (2, B, T)).astype(np.int32)
    batch[..., ::3] = 1 + DOC
    return batch


class Oracle:
    """The network of Keras' own layers, with the weights of ours."""

    def __init__(self, network):
        self.network, arrays = network, network.arrays()
        cells = [keras.layers.LSTM(H, return_sequences=True, use_cudnn=False, name=f"lstm_{k}")
                 for k in range(network.settings.layers)]  # fmt: skip
        ids = keras.Input((T,), dtype="int32")
        V = network.vocabulary_size
        embedding = keras.layers.Embedding(V, network.settings.embedded, name="embedding")
        hidden = keras.ops.one_hot(ids, V) if network.one_hot else embedding(ids)
        for cell in cells:
            hidden = cell(hidden)
        self.hidden = keras.Model(ids, hidden)
        self.by_name = {variable.path: variable for variable in self.hidden.trainable_variables}
        output = [name for name in arrays if name.startswith("output/")]
        self.by_name |= {name: keras.Variable(arrays[name]) for name in output}
        for name, variable in self.by_name.items():
            variable.assign(arrays[name])

    def variables(self):
        """In the order of the network's weights."""
        return [self.by_name[name] for name in self.network.named_weights]

    def loss(self, x, y):
        """Mean nats of all targets."""
        tied = self.network.tied
        matrix = self.by_name["embedding/embeddings" if tied else "output/kernel"].value
        logits = tf.einsum("bth,hv->btv", self.hidden(x), tf.transpose(matrix) if tied else matrix)
        logits += self.by_name["output/bias"].value
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))

    def gradients(self, x, y):
        """Loss and its gradients, in the order of the network's weights."""
        with tf.GradientTape() as tape:
            loss = self.loss(x, y)
        return loss, tape.gradient(loss, [variable.value for variable in self.variables()])


def zero(network, towers):
    return tuple(network.initial(B // towers) for _ in range(towers))


KINDS = [  # a vocabulary smaller than the batch's tokens in a tower is projected whole, a larger one is looked up first
    ({"vocabulary": 9}, 1, "float32"), ({"vocabulary": 40}, 2, "float32"),
    ({"vocabulary": 9, "one_hot": True}, 2, "float32"), ({"vocabulary": 9, "tied": True}, 2, "float32"),
    ({"vocabulary": 40, "tied": True}, 1, "float32"), ({"vocabulary": 40, "layers": 2}, 2, "float32"),
    pytest.param({"vocabulary": 9, "layers": 2}, 2, "bfloat16", marks=needs_bfloat16),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "towers", "precision"), KINDS, ids=str)
def test_loss_and_gradients_equal_those_of_keras_layers(kind, towers, precision):
    network = network_of(**kind)
    x, y = ids(network.vocabulary_size)
    recorder, oracle = Recorder(network), Oracle(network)
    loss, _ = make_step(network, recorder, towers, 0, precision)(
        tf.constant(x), tf.constant(y), zero(network, towers), tf.constant(0.0), tf.constant(0, tf.int64)
    )
    their_loss, theirs = oracle.gradients(x, y)
    # Products are rounded to bfloat16, but summed in float32.
    rounded = precision == "bfloat16"
    # Forward and backward.
    sums = len(network.cores) * T * (2 if rounded else E + 5 * H)
    terms = sums + (1 if rounded else network.vocabulary_size + B * T)
    assert_same_sums(loss, their_loss, terms, dtype=precision)  # 0.004 seen
    for name, ours, gradient in zip(network.named_weights, recorder.gradients, theirs, strict=True):
        gradient = tf.convert_to_tensor(gradient)
        assert_same_sums(ours, gradient, terms, dtype=precision)  # 0.06 seen
        if "kernel" in name and "recurrent" not in name:
            assert (np.abs(ours - gradient).max() > 1e-4 * np.abs(gradient).max()) == rounded


@pytest.mark.parametrize("tied", [False, True])
def test_loss_and_gradients_of_a_transformer_equal_those_of_its_keras_model(tied):
    settings = {"cell": "transformer", "units": H, "heads": 2, "memory": 3, "layers": 2, "initial_range": 0.3}
    network = Network(NetworkSettings(tied=tied, **settings), np.ones(9, np.bool_), one_hot=False, seed=6)
    (x, y), recorder = ids(9), Recorder(network)
    loss, _ = make_step(network, recorder, 2, 0)(
        tf.constant(x), tf.constant(y), zero(network, 2), tf.constant(0.0), tf.constant(0, tf.int64)
    )
    with tf.GradientTape() as tape:
        theirs = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, network(x)))
    gradients = tape.gradient(theirs, list(network.named_weights.values()))
    block = 2 * (H + 3 + 4 + H + H + 4 * H)  # terms of its sums, forward and backward
    terms = 2 * block + 9 + B * T
    assert_same_sums(loss, theirs, terms)  # 0.005 seen
    for ours, gradient in zip(recorder.gradients, gradients, strict=True):
        assert_same_sums(ours, tf.convert_to_tensor(gradient), terms)  # 0.02 seen


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_each_tower_drops_units_of_its_own(dropout):
    settings = NetworkSettings(units=H, embedding=E, layers=2, tied=False, dropout=dropout)
    network = Network(settings, np.ones(9, np.bool_), one_hot=False, seed=6)
    rows = tf.constant(np.tile(np.arange(1, T + 1, dtype=np.int32), (B, 1)))  # the same text in every row
    step = make_step(network, Recorder(network), 2, 0)
    _, (first, second) = step(rows, rows, zero(network, 2), tf.constant(0.0), tf.constant(0, tf.int64))
    # The second layer reads the units that are left.
    for a, b in zip(first[1], second[1], strict=True):
        if dropout:
            assert np.abs(a - b).max() > 1e-3
        else:
            assert_same_sums(a, b, 2 * T * (E + H))  # 0 seen


every_kind = pytest.mark.parametrize("kind", ["adam", "sgd"])


def optimizer_of(weights, kind, clip_norm=100.0, weight_decay=0.0, begun=0):
    settings = TrainSettings(optimizer=kind, clip_norm=clip_norm, weight_decay=weight_decay)
    return Optimizer(settings, [weights], begun)


def step(optimizer, gradient, rate=0.5, update=0):
    optimizer.apply([tf.constant(gradient)], tf.constant(rate), tf.constant(update, tf.int64))


def test_gradient_descent_goes_against_the_gradient():
    w = tf.Variable([1.0, 2.0])
    step(optimizer_of(w, "sgd"), [3.0, 4.0])
    assert w.numpy().tolist() == [1 - 0.5 * 3, 2 - 0.5 * 4]


@every_kind
def test_the_whole_gradient_is_clipped_by_its_norm(kind):
    small, large = tf.Variable([0.0, 0.0]), tf.Variable([0.0, 0.0])
    step(optimizer_of(small, kind, clip_norm=1.0), [0.6, 0.8])  # of norm 1
    step(optimizer_of(large, kind, clip_norm=1.0), [30.0, 40.0])  # of norm 50, the same direction
    assert_same_sums(small, large, 20)  # 0.04 seen


@pytest.mark.parametrize("begun", [0, 1000])
def test_adams_first_steps_are_as_worked_by_hand(begun):
    # m = 0.1 g, v = 0.001 g²; corrected both are g and g²: a step of rate · sign(g). A second gradient −g/2:
    # m = 0.9·0.1 g − 0.1 g/2 = 0.04 g, corrected by 1 − 0.81: 0.2105 g; v = 0.000999 g² + 0.00025 g², by 1 − 0.998001:
    # 0.62481 g²; step 0.2105/√0.62481 = 0.26634 of the rate
    w, magnitude = tf.Variable([0.0]), 0.1 / (1 - 0.999)  # the correction cancels 0.999
    adam = optimizer_of(w, "adam", begun=begun)
    step(adam, [4.0], rate=0.1, update=begun)
    assert_same_sums(w, [-0.1], 1, magnitude)  # 0.002 seen
    step(adam, [-2.0], rate=0.1, update=begun + 1)
    assert_same_sums(w, [-0.1 - 0.026634], 1, magnitude)  # 0.04 seen


@every_kind
def test_without_a_gradient_weights_shrink_but_biases_of_untrained_ids_do_not(kind):
    w = tf.Variable([1.0, -2.0, NEVER])
    optimizer = optimizer_of(w, kind, weight_decay=0.25)
    for update in range(100):
        step(optimizer, [0.0] * 3, update=update)
    # 0.02 seen
    assert_same_sums(w / [0.875**100, -2 * 0.875**100, NEVER], np.ones(3), 2 * 100)


@every_kind
@pytest.mark.parametrize("decay", [0.0, 0.25])
def test_a_restored_optimizer_continues_as_the_first(kind, decay):
    weights = [tf.Variable([1.0, 2.0]) for _ in range(2)]
    first, second = (optimizer_of(w, kind, weight_decay=decay) for w in weights)
    step(first, [1.0, -3.0])
    weights[1].assign(weights[0])
    second.assign(first.arrays())
    for optimizer in (first, second):
        step(optimizer, [0.5, 0.25], update=1)
    np.testing.assert_array_equal(*weights)


def test_a_held_rate_is_halved_before_each_pass_after_the_fourth():
    settings = TrainSettings(learning_rate=20.0, warmup=0.0, held=Held(epochs=4, divided_by=2.0))
    rates = [rate_at(0.5, epochs, settings) for epochs in (0.0, 3.0, 3.99, 4.0, 4.5, 5.0, 12.0)]
    assert rates == [20.0, 20.0, 20.0, 10.0, 10.0, 5.0, 20.0 / 2**9]
