"""The costs of noise, by hand for models with known bits."""

import numpy as np
import pytest

from toolkit.errors import InputError
from toolkit.evaluation.evaluator import noise_costs
from toolkit.inference.scores import EventBits, document_scores
from toolkit.text.corpus import Document
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.tokenizers.characters import Characters


def costs(texts, tokenizer, documents, bits_of_token):
    """The costs of noisy texts for a model whose bits of a token are always the same."""
    bits = np.array([bits_of_token(token) for token in tokenizer.vocabulary.tokens], float)

    def score(documents, encodings):
        assert len(documents) == len(encodings)
        return [document_scores(tokenizer, e, EventBits(bits[e.ids], np.zeros(len(e.ids)))) for e in encodings]

    return noise_costs(texts, tokenizer, score(documents, [tokenizer.encode(d) for d in documents]), score)


@pytest.fixture
def tokenizer(split):
    return Characters().fit(split.train)


def test_a_uniform_model_over_characters_pays_nothing_more(split, tokenizer):
    length = sum(len(document.text) for document in split.test)
    for noise in costs(noisy_texts(split), tokenizer, split.test, lambda _: 5.0):
        assert noise.changed > 0
        assert (noise.bits, noise.clean_bits, noise.extra) == (5.0 * length, 5.0 * length, 0.0)
        assert [share.bits for share in noise.documents] == [0.0] * len(split.test)


def test_a_model_that_pays_more_for_capitals_gains_their_bits_in_lower_case(split, tokenizer):
    *_, lower = costs(noisy_texts(split), tokenizer, split.test, lambda token: 7.0 if token.isupper() else 4.0)
    capitals = [sum(map(str.isupper, document.text)) for document in split.test]
    assert [share.bits for share in lower.documents] == [-3.0 * n for n in capitals]
    assert lower.changed == sum(capitals)
    assert lower.extra == pytest.approx(-3 * sum(capitals) / lower.characters)


@pytest.mark.slow
def test_unchanged_beginnings_cost_nothing(run, split):
    """Later text changes no bits, except of the word that is cut."""
    model = run.model
    cut = tuple(Document(d.name, d.text[: d.text.index(" ", 300)]) for d in split.test)
    clean = model.score([model.tokenizer.encode(document) for document in split.test])
    (noise,) = noise_costs([Noisy("none", cut, 1, 0)], model.tokenizer, clean, lambda _, encoded: model.score(encoded))
    assert noise.characters == sum(len(document.text) for document in cut)
    assert noise.extra == pytest.approx(0, abs=1e-5)


def test_a_refused_text_has_a_reason_and_no_number(split, tokenizer):
    class Refuses(Characters):
        def encode(self, document):
            if "5 %" in document.name:
                raise InputError("Too much noise; leave it out.")
            return super().encode(document)

    refusing = Refuses().restore(tokenizer.state())
    one, five, lower = costs(noisy_texts(split), refusing, split.test, lambda _: 2.0)
    assert (five.refused, five.bits, five.extra) == ("Too much noise; leave it out.", None, None)
    assert one.extra == lower.extra == 0
    assert five.characters == one.characters


def test_a_single_document_is_cut_into_pieces(tokenizer):
    document = Document("all", "a lamp and the tide " * 20)
    (noise,) = costs([Noisy("none", (document,), 1, 0)], tokenizer, [document], lambda _: 2.0)
    assert [share.characters for share in noise.documents] == [20] * 20
