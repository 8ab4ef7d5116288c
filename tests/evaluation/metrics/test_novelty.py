import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.evaluation.metrics import novelty
from toolkit.evaluation.metrics.diversity import word_ngrams


def brute_force(a: str, b: str) -> int:
    """Length of the longest common substring, by its dynamic programme: O(len(a)·len(b))."""
    best, row = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0] + [row[j] + 1 if x == y else 0 for j, y in enumerate(b)]
        best = max(best, *row)
    return best


@given(st.text(alphabet="abc", max_size=40), st.text(alphabet="abcd", max_size=80))
@example("bbaa", "babb")  # a span that the text has only at its front ends a longer one in training
@settings(max_examples=500)
def test_longest_copy_is_the_longest_common_substring(text: str, training: str) -> None:
    assert novelty.longest_copy(text, training).length == brute_force(text, training)


@given(st.text(max_size=30), st.text(max_size=10), st.text(max_size=30))
def test_any_characters_may_be_copied(before: str, copied: str, after: str) -> None:
    training, text = before + copied + after, copied + "\x00"
    length, start, place = novelty.longest_copy(text, training)
    assert length >= len(copied) or copied.isspace()
    assert text[start : start + length] == training[place : place + length]


def test_blocks_hide_no_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    training = "".join(rng.choice(list("abcde"), 3000))
    text = "".join(rng.choice(list("abcde"), 100)) + training[1490:1530] + "xyz"
    whole = novelty.longest_copy(text, training)
    monkeypatch.setattr(novelty, "BLOCK", 100)
    assert novelty.longest_copy(text, training) == whole
    assert whole.length == brute_force(text, training) >= 40
    assert text[whole.start :][: whole.length] == training[whole.place :][: whole.length]


def test_a_sorted_list_gives_what_the_table_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    training, text = ("".join(rng.choice(list("abcdefgh"), n)) for n in (2000, 300))
    with_table = novelty.longest_copy(text, training)
    monkeypatch.setattr(novelty, "TABLE", 0)
    assert novelty.longest_copy(text, training) == with_table
    assert with_table.length == brute_force(text, training)


def test_a_long_text_is_found_whole() -> None:
    training = "".join(np.random.default_rng(5).choice(list("abcdefghij "), 30_000))
    assert novelty.longest_copy(training[7_000:17_001], training) == (10_001, 0, 7_000)


def test_nothing_is_copied_from_nothing() -> None:
    for text, training in (("", "abc"), ("abc", ""), ("a", "b")):
        assert novelty.longest_copy(text, training) == novelty.NO_SPAN


WORDS = st.lists(st.sampled_from(["the", "old", "bell", "eel", "Oar"]), max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, min_size=1, max_size=3), st.integers(1, 5))
def test_novel_ngrams_are_those_that_no_document_has(documents: list[str], texts: list[str], n: int) -> None:
    def grams(text: str) -> list[tuple[str, ...]]:
        return word_ngrams(text, n)

    had = {gram for document in documents for gram in grams(document)}
    novel = [gram not in had for text in texts for gram in grams(text)]
    ngrams = novelty.Ngrams(documents, 5)  # also the shorter ones
    assert ngrams.novel_share(texts, n) == pytest.approx(sum(novel) / len(novel) if novel else 0.0)


def test_what_runs_from_one_document_into_the_next_is_novel() -> None:
    assert novelty.Ngrams(["a b c", "d e f"], 3).novel("b c d e f", 3).tolist() == [True, True, False]
