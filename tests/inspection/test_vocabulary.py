"""Planted laws come back, forecasts equal plain counts, and short texts give none."""

from collections import Counter
from statistics import fmean

import numpy as np
import pytest

from toolkit.evaluation.metrics.coverage import coverage_of
from toolkit.inspection import vocabulary
from toolkit.inspection.vocabulary import heaps, zipf
from toolkit.text.catalogue import find_corpus
from toolkit.text.census import census
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.neutral import tokens
from toolkit.text.splits import split as split_of

TALES = find_corpus("weird-tales")
ONE = Document("one", "\n\n".join(document.text for document in TALES.documents[:8]))
WORDS = " ".join(f"w{i}" for i in range(1_500))
LIST = (Document("list", WORDS), Document("text", WORDS * 6))


class Part(Document):
    """A part of a long document."""

    whole = "novel"


def forecasts(split, whole=True):
    train = census(split.train)
    return vocabulary.forecasts(split, train, coverage_of(train, census(split.test)), heaps(train), whole=whole)


def planted(types):
    """A text whose first n words have about ``types`` types: a word is new when ``types`` passes a whole number."""
    return census([Document("planted", " ".join(f"w{size}" for size in np.floor(types).astype(int)))])


@pytest.mark.parametrize(("K", "beta"), [(1.0, 0.5), (0.9, 0.8), (1.0, 1.0)])
def test_planted_laws(K, beta):
    law = heaps(planted(K * np.arange(1, 20_001) ** beta))
    assert (law.exponent, law.end_exponent) == (pytest.approx(beta, abs=0.02), pytest.approx(beta, abs=0.04))
    assert (law.factor, law.first, law.last) == (pytest.approx(K, rel=0.2), 1_000, 20_000)
    law = zipf(Counter({f"w{rank}": round(100_000 / rank**beta) for rank in range(1, 3_000)}))
    assert (law.exponent, law.factor) == (pytest.approx(-beta, abs=0.01), pytest.approx(100_000, rel=0.05))
    assert law.points[0] == (1, 100_000)


def test_the_end_of_a_bent_curve():
    """log V = log 0.3 + 1.3 log n − 0.04 (log n)², whose slope at the end is 1.3 − 0.08 log n."""
    n = np.arange(1, 20_001)
    law = heaps(planted(0.3 * n ** (1.3 - 0.04 * np.log(n))))
    assert law.end_exponent == pytest.approx(1.3 - 0.08 * np.log(20_000), abs=0.01)
    assert law.exponent > law.end_exponent + 0.05


def test_short_texts_have_no_law():
    words = [token for tale in TALES.documents for token in tokens(tale.text)]
    pieces = (census([Document("piece", " ".join(words[:n]))]) for n in (0, 9_999, 10_000, len(words)))
    *short, piece, whole = map(heaps, pieces)
    assert short == [None, None]
    assert piece.exponent == pytest.approx(whole.exponent, abs=0.13)
    counts = Counter({f"w{rank}": 5 for rank in range(199)})
    assert [zipf(Counter()), zipf(counts)] == [None, None]
    assert zipf(counts + Counter({"another": 5})).last == 200


def test_forecasts_are_plain_counts():
    split = split_of(TALES)
    facts, law, documents = forecasts(split), heaps(census(split.train)), [tokens(d.text) for d in split.train]
    counts = Counter(token for document in documents for token in document)
    spread = Counter(token for document in documents for token in set(document))
    alone = [counts[token] for token in counts if spread[token] == 1]
    assert facts.good_turing == pytest.approx(sum(n == 1 for n in counts.values()) / counts.total())
    assert facts.leave_one_out == pytest.approx(sum(alone) / counts.total())
    assert facts.repeats == pytest.approx(fmean(alone))
    assert facts.new_type_rate == pytest.approx(law.end_exponent * len(counts) / counts.total())
    assert facts.growth == pytest.approx(facts.new_type_rate * facts.repeats)


@pytest.mark.parametrize(
    ("split", "whole", "missing"),
    [
        (split_of(Corpus("one", (ONE,))), False, {"leave_one_out": "blocks"}),
        (Split((Part("a", ONE.text), Part("b", WORDS)), LIST[:1], LIST[1:]), True, {"leave_one_out": "one_document"}),
        (Split((Document("1", "a b"), Document("2", "a c")), LIST[:1], LIST[1:]), True, {"growth": "too_short"}),
        (Split(LIST, LIST[:1], LIST[1:]), True, {"growth": "no_growth"}),  # at its end the parabola falls
    ],
)
def test_reasons_for_missing_forecasts(split, whole, missing):
    facts = forecasts(split, whole)
    assert facts.missing == missing
    assert [name for name in ("good_turing", "leave_one_out", "growth") if getattr(facts, name) is None] == [*missing]
