"""Recall: against the formula written out in loops, and what it does to names, long tokens and old ones."""

import math
import string

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.events.encoding import DOC
from toolkit.inference import recall
from toolkit.inference.adapting import Adapting
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.mixture import WEIGHING, Mixture
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.recall import OUTLOOK_UNIT, OUTPUT_UNIT, Recall, direction
from toolkit.inference.spelled_out import Alphabet, SpelledOut
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import ESCAPE, Characters
from toolkit.tokenizers.cut import Spaced

SIX, SEVEN = " lampo", " lampos"  # characters, of which ``LONGEST`` allows the first
TEXTS = (
    f"The harbour lay; Ωλ quincunx, quincunx.{SIX} the{SEVEN} the{SIX}{SEVEN} Ωλ lay still;{SIX} lay{SEVEN}.",
    "The quincunx lay still, the harbour lay still.",
)


@pytest.fixture(scope="module")
def words(split):
    """A network of words that knows nothing, with large weights, so that its outlooks are unlike each other."""
    return model_of_words(Spaced().fit(split.train, split.valid))


def model_of_words(tokenizer, seed=0):
    trained = tokenizer.vocabulary.reserve.trained
    network = RecurrentNetwork(NetworkSettings(units=6), trained, one_hot=False, seed=seed)
    network.assign({name: array * 20 for name, array in network.arrays().items()})
    return NeuralModel(tokenizer, network)


@pytest.fixture(scope="module")
def alphabet(split):
    return Alphabet.of(Characters().fit(split.train).vocabulary.tokens)


def by_character(model, alphabet):
    return SpelledOut(model.start(), model.tokenizer, alphabet)


def recalling(model, alphabet):
    return Recall(by_character(model, alphabet), model.outlook())


def tokens(model, text, alphabet):
    """As a mixture reads them: what the alphabet lacks is one sign."""
    known = "".join(c if c in alphabet.characters else alphabet.characters[ESCAPE] for c in text)
    return model.tokenizer.cut(Document("d", known)).texts


def read(model, token):
    for character in token:
        model.masses()
        model.feed(character)


@pytest.mark.parametrize("kept", [3000, 4])
def test_tokens_have_the_probability_of_the_formula(words, alphabet, kept, monkeypatch):
    sharpness, fading, concentration, longest = 3.0, 5.0, 2.0, 6
    for name, value in zip(
        ("KEPT", "SHARPNESS", "FADING", "CONCENTRATION", "LONGEST"),
        (kept, sharpness, fading, concentration, longest),
        strict=True,
    ):
        monkeypatch.setattr(recall, name, value)
    model, alone, outlook = recalling(words, alphabet), by_character(words, alphabet), words.network.stepper()
    recalled = 0
    for text in TEXTS:
        outlook.feed(DOC)
        before = []
        for token in tokens(words, text, alphabet):
            q = outlook.outputs / np.linalg.norm(outlook.outputs)
            weights = [
                (earlier, math.exp(sharpness * (k @ q - 1) - ago / fading))
                for ago, (earlier, k) in enumerate(reversed(before[-kept:]), 1)
            ]
            read(alone, token)
            read(model, token)
            same = sum(weight for earlier, weight in weights if earlier == token)
            total = sum(weight for _, weight in weights)
            recalled += same > 0
            expected = (concentration * alone.masses()[-1] + same) / (concentration + total)
            assert model.masses()[-1] == pytest.approx(expected, rel=3e-3)  # outlooks are rounded
            assert model.spelled_share == alone.spelled_share
            outlook.feed(alone.token())
            model.token()
            if len(token) <= longest:
                before.append((token, q))
        alone.document()
        model.document()
        assert model.masses() == pytest.approx(alone.masses(), rel=1e-12)  # a document begins with nothing to recall
    assert recalled >= 5


def test_all_that_has_begun_goes_on_or_ends(words, alphabet, monkeypatch):
    monkeypatch.setattr(recall, "LONGEST", 6)
    model = recalling(words, alphabet)
    for token in [*tokens(words, TEXTS[0], alphabet), " quincunxes"]:
        assert model.masses().sum() == pytest.approx(1, abs=1e-2)  # without what no token has
        for character in token:
            before = model.masses()[model._spelled_out.columns[character]]
            model.feed(character)
            assert model.masses().sum() <= before * (1 + 1e-9)
            assert model.masses().sum() >= before * 0.9
        model.token()


