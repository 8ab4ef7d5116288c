"""Noise: as much as asked, of letters that training has, the same every time, and nothing but letters."""

import unicodedata
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from toolkit.text.corpus import Document, Split, canonical
from toolkit.text.noise import KINDS, changeable, lower_case, mistyped, noisy_texts

TRAIN = "The Harbour lay still; “Quincunx” Ωλ wrote: don't. Über 14 Straßen, 日本語と言語。 " * 3
LETTERS = {letter: TRAIN.count(letter) for letter in sorted(set(TRAIN)) if letter.isalpha()}
TEXT = st.text(st.sampled_from(TRAIN + "ZéäЖ9\n\u0301\u1100\u1161가각"), max_size=80).map(canonical)


@given(TEXT, st.sampled_from([0.0, 0.01, 0.05, 0.5, 1.0]))
def test_typing_errors_are_as_many_as_asked_and_letters_of_training(text, share):
    typed = mistyped(text, LETTERS, share)
    changed = [(a, b) for a, b in zip(text, typed, strict=True) if a != b]
    letters = sum(map(str.isalpha, text))
    able = sum(any(unicodedata.category(c) == unicodedata.category(text[i]) and c != text[i] for c in LETTERS)
               for i in changeable(text))  # fmt: skip
    assert len(changed) == min(round(share * letters), able)
    assert all(a.isalpha() and b in LETTERS for a, b in changed)
    assert all(unicodedata.category(a) == unicodedata.category(b) for a, b in changed)
    assert typed == mistyped(text, LETTERS, share)
    assert canonical(typed) == typed


@given(TEXT)
def test_lower_case_changes_capitals_that_training_has_small_and_nothing_else(text):
    lower = lower_case(text, LETTERS)
    assert all(b == a or (b == a.lower() and b in LETTERS) for a, b in zip(text, lower, strict=True))
    assert lower_case(lower, LETTERS) == lower
    assert canonical(lower) == lower


def test_a_wrong_letter_comes_as_often_as_training_has_it():
    letters = {"a": 60, "b": 30, "c": 10}
    typed = Counter(mistyped("d" * 10_000, letters, 1.0))
    assert chisquare([typed["a"], typed["b"], typed["c"]], [6_000, 3_000, 1_000]).pvalue > 0.01


def test_errors_fall_on_all_documents_together():
    """Of 100 documents of ten letters none has one in a hundred of its own."""
    documents = tuple(Document(str(i), "harbourlay") for i in range(100))
    one, five, _ = noisy_texts(Split((Document("train", TRAIN),), (), documents))
    assert (one.letters, one.changed, five.changed) == (1_000, 10, 50)
    assert sum(a.text != b.text for a, b in zip(documents, one.documents, strict=True)) > 5
    assert [len(document.text) for document in one.documents] == [10] * 100


def test_all_columns_get_the_same_texts_and_nothing_depends_on_valid(split):
    texts = noisy_texts(split)
    assert [text.name for text in texts] == list(KINDS)
    assert texts == noisy_texts(Split(split.train, (), split.test))
    for text in texts:
        assert [len(d.text) for d in text.documents] == [len(d.text) for d in split.test]
        before, after = ("".join(d.text for d in documents) for documents in (split.test, text.documents))
        assert set(after) <= set(before).union(*(document.text for document in split.train))
        assert text.changed == sum(a != b for a, b in zip(before, after, strict=True))
