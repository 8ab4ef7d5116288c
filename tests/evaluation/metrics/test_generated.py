import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from toolkit.errors import ContractError
from toolkit.evaluation.metrics import MEASURES, Measure, Reference, by_document, measures, passages
from toolkit.evaluation.metrics.generated import CLASSIFIER, interval, measurements, two_sample_test
from toolkit.results.generated import MeasureValue
from toolkit.text.tagging import Tagger

TRAINING = (
    "The tide had turned, and the old bell was ringing in the station of the drowned. Nothing moved on it. " * 5
)
HELD_OUT = "She wanted a boat; the boat wanted mending, and no man of the fen would put his hand to an oar. " * 5
REFERENCE = Reference((TRAINING, TRAINING[::-1]), tagger=Tagger())
AWKWARD = ["", "x", " ", "…", "\n\n", "7", "the", "\U0001f40c", "тишина", TRAINING]
AWKWARD_LISTS = st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=9)
ENGLISH = {"the_per_10k", "ing_per_10k", "ed_per_10k", "tion_per_10k", "prepositions_pronouns_share"}
WORDS = "harbour keeper lamp stair water stone moon gull book ship autumn oar tide bell fen mill".split()  # noqa: SIM905
REVERSED = [word[::-1] for word in WORDS]


def beside(samples: list[str], author: list[str], reference: Reference = REFERENCE) -> dict[str, MeasureValue]:
    """The measures of samples beside the author's."""
    return measurements(samples, reference).beside(measurements(author, reference))


@given(samples=AWKWARD_LISTS, author=AWKWARD_LISTS)
@settings(max_examples=25)
def test_every_measure_is_finite_and_in_its_range(samples: list[str], author: list[str]) -> None:
    by_name = beside(samples, author)
    assert (list(by_name), len(by_name)) == (list(MEASURES), 21)
    for name, value in by_name.items():
        measure = measures()[name]
        most = math.inf if measure.most is None else measure.most
        assert measure.least <= value.value <= most, name
        assert value.value == measure(samples, REFERENCE), name
        if len(samples) < 2 or name == CLASSIFIER:
            assert value.low is value.high is None
        else:
            assert measure.least <= value.low <= value.value <= value.high <= most


def test_the_interval_is_students_and_includes_the_value_within_the_range() -> None:
    values = [1.0, 2.0, 4.0, 9.0, 16.0]
    low, high = t.interval(0.95, 4, loc=np.mean(values), scale=np.std(values, ddof=1) / np.sqrt(5))
    assert interval(values, 5.0, -math.inf, None) == pytest.approx((low, high))
    assert interval(values, -99.0, -math.inf, 10.0) == (-99.0, 10.0)
    assert interval(values, 99.0, 0.0, None) == (0.0, 99.0)


def test_values_are_of_all_texts_together_and_copies_are_no_better() -> None:
    reference = Reference((TRAINING,), tagger=Tagger())
    copy = beside([TRAINING], [HELD_OUT], reference)
    for name in ("letters_jsd", "word_lengths_jsd", "sentence_lengths_jsd", "pos_jsd", "novelty_5"):
        assert copy[name].value == 0.0 < copy[name].author, name
    mixed = measurements([TRAINING[:200], "qqzx vvrk"], reference)
    assert mixed.values["longest_copy_characters"] == 200
    assert mixed.values["real_word_rate"] < 1.0 == measurements([HELD_OUT], reference).values["real_word_rate"]
    assert beside(["the the", "a b c d e f"], [HELD_OUT])["distinct_1"].value == pytest.approx(7 / 8)


def test_measures_without_a_meaning_in_the_language_are_left_out_and_numbers_are_finite() -> None:
    for language, missing in [("fi", {"pos_jsd"}), ("tlh", {"pos_jsd", "real_word_rate"})]:
        values = measurements(["talossa kadulla"], Reference(("talossa kadulla",), language)).values
        assert set(MEASURES) - values.keys() == ENGLISH | missing
    with pytest.raises(ContractError):
        Measure(lambda *_: math.inf, label="Mine", unit="share", definition="count")(["A text."], REFERENCE)


@given(st.integers(1, 8), st.integers(0, 30), st.integers(0, 300))
def test_passages_do_not_overlap_in_a_long_text(number: int, length: int, characters: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(characters))  # every character occurs once
    cut = passages(text, number, length)
    assert [len(passage) for passage in cut] == [min(length, characters)] * number
    assert all(passage in text for passage in cut)
    assert number * length > characters or "".join(cut) == "".join(sorted(set("".join(cut))))
    # of different documents, if enough are long
    assert by_document(["abcd", "e", "fghi"], 2, 2) == ["bc", "gh"]
    assert (by_document(["abcdef"], 2, 2), by_document(["abc"], 2, 2)) == (["ab", "de"], ["ab"])


def text(seed: int, words: list[str], length: int = 3000) -> str:
    """Random words."""
    return " ".join(random.Random(seed).choices(words, k=length // 5))[:length]


REAL = [text(seed, WORDS) for seed in range(6)]


def test_other_words_are_always_separable_and_the_same_words_by_chance_only() -> None:
    other = two_sample_test([text(seed, REVERSED) for seed in range(5)], REAL)
    same = two_sample_test([text(seed, WORDS) for seed in range(100, 105)], REAL)
    assert (other.area, other.labellings, other.p) == (1.0, 126, 1 / 126)  # C(10, 5) / 2 halves of ten blocks
    assert 0.35 < same.area < 0.65
    assert same.p > 0.05


def test_the_whole_passages_of_the_first_twenty_texts_are_used() -> None:
    lengths = [199, 799, 400, *[200] * 18, 400]
    real = [text(seed, WORDS, 600) for seed in range(100, 120)]
    test = two_sample_test([text(seed, WORDS, length) for seed, length in enumerate(lengths)], real)
    assert (test.passages, test.labellings) == (3 + 2 + 18, 200)


def test_a_classifier_never_reads_the_texts_that_it_is_tested_on() -> None:
    """Each text has a word of its own in every passage. Its other passages would give it away."""
    texts = [text(seed, [*WORDS, *["abcdefghijklmnopqrst"[seed] * 7] * 4]) for seed in range(10)]
    assert two_sample_test(texts[:5], texts[5:]).area < 0.8


def test_there_is_no_test_without_two_passages_of_texts_and_of_documents() -> None:
    white = ["\n" * 400] * 2
    for texts, documents in ([""], REAL), ([REAL[0], "x" * 199], REAL), (REAL[:2], ["short"]), (white, white):
        assert two_sample_test(texts, documents) is None
    assert two_sample_test(white, REAL).area == 1