def test_a_name_comes_again_as_itself(words, alphabet):
    """The class of rare words is as likely as before, but the name is worth more than another of its class."""
    assert " Nyarlat" not in words.tokenizer.kept_words

    def ratio(make):
        mass = []
        for name in (" Nyarlat", " Tarlynat"):
            model = make(words, alphabet)
            for token in (" Nyarlat", " lay"):
                read(model, token)
                model.token()
            read(model, name)
            mass.append(model.masses()[-1])
        return mass[0] / mass[1]

    assert ratio(recalling) > 5 * ratio(by_character)


def test_it_forgets_what_lies_far_back(words, alphabet, monkeypatch):
    monkeypatch.setattr(recall, "KEPT", 7)
    model = recalling(words, alphabet)
    names = [f" {letter * 9}" for letter in alphabet.characters if letter in string.ascii_lowercase]
    assert len(names) > 15
    for token in names:
        read(model, token)
        model.token()
    end = model._spelled_out.end
    kept = {tuple(column[column != end].tolist()) for column in model._texts[:, model._places].T}
    assert kept == {tuple(model._spelled_out.columns[c] for c in name) for name in names[-7:]}


@pytest.mark.parametrize("size", [3, 512, 8191])
def test_sums_of_what_is_rounded_are_exact(size):
    """Whole numbers whose sums float32 holds, for outlooks, and float64, for outputs and for the weights of tokens."""
    rng = np.random.default_rng(size)
    for outputs in (rng.uniform(-1, 1, size), np.eye(size)[0], rng.choice([-1.0, 1.0], size), np.zeros(size)):
        unit = direction(outputs)
        assert unit.dtype == np.float32
        assert (unit == np.rint(unit)).all()
        assert (unit.astype(np.float64) ** 2).sum() < 2**24
        if outputs.any():
            np.testing.assert_allclose(unit * OUTLOOK_UNIT, outputs / np.linalg.norm(outputs), atol=OUTLOOK_UNIT)
    assert size / OUTPUT_UNIT**2 < 2**53
    assert (
        recall.KEPT * np.exp(0.1) / recall.WEIGHT_UNIT < 2**53
    )  # by rounding, outlooks may be a little alike too much


def test_weights_are_whole_units(words, alphabet):
    model = recalling(words, alphabet)
    for token in tokens(words, TEXTS[0], alphabet):
        read(model, token)
        model.token()
        units = model._weights / recall.WEIGHT_UNIT
        assert (units == np.rint(units)).all()


def test_what_is_outside_the_network_is_not_a_part_of_its_outlook(split):
    tokenizer = Spaced("drop").fit(split.train, split.valid)
    (dropped,) = tokenizer.vocabulary.reserve.outside
    outlook = model_of_words(tokenizer).outlook()
    outlook.feed(DOC)
    before = outlook.outputs.copy()
    outlook.feed(dropped)
    np.testing.assert_array_equal(outlook.outputs, before)
    outlook.feed(tokenizer.first_word)
    assert not np.array_equal(outlook.outputs, before)


def test_only_models_with_an_outlook_recall(words, split):
    counted = NGramModel.fitted(words.tokenizer, [words.tokenizer.encode(d) for d in split.train], [])
    assert counted.outlook() is None
    assert Ensemble([counted, counted]).outlook() is None
    second = model_of_words(words.tokenizer, seed=1)
    models = (words, Adapting(words, 0.3), Ensemble([words, second]), Ensemble([counted, words]), second)
    outlooks = [model.outlook() for model in models]
    for outlook in outlooks:
        outlook.feed(DOC)
    *same, other = (outlook.outputs for outlook in outlooks)
    assert all(np.array_equal(outputs, same[0]) for outputs in same)
    assert not np.array_equal(other, same[0])
    characters = Characters().fit(split.train)
    letters = NGramModel.fitted(characters, [characters.encode(d) for d in split.train], [])
    stepper = Mixture([letters, words, counted]).start()
    assert [type(model) for model in stepper._of_words] == [Recall, SpelledOut]


def test_a_mixture_that_recalls_otherwise_is_another_model():
    numbers = list(map(float, WEIGHING.split()))
    settings = [recall.SHARPNESS, recall.FADING, recall.CONCENTRATION, recall.KEPT, recall.LONGEST]
    assert numbers[-8:] == [*settings, recall.WEIGHT_UNIT, recall.OUTPUT_UNIT, recall.OUTLOOK_UNIT]
