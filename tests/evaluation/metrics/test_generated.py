import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test, t

from toolkit.config import SampleSettings
from toolkit.errors import ContractError, InputError
from toolkit.evaluation.author import Author
from toolkit.evaluation.metrics import MEASURES, Measure, generated
from toolkit.evaluation.metrics import measures as all_measures
from toolkit.evaluation.metrics.reference import Reference
from toolkit.events.distribution import Floats
from toolkit.results.generated import MeasureValue
from toolkit.text.corpus import Split
from toolkit.text.tagging import Tagger

TRAINING = "The tide had turned, and the old bell was ringing in the station of the drowned. Nothing moved on it. " * 5
HELD_OUT = "She wanted a boat; the boat wanted mending, and no man of the fen would put his hand to an oar. " * 5
REFERENCE = Reference((TRAINING, TRAINING[::-1]), tagger=Tagger(), others=(HELD_OUT,))
AWKWARD_TEXTS = ["", "x", " ", "…", "\n\n", "7", "the", "\U0001f40c", "тишина", TRAINING]
AWKWARD = st.lists(st.sampled_from(AWKWARD_TEXTS), min_size=1)


@pytest.mark.parametrize("name", list(MEASURES))
@given(texts=AWKWARD)
@settings(max_examples=20, deadline=None)  # the first example reads the word list
def test_every_measure_is_finite_for_any_texts(name: str, texts: list[str]) -> None:
    assert math.isfinite(MEASURES.factory(name)(texts, REFERENCE))


def measured(samples: list[str], author: list[str], reference: Reference) -> dict[str, MeasureValue]:
    """The measures of samples beside the author's."""
    ours, theirs = (generated.measurements(texts, reference).measures for texts in (samples, author))
    return generated.beside(ours, theirs)


@given(samples=AWKWARD, author=AWKWARD)
@settings(max_examples=20, deadline=None)
def test_intervals_hold_the_value(samples: list[str], author: list[str]) -> None:
    measures = measured(samples, author, REFERENCE)
    assert list(measures) == list(MEASURES)
    assert measures["two_sample_auc"].low is None
    for name, measure in measures.items():
        assert math.isfinite(measure.value)
        assert math.isfinite(measure.author)
        if measure.low is None or measure.high is None:
            assert len(samples) < 2 or name == "two_sample_auc"
            assert measure.low is measure.high
        else:
            assert measure.low <= measure.value <= measure.high
        few = generated.fewest(len(samples), len(author)) > 0.05
        assert (measure.p is None) == (few or name == "two_sample_auc")
        assert measure.p is None or 0 < measure.p <= 1


def test_the_interval_is_students() -> None:
    values = [1.0, 2.0, 4.0, 9.0, 16.0]
    expected = t.interval(0.95, 4, loc=np.mean(values), scale=np.std(values, ddof=1) / np.sqrt(5))
    assert generated.interval(values, 5.0) == pytest.approx(expected)
    assert generated.interval(values, -99.0) == pytest.approx((-99.0, expected[1]))


@pytest.mark.parametrize("shape", [0.3, 1.0, 30.0])
def test_equal_texts_are_told_apart_at_most_once_in_twenty_however_skewed(shape: float) -> None:
    rng = np.random.default_rng(7)
    told = [generated.probability(*rng.gamma(shape, size=(2, 5)).tolist()) <= 0.05 for _ in range(2_000)]
    assert 0.03 < np.mean(told) < 0.06


def apart(a: Floats, b: Floats, axis: int) -> Floats:
    """How far apart two means are."""
    return np.abs(a.mean(axis=axis) - b.mean(axis=axis))


def test_p_is_scipys() -> None:
    rng = np.random.default_rng(3)
    for ours, theirs, tolerance in ((5, 5, 1e-9), (4, 7, 1e-9), (10, 10, 0.01)):
        a, b = rng.normal(size=ours), rng.normal(0.8, size=theirs)
        expected = permutation_test((a, b), apart, vectorized=True, alternative="greater", n_resamples=np.inf)
        assert generated.probability(a.tolist(), b.tolist()) == pytest.approx(expected.pvalue, abs=tolerance)


def test_where_all_values_are_equal_nothing_is_told_and_where_each_has_its_own_it_is() -> None:
    assert generated.probability([0.0] * 5, [0.0] * 5) == 1.0
    assert generated.probability([0.0, 0.0, 0.0, 0.0, 0.2], [0.0] * 5) == 1.0
    assert generated.probability([1.0] * 5, [0.0] * 5) == pytest.approx(2 / 252)
    assert generated.probability([1.0] * 3, [0.0] * 3) is None


def test_copied_text_scores_as_copied() -> None:
    measures = measured([TRAINING[:200], "qqzx vvrk"], [HELD_OUT], Reference((TRAINING,)))
    assert measures["longest_copy_characters"].value == 200
    assert measures["letters_jsd"].value > measures["letters_jsd"].author * 0.1
    assert measures["real_word_rate"].value < measures["real_word_rate"].author == 1.0


