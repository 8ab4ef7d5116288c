"""Folds: every document is held out once."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text import folds as module
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split
from toolkit.text.folds import ONE, Fold, as_long, fold_split
from toolkit.text.fractions import order_of_fractions
from toolkit.text.splits import nearest_shuffle, shuffles, split


def corpus_of(lengths: list[int]) -> Corpus:
    """A corpus with documents of these lengths."""
    return Corpus("tales", tuple(Document(f"d{i:02}", f"{i} " + "word " * (n // 5)) for i, n in enumerate(lengths)))


def all_splits(corpus: Corpus, folds: int, seed: int = 0) -> list[Split]:
    """The splits of all folds."""
    return [fold_split(corpus, seed, Fold(number, folds)) for number in range(1, folds + 1)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(500, 20_000), min_size=14, max_size=30), st.integers(5, 7), st.integers(0, 3))
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
        for part in (one.train, one.valid, one.test):
            assert [d.name for d in part] == sorted(d.name for d in part)


def test_the_first_of_five_is_the_split_without_folds() -> None:
    corpus = corpus_of([1000 + 37 * i for i in range(45)])
    for seed in (0, 3):
        assert fold_split(corpus, seed, Fold(1, 5)) == fold_split(corpus, seed, ONE) == split(corpus, seed)
    assert fold_split(corpus, 0, Fold(1, 6)) != split(corpus, 0)


@pytest.mark.parametrize(
    ("folds", "valid", "held_out"),
    [
        (5, "08 11, 01 18, 03 16, 00 19, 04 15", "02 07 10 19, 04 05 13 16, 01 06 14 17, 03 08 12 15, 00 09 11 18"),
        (
            6,
            "01 18, 03 16, 00 19, 01 18, 05 14, 09 10",
            "06 13 14, 00 02 09 18, 04 07 08 10, 05 12 15, 01 16 19, 03 11 17",
        ),
    ],
)
def test_folds_are_what_they_were(folds: int, valid: str, held_out: str) -> None:
    """As commit 79d7435 divided the same documents: folders made since then go on."""
    splits = all_splits(corpus_of([1000 + 397 * i for i in range(20)]), folds, seed=1)
    for part, names in (("valid", valid), ("test", held_out)):
        assert ", ".join(" ".join(d.name[1:] for d in getattr(one, part)) for one in splits) == names


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
        (corpus_of([5000] * 9), "needs at least 10 documents, and it has 9 documents; give more documents"),
        (corpus_of([50_000]), "it has 1 document; give more documents"),
        (Corpus("t", (), given=Split(*[corpus_of([900] * 6).documents[i : i + 2] for i in (0, 2, 4)])), "says itself"),
    ],
)
def test_what_cannot_be_held_out_in_turn_is_refused(corpus: Corpus, said: str) -> None:
    with pytest.raises(InputError, match=said):
        fold_split(corpus, 0, Fold(1, 5))


@pytest.mark.parametrize("values", [2, [1], [1, 2, 3], [7, 5], [0, 5], ["1", 5], [True, 5]])
def test_what_is_no_fold_is_no_fold(values: object) -> None:
    with pytest.raises(ValueError, match="fold"):
        Fold.read(values)  # type: ignore[arg-type]


@pytest.mark.parametrize("folds", [2, 4])
def test_too_few_folds_are_refused(folds: int) -> None:
    with pytest.raises(InputError, match="too few to tell how much depends on the training text; give at least 5"):
        fold_split(corpus_of([900] * 20), 0, Fold(1, folds))


@pytest.mark.parametrize(("documents", "most"), [(13, 6), (10, 5)])
def test_at_most_so_many_folds_as_leave_two_documents_in_each(documents: int, most: int) -> None:
    with pytest.raises(InputError, match=f"give at most --folds {most}"):
        fold_split(corpus_of([900] * documents), 0, Fold(1, 7))
    splits = all_splits(corpus_of([900] * documents), most)
    assert sorted(d.name for one in splits for d in one.test) == [f"d{i:02}" for i in range(documents)]


def test_the_first_and_the_last_fold_are_folds() -> None:
    assert [Fold.read([number, 5]) for number in (1, 5)] == [Fold(1, 5), Fold(5, 5)]


def test_documents_of_one_name_are_held_out_once_each() -> None:
    corpus = corpus_of([1000 + 97 * i for i in range(12)])
    twins = tuple(Document("twin" if i in (3, 10) else d.name, d.text) for i, d in enumerate(corpus.documents))
    for seed in range(10):
        held_out = [d.text for one in all_splits(Corpus("t", twins), 5, seed) for d in one.test]
        assert sorted(held_out) == sorted(d.text for d in twins)


def test_the_validation_documents_depend_on_the_fold_and_on_the_seed() -> None:
    corpus = corpus_of([1000 + 37 * i for i in range(60)])
    valid = [tuple(d.name for d in fold_split(corpus, seed, Fold(n, 6)).valid) for seed in (0, 1) for n in range(1, 7)]
    assert len(set(valid)) == 12
    lengths = [sum(d.characters for d in fold_split(corpus, 0, Fold(n, 6)).valid) for n in range(1, 7)]
    assert all(abs(length / corpus.characters - 0.1) < 0.001 for length in lengths)


def test_splits_stay_what_they_are() -> None:
    """A comparison that grows must hold out what it has held out before."""
    corpus = corpus_of([1000 + 137 * i % 911 for i in range(25)])
    places = [[int(d.name[1:]) for d in fold_split(corpus, 0, fold).test] for fold in (ONE, Fold(1, 6), Fold(2, 6))]
    assert places == [[3, 6, 7, 17, 22], [4, 9, 10, 17], [0, 2, 8, 21, 22]]
    assert order_of_fractions([document.characters for document in corpus.documents])[:6] == [12, 6, 9, 14, 16, 3]


def test_what_was_noted_of_the_corpus_stays() -> None:
    corpus = replace(corpus_of([900] * 12), notes=("One file was empty.",))
    assert "One file was empty." in fold_split(corpus, 0, Fold(3, 5)).notes


def test_a_corpus_beyond_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "fits", lambda characters: characters < 1000)
    with pytest.raises(InputError, match="does not fit in memory"):
        fold_split(corpus_of([900] * 20), 0, Fold(2, 5))


@pytest.mark.parametrize("places", [1, 50, 700])
def test_shuffles_are_the_same_however_many_are_held_at_once(places: int, monkeypatch) -> None:
    corpus = corpus_of([900 + 137 * i % 4_000 for i in range(23)])
    lengths = [document.characters for document in corpus.documents]

    def drawn() -> tuple[list[Split], Split, list[int]]:
        for kept in (nearest_shuffle, as_long):
            kept.cache_clear()
        return all_splits(corpus, 6), split(corpus, 3), order_of_fractions(lengths)

    whole = drawn()
    monkeypatch.setattr("toolkit.text.splits.PLACES", places)
    assert drawn() == whole
    for number in (1, 7, 1_000):
        (rows,) = {len(order) for orders in shuffles(23, np.random.default_rng(0), number) for order in orders}
        assert rows == 23
        assert sum(map(len, shuffles(23, np.random.default_rng(0), number))) == number
        assert all(orders.size <= max(places, 23) for orders in shuffles(23, np.random.default_rng(0), number))
