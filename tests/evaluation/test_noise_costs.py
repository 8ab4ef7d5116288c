"""What noise costs, by hand for models with known bits, and the intervals of differences in it."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from toolkit.errors import InputError
from toolkit.evaluation.evaluator import noise_costs
from toolkit.evaluation.noise_contrasts import contrasts_in
from toolkit.inference.scores import EventBits, document_scores
from toolkit.results.bits import Share
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.noise import Noise
from toolkit.text.corpus import Document
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.tokenizers.characters import Characters

CHARACTERS = [900, 1100, 2000, 500, 1400, 800, 1000, 1200]


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


def cell(rates, characters=CHARACTERS, refused=None):
    """A cell with these extra bits per character in documents."""
    shares = [Share(characters=n, bits=n * rate) for n, rate in zip(characters, rates, strict=True)]
    documents = [] if refused else shares
    noise = Noise(name="n", letters=9, changed=1, characters=sum(characters), documents=documents, refused=refused)
    return SimpleNamespace(noise=[noise])


def scattered(mean, seed):
    return cell(mean + 0.02 * np.random.default_rng(seed).normal(size=len(CHARACTERS)))


def test_pieces_of_a_single_document_are_compared_as_its_segments():
    """Neighbours are alike here, so 20 pieces say much less than 20 documents would."""
    cells = {"char": [cell(0.3 + 0.02 * np.arange(20), [1000] * 20)]}
    (as_pieces,), (as_documents,) = (contrasts_in("n", cells, unit) for unit in (SEGMENT, DOCUMENT))
    assert as_pieces.high - as_pieces.low > 2 * (as_documents.high - as_documents.low)


@pytest.mark.parametrize("of_seeds", [False, True], ids=["documents", "seeds"])
def test_the_interval_against_no_noise_is_that_of_a_t_test(of_seeds):
    """Equal documents that scatter, or seeds that scatter alone: no noise has no variance of either."""
    rates = 0.3 + 0.05 * np.random.default_rng(3).normal(size=8)
    cells = [cell([rate] * 8) for rate in rates] if of_seeds else [cell(rates, [1000] * 8)]
    (contrast,) = contrasts_in("n", {"char": cells}, DOCUMENT)
    low, high = ttest_1samp(rates, 0).confidence_interval()
    assert (contrast.a, contrast.b, contrast.settled) == ("char", None, True)
    assert contrast.difference == pytest.approx(rates.mean())
    assert contrast.high - contrast.low == pytest.approx(high - low, rel=0.1)


def test_columns_are_distinguished_by_the_costs_of_noise():
    columns = {"char": [scattered(0.1, 1)], "word": [scattered(0.5, 2)], "bpe": [scattered(0.5, 3)]}
    contrasts = {(c.a, c.b): c for c in contrasts_in("n", columns, DOCUMENT)}
    assert contrasts.keys() == {("char", "word"), ("char", "bpe"), ("word", "bpe"), *((name, None) for name in columns)}
    assert contrasts["char", "word"].high < 0
    assert (contrasts["char", "word"].settled, contrasts["word", "bpe"].settled) == (True, False)
    difference = contrasts["char", None].difference - contrasts["word", None].difference
    assert contrasts["char", "word"].difference == pytest.approx(difference)


def test_no_cost_on_average_is_not_settled():
    (contrast,) = contrasts_in("n", {"char": [scattered(0.0, 1), scattered(0.0, 2)]}, DOCUMENT)
    assert contrast.low < 0 < contrast.high


def test_a_column_is_left_out_if_any_of_its_seeds_refused():
    refused = cell([0.1] * 8, refused="No.")
    columns = {"char": [scattered(0.1, 1), scattered(0.1, 3)], "word": [scattered(0.2, 4), refused]}
    assert [(c.a, c.b) for c in contrasts_in("n", columns, DOCUMENT)] == [("char", None)]
    assert contrasts_in("n", {"word": columns["word"]}, DOCUMENT) == []
