import numpy as np
import pytest
from scipy.stats import linregress

from toolkit.evaluation.metrics.diversity import expectation_adjusted_distinct
from toolkit.evaluation.metrics.growth import HEAPS, MATTR, ZIPF, heaps, mattr, slope, zipf
from toolkit.evaluation.metrics.loops import ends_in_loop
from toolkit.evaluation.metrics.reference import Reference
from toolkit.evaluation.metrics.taylor import taylor_exponent

NONE = Reference(())


def test_slopes_are_scipys():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 50))
    assert slope(x, y) == pytest.approx(linregress(x, y).slope)


def test_zipf_of_frequencies_that_fall_as_one_over_rank_is_one():
    words = [f"w{rank}" for rank in range(1, 7) for _ in range(60 // rank)]  # 60, 30, 20, 15, 12, 10
    assert zipf(words) == pytest.approx(1.0)
    assert zipf(["a", "b", "c"]) == zipf(["a"]) == 0.0


def test_heaps_is_one_if_every_word_is_new_and_falls_otherwise():
    assert heaps([f"w{i}" for i in range(30)]) == pytest.approx(1.0)
    squares = [f"w{round(i**0.5)}" for i in range(400)]
    assert heaps(squares) == pytest.approx(0.5, abs=0.06)  # V(n) ~ n^0.5
    assert heaps(["the"] * 9) == 0.0


def test_the_moving_average_is_that_of_every_window():
    rng = np.random.default_rng(3)
    words = [f"w{i}" for i in rng.integers(0, 40, 350)]
    shares = [len(set(words[i : i + 100])) / 100 for i in range(251)]
    assert mattr(words) == pytest.approx(np.mean(shares))


def test_of_several_texts_it_is_the_mean():
    for measure in (ZIPF, HEAPS, MATTR):
        assert measure(["a b a", "c c c d"], NONE) == pytest.approx(
            (measure(["a b a"], NONE) + measure(["c c c d"], NONE)) / 2
        )


def test_taylor_tells_independent_words_from_clustered_ones():
    rng = np.random.default_rng(4)
    drawn = rng.choice([f"w{i}" for i in range(60)], 20_000, p=np.arange(1, 61) / 1830)
    independent = taylor_exponent([" ".join(drawn)])
    clustered = taylor_exponent([" ".join(sorted(drawn))])  # each word in one stretch only
    assert independent == pytest.approx(0.5, abs=0.05)
    assert clustered > independent + 0.02
    assert taylor_exponent(["the " * 500]) == taylor_exponent([]) == 0.5


def test_expected_distinct_words_give_one():
    """Of 3 even draws from 2 words, 2 · (1 − (1/2)^3) = 1.75 differ."""
    assert expectation_adjusted_distinct(["a b a"], 2) == pytest.approx(2 / 1.75)
    rng = np.random.default_rng(5)
    even = " ".join(f"w{i}" for i in rng.integers(0, 500, 600))
    assert expectation_adjusted_distinct([even], 500) == pytest.approx(1.0, abs=0.05)
    assert expectation_adjusted_distinct(["a"], 0) == expectation_adjusted_distinct([""], 5) == 0.0


@pytest.mark.parametrize(
    ("text", "loops"),
    [
        ("the the the the the the.", True),  # also a phrase of three words, twice
        ("so it went on, and on it went on, and on it went on", True),
        ("and so to sea, and so to sea.", True),
        ("very, very, very good", False),
        ("one two three four one two three", False),
        ("", False),
    ],
)
def test_a_loop_is_a_phrase_of_three_words_that_follows_itself_at_the_end(text, loops):
    assert ends_in_loop(text) is loops
