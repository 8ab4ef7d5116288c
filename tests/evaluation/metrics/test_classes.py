"""What the classes of a tokenizer took."""

from collections import Counter

from toolkit.evaluation.metrics.classes import EXAMPLES, FREQUENT, coverage, examples
from toolkit.text.corpus import Document
from toolkit.tokenizers.words import Words


def test_examples_are_the_frequent_ones_first_then_evenly_spaced() -> None:
    often = {f"often{i:02}": 100 - i for i in range(20)}
    once = {f"once{i:03}": 1 for i in range(300)}
    words = examples(Counter(once | often))
    assert words[:FREQUENT] == [f"often{i:02}" for i in range(FREQUENT)]
    rest = words[FREQUENT:]
    assert len(words) == EXAMPLES
    assert rest == sorted(rest)
    assert (rest[0], rest[-1]) == ("often12", "once299")  # the first and the last of the alphabet


def test_where_all_are_rare_alike_the_whole_alphabet_is_there() -> None:
    words = examples(Counter({f"w{i:03}": 1 for i in range(231)}))
    assert words == [f"w{i:03}" for i in range(0, 231, 10)]  # 0, 10, … 230: 24 words


def test_what_one_class_took() -> None:
    train = [Document("a", "an oar, an oar, a quay, a"), Document("b", "an oar, a bell! a oar !")]
    test = Document("c", "an eel, a eel, a quay, an oar")
    tokenizer = Words("unk").fit(train)
    covered = coverage(tokenizer, [(d, tokenizer.encode(d)) for d in train], [(test, tokenizer.encode(test))])
    (only,) = covered.classes
    assert (only.name, only.train_types, only.train_tokens, only.test_tokens) == ("UNK", 2, 2, 3)
    assert only.examples == ["bell", "quay"]
    # a: an oar , an oar , a quay , a (10 tokens); b: an oar , a bell ! a oar ! (9 tokens)
    assert covered.replaced_token_share_train == 2 / 19
    assert covered.replaced_token_share_test == 3 / 11  # an eel , a eel , a quay , an oar
    assert covered.replaced_character_share_test == (4 + 4 + 5) / 29  # with the space before each
    assert covered.characters_per_token == 29 / 12  # the document's end included
    assert covered.tokens_per_word == 12 / 8


def test_a_class_that_only_the_held_out_text_has_shows_what_that_has() -> None:
    train, test = [Document("a", "an oar, a quay"), Document("b", "an oar, a quay")], Document("c", "an eel, a bell")
    tokenizer = Words("keep").fit(train)
    (only,) = coverage(tokenizer, [(d, tokenizer.encode(d)) for d in train], [(test, tokenizer.encode(test))]).classes
    assert (only.train_types, only.train_tokens, only.test_tokens, only.examples) == (0, 0, 2, ["bell", "eel"])


def test_what_is_replaced_is_the_same_however_it_is_written() -> None:
    """A class, a flag for what was dropped, and a mark for what the network spells itself: the same words are rare."""
    train = [Document("a", "an oar, an oar, a quay, a"), Document("b", "an oar, a bell! a oar !")]
    test = Document("c", "an eel, a eel, a quay, an oar\n\nSo")
    by_strategy = {}
    for strategy in ("unk", "drop", "spell"):
        tokenizer = Words(strategy).fit(train)
        by_strategy[strategy] = coverage(
            tokenizer, [(d, tokenizer.encode(d)) for d in train], [(test, tokenizer.encode(test))]
        )
    for cell in by_strategy.values():
        (only,) = cell.classes
        assert (only.train_types, only.test_tokens, only.examples) == (2, 5, ["bell", "quay"])
        assert cell.replaced_token_share_test == 5 / 13
        assert cell.replaced_character_share_test == (4 + 4 + 5 + 2 + 2) / 33
