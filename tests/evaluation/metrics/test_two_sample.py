import random
import re

from toolkit.evaluation.metrics.two_sample import CHARACTERS, parted, two_sample_auc, whole_passages

WORDS = "harbour keeper lamp stair water stone moon gull book ship autumn oar tide bell fen mill".split()  # noqa: SIM905


def text(seed: int, words: list[str], length: int = 3000) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choices(words, k=length // 5))[:length]


REAL = [text(seed, WORDS) for seed in range(6)]


def test_text_of_the_same_source_is_told_by_chance_only() -> None:
    auc = two_sample_auc([text(seed, WORDS) for seed in range(100, 105)], REAL)
    assert 0.35 < auc < 0.65


def test_other_words_are_always_told() -> None:
    auc = two_sample_auc([text(seed, [word[::-1] for word in WORDS]) for seed in range(5)], REAL)
    assert auc == 1.0


def test_what_only_one_text_has_does_not_tell_the_others() -> None:
    """Each text has a word of its own in every passage: a classifier that had read its other passages would know it."""
    own = [text(seed, [*WORDS, *["abcdefghij"[seed] * 7] * 4]) for seed in range(5)]
    real = [text(seed + 50, [*WORDS, *["klmnopqrst"[seed] * 7] * 4]) for seed in range(5)]
    assert two_sample_auc(own, real) < 0.8


def test_with_less_than_two_texts_of_a_passages_length_nothing_is_told() -> None:
    for texts in ([], [""], [REAL[0]], [REAL[0], "x" * (CHARACTERS - 1)]):
        assert two_sample_auc(texts, REAL) == 0.5
    assert two_sample_auc(REAL[:2], ["short"]) == 0.5


def test_passages_are_equally_long_and_the_rest_is_left() -> None:
    passages = whole_passages("x" * (3 * CHARACTERS + 7))
    assert [len(passage) for passage in passages] == [CHARACTERS] * 3
    assert whole_passages("x" * (CHARACTERS - 1)) == []


def test_every_document_is_in_one_part() -> None:
    parts = parted([f"d{i}." for i in range(7)], 3)
    assert sorted(re.findall(r"d\d", " ".join(parts))) == [f"d{i}" for i in range(7)]
