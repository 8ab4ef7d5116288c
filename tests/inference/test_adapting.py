"""Dynamic evaluation: every event is paid for before it is learnt from, and the run stays what it was."""

import numpy as np
import pytest
from toolkit.inference.adapting import STEPS, Adapting
from toolkit.inference.learning import LearningStepper

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.events.vocabulary import Reserve
from toolkit.inference.neural import NeuralModel
from toolkit.network.backend import tf
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document

TEXT = "The keeper wrote quincunx in his book. " * 24


def bits(run, *texts: str, rate: float = 5.0):  # tiny networks, hardly trained, have far to go
    encodings = [run.model.tokenizer.encode(Document("d", text)) for text in texts]
    return [paid.bits for paid in Adapting(run.model, rate).score(encodings)]


def test_without_learning_it_is_the_score(run):
    encodings = [run.model.tokenizer.encode(Document("d", text)) for text in (TEXT, "Ωλ 😀")]
    for still, paid in zip(run.model.score(encodings), bits(run, TEXT, "Ωλ 😀", rate=1e-30), strict=True):
        np.testing.assert_allclose(paid, still.bits, rtol=1e-4)


def test_nothing_depends_on_what_comes_later(run):
    (short,), (long,) = bits(run, TEXT), bits(run, TEXT + "Another end.")
    n = len(short) // STEPS * STEPS - STEPS  # the last events of a tokenizer may depend on where the text ends
    assert n >= 2 * STEPS
    np.testing.assert_array_equal(short[:n], long[:n])


def test_a_text_that_repeats_itself_gets_cheaper(run):
    encodings = [run.model.tokenizer.encode(Document("d", TEXT))]
    (still,) = run.model.score(encodings)
    (paid,) = bits(run, TEXT)
    np.testing.assert_allclose(paid[:STEPS], still.bits[:STEPS], rtol=1e-4)
    assert paid.sum() < 0.98 * still.total


def test_it_goes_on_from_document_to_document_and_leaves_the_run_as_it_was(run):
    before = run.model.network.arrays()
    first, second = bits(run, TEXT, TEXT)
    assert second.sum() < first.sum()
    np.testing.assert_array_equal(bits(run, TEXT)[0], first)
    for name, array in run.model.network.arrays().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(("one_hot", "tied"), [(True, False), (False, True), (False, False)])
def test_weights_take_the_steps_that_the_rule_says(one_hot, tied):
    """The rule written out in numpy, with TensorFlow's gradients of Keras' own loss, for two documents.

    The last id is one that training never showed: it is read, and nothing is learnt from that it came.
    """
    settings, trained = NetworkSettings(units=4, embedding=4, tied=tied), np.arange(6) < 5
    network = RecurrentNetwork(settings, trained, one_hot=one_hot, seed=1)
    reference, rate = network.copy(), 0.3
    stepper = LearningStepper(network, Reserve(trained, 1, 1000), rate)
    documents = [[1, 2, 5, 4] * (STEPS // 4) + [2, 1, 0], [3, 5, 0]]
    for id_ in (id_ for document in documents for id_ in document):
        stepper.feed(id_)

    weights = {name: array.astype(np.float64) for name, array in reference.arrays().items()}
    sums, windows, state = dict.fromkeys(weights, 0.0), 0, reference.initial(1)
    read = (True, [0, *documents[0][:STEPS]]), (False, documents[0][STEPS - 1 :]), (True, [0, *documents[1]])
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
            weight -= rate / 150 * n / STEPS * gradient / np.where(root > 0, root, 1.0)
    for name, array in network.arrays().items():
        np.testing.assert_allclose(array, weights[name], atol=2e-5)


def learnt(learners, ids):
    """What learners expect after each id, which all of them read in turn."""
    expected = [[] for _ in learners]
    for id_ in ids:
        for learner, of_one in zip(learners, expected, strict=True):
            of_one.append(learner.distribution())
            learner.feed(id_)
    return expected


def test_a_learner_begins_where_the_network_is_whoever_has_learnt_before_or_beside_it(run, monkeypatch):
    made, copy = [], type(run.model.network).copy
    monkeypatch.setattr(type(run.model.network), "copy", lambda self: made.append(1) or copy(self))
    model = NeuralModel(run.model.tokenizer, run.model.network)
    ids = model.tokenizer.encode(Document("d", TEXT)).ids[: 3 * STEPS].tolist()
    (first,) = learnt([model.learner(5.0)], ids)
    (after,) = learnt([model.learner(5.0)], ids)
    assert len(made) == 1  # the second had the copy, and the graph, of the first
    np.testing.assert_array_equal(first, after)
    both = [model.learner(5.0), model.learner(0.5)]
    beside, slower = learnt(both, ids)
    assert len(made) == 2
    np.testing.assert_array_equal(first, beside)
    assert np.abs(np.array(beside[2 * STEPS :]) - slower[2 * STEPS :]).max() > 1e-4


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(run, rate):
    with pytest.raises(InputError, match="--adapt"):
        bits(run, TEXT, rate=rate)
