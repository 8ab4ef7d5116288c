"""Models that learn, and mixtures: steps and gates by hand, words read by characters, recall by its formula."""

import copy
import math

import numpy as np
import pytest

from tests.helpers.rounding import assert_same_sums
from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC, Reserve
from toolkit.inference.by_character import (
    CONCENTRATION,
    FADING_TOKENS,
    MAX_CHARACTERS,
    MAX_TOKENS,
    SHARPNESS,
    Recall,
    SpelledOut,
)
from toolkit.inference.combined import CONTEXT_RATE, FIRST_WEIGHTS_SUM, LEARNING_EVENTS, WEIGHT_RATE, Gate
from toolkit.inference.neural import LearningStepper
from toolkit.network.backend import tf
from toolkit.network.network import Network
from toolkit.spelling.speller import UNSEEN
from toolkit.text.corpus import Document

LONG = "lampo" * 6 + "l"  # with the space before it, as many characters as are remembered of a token
TEXTS = (
    f"The harbour lay; quincunx, quincunx. lampo the {LONG} the {LONG}s {LONG} lay still; {LONG}s lampo lay.",
    "The quincunx lay still, the harbour lay still.",
)


def of_words(parts, model, kind=SpelledOut):
    """A model of words, read by the characters of a mixture."""
    tokens = parts[0].tokenizer.vocabulary.tokens
    characters = [token if len(token) == 1 else UNSEEN for token in tokens]
    return kind(model.start(), model.tokenizer, model.tokenizer.speller, characters)


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
        mixed = gate.mixed(distributions, "here")
        np.testing.assert_allclose(mixed, [odds / (1 + odds), 1 / (1 + odds)])
        gate.learn(0)
        gradient = np.array([0.0, math.log(0.9) - mixed @ np.log([0.9, 0.1])])
        squares = squares + gradient**2
        common = common + WEIGHT_RATE * gradient / np.sqrt(1 + squares)
        here = here + CONTEXT_RATE * gradient / np.sqrt(1 + squares)
    odds = (0.9 / 0.1) ** (FIRST_WEIGHTS_SUM / 2 + common[1])
    np.testing.assert_allclose(gate.mixed(distributions, "elsewhere")[0], odds / (1 + odds))


@pytest.mark.parametrize("number", [2, 3])
def test_tokens_have_the_probabilities_that_their_model_gives_them(parts, number):
    """Read character by character, with the model's reading, the document's spelling and the ends of documents."""
    model = copy.copy(parts[number])
    model.tokenizer = tokenizer = copy.copy(model.tokenizer)
    tokenizer.speller = tokenizer.speller.tuned(concentration=5.0)  # with a cache
    ids = tokenizer.kept_ids
    by_letters, stepper = of_words(parts, model), model.start()
    for text in ("The quincux, the harbour; quincux quincux.", "He wrote; quincux", "The quincux"):
        spelling = tokenizer.speller.start()
        for token in tokenizer.cut(Document("d", text)).texts:
            distribution, id_ = stepper.distribution(), ids.get(token, tokenizer.placeholder)
            spelled = distribution[tokenizer.placeholder]
            for character, (p, outcome) in zip([*token, ""], spelling.events("UNK", token), strict=True):
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


OF_RECALL = 2 * 6, SHARPNESS  # terms of a product and of a length, and their factor


def recalled_mass(plain, token, now, earlier):
    """The probability of a token by the formula, from what it is without recall, and the remembered tokens."""
    same = total = 0.0
    for ago, (other, before) in enumerate(reversed(earlier[-MAX_TOKENS:]), 1):
        weight = math.exp(SHARPNESS * (before @ now - 1) - ago / FADING_TOKENS)
        same, total = same + weight * (other == token), total + weight
    return (CONCENTRATION * plain + same) / (CONCENTRATION + total)


def now_of(outlook):
    """The direction of the outlook."""
    return outlook.outputs / np.linalg.norm(outlook.outputs)


def test_recalled_tokens_have_the_probability_of_the_formula(parts):
    words = parts[2]
    model, alone, outlook = of_words(parts, words, Recall), of_words(parts, words), words.start()
    for text in TEXTS:
        outlook.feed(DOC)
        earlier = []
        for token in words.tokenizer.cut(Document("d", text)).texts:
            now = now_of(outlook)
            read(alone, token)
            read(model, token)
            expected = recalled_mass(alone.masses()[-1], token, now, earlier)
            # 0.04 seen
            mass = model.masses()[-1]
            assert_same_sums(math.log(mass), math.log(expected), *OF_RECALL)
            outlook.feed(alone.end_token())
            model.end_token()
            if len(token) <= MAX_CHARACTERS:
                earlier.append((token, now))
        alone.end_document()
        model.end_document()
        assert model.masses() == pytest.approx(alone.masses(), rel=1e-12)  # a document begins without memory


def test_only_the_last_tokens_are_recalled(parts):
    words = parts[2]
    model, alone, outlook = of_words(parts, words, Recall), of_words(parts, words), words.start()
    outlook.feed(DOC)
    earlier = []
    for token in [" quincunx", *[" a", " b", " a"] * (MAX_TOKENS // 3), " quincunx"]:
        now = now_of(outlook)
        read(alone, token)
        read(model, token)
        plain, mass = alone.masses()[-1], model.masses()[-1]
        outlook.feed(alone.end_token())
        model.end_token()
        earlier.append((token, now))
    *earlier, (token, now) = earlier
    expected = recalled_mass(plain, token, now, earlier)
    assert_same_sums(math.log(mass), math.log(expected), *OF_RECALL)  # 0.08 seen
    assert mass < 0.9 * recalled_mass(plain, token, now, earlier[:1])


@pytest.mark.parametrize(("one_hot", "tied"), [(True, False), (False, True), (False, False)])
def test_weights_take_the_steps_that_the_rule_says(one_hot, tied):
    """The rule written out in numpy, with TensorFlow's gradients of Keras' own loss, for two documents.

    The last id is one that training never showed: it is read, and nothing is learnt from that it came.
    """
    settings, trained = NetworkSettings(units=4, embedding=4, tied=tied), np.arange(6) < 5
    network, reference = (Network(settings, trained, one_hot=one_hot, seed=1) for _ in range(2))
    rate = 0.3
    stepper = LearningStepper(network, Reserve(trained, 1, 1000), rate)
    documents = [[1, 2, 5, 4] * (LEARNING_EVENTS // 4) + [2, 1, 0], [3, 5, 0]]
    for id_ in (id_ for document in documents for id_ in document):
        stepper.feed(id_)
    stepper.update.result()  # of the last window

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
        # 0.001 seen
        assert_same_sums(array, weights[name], 3 * LEARNING_EVENTS * 2 * 4)
