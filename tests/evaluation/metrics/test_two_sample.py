import random

import pytest
from toolkit.evaluation.metrics.two_sample import CHANCE_AREA, MAX_TEXTS, PASSAGE_CHARACTERS, told_apart

WORDS = "harbour keeper lamp stair water stone moon gull book ship autumn oar tide bell fen mill".split()  # noqa: SIM905


def text(seed: int, words: list[str], length: int = 3000) -> str:
    """Random words."""
    return " ".join(random.Random(seed).choices(words, k=length // 5))[:length]


REAL = [text(seed, WORDS) for seed in range(6)]
REVERSED = [word[::-1] for word in WORDS]


def test_other_words_are_always_separable_and_the_same_words_by_chance_only() -> None:
    other = told_apart([text(seed, REVERSED) for seed in range(5)], REAL)
    same = told_apart([text(seed, WORDS) for seed in range(100, 105)], REAL)
    assert (other.area, other.labellings, other.p) == (1.0, 126, 1 / 126)  # C(10, 5) / 2 halves of ten blocks
    assert 0.35 < same.area < 0.65
    assert same.p > 0.05


def test_of_many_texts_the_first_are_used() -> None:
    few = [text(seed, WORDS, 600) for seed in range(100, 100 + MAX_TEXTS)]
    real = [text(seed, WORDS, 600) for seed in range(MAX_TEXTS)]
    test = told_apart([*few, text(1, REVERSED)], real)
    assert test == told_apart(few, real)
    assert (test.passages, test.labellings) == (MAX_TEXTS * 600 // PASSAGE_CHARACTERS, 200)


def test_a_classifier_never_reads_the_texts_that_it_is_tested_on() -> None:
    """Each text has a word of its own in every passage. Its other passages would give it away."""
    own = [text(seed, [*WORDS, *["abcdefghij"[seed] * 7] * 4]) for seed in range(5)]
    real = [text(seed + 50, [*WORDS, *["klmnopqrst"[seed] * 7] * 4]) for seed in range(5)]
    assert told_apart(own, real).area < 0.8


@pytest.mark.parametrize(
    ("texts", "documents"),
    [
        ([], REAL), ([""], REAL), ([REAL[0]], REAL), ([REAL[0], "x" * (PASSAGE_CHARACTERS - 1)], REAL),
        (REAL[:2], ["short"]), (["\n" * 400] * 2, ["\n" * 400] * 2),
    ],
)  # fmt: skip
def test_texts_shorter_than_a_passage_are_not_tested(texts: list[str], documents: list[str]) -> None:
    assert told_apart(texts, documents) is None


def test_passages_are_equally_long_without_the_rest() -> None:
    lengths = (2000, 700, 1400)
    test = told_apart([text(seed, WORDS, length) for seed, length in enumerate(lengths)], REAL)
    assert test.passages == sum(length // PASSAGE_CHARACTERS for length in lengths)
    assert test.labellings == 10  # C(6, 3) / 2


def test_telling_ngrams_are_on_one_side_only_and_do_not_contain_each_other() -> None:
    test = told_apart([text(seed, [*WORDS, "zyzzyx"]) for seed in range(4)], REAL)
    assert "z" in test.samples[0].text
    assert (test.samples[0].author, test.samples[0].samples > 20) == (0, True)
    assert "z" not in "".join(ngram.text for ngram in test.author)
    inner = [ngram.text.strip() or ngram.text for ngram in test.samples]
    assert not any(a in b for a in inner for b in inner if a is not b)


def test_a_run_of_white_space_counts_as_one_space() -> None:
    quotes = [f'"{sentence}"\n\n' * 30 for sentence in ("Stone moon", "Gull oar", "Tide bell")]
    test = told_apart(quotes, REAL)
    assert '" "' in [ngram.text for ngram in test.samples]
    assert all(ngram.samples for ngram in test.samples)
    assert all(ngram.author for ngram in test.author)
    blank = told_apart(["\n" * 400] * 2, REAL)
    assert (blank.area, blank.samples) == (1.0, [])
    assert blank.area > CHANCE_AREA
