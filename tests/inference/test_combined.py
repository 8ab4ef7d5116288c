"""Models that learn, and mixtures: steps and gates by hand, words read by characters, recall by its formula."""

import math

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC, Reserve
from toolkit.inference import by_character
from toolkit.inference.by_character import Recall, SpelledOut
from toolkit.inference.combined import (
    CONTEXT_RATE,
    FIRST_WEIGHTS_SUM,
    LEARNING_EVENTS,
    WEIGHT_RATE,
    Gate,
    Mixture,
)
from toolkit.inference.neural import LearningStepper
from toolkit.network.backend import tf
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document

TEXTS = (  # tokens of six characters, which the recall of a test allows, and of seven
    "The harbour lay; quincunx, quincunx. lampo the lampos the lampo lampos lay still; lampo lay lampos.",
    "The quincunx lay still, the harbour lay still.",
)


def of_words(parts, number=2, **recalled):
    """A model of words, read by the characters of a mixture."""
    model = parts[number]
    parts = (model.start(), model.tokenizer, model.tokenizer.speller, Mixture(parts)._characters)
    return Recall(*parts, **recalled) if recalled else SpelledOut(*parts)


def read(model, token):
    for character in token:
        model.masses()
        model.feed(character)


def test_a_gates_context_by_hand():
    """Two steps in a context: its weights count there only, and learn at their own rate."""
    gate, distributions = Gate(2), np.array([[0.5, 0.5], [0.9, 0.1]])
    common = here = np.zeros(2)
    squares = np.zeros(2)
    for _ in range(2):
        odds = (0.9 / 0.1) ** (FIRST_WEIGHTS_SUM / 2 + common[1] + here[1])
        mixed = gate.mixed(distributions, ["here"])
        np.testing.assert_allclose(mixed, [odds / (1 + odds), 1 / (1 + odds)])
        gate.learn(0)
        gradient = np.array([0.0, math.log(0.9) - mixed @ np.log([0.9, 0.1])])
        squares = squares + gradient**2
        common = common + WEIGHT_RATE * gradient / np.sqrt(1 + squares)
        here = here + CONTEXT_RATE * gradient / np.sqrt(1 + squares)
    odds = (0.9 / 0.1) ** (FIRST_WEIGHTS_SUM / 2 + common[1])
    np.testing.assert_allclose(gate.mixed(distributions, ["elsewhere"])[0], odds / (1 + odds))


@pytest.mark.parametrize("number", [2, 3])
def test_tokens_have_the_probabilities_that_their_model_gives_them(parts, number, monkeypatch):
    """Read character by character, with the model's reading, the document's spelling and the ends of documents."""
    model, tokenizer = parts[number], parts[number].tokenizer
    monkeypatch.setattr(tokenizer, "speller", tokenizer.speller.tuned(concentration=5.0))  # with a cache
    ids = tokenizer.kept_ids
    by_letters, stepper = of_words(parts, number), model.start()
    for text in ("The quincux, the harbour; quincux quincux.", "He wrote; quincux", "The quincux"):
        spelling = tokenizer.speller.start()
        for token in tokenizer.cut(Document("d", text)).texts:
            distribution, id_ = stepper.distribution(), ids.get(token, tokenizer.placeholder)
            spelled = distribution[tokenizer.placeholder]
            for character, (p, outcome) in zip([*token, ""], spelling.events("UNK", token), strict=True):
                mass = float(by_letters.masses().sum())
                # the speller gives some probability to marks, which no token has
                assert by_letters.spelled_share == pytest.approx(min(spelled / mass, 1.0), rel=1e-9)
                spelled *= p[outcome]
                if character:
                    by_letters.feed(character)
            expected = spelled + (distribution[id_] if token in ids else 0)
            assert by_letters.masses()[-1] == pytest.approx(expected, rel=1e-9)
            assert by_letters.end_token() == id_
            stepper.feed(id_)
            if id_ == tokenizer.placeholder:
                spelling.observe("UNK", token)
        assert by_letters.masses()[DOC] == stepper.distribution()[DOC]
        by_letters.end_document()
        stepper.feed(DOC)


@pytest.mark.parametrize("kept", [3000, 4])
def test_recalled_tokens_have_the_probability_of_the_formula(parts, kept, monkeypatch):
    sharpness, fading, concentration, longest = 3.0, 5.0, 2.0, 6
    settings = {"MAX_TOKENS": kept, "SHARPNESS": sharpness, "FADING_TOKENS": fading}
    for name, value in {**settings, "CONCENTRATION": concentration, "MAX_CHARACTERS": longest}.items():
        monkeypatch.setattr(by_character, name, value)
    model, alone = of_words(parts, outlook=parts[2].outlook()), of_words(parts)
    outlook, recalled = parts[2].outlook(), 0
    for text in TEXTS:
        outlook.feed(DOC)
        earlier = []
        for token in parts[2].tokenizer.cut(Document("d", text)).texts:
            q = outlook.outputs / np.linalg.norm(outlook.outputs)
            weights = [
                (other, math.exp(sharpness * (k @ q - 1) - ago / fading))
                for ago, (other, k) in enumerate(reversed(earlier[-kept:]), 1)
            ]
            read(alone, token)
            read(model, token)
            same, total = (sum(w for other, w in weights if other == token or every) for every in (False, True))
            recalled += same > 0
            expected = (concentration * alone.masses()[-1] + same) / (concentration + total)
            assert model.masses()[-1] == pytest.approx(expected, rel=3e-3)  # outlooks are rounded
            outlook.feed(alone.end_token())
            model.end_token()
            if len(token) <= longest:
                earlier.append((token, q))
        alone.end_document()
        model.end_document()
        assert model.masses() == pytest.approx(alone.masses(), rel=1e-12)  # a document begins without memory
    assert recalled >= 5


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
    begun, ended = [0, *documents[0][:LEARNING_EVENTS]], documents[0][LEARNING_EVENTS - 1 :]
    for first, inputs in ((True, begun), (False, ended), (True, [0, *documents[1]])):
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
