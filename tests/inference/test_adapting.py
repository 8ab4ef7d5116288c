"""Dynamic evaluation: every event is paid for before it is learnt from, and the run stays what it was."""

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.events.encoding import Reserve
from toolkit.inference.combined import LEARNING_EVENTS
from toolkit.inference.neural import LearningStepper
from toolkit.network.backend import tf
from toolkit.network.network import RecurrentNetwork


@pytest.mark.parametrize(("one_hot", "tied"), [(True, False), (False, True), (False, False)])
def test_weights_take_the_steps_that_the_rule_says(one_hot, tied):
    """The rule written out in numpy, with TensorFlow's gradients of Keras' own loss, for two documents.

    The last id is one that training never showed: it is read, and nothing is learnt from that it came.
    """
    settings, trained = NetworkSettings(units=4, embedding=4, tied=tied), np.arange(6) < 5
    network = RecurrentNetwork(settings, trained, one_hot=one_hot, seed=1)
    reference, rate = network.copy(), 0.3
    stepper = LearningStepper(network, Reserve(trained, 1, 1000), rate)
    documents = [[1, 2, 5, 4] * (LEARNING_EVENTS // 4) + [2, 1, 0], [3, 5, 0]]
    for id_ in (id_ for document in documents for id_ in document):
        stepper.feed(id_)

    weights = {name: array.astype(np.float64) for name, array in reference.arrays().items()}
    sums, windows, state = dict.fromkeys(weights, 0.0), 0, reference.initial(1)
    read = (
        (True, [0, *documents[0][:LEARNING_EVENTS]]),
        (False, documents[0][LEARNING_EVENTS - 1 :]),
        (True, [0, *documents[1]]),
    )
    for first, inputs in read:
        reference.assign({name: array.astype(np.float32) for name, array in weights.items()})
        counted = np.array(inputs[1:]) != 5
        n, state = counted.sum(), reference.initial(1) if first else state
        with tf.GradientTape() as tape:
            outputs, after = reference.forward().window(tf.constant(inputs[:-1])[:, None], state)
            logits = reference.output_layer().logits(outputs[:, 0])
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.constant(inputs[1:]), logits)
            loss = tf.reduce_mean(losses[counted])
        gradients = tape.gradient(loss, reference.named_weights)
        windows, state = windows + 1, after
        for name, weight in weights.items():
            gradient = tf.convert_to_tensor(gradients[name]).numpy()
            sums[name] = sums[name] + gradient**2
            root = np.sqrt(sums[name] / windows) + np.sqrt(np.mean(sums[name] / windows))
            weight -= rate / 150 * n / LEARNING_EVENTS * gradient / np.where(root > 0, root, 1.0)
    for name, array in network.arrays().items():
        np.testing.assert_allclose(array, weights[name], atol=2e-5)