def test_a_sample_that_is_the_training_text_has_its_distributions() -> None:
    measures = measured([TRAINING], [HELD_OUT], Reference((TRAINING,), tagger=Tagger()))
    for name in ("letters_jsd", "word_lengths_jsd", "sentence_lengths_jsd", "pos_jsd", "novelty_5"):
        assert measures[name].value == 0.0, name
        assert measures[name].author > 0.0, name


def test_without_a_tagger_no_parts_of_speech_are_measured() -> None:
    measures = measured(["the the"], [HELD_OUT], Reference((TRAINING,)))
    assert set(MEASURES) - set(measures) == {"pos_jsd"}


ENGLISH = {"the_per_10k", "ing_per_10k", "ed_per_10k", "tion_per_10k", "prepositions_pronouns_share"}


def test_in_another_language_english_is_not_measured() -> None:
    text = "talossa kadulla kirjassa metsässä sillalla koulussa linnassa kaupungissa saaressa "
    finnish = Reference((text * 3,), "fi")
    measures = measured(["metsässä talossa", "kadulla"], ["kirjassa sillalla", "koulussa"], finnish)
    assert set(MEASURES) - set(measures) == ENGLISH | {"pos_jsd"}
    without_list = Reference(finnish.documents, "tlh")
    assert set(measures) - set(measured(["talossa"], ["kirjassa"], without_list)) == {"real_word_rate"}


def test_values_are_the_whole_of_the_samples() -> None:
    measures = measured(["the the", "a b c d e f"], [HELD_OUT], Reference((TRAINING,)))
    assert measures["the_per_10k"].value == pytest.approx(10_000 * 2 / 8)
    assert measures["distinct_1"].value == pytest.approx(7 / 8)


def test_no_sample_is_refused() -> None:
    with pytest.raises(InputError, match="at least one sample"):
        generated.measurements([], REFERENCE)


@given(texts=AWKWARD)
@settings(max_examples=20, deadline=None)
def test_every_measure_stays_in_its_range_and_says_what_it_is(texts: list[str]) -> None:
    for name, measure in all_measures().items():
        assert measure.least <= measure(texts, REFERENCE) <= (math.inf if measure.most is None else measure.most), name
        facts = measure.facts()
        assert all((facts.label, facts.unit, facts.definition, facts.trap, facts.source)), name


def test_a_measure_that_is_not_finite_later_fails_with_its_name() -> None:
    mine = Measure(lambda texts, reference: float("inf"), "Mine", "share", "what I count")  # noqa: ARG005
    with pytest.raises(ContractError, match="the measure 'Mine' is inf for a text"):
        generated.measurement(mine, ["A text."], REFERENCE)


def test_only_the_measures_that_tell_something_are_made() -> None:
    assert " ".join(MEASURES) == (
        "letters_jsd letter_pairs_jsd word_lengths_jsd sentence_lengths_jsd pos_jsd the_per_10k ing_per_10k ed_per_10k "
        "tion_per_10k odd_capitals_per_10k prepositions_pronouns_share real_word_rate distinct_1 distinct_2 distinct_3 "
        "mattr_100 repetition_4 loop_rate novelty_5 longest_copy_characters two_sample_auc"
    )


def test_the_classifier_and_each_longest_copy_are_computed_once_and_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    searched, fitted = [], []
    search, tell = generated.longest_copy, generated.told_apart
    monkeypatch.setattr(generated, "longest_copy", lambda text, *rest: searched.append(text) or search(text, *rest))
    monkeypatch.setattr(generated, "told_apart", lambda texts, *rest: fitted.append(texts) or tell(texts, *rest))
    monkeypatch.setattr("toolkit.evaluation.metrics.two_sample.two_sample_auc", None)
    monkeypatch.setattr("toolkit.evaluation.metrics.novelty.longest_copy", None)
    texts = [TRAINING[:250], HELD_OUT[:250]]
    measured = generated.measurements(texts, REFERENCE)
    assert (searched, fitted) == (texts, [texts])
    assert measured.measures["longest_copy_characters"].by_text == [copy.length for copy in measured.copies]
    assert measured.measures["longest_copy_characters"].value == 250
    assert measured.told_apart is not None
    assert measured.measures["two_sample_auc"].value == measured.told_apart.area


def test_white_space_is_no_copy() -> None:
    reference = Reference(("an owl\n\n\n\nflew", "a bee"), names=("first", "second"))
    text = "XY\n\n\n\nZ"
    assert measured([text], [text], reference)["longest_copy_characters"].value == 0
    author = Author(Split((), (), ()), SampleSettings(), reference)
    assert author.copies([text], generated.measurements([text], reference).copies) == []
    assert not [mark for mark in author.marks(text * 6) if mark.kind == "copied"]
