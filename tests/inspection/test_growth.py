"""The laws of Heaps and Zipf: what was planted is found, and what cannot be fitted is not."""

from collections import Counter

import numpy as np
import pytest

from toolkit.inspection.fitting import end_exponent, log_spaced, power_law
from toolkit.inspection.growth import LEAST_RANKS, LEAST_TOKENS, heaps, zipf
from toolkit.text.catalogue import find_corpus
from toolkit.text.census import Census, census
from toolkit.text.corpus import Document
from toolkit.text.neutral import tokens


def planted(K: float, beta: float, n: int) -> Document:
    """A text of n words in which a word is new whenever K · n^β passes a whole number."""
    sizes = np.floor(K * np.arange(1, n + 1) ** beta).astype(int)
    return Document("planted", " ".join(f"w{size}" for size in sizes))


@pytest.mark.parametrize(("K", "beta"), [(1.0, 0.5), (0.9, 0.8), (1.0, 1.0)])
def test_a_planted_exponent_is_found(K, beta):
    law = heaps(census([planted(K, beta, 20_000)]))
    assert law.beta == pytest.approx(beta, abs=0.02)
    assert law.end_exponent == pytest.approx(beta, abs=0.04)
    assert pytest.approx(K, rel=0.2) == law.K
    assert law.r_squared > 0.999
    assert (law.first, law.last) == (1_000, 20_000)


def test_types_are_counted_as_sets_of_prefixes():
    documents = [Document("1", "a b a, c"), Document("2", "b d d ,")]
    words = ["a", "b", "a", ",", "c", "b", "d", "d", ","]
    counted = census(documents)
    assert [counted.types_after(n) for n in range(1, 10)] == [len(set(words[:n])) for n in range(1, 10)]


def test_a_bent_curve_ends_at_its_own_slope():
    points = [(x, np.exp(0.3 + 0.9 * np.log(x) - 0.02 * np.log(x) ** 2)) for x in log_spaced(100, 100_000)]
    assert end_exponent(points) == pytest.approx(0.9 - 0.04 * np.log(100_000))


def test_zipf_of_planted_ranks():
    law = zipf(Counter({f"w{rank}": round(100_000 / rank**1.1) for rank in range(1, 3_000)}))
    assert law.slope == pytest.approx(-1.1, abs=0.01)
    assert law.constant == pytest.approx(100_000, rel=0.05)
    assert law.points[0] == (1, 100_000)


def test_a_power_law_is_numpys_line_through_logarithms():
    rng = np.random.default_rng(0)
    points = [(x, x**0.7 * rng.lognormal(0, 0.1)) for x in range(1, 60)]
    x, y = np.log(points).T
    law = power_law(points)
    assert law.r_squared == pytest.approx(np.corrcoef(x, y)[0, 1] ** 2)
    assert law.exponent == pytest.approx(np.cov(x, y, ddof=0)[0, 1] / x.var())


def test_a_short_text_has_no_fit():
    assert heaps(census([Document("1", "a b c " * 20)])) is None
    assert heaps(Census()) is None
    assert zipf(Counter("abc")) is None
    assert zipf(Counter()) is None


def test_a_short_piece_of_the_tales_has_no_law_and_a_long_one_nearly_that_of_all():
    tales = find_corpus("weird-tales").documents
    words = [token for tale in tales for token in tokens(tale.text)]

    def of_first(n):
        counted = census([Document("piece", " ".join(words[:n]))])
        return heaps(counted), zipf(counted.counts)

    for n in (600, 1_015, 2_000):
        assert of_first(n) == (None, None)
    assert of_first(LEAST_TOKENS - 1)[0] is None
    (growth, ranks), (whole, all_ranks) = of_first(LEAST_TOKENS), of_first(len(words))
    assert growth.beta == pytest.approx(whole.beta, abs=0.13)
    assert ranks.slope == pytest.approx(all_ranks.slope, abs=0.13)
    assert ranks.last >= LEAST_RANKS


def test_ranks_that_span_too_little_have_no_law():
    counts = Counter({f"w{rank}": 5 for rank in range(LEAST_RANKS - 1)})
    assert zipf(counts) is None
    assert zipf(counts + Counter({"one more": 5})) is not None
