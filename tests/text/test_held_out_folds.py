"""Folds, which hold out every document once, and nested fractions of the training documents."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text.corpus import Corpus, Document, Split, characters
from toolkit.text.splits import ONE, Fold, fold_split, order_of_fractions, parse_fractions, part_of, split

VALID, TEST = (Document("v", "One paragraph.\n"),), (Document("t", "Another one.\n"),)
FIFTHS = "02 07 10 19, 04 05 13 16, 01 06 14 17, 03 08 12 15, 00 09 11 18"
SIXTHS = "06 13 14, 00 02 09 18, 04 07 08 10, 05 12 15, 01 16 19, 03 11 17"
LINE = "A paragraph of some words, which goes on for a while.\n"


def corpus_of(lengths: list[int]) -> Corpus:
    texts = (f"{i} " + "word " * (n // 5) for i, n in enumerate(lengths))
    return Corpus("tales", tuple(Document(f"d{i:02}", text) for i, text in enumerate(texts)))


def all_splits(corpus: Corpus, folds: int, seed: int = 0) -> list[Split]:
    return [fold_split(corpus, seed, Fold(number, folds)) for number in range(1, folds + 1)]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(500, 20_000), min_size=14, max_size=30), st.integers(5, 7), st.integers(0, 3))
def test_every_document_is_held_out_once_and_learnt_from_in_all_other_folds(
    lengths: list[int], folds: int, seed: int
) -> None:
    corpus = corpus_of(lengths)
    splits = all_splits(corpus, folds, seed)
    assert sorted((d for parts in splits for d in parts.test), key=lambda d: d.name) == list(corpus.documents)
    sizes = [len(parts.test) for parts in splits]
    assert max(sizes) - min(sizes) <= 1 + len(lengths) // folds // 2
    for parts in splits:
        assert sorted(parts.documents, key=lambda document: document.name) == list(corpus.documents)
        assert len(parts.valid) == max(1, round(0.1 * len(lengths)))
        for part in parts.parts.values():
            assert part
            assert [d.name for d in part] == sorted(d.name for d in part)


@pytest.mark.parametrize(
    ("folds", "valid", "held_out"),
    [
        (5, "08 11, 01 18, 03 16, 00 19, 04 15", FIFTHS),
        (6, "01 18, 03 16, 00 19, 01 18, 05 14, 09 10", SIXTHS),
    ],
)
def test_folds_and_fractions_are_always_the_same(folds: int, valid: str, held_out: str) -> None:
    """A comparison that grows must hold out what it has held out before."""
    splits = all_splits(corpus_of([1000 + 397 * i for i in range(20)]), folds, seed=1)
    for part, names in (("valid", valid), ("test", held_out)):
        assert ", ".join(" ".join(d.name[1:] for d in getattr(parts, part)) for parts in splits) == names
    corpus = corpus_of([1000 + 137 * i % 911 for i in range(25)])
    assert [int(document.name[1:]) for document in split(corpus).test] == [3, 6, 7, 17, 22]
    assert order_of_fractions([document.characters for document in corpus.documents])[:6] == [12, 6, 9, 14, 16, 3]


def test_folds_are_about_as_long_and_the_first_of_five_is_the_split_without_folds() -> None:
    corpus = corpus_of([1000 + 397 * i for i in range(45)])
    lengths = [sum(document.characters for document in parts.test) for parts in all_splits(corpus, 5)]
    assert max(lengths) < 1.1 * min(lengths)
    for seed in (0, 3):
        assert fold_split(corpus, seed, Fold(1, 5)) == fold_split(corpus, seed, ONE) == split(corpus, seed)
    assert fold_split(corpus, 0, Fold(1, 6)) != split(corpus, 0)
    valid = {tuple(d.name for d in parts.valid) for seed in (0, 1) for parts in all_splits(corpus, 6, seed)}
    assert len(valid) == 12


@pytest.mark.parametrize(
    ("corpus", "folds"),
    [
        (corpus_of([5000] * 9), 5),
        (corpus_of([900] * 13), 7),
        (corpus_of([900] * 20), 4),
        (Corpus("t", (), given=Split(*[corpus_of([900] * 6).documents[i : i + 2] for i in (0, 2, 4)])), 5),
    ],
)
def test_what_cannot_be_held_out_in_turn_is_refused(corpus: Corpus, folds: int) -> None:
    with pytest.raises(InputError):
        fold_split(corpus, 0, Fold(1, folds))


@given(st.lists(st.integers(500, 90_000), min_size=12, max_size=40))
def test_each_fraction_contains_the_smaller_ones_and_is_as_near_as_documents_allow(lengths: list[int]) -> None:
    whole = Split(corpus_of(lengths).documents, VALID, TEST)
    parts = [part_of(whole, fraction) for fraction in (0.2, 0.4, 0.8, 1.0)]
    assert parts[-1] is whole
    assert all(set(smaller.train) <= set(larger.train) for smaller, larger in pairwise(parts))
    for part, fraction in zip(parts, (0.2, 0.4, 0.8), strict=False):
        assert abs(characters(part.train) - fraction * characters(whole.train)) <= max(lengths) / 2 + 9
        assert [document.name for document in part.train] == sorted(document.name for document in part.train)
        assert (part.valid, part.test) == (VALID, TEST)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("".join(f"Paragraph {i} is here.\n\n" for i in range(90)), "\n\n"),
        ("The Title\n\n" + LINE * 300, "\n"),
        ("The Title\n\n" + LINE.rstrip() * 300, " "),
        ("月" * 9_000, "月"),
    ],
)
def test_a_fraction_of_a_single_document_is_about_as_much_wherever_its_paragraphs_end(
    text: str, end: str
) -> None:
    fractions, whole = (0.1, 0.25, 0.5), Split((Document("one", text),), VALID, TEST)
    parts = [part_of(whole, fraction).train[0].text for fraction in fractions]
    assert [len(part) / len(text) for part in parts] == pytest.approx(fractions, rel=0.1)
    assert all(text.startswith(part) and part.endswith(end) for part in parts[1:])
    assert parts[2].startswith(parts[1])


def test_less_than_a_document_and_white_space_alone_are_refused() -> None:
    for documents, fraction in (
        (corpus_of([9000] * 3).documents, 0.01),
        ((Document("a", "\n" * 9 + "word\n"),), 0.5),
    ):
        with pytest.raises(InputError):
            part_of(Split(documents, VALID, TEST), fraction)


@pytest.mark.parametrize("text", ["0.1,0.5", "0,1", "1.5", "a,1", "0.5,0.5,1", "nan,1", "1,nan", ""])
def test_what_is_no_list_of_fractions_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_fractions(text)
