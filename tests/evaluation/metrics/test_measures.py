import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test, t
from toolkit.evaluation.metrics.reference import Reference, passages

from toolkit.errors import ContractError, InputError
from toolkit.evaluation.metrics import MEASURES, Measure, measures
from toolkit.evaluation.metrics.generated import interval, measurements, permutation_p
from toolkit.evaluation.metrics.novelty import longest_copy
from toolkit.results.generated import MeasureValue
from toolkit.text.tagging import Tagger

TRAINING = "The tide had turned, and the old bell was ringing in the station of the drowned. Nothing moved on it. " * 5
HELD_OUT = "She wanted a boat; the boat wanted mending, and no man of the fen would put his hand to an oar. " * 5
REFERENCE = Reference((TRAINING, TRAINING[::-1]), tagger=Tagger(), others=(HELD_OUT,))
AWKWARD = st.lists(
    st.sampled_from(["", "x", " ", "…", "\n\n", "7", "the", "\U0001f40c", "тишина", TRAINING]), min_size=1, max_size=9
)
NAMES = (
    "letters_jsd letter_pairs_jsd word_lengths_jsd sentence_lengths_jsd pos_jsd the_per_10k ing_per_10k ed_per_10k "
    "tion_per_10k odd_capitals_per_10k prepositions_pronouns_share real_word_rate distinct_1 distinct_2 distinct_3 "
    "mattr_100 repetition_4 loop_rate novelty_5 longest_copy_characters two_sample_auc"
)


def beside(samples: list[str], author: list[str], reference: Reference = REFERENCE) -> dict[str, MeasureValue]:
    """The measures of samples beside the author's."""
    return measurements(samples, reference).beside(measurements(author, reference))


@given(samples=AWKWARD, author=AWKWARD)
@settings(max_examples=25, deadline=None)
def test_every_measure_is_finite_and_in_its_range(samples: list[str], author: list[str]) -> None:
    by_name = beside(samples, author)
    assert " ".join(by_name) == " ".join(MEASURES) == NAMES
    can_test = 2 / math.comb(2 * len(author), len(author)) <= 0.05 if len(samples) == len(author) else None
    for name, value in by_name.items():
        measure = measures()[name]
        most = math.inf if measure.most is None else measure.most
        assert measure.least <= value.value <= most, name
        assert value.value == measure(samples, REFERENCE), name
        assert all((measure.label, measure.unit, measure.definition, measure.trap, measure.source)), name
        if len(samples) < 2 or not measure.of_one_sample:
            assert value.low is value.high is None
        else:
            assert measure.least <= value.low <= value.value <= value.high <= most
        assert value.p is None or 0 < value.p <= 1
        assert can_test is None or (value.p is not None) == (can_test and measure.of_one_sample)


def test_the_interval_is_students_with_the_value() -> None:
    values = [1.0, 2.0, 4.0, 9.0, 16.0]
    low, high = t.interval(0.95, 4, loc=np.mean(values), scale=np.std(values, ddof=1) / np.sqrt(5))
    assert interval(values, 5.0, -math.inf, None) == pytest.approx((low, high))
    assert interval(values, -99.0, -math.inf, 10.0) == pytest.approx((-99.0, 10.0))
    assert interval(values, 5.0, 0.0, None) == pytest.approx((0.0, high))
    assert interval([1.0], 1.0, 0.0, None) == (None, None)


@pytest.mark.parametrize(("ours", "theirs", "tolerance"), [(5, 5, 1e-9), (4, 7, 1e-9), (10, 10, 0.01)])
def test_p_is_scipys(ours: int, theirs: int, tolerance: float) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=ours), rng.normal(0.8, size=theirs)
    expected = permutation_test(
        (a, b), lambda a, b, axis: np.abs(a.mean(axis=axis) - b.mean(axis=axis)), vectorized=True,
        alternative="greater", n_resamples=np.inf,
    )  # fmt: skip
    assert permutation_p(a.tolist(), b.tolist()) == pytest.approx(expected.pvalue, abs=tolerance)


def test_p_of_equal_and_of_disjoint_values() -> None:
    assert permutation_p([0.0] * 5, [0.0] * 5) == permutation_p([0.0] * 4 + [0.2], [0.0] * 5) == 1.0
    assert permutation_p([1.0] * 5, [0.0] * 5) == pytest.approx(2 / 252)
    assert permutation_p([1.0] * 3, [0.0] * 3) is None  # at least 2 / 20
    assert permutation_p([1.0] * 3, [0.0] * 4) == pytest.approx(1 / 35)


def test_a_copy_of_the_training_text_has_its_distributions_and_invented_words_do_not() -> None:
    reference = Reference((TRAINING,), tagger=Tagger())
    copy = beside([TRAINING], [HELD_OUT], reference)
    for name in ("letters_jsd", "word_lengths_jsd", "sentence_lengths_jsd", "pos_jsd", "novelty_5"):
        assert copy[name].value == 0.0 < copy[name].author, name
    mixed = beside([TRAINING[:200], "qqzx vvrk"], [HELD_OUT], reference)
    assert mixed["longest_copy_characters"].value == 200
    assert mixed["real_word_rate"].value < mixed["real_word_rate"].author == 1.0


def test_values_are_of_all_texts_together() -> None:
    by_name = beside(["the the", "a b c d e f"], [HELD_OUT])
    assert by_name["the_per_10k"].value == pytest.approx(10_000 * 2 / 8)
    assert by_name["distinct_1"].value == pytest.approx(7 / 8)


def test_measures_without_a_meaning_in_the_language_are_left_out() -> None:
    english = {"the_per_10k", "ing_per_10k", "ed_per_10k", "tion_per_10k", "prepositions_pronouns_share"}
    words = "talossa kadulla kirjassa metsässä"
    left_out = [set(MEASURES) - set(beside([words], [words], Reference((words,), code))) for code in ("fi", "tlh")]
    assert left_out == [english | {"pos_jsd"}, english | {"pos_jsd", "real_word_rate"}]


def test_texts_are_needed_and_numbers_must_be_finite() -> None:
    with pytest.raises(InputError, match="no generated text"):
        measurements([], REFERENCE)
    infinite = Measure(lambda texts, reference: float("inf"), "Mine", "share", "count")  # noqa: ARG005
    with pytest.raises(ContractError, match="'Mine' is inf"):
        infinite(["A text."], REFERENCE)


def test_copies_and_the_two_sample_test_stand_behind_their_measures() -> None:
    texts = [TRAINING[:250], HELD_OUT[:250]]
    measured = measurements(texts, REFERENCE)
    assert measured.copies == [longest_copy(text, REFERENCE) for text in texts]
    assert measured.by_text["longest_copy_characters"] == [copy.length for copy in measured.copies]
    assert measured.values["longest_copy_characters"] == 250
    assert measured.values["two_sample_auc"] == measured.told_apart.area
    assert measured.novelty[4] == measured.values["novelty_5"]


@given(st.integers(1, 8), st.integers(0, 30), st.integers(0, 300))
def test_passages_do_not_overlap_in_a_long_text(number: int, length: int, characters: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(characters))  # every character says where it is
    cut = passages(text, number, length)
    assert [len(passage) for passage in cut] == [min(length, characters)] * number
    assert all(passage in text for passage in cut)
    if number * length <= characters:
        joined = "".join(cut)
        assert joined == "".join(sorted(set(joined)))
