"""Differences between columns as records: contrasts and their outcome, leads, and the cost of noise."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from toolkit.errors import InputError
from toolkit.evaluation.contrasts import contrasts, lead, leads, noise_differences
from toolkit.evaluation.undertraining import Training
from toolkit.results.bits import Noise, Share

CHARACTERS = np.array([9000.0, 11000.0, 20000.0, 5000.0, 14000.0, 8000.0, 10000.0, 12000.0, 7000.0])
CORPUS = SimpleNamespace(unit="document", split=SimpleNamespace(test=["c", "d"]))


def two_columns(seed=0, seeds=3, apart=0.5, documents=9):
    """Bits of word:pos and of char, which needs ``apart`` bits per character more."""
    rng = np.random.default_rng(seed)
    common = 0.3 * rng.normal(size=documents)
    columns = {}
    for name, mean in {"char": 2.5 + apart, "word:pos": 2.5}.items():
        column = 0.03 * rng.normal(size=documents)
        rest = 0.01 * rng.normal(size=(seeds, 1)) + 0.01 * rng.normal(size=(seeds, documents))
        columns[name] = (mean + common + column + rest) * CHARACTERS[:documents]
    return columns


def test_the_estimate_is_the_difference_of_mean_ratios_of_sums():
    columns = two_columns()
    (contrast,) = contrasts(columns, CHARACTERS)
    expected = [np.mean([seed.sum() / CHARACTERS.sum() for seed in bits]) for bits in columns.values()]
    assert contrast.difference == pytest.approx(expected[0] - expected[1])
    assert (contrast.a, contrast.b, contrast.outcome, contrast.fewer_in) == ("char", "word:pos", "b", 9)
    assert (contrast.units, contrast.unit, contrast.seeds, contrast.family) == (9, "document", (3, 3), 1)
    assert contrast.low < contrast.difference < contrast.high
    assert contrast.turned.turned == contrast
    assert (contrast.turned.outcome, contrast.turned.low) == ("a", -contrast.high)


def test_contrasts_are_all_pairs_in_order_whatever_the_order():
    columns = two_columns() | {"bpe": two_columns(seed=8)["char"]}
    compared = contrasts(columns, CHARACTERS)
    assert [(c.a, c.b, c.family) for c in compared] == [
        ("char", "word:pos", 3),
        ("char", "bpe", 3),
        ("word:pos", "bpe", 3),
    ]
    assert compared == contrasts(columns, CHARACTERS)
    (turned,) = contrasts(dict(reversed(two_columns().items())), CHARACTERS)
    (plain,) = contrasts(two_columns(), CHARACTERS)
    assert turned.difference == pytest.approx(-plain.difference)
    assert turned.p == plain.p
    assert contrasts({"char": columns["char"]}, CHARACTERS) == []


@settings(max_examples=20)  # 20,000 draws each
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.02, 0.1]), st.integers(1, 3), st.integers(2, 9))
def test_a_column_wins_if_and_only_if_interval_and_p_say_so(seed, apart, seeds, documents):
    (contrast,) = contrasts(two_columns(seed, seeds, apart, documents), CHARACTERS[:documents])
    excludes = contrast.low > 0 or contrast.high < 0
    assert (contrast.outcome in "ab") == contrast.significant == (excludes and contrast.p <= 0.05)
    assert (contrast.outcome == "too few units") == (documents < 6)  # 2^(1−5) = 0.0625, 2^(1−6) = 0.031
    assert (contrast.limit is None) == contrast.significant
    assert contrast.p >= 2.0 ** (1 - documents)
    assert math.isfinite(contrast.smallest_detectable)
    assert contrast.smallest_detectable > contrast.difference - contrast.low
    assert 0 < len(contrast.verdict) <= 160


@pytest.mark.parametrize("others", [{}, {"bpe": two_columns(seed=8, seeds=1)["char"]}], ids=["two", "three"])
@pytest.mark.parametrize("nearly", [0, 1e-15, 1e-13])
def test_columns_that_differ_by_rounding_alone_are_equal(nearly, others):
    bits = two_columns(seeds=1)["char"]
    contrast = contrasts({"char": bits, "again": bits * (1 + nearly)} | others, CHARACTERS)[0]
    assert (contrast.difference, contrast.p, contrast.outcome, contrast.limit) == (0, 1, "equal", None)


def test_four_documents_are_too_few_for_any_p_and_the_number_that_would_do_is_given():
    (contrast,) = contrasts(two_columns(seeds=1, documents=4), CHARACTERS[:4])
    assert contrast.low > 0  # the interval alone would decide
    assert (contrast.p, contrast.outcome, contrast.limit, contrast.needed) == (0.125, "too few units", "units", 4)


def test_chance_in_training_limits_where_seeds_scatter_more_than_documents():
    characters = np.full(12, 1000.0)
    seeds = np.array([0.1, -0.1, 0.05])[:, None]
    bits = {name: (2 + mean + sign * seeds) * characters for name, mean, sign in (("a", 0.01, 1), ("b", 0, -1))}
    (several,) = contrasts(bits, characters)
    (single,) = contrasts({name: of[:1] for name, of in bits.items()}, characters)
    assert (several.outcome, several.limit) == ("undecided", "seeds")
    assert several.needed > 100  # (0.1 / 0.01)² times three seeds, or so
    assert single.seeds == (1, 1)


def test_segments_need_a_multiple_of_the_text():
    rng = np.random.default_rng(5)
    bits = {name: (2 + mean + 0.05 * rng.normal(size=(1, 20))) * 1000 for name, mean in (("a", 0.02), ("b", 0.0))}
    (contrast,) = contrasts(bits, np.full(20, 1000.0), "segment")
    assert (contrast.units, contrast.outcome, contrast.limit) == (6, "undecided", "units")
    assert contrast.needed > 1


@pytest.mark.parametrize(
    ("loser", "late"),
    [(None, False), (Training(0.6, False), True), (Training(0.4, False), False), (Training(None, True), True)],
)
def test_only_a_loser_that_may_catch_up_is_undertrained(loser, late):
    """The difference is 0.5; a counted column has no training."""
    states = {"word:pos": Training(9.0, True)} | ({"char": loser} if loser else {})
    (contrast,) = contrasts(two_columns(), CHARACTERS, training=states)
    assert contrast.undertrained == (["char"] if late else [])


def test_a_tie_is_never_undertrained():
    tie = two_columns(apart=0.0)
    (contrast,) = contrasts(tie, CHARACTERS, training=dict.fromkeys(tie, Training(9.0, True)))
    assert (contrast.outcome, contrast.undertrained) == ("undecided", [])


def test_bits_that_cannot_be_compared_are_refused():
    with pytest.raises(InputError, match="at least 2 held-out documents"):
        contrasts({"a": np.ones((1, 1)), "b": np.ones((1, 1))}, np.array([5]))


WORDS = [900, 1100, 2000, 500, 1400, 800, 1000, 0]


def shares(mean, scatter, seed, seeds=1):
    """The bits of a column in eight documents, of which the last has no such word."""
    rng = np.random.default_rng(seed)
    return [[Share(characters=n, bits=n * (mean + scatter * rng.normal())) for n in WORDS] for _ in range(seeds)]


def test_the_best_column_leads_the_next_one_by_the_interval_of_a_contrast():
    columns = {"far": shares(3, 0.2, 1, 2), "next": shares(2.5, 0.2, 2, 2), "best": shares(2.3, 0.2, 3, 2)}
    first = lead("band", "0", columns)
    assert (first.over, first.at, first.a, first.b, first.p, first.family) == ("band", "0", "best", "next", None, 3)
    assert first == lead("band", "0", dict(reversed(columns.items())))
    pair = {name: columns[name] for name in ("next", "best")}
    bits = {name: np.array([[share.bits for share in seed[:-1]] for seed in of]) for name, of in pair.items()}
    (contrast,) = contrasts(bits, np.array(WORDS[:-1]))
    alone = lead("band", "0", pair)
    assert abs(alone.difference) == pytest.approx(abs(contrast.difference))
    assert alone.half_width == pytest.approx(contrast.half_width, rel=0.1)  # fewer draws


def test_equal_columns_seldom_lead_in_any_of_many_labels():
    """One by one, some label of fourteen would lead by chance in half of all comparisons."""
    led = 0
    for trial in range(30):
        columns = {"a": [shares(2.5, 0.1, 100 * trial + n) for n in range(14)]}
        columns["b"] = [shares(2.5, 0.1, 100 * trial + 50 + n) for n in range(14)]
        several = [lead("part of speech", str(n), {k: of[n] for k, of in columns.items()}, 14) for n in range(14)]
        led += any(one is not None and one.significant for one in several)
    assert led <= 4


def test_there_is_no_lead_where_no_p_could_be_significant():
    """Exchanging two columns within five documents gives no p below 0.06."""
    few = {"a": [seed[:5] for seed in shares(3, 0.01, 1)], "b": [seed[:5] for seed in shares(2, 0.01, 2)]}
    assert lead("band", "0", few) is None


def labels_with_a_lead(*cells):
    columns = {name: [cell] for name, cell in zip("ab", cells, strict=False)}
    return [(one.over, one.at) for one in leads(SimpleNamespace(by_column=columns, corpus=CORPUS))]


def test_labels_that_two_cells_give_to_other_words_have_no_lead():
    """As where another version of a tagger, or none, tagged the words of a run."""
    band = SimpleNamespace(band="0", documents=shares(2.0, 0.1, 1)[0])
    longer = [Share(characters=share.characters + 4, bits=share.bits) for share in band.documents]
    few, more = (SimpleNamespace(pos="NOUN", documents=of) for of in (band.documents, longer))
    first, other, none = (
        SimpleNamespace(by_frequency=[band], by_part_of_speech=nouns) for nouns in ([few], [more], [])
    )
    assert labels_with_a_lead(first, first) == [("band", "0"), ("part of speech", "NOUN")]
    assert labels_with_a_lead(first, other) == labels_with_a_lead(first, none) == [("band", "0")]
    assert labels_with_a_lead(first) == []


NOISY = [900, 1100, 2000, 500, 1400, 800, 1000, 1200]


def noisy_cell(extra, characters=NOISY):
    """A cell with these extra bits per document; without bits if its tokenizer refused the text."""
    documents = [] if extra is None else [Share(characters=n, bits=b) for n, b in zip(characters, extra, strict=True)]
    noise = Noise(name="n", letters=9, changed=1, characters=sum(characters), documents=documents)
    return SimpleNamespace(noise=[noise])


def scattered(mean, seed):
    return np.array(NOISY) * (mean + 0.02 * np.random.default_rng(seed).normal(size=len(NOISY)))


def compared_under_noise(unit="document", **columns):
    cells = [cell for of in columns.values() for cell in of]
    corpus = SimpleNamespace(unit=unit, split=CORPUS.split)
    differences = noise_differences(SimpleNamespace(done=cells, by_column=columns, corpus=corpus))
    return {(one.a, one.b): one for one in differences}


def test_columns_differ_by_the_cost_of_noise():
    columns = {"char": scattered(0.1, 1), "word": scattered(0.5, 2), "bpe": scattered(0.5, 3)}
    pairs = compared_under_noise(**{name: [noisy_cell(extra)] for name, extra in columns.items()})
    assert set(pairs) == {("char", "word"), ("char", "bpe"), ("word", "bpe"), *((name, None) for name in columns)}
    assert {(one.over, one.at, one.family) for one in pairs.values()} == {("noise", "n", 6)}
    assert pairs["char", "word"].significant
    assert not pairs["word", "bpe"].significant
    difference = pairs["char", None].difference - pairs["word", None].difference
    assert pairs["char", "word"].difference == pytest.approx(difference)


@pytest.mark.parametrize("over", ["documents", "seeds"])
def test_extra_bits_have_the_interval_of_a_t_test_where_only_documents_or_only_seeds_differ(over):
    rates = np.array([0.31, 0.35, 0.27, 0.33, 0.36, 0.29, 0.30, 0.34])
    alike = [noisy_cell(1000 * rates, [1000] * 8)]
    cells = alike if over == "documents" else [noisy_cell(np.array(NOISY) * rate) for rate in rates]
    ((_, one),) = compared_under_noise(char=cells).items()
    interval = ttest_1samp(rates, 0).confidence_interval()
    assert one.difference == pytest.approx(rates.mean())
    assert 2 * one.half_width == pytest.approx(interval.high - interval.low, rel=0.1)


def test_a_column_without_bits_in_one_of_its_seeds_is_left_out():
    seeds = {"char": [noisy_cell(scattered(0.1, 1)), noisy_cell(scattered(0.1, 3))]}
    refused = {"word": [noisy_cell(scattered(0.2, 4)), noisy_cell(None)]}
    assert set(compared_under_noise(**seeds, **refused)) == {("char", None)}
    assert compared_under_noise(**refused) == {}


def test_pieces_of_a_single_document_are_compared_as_its_segments():
    """Neighbours are alike here, so 20 pieces say much less than 20 documents would."""
    extra = [1000 * (0.3 + 0.02 * place) for place in range(20)]
    cells = [noisy_cell(extra, [1000] * 20)]
    (pieces,), (documents,) = (compared_under_noise(unit, c=cells).values() for unit in ("segment", "document"))
    assert pieces.half_width > 2 * documents.half_width
