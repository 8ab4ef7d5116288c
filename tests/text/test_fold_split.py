"""Folds: every document is held out once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text import folds as module
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split
from toolkit.text.folds import ONE, Fold, fold_split
from toolkit.text.splits import split


def corpus_of(lengths: list[int]) -> Corpus:
    """A corpus with documents of these lengths."""
    return Corpus("tales", tuple(Document(f"d{i:02}", f"{i} " + "word " * (n // 5)) for i, n in enumerate(lengths)))


def all_splits(corpus: Corpus, folds: int, seed: int = 0) -> list[Split]:
    """The splits of all folds."""
    return [fold_split(corpus, seed, Fold(number, folds)) for number in range(1, folds + 1)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(500, 20_000), min_size=10, max_size=30), st.integers(2, 5), st.integers(0, 3))
def test_every_document_is_held_out_once_and_learnt_from_in_all_other_folds(
    lengths: list[int], folds: int, seed: int
) -> None:
    corpus = corpus_of(lengths)
    splits = all_splits(corpus, folds, seed)
    held_out = [document for one in splits for document in one.test]
    assert sorted(held_out, key=lambda document: document.name) == list(corpus.documents)
    sizes = [len(one.test) for one in splits]
    assert max(sizes) - min(sizes) <= 1 + len(lengths) // folds // 2
    for one in splits:
        parts = [document for part in SPLIT_PARTS for document in getattr(one, part)]
        assert sorted(parts, key=lambda document: document.name) == list(corpus.documents)
        assert len(one.valid) == max(1, round(0.1 * len(lengths)))
        assert one.train
        assert [d.name for d in one.train] == sorted(d.name for d in one.train)


def test_the_first_of_five_is_the_split_without_folds() -> None:
    corpus = corpus_of([1000 + 37 * i for i in range(45)])
    for seed in (0, 3):
        assert fold_split(corpus, seed, Fold(1, 5)) == fold_split(corpus, seed, ONE) == split(corpus, seed)
    assert fold_split(corpus, 0, Fold(1, 4)) != split(corpus, 0)


def test_folds_are_about_as_long_and_are_others_with_another_seed() -> None:
    corpus = corpus_of([1000 + 397 * i for i in range(45)])
    splits = all_splits(corpus, 5)
    characters = [sum(document.characters for document in one.test) for one in splits]
    assert max(characters) < 1.1 * min(characters)
    assert [len(one.test) for one in splits] == [9] * 5
    assert splits == all_splits(corpus, 5)
    assert splits[1].test != all_splits(corpus, 5, seed=1)[1].test


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        (corpus_of([5000] * 9), "needs at least 10 documents, and it has 9 documents; give at most --folds 4"),
        (corpus_of([50_000]), "it has 1 document; give at least 4 documents"),
        (Corpus("t", (), given=Split(*[corpus_of([900] * 6).documents[i : i + 2] for i in (0, 2, 4)])), "says itself"),
    ],
)
def test_what_cannot_be_held_out_in_turn_is_refused(corpus: Corpus, said: str) -> None:
    with pytest.raises(InputError, match=said):
        fold_split(corpus, 0, Fold(1, 5))


def test_a_corpus_beyond_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fits", lambda characters: characters < 1000)
    with pytest.raises(InputError, match="does not fit in memory"):
        fold_split(corpus_of([900] * 20), 0, Fold(2, 5))
