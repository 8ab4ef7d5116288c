"""What noise costs: worked by hand, for models that are uniform or not; and with which interval."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp

from toolkit.errors import InputError
from toolkit.evaluation.noise import contrasts_in, cost, noise_costs
from toolkit.inference.scores import EventBits, document_scores
from toolkit.results.bits import Share
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.noise import Noise
from toolkit.text.corpus import Document
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.tokenizers.characters import Characters

CHARACTERS = [900, 1100, 2000, 500, 1400, 800, 1000, 1200]


def paying(tokenizer, of_id):
    """A function that scores documents with a model whose bits of an id are always the same."""
    bits = np.array([of_id(token) for token in tokenizer.vocabulary.tokens], float)

    def score(documents, encodings):
        assert len(documents) == len(encodings)
        return [document_scores(tokenizer, e, EventBits(bits[e.ids], np.zeros(len(e.ids)))) for e in encodings]

    return score


@pytest.fixture
def characters(split):
    return Characters().fit(split.train)


def clean_scores(score, tokenizer, documents):
    return score(documents, [tokenizer.encode(document) for document in documents])


def test_a_uniform_model_over_characters_pays_nothing_more(split, characters):
    score = paying(characters, lambda _: 5.0)
    clean = clean_scores(score, characters, split.test)
    length = sum(len(document.text) for document in split.test)
    for noise in noise_costs(noisy_texts(split), characters, clean, score):
        assert noise.changed > 0
        assert (noise.bits, noise.clean_bits, noise.extra) == (5.0 * length, 5.0 * length, 0.0)
        assert [share.bits for share in noise.documents] == [0.0] * len(split.test)


def test_a_model_that_pays_more_for_capitals_gains_their_bits_in_lower_case(split, characters):
    score = paying(characters, lambda token: 7.0 if token.isupper() else 4.0)
    clean = clean_scores(score, characters, split.test)
    *_, lower = noise_costs(noisy_texts(split), characters, clean, score)
    capitals = [sum(map(str.isupper, document.text)) for document in split.test]
    assert [share.bits for share in lower.documents] == [-3.0 * n for n in capitals]
    assert lower.changed == sum(capitals)
    assert lower.extra == pytest.approx(-3 * sum(capitals) / lower.characters)


@pytest.mark.slow
def test_noise_that_changes_nothing_costs_nothing(run, split):
    """Also where documents are cut: what comes later changes no bits, except of the word that is cut."""
    tokenizer = run.model.tokenizer
    cut = tuple(Document(d.name, d.text[: d.text.index(" ", 300)]) for d in split.test)
    scores = clean_scores(lambda _, encodings: run.model.score(encodings), tokenizer, cut)
    clean = clean_scores(lambda _, encodings: run.model.score(encodings), tokenizer, split.test)
    noise = cost(Noisy("none", cut, 1, 0), clean, scores)
    assert noise.characters == sum(len(document.text) for document in cut)
    assert noise.extra == pytest.approx(0, abs=1e-5)


def test_a_refused_text_has_no_number_but_the_reason(split, characters):
    class Refuses(Characters):
        def encode(self, document):
            if "5 %" in document.name:
                raise InputError("Too much noise; leave it out.")
            return super().encode(document)

    tokenizer = Refuses().restore(characters.state())
    score = paying(tokenizer, lambda _: 2.0)
    clean = clean_scores(score, characters, split.test)
    one, five, lower = noise_costs(noisy_texts(split), tokenizer, clean, score)
    assert (five.refused, five.bits, five.extra) == ("Too much noise; leave it out.", None, None)
    assert one.extra == lower.extra == 0
    assert five.characters == one.characters


def test_a_single_document_is_cut_into_pieces(characters):
    document = Document("all", "a lamp and the tide " * 20)
    score = paying(characters, lambda _: 2.0)
    scores = clean_scores(score, characters, [document])
    noise = cost(Noisy("none", (document,), 1, 0), scores, scores)
    assert [share.characters for share in noise.documents] == [20] * 20


def cell(extra, name="noise", refused=None):
    """A cell with these extra bits in documents of ``CHARACTERS``."""
    documents = [Share(characters=n, bits=b) for n, b in zip(CHARACTERS, extra, strict=True)]
    noise = Noise(name=name, letters=9, changed=1, characters=sum(CHARACTERS), documents=documents, refused=refused)
    return SimpleNamespace(noise=[noise if refused is None else noise.model_copy(update={"documents": []})])


def scattered(mean, seed, scatter=0.02):
    return np.array(CHARACTERS) * (mean + scatter * np.random.default_rng(seed).normal(size=len(CHARACTERS)))


def test_pieces_of_a_single_document_are_compared_as_its_segments():
    """Neighbours are alike here, so 20 pieces say much less than 20 documents would."""
    documents = [Share(characters=1000, bits=1000 * (0.3 + 0.02 * place)) for place in range(20)]
    cells = {
        "char": [SimpleNamespace(noise=[Noise(name="n", letters=9, changed=1, characters=20_000, documents=documents)])]
    }
    (as_pieces,), (as_documents,) = (contrasts_in("n", cells, unit) for unit in (SEGMENT, DOCUMENT))
    assert as_pieces.high - as_pieces.low > 2 * (as_documents.high - as_documents.low)


def test_extra_bits_have_the_interval_of_a_t_test_where_documents_are_alike():
    rates = 0.3 + 0.05 * np.random.default_rng(3).normal(size=8)
    documents = [Share(characters=1000, bits=1000 * rate) for rate in rates]
    alike = SimpleNamespace(noise=[Noise(name="n", letters=9, changed=1, characters=8000, documents=documents)])
    (contrast,) = contrasts_in("n", {"char": [alike]}, DOCUMENT)
    low, high = ttest_1samp(rates, 0).confidence_interval()
    assert (contrast.a, contrast.b) == ("char", None)
    assert contrast.difference == pytest.approx(rates.mean())
    assert contrast.high - contrast.low == pytest.approx(high - low, rel=0.1)
    assert t.ppf(0.975, 7) == pytest.approx((high - low) / 2 / (rates.std(ddof=1) / np.sqrt(8)))
    assert contrast.settled


def test_columns_are_told_apart_by_what_noise_costs_them():
    columns = {"char": [cell(scattered(0.1, 1))], "word": [cell(scattered(0.5, 2))], "bpe": [cell(scattered(0.5, 3))]}
    found = {(c.a, c.b): c for c in contrasts_in("noise", columns, DOCUMENT)}
    assert set(found) == {("char", "word"), ("char", "bpe"), ("word", "bpe"), *((name, None) for name in columns)}
    assert found["char", "word"].high < 0
    assert found["char", "word"].settled
    assert not found["word", "bpe"].settled
    difference = found["char", None].difference - found["word", None].difference
    assert found["char", "word"].difference == pytest.approx(difference)


def test_what_costs_nothing_on_average_is_not_settled():
    (contrast,) = contrasts_in("noise", {"char": [cell(scattered(0.0, 1)), cell(scattered(0.0, 2))]}, DOCUMENT)
    assert contrast.low < 0 < contrast.high


def test_a_column_that_refused_is_left_out():
    columns = {"char": [cell(scattered(0.1, 1))], "closed": [cell(scattered(0.1, 1), refused="No.")]}
    assert [(c.a, c.b) for c in contrasts_in("noise", columns, DOCUMENT)] == [("char", None)]
    assert contrasts_in("noise", {"closed": columns["closed"]}, DOCUMENT) == []


def test_a_column_is_left_out_of_a_kind_of_noise_that_one_of_its_seeds_has_no_bits_for():
    whole, without = cell(scattered(0.1, 1)), cell(scattered(0.2, 2), refused="No.")
    columns = {"char": [whole, cell(scattered(0.1, 3))], "word": [cell(scattered(0.2, 4)), without]}
    assert [(c.a, c.b) for c in contrasts_in("noise", columns, DOCUMENT)] == [("char", None)]


def test_no_noise_costs_nothing_whatever_the_seed():
    """Documents alike and seeds that differ: the interval against none is that of the mean of the seeds."""
    rates = np.array([0.31, 0.35, 0.27, 0.33])
    cells = [cell(np.array(CHARACTERS) * rate) for rate in rates]
    (contrast,) = contrasts_in("noise", {"char": cells}, DOCUMENT)
    low, high = ttest_1samp(rates, 0).confidence_interval()
    assert contrast.difference == pytest.approx(rates.mean())
    assert contrast.high - contrast.low == pytest.approx(high - low, rel=0.1)
