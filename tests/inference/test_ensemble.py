"""The mean of models: between them and better than their mean, the same event by event and in one go."""

from functools import partial

import numpy as np
import pytest

from toolkit.config import NetworkSettings
from toolkit.errors import InputError
from toolkit.inference.adapting import Adapting
from toolkit.inference.continuation import generate
from toolkit.inference.drawing import Likeliest
from toolkit.inference.ensemble import Ensemble
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.inference.verification import decode, verify
from toolkit.network.network import RecurrentNetwork
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords

TEXT = Document("d", "The harbour lay still under a quincunx; Ωλ he wrote. " * 3)


@pytest.fixture(scope="module", params=["unk", "drop", "spell"])
def models(request, split):
    """Two networks that know nothing, of either cell, and n-grams, of one tokenizer."""
    tokenizer = SpacyWords(request.param).fit(split.train, split.valid)
    trained = tokenizer.vocabulary.reserve.trained
    networks = [
        RecurrentNetwork(NetworkSettings(cell=cell, units=6), trained, one_hot=False, seed=i)
        for i, cell in enumerate(("lstm", "gru"))
    ]
    counted = NGramModel.fitted(
        tokenizer, [tokenizer.encode(d) for d in split.train], [tokenizer.encode(d) for d in split.valid]
    )
    return [*(NeuralModel(tokenizer, network) for network in networks), counted]


def test_its_bits_are_those_of_the_mean_probability(models):
    ensemble = Ensemble(models)
    encoding = ensemble.tokenizer.encode(TEXT)
    (scores,), alone = ensemble.score([encoding]), [model.score([encoding])[0] for model in models]
    probabilities = np.mean([2.0**-of_model.network_bits for of_model in alone], 0)
    np.testing.assert_allclose(2.0**-scores.network_bits, probabilities, rtol=1e-9)
    ends = np.mean([2.0**-of_model.ending_bits for of_model in alone], 0)
    np.testing.assert_allclose(2.0**-scores.ending_bits, ends, rtol=1e-9)
    np.testing.assert_array_equal(scores.spelling_bits, alone[0].spelling_bits)
    assert scores.total < np.mean([of_model.total for of_model in alone])  # Jensen
    for size in ("parameters", "embedding_parameters", "multiply_adds"):
        assert getattr(ensemble, size) == sum(getattr(model, size) for model in models) > 0


def test_one_model_alone_is_itself(models):
    encoding = models[0].tokenizer.encode(TEXT)
    np.testing.assert_allclose(Ensemble(models[:1]).score([encoding])[0].bits, models[0].score([encoding])[0].bits)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [None, 0.3])
def test_it_is_verified_and_writes(models, rate):
    ensemble = Ensemble(models)
    model = ensemble if rate is None else Adapting(ensemble, rate)
    documents = [TEXT, Document("e", "He wrote quincunx.")]
    bits = [scores.total for scores in model.score([model.tokenizer.encode(document) for document in documents])]
    result = verify(model, partial(decode, model), documents, bits, lambda *_: None)
    assert result.wrong is None
    assert result.coded_bits == pytest.approx(sum(bits), rel=1e-5)
    texts = generate(model, "The ", 40, seeds=[1, 2], temperature=0.9, likeliest=Likeliest(20, 0.9))
    assert [len(text["seen"].text) for text in texts] == [40, 40]
    assert generate(model, "The ", 40, seeds=[2], temperature=0.9, likeliest=Likeliest(20, 0.9)) == texts[1:]


def test_each_of_its_models_learns_by_itself(models):
    encoding = models[0].tokenizer.encode(TEXT)
    learning = [model.learner(0.3) for model in models]
    together = Adapting(Ensemble(models), 0.3).start()
    for id_ in encoding.ids.tolist():
        expected = np.mean([stepper.distribution() for stepper in learning], 0)
        np.testing.assert_allclose(together.distribution(), expected, rtol=1e-12)
        for stepper in (together, *learning):
            stepper.feed(id_)


def test_it_counts_what_it_reads_only_if_all_its_models_do(models):
    """A mixture asks a model that counts for its learner, without a rate: a network has none without one."""
    *_, counted = models
    assert Ensemble([counted, counted]).counts
    assert not Ensemble(models).counts


def test_adapting_leaves_the_models_as_they_were(models):
    encoding = models[0].tokenizer.encode(TEXT)
    before = [model.score([encoding])[0].bits for model in models]
    Adapting(Ensemble(models), 5.0).score([encoding, encoding])
    for model, bits in zip(models, before, strict=True):
        np.testing.assert_array_equal(model.score([encoding])[0].bits, bits)


def test_tokenizers_that_differ_only_in_what_fills_placeholders_make_an_ensemble():
    """It changes nothing but generated text."""
    texts = [
        Document("a", "The Tower stood. Nobody saw a tower. An oar.\n" * 2),
        Document("b", "Nobody stood. Oars.\n"),
    ]
    new = SpacyWords("unk").fit(texts, texts)
    state = new.state()
    assert state.pop("resting")
    old, other = SpacyWords("unk").restore(state), SpacyWords("unk").fit(texts[:1], texts)
    documents = [new.encode(document) for document in texts]
    models = [NGramModel.fitted(tokenizer, documents, documents) for tokenizer in (new, old, other)]
    (scores,) = Ensemble(models[:2]).score(documents[:1])
    assert scores.total == pytest.approx(models[0].score(documents[:1])[0].total)
    with pytest.raises(InputError, match="have different tokenizers"):
        Ensemble([models[0], models[2]])
    with pytest.raises(InputError, match="needs a model"):
        Ensemble([])
