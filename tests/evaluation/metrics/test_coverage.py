from collections import Counter

import numpy as np
import pytest

from toolkit.evaluation.metrics.coverage import corpus_coverage, coverage, coverage_curve, renyi_efficiency
from toolkit.results.cell import CellCoverage
from toolkit.text.corpus import Document, Split
from toolkit.tokenizers.words import Words

# training: a×4 b×2 c×1 .×2 (9 tokens, 4 types, 1 hapax); c, b stand in one document only (3 tokens); a and . in both
SPLIT = Split(
    train=(Document("1", "a a b b."), Document("2", "a c a.")),
    valid=(Document("v", "only valid knows zebra"),),
    test=(Document("t", "a b zebra zebra.\n"),),  # tokens a b zebra zebra . ; of 17 characters 10 lie in zebra
)


def test_shares_of_a_corpus_worked_out_by_hand() -> None:
    facts = corpus_coverage(SPLIT)
    assert (facts.tokens, facts.types, facts.hapax_types, facts.test_tokens) == (9, 4, 1, 5)
    assert facts.hapax_type_share == pytest.approx(1 / 4)
    assert facts.hapax_token_share == facts.good_turing == pytest.approx(1 / 9)
    assert facts.leave_one_out == pytest.approx(3 / 9)
    assert facts.unseen_token_share == pytest.approx(2 / 5)
    assert facts.unseen_character_share == pytest.approx(10 / 17)
    assert facts.curve == [(1, 0.2), (2, 0.4), (3, 0.6), (4, 0.6)]  # a, then ".", b, c
    assert facts == corpus_coverage(Split(SPLIT.train, (), SPLIT.test))  # validation documents are not used
    case = Split((Document("1", "The sea"),), (), (Document("t", "the sea"),))
    assert corpus_coverage(case).unseen_token_share == 0.5


def test_a_long_curve_is_thinned_and_rises_to_all_types() -> None:
    train = Counter({f"w{i}": 1 + 5000 // (i + 1) for i in range(5000)})
    types, shares = zip(*coverage_curve(train, Counter([f"w{i}" for i in range(0, 5000, 3)])), strict=True)
    assert {1, 10, 100, 1000, 5000} <= set(types)
    assert len(types) <= 64
    assert list(types) == sorted(set(types))
    assert list(shares) == sorted(shares)
    assert shares[-1] == 1.0


def covered(strategy: str, train: list[str], test: str) -> CellCoverage:
    """The coverage of a word tokenizer with a strategy for rare words."""
    documents, held_out = [Document(str(i), text) for i, text in enumerate(train)], Document("test", test)
    tokenizer = Words(strategy).fit(documents)
    return coverage(tokenizer, [(d, tokenizer.encode(d)) for d in documents], [(held_out, tokenizer.encode(held_out))])


OARS = ["an oar, an oar, a quay, a", "an oar, a bell! a oar !"]


def test_tokens_and_the_words_of_a_class_worked_out_by_hand() -> None:
    cell = covered("unk", OARS, "an eel, a eel, a quay, an oar")
    (unk,) = cell.classes
    assert (unk.name, unk.train_types, unk.train_tokens, unk.test_tokens) == ("UNK", 2, 2, 3)
    assert unk.examples == ["bell", "quay"]
    # an oar , an oar , a quay , a (10 tokens); an oar , a bell ! a oar ! (9 tokens)
    assert cell.replaced_token_share_train == 2 / 19
    assert cell.replaced_token_share_test == 3 / 11  # an eel , a eel , a quay , an oar
    assert cell.replaced_character_share_test == (4 + 4 + 5) / 29  # with the space before each
    assert cell.characters_per_token == 29 / 12  # the end of the document included
    assert cell.tokens_per_word == 12 / 8
    assert cell.whole_word_share == 5 / 8
    assert cell.characters_per_word_token == (2 + 3 + 1 + 3 + 1 + 4 + 2 + 3) / 8


def test_a_class_without_training_words_has_held_out_examples() -> None:
    (only,) = covered("keep", ["an oar, a quay"] * 2, "an eel, a bell").classes
    assert (only.train_types, only.train_tokens, only.test_tokens, only.examples) == (0, 0, 2, ["bell", "eel"])


@pytest.mark.parametrize("strategy", ["unk", "drop", "spell"])
def test_the_same_words_are_replaced_by_a_class_a_flag_or_a_spelling(strategy: str) -> None:
    cell = covered(strategy, OARS, "an eel, a eel, a quay, an oar\n\nSo")
    (only,) = cell.classes
    assert (only.train_types, only.test_tokens, only.examples) == (2, 5, ["bell", "quay"])
    assert cell.replaced_token_share_test == 5 / 13
    assert cell.replaced_character_share_test == (4 + 4 + 5 + 2 + 2) / 33


def test_examples_are_frequent_words_then_words_evenly_spaced_over_the_alphabet() -> None:
    frequent = [f"often{i:02}" for i in range(20)]
    rare = [f"once{i:03}" for i in range(300)]
    text = " ".join([*(word for i, word in enumerate(frequent) for _ in range(22 - i)), *rare])
    (only,) = covered("keep", ["so"], text).classes
    assert only.examples[:12] == frequent[:12]
    assert len(only.examples) == 24
    assert only.examples[12:] == sorted(only.examples[12:])
    assert (only.examples[12], only.examples[-1]) == (frequent[12], rare[-1])  # the ends of the alphabet


def test_renyi_efficiency_of_uniform_and_unused_tokens() -> None:
    assert renyi_efficiency([np.array([0, 1, 2, 3])], 4) == pytest.approx(1)
    assert renyi_efficiency([np.array([0]), np.array([1])], 4) == pytest.approx(1 / 2)
    assert renyi_efficiency([np.array([0])], 1) == 1.0
