"""The forecasts of the unseen share, each by another way of counting, and what each is worth."""

from statistics import fmean

import pytest

from toolkit.evaluation.metrics.coverage import corpus_coverage
from toolkit.inspection.forecasts import (
    BLOCKS,
    NO_GROWTH,
    ONE_DOCUMENT,
    TOO_SHORT,
    forecasts,
    repeats_of_new,
)
from toolkit.inspection.growth import heaps
from toolkit.text.catalogue import find_corpus
from toolkit.text.census import census
from toolkit.text.corpus import Corpus, Document, Split
from toolkit.text.neutral import tokens
from toolkit.text.splits import split


def of(parts: Split, *, whole: bool = True):
    train = census(parts.train)
    return forecasts(parts, train, corpus_coverage(parts), heaps(train), whole=whole)


@pytest.fixture(scope="module")
def tales() -> Corpus:
    return find_corpus("weird-tales")


def test_leaving_one_out_is_what_leaving_each_out_in_turn_gives(split):
    """In the plainest way; evaluation/metrics/coverage counts the same tokens by how many documents have them."""
    unseen = total = 0
    for i, document in enumerate(split.train):
        others = {token for j, other in enumerate(split.train) if j != i for token in tokens(other.text)}
        here = tokens(document.text)
        unseen += sum(token not in others for token in here)
        total += len(here)
    assert of(split).leave_one_out == unseen / total == corpus_coverage(split).leave_one_out


def test_good_turing_is_the_share_of_tokens_seen_once(split):
    training = [token for document in split.train for token in tokens(document.text)]
    once = sum(training.count(token) == 1 for token in set(training))
    assert of(split).good_turing == pytest.approx(once / len(training))


def test_repeats_by_hand():
    """Own to the first: b, b; to the second: c, d, d, d: six tokens of three types."""
    for second, repeats in (("a c d d d", 2), ("a b", None)):
        documents = [Document("1", "a b b"), Document("2", second)]
        assert repeats_of_new(documents, census(documents)) == repeats


def test_growth_is_nearer_than_good_turing_and_its_new_types_than_heaps(tales):
    """Over splits of the bundled tales: a property of that text, which the docstring's figures are about."""
    growth, good_turing, straight, parabola = [], [], [], []
    for seed in range(4):
        parts = split(tales, seed)
        facts, coverage = of(parts), corpus_coverage(parts)
        law = heaps(census(parts.train))
        known = {token for document in parts.train for token in tokens(document.text)}
        test = [token for document in parts.test for token in tokens(document.text)]
        new = len(set(test) - known) / len(test)
        growth.append(abs(facts.growth - facts.unseen))
        good_turing.append(abs(facts.good_turing - facts.unseen))
        straight.append(abs(law.K * law.beta * coverage.tokens ** (law.beta - 1) - new))
        parabola.append(abs(facts.new_type_rate - new))
    assert fmean(growth) < 0.5 * fmean(good_turing)
    assert fmean(parabola) < 0.5 * fmean(straight)


def test_one_document_has_no_other_to_leave_out(tales):
    text = "\n\n".join(document.text for document in tales.documents[:8])
    blocks = of(split(Corpus("one", (Document("one", text),))), whole=False)
    assert blocks.leave_one_out is None
    assert blocks.missing == {"leave_one_out": BLOCKS}
    assert 0 < blocks.growth < 1
    given = Split((Document("one", text),), (tales.documents[8],), (tales.documents[9],))
    assert of(given).missing == {"leave_one_out": ONE_DOCUMENT}


def test_a_tiny_text_says_what_cannot_be_given():
    tiny = Split((Document("1", "a b"), Document("2", "a c")), (Document("v", "a"),), (Document("t", "a z"),))
    facts = of(tiny)
    assert (facts.growth, facts.missing) == (None, {"growth": TOO_SHORT})
    assert facts.good_turing == 0.5
    assert facts.unseen == 0.5


def test_a_vocabulary_that_is_complete_has_no_growth_to_forecast():
    """All words come first, in a list: at its end the parabola falls, and a rate would be below zero."""
    words = [f"w{i}" for i in range(1_500)]
    documents = (Document("list", " ".join(words)), Document("text", " ".join(words * 6)))
    found = of(Split(documents, documents[:1], (Document("test", "w1 w2 new"),)))
    assert found.growth is None
    assert found.new_type_rate is None
    assert found.missing["growth"] == NO_GROWTH
