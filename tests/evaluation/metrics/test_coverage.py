import pytest

from toolkit.evaluation.metrics import coverage
from toolkit.text.corpus import Document, Split

# training: a×4 b×2 c×1 .×2 (9 tokens, 4 types, 1 hapax); c, b stand in one document only (3 tokens); a and . in both
SPLIT = Split(
    train=(Document("1", "a a b b."), Document("2", "a c a.")),
    valid=(Document("v", "only valid knows zebra"),),
    test=(Document("t", "a b zebra zebra.\n"),),  # tokens a b zebra zebra . ; of 17 characters 10 lie in zebra
)


def test_shares_are_those_worked_out_by_hand() -> None:
    facts = coverage.corpus_coverage(SPLIT)
    assert (facts.tokens, facts.types, facts.hapax_types, facts.test_tokens) == (9, 4, 1, 5)
    assert facts.hapax_type_share == pytest.approx(1 / 4)
    assert facts.hapax_token_share == facts.good_turing == pytest.approx(1 / 9)
    assert facts.leave_one_out == pytest.approx(3 / 9)
    assert facts.unseen_token_share == pytest.approx(2 / 5)
    assert facts.unseen_character_share == pytest.approx(10 / 17)


def test_the_curve_ends_at_what_is_seen_with_all_types() -> None:
    facts = coverage.corpus_coverage(SPLIT)
    # ranked a (4), . and b (2 each, "." first), c: of the test's a b zebra zebra .
    assert facts.curve == [(1, 0.2), (2, 0.4), (3, 0.6), (4, 0.6)]
    assert facts.curve[-1][1] == pytest.approx(1 - facts.unseen_token_share)


def test_a_long_curve_is_thinned_and_rises() -> None:
    words = [f"w{i}" for i in range(5000)]
    train = Document("1", " ".join(word for i, word in enumerate(words) for _ in range(1 + 5000 // (i + 1))))
    facts = coverage.corpus_coverage(Split((train,), (), (Document("t", " ".join(words[::3])),)))
    types, shares = zip(*facts.curve, strict=True)
    assert len(types) <= 60
    assert types[0] == 1
    assert types[-1] == 5000
    assert list(types) == sorted(set(types))
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1.0


def test_words_of_valid_documents_are_not_known() -> None:
    without = Split(SPLIT.train, (), SPLIT.test)
    assert coverage.corpus_coverage(SPLIT) == coverage.corpus_coverage(without)


def test_case_makes_another_type() -> None:
    split = Split((Document("1", "The sea"),), (), (Document("t", "the sea"),))
    assert coverage.corpus_coverage(split).unseen_token_share == 0.5
