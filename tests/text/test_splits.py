"""Splits by whole documents or blocks of one, folds that hold out every document once, and nested fractions."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split, characters
from toolkit.text.splits import (
    MIN_CHARACTERS,
    ONE,
    Fold,
    blocks,
    fold_split,
    order_of_fractions,
    parse_fractions,
    part_of,
    split,
    spread,
)

VALID, TEST = (Document("v", "One paragraph.\n"),), (Document("t", "Another one.\n"),)
FIFTHS = "02 07 10 19, 04 05 13 16, 01 06 14 17, 03 08 12 15, 00 09 11 18"
SIXTHS = "06 13 14, 00 02 09 18, 04 07 08 10, 05 12 15, 01 16 19, 03 11 17"
LINE = "A paragraph of some words, which goes on for a while.\n"


def corpus_of(lengths):
    texts = (f"{i} " + "word " * (n // 5) for i, n in enumerate(lengths))
    return Corpus("tales", tuple(Document(f"d{i:02}", text) for i, text in enumerate(texts)))


def all_splits(corpus, folds, seed=0):
    return [fold_split(corpus, seed, Fold(number, folds)) for number in range(1, folds + 1)]


def by_name(documents):
    return sorted(documents, key=lambda document: document.name)


@pytest.mark.parametrize(
    ("seed", "test", "valid"), [(0, [2, 7], [4]), (1, [3, 8], [5]), (5, [2, 7], [5]), (9, [1, 6], [4])]
)
def test_which_blocks_are_held_out_by_hand(seed, test, valid):
    """The seeds behind each other hold out every block once; the sixth turns to others for validation."""
    pieces = [Document(f"{n}", f"Block {n}.\n") for n in range(10)]
    parts = spread(pieces, seed)
    assert [int(document.name) for document in parts.test] == test
    assert [int(document.name) for document in parts.valid] == valid
    assert by_name(d for n in range(5) for d in spread(pieces, seed + n).test) == pieces


@pytest.mark.parametrize(("paragraphs", "sizes"), [(9, [6, 1, 2]), (10, [7, 1, 2]), (400, [70, 10, 20])])
def test_a_lone_text_is_held_out_in_blocks_evenly_if_there_are_ten(paragraphs, sizes):
    text = "".join(f"{n} {'word ' * 200}\n\n" for n in range(paragraphs))
    parts = split(Corpus("c", (Document("d", text),)))
    assert [len(part) for part in parts.parts.values()] == sizes
    assert parts.unit == "block"
    assert "".join(document.text for document in by_name(parts.documents)) == text


@given(st.text(st.sampled_from("ab .\n"), min_size=1, max_size=200), st.integers(1, 8))
def test_blocks_join_to_the_text(text, most):
    pieces = blocks(Document("d", text), most)
    assert "".join(piece.text for piece in pieces) == text
    assert 1 <= len(pieces) <= most
    assert all(piece.text for piece in pieces)
    assert len({piece.name for piece in pieces}) == len(pieces)
    assert all(piece.text.endswith("\n") for piece in pieces[:-1])


def test_characters_are_as_near_to_70_10_20_as_the_documents_allow():
    corpus = corpus_of([500 + 37 * i % 911 for i in range(40)])
    parts = split(corpus)
    assert by_name(parts.documents) == list(corpus.documents)
    for part, share in zip(SPLIT_PARTS, (0.7, 0.1, 0.2), strict=True):
        assert characters(parts.parts[part]) / corpus.characters == pytest.approx(share, abs=0.02)
    corpus = corpus_of([1000 + 37 * i for i in range(10)])
    splits = [split(corpus, seed) for seed in range(6)]
    assert splits[3] == split(corpus, 3)
    assert len({(parts.valid, parts.test) for parts in splits}) == 6  # even of ten documents
    held_out = [characters(parts.test) / corpus.characters for parts in splits]
    assert held_out == pytest.approx([0.2] * 6, abs=0.02)


@settings(max_examples=8)
@given(st.lists(st.integers(500, 20_000), min_size=14, max_size=30), st.integers(5, 7), st.integers(0, 3))
def test_every_document_is_held_out_once_and_learnt_from_in_all_other_folds(lengths, folds, seed):
    corpus = corpus_of(lengths)
    splits = all_splits(corpus, folds, seed)
    assert by_name(d for parts in splits for d in parts.test) == list(corpus.documents)
    sizes = [len(parts.test) for parts in splits]
    assert max(sizes) - min(sizes) <= 1 + len(lengths) // folds // 2
    for parts in splits:
        assert by_name(parts.documents) == list(corpus.documents)
        assert len(parts.valid) == max(1, round(0.1 * len(lengths)))
        for part in parts.parts.values():
            assert part
            assert list(part) == by_name(part)


@pytest.mark.parametrize(
    ("folds", "valid", "held_out"),
    [(5, "08 11, 01 18, 03 16, 00 19, 04 15", FIFTHS), (6, "01 18, 03 16, 00 19, 01 18, 05 14, 09 10", SIXTHS)],
)
def test_folds_and_fractions_are_always_the_same(folds, valid, held_out):
    """A comparison that grows must hold out what it has held out before."""
    splits = all_splits(corpus_of([1000 + 397 * i for i in range(20)]), folds, seed=1)
    for part, names in (("valid", valid), ("test", held_out)):
        assert ", ".join(" ".join(d.name[1:] for d in getattr(parts, part)) for parts in splits) == names
    corpus = corpus_of([1000 + 137 * i % 911 for i in range(25)])
    assert [int(document.name[1:]) for document in split(corpus).test] == [3, 6, 7, 17, 22]
    assert order_of_fractions([document.characters for document in corpus.documents])[:6] == [12, 6, 9, 14, 16, 3]


def test_folds_are_about_as_long_and_the_first_of_five_is_the_split_without_folds():
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
        (corpus_of([10] * 10), 1),
        (corpus_of([MIN_CHARACTERS] * 2), 1),
        (corpus_of([MIN_CHARACTERS]), 1),
        (corpus_of([5000] * 9), 5),
        (corpus_of([900] * 13), 7),
        (corpus_of([900] * 20), 4),
        (Corpus("t", (), given=Split(*[corpus_of([900] * 6).documents[i : i + 2] for i in (0, 2, 4)])), 5),
    ],
)
def test_too_little_text_or_too_few_documents_for_each_part_are_refused(corpus, folds):
    with pytest.raises(InputError):
        fold_split(corpus, 0, Fold(1, folds))


@settings(max_examples=8)
@given(st.lists(st.integers(500, 90_000), min_size=12, max_size=40))
def test_each_fraction_contains_the_smaller_ones_and_is_as_near_as_documents_allow(lengths):
    whole = Split(corpus_of(lengths).documents, VALID, TEST)
    parts = [part_of(whole, fraction) for fraction in (0.2, 0.4, 0.8, 1.0)]
    assert parts[-1] is whole
    assert all(set(smaller.train) <= set(larger.train) for smaller, larger in pairwise(parts))
    for part, fraction in zip(parts, (0.2, 0.4, 0.8), strict=False):
        assert abs(characters(part.train) - fraction * characters(whole.train)) <= max(lengths) / 2 + 9
        assert list(part.train) == by_name(part.train)
        assert (part.valid, part.test) == (VALID, TEST)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("".join(f"Paragraph {i} is here.\n\n" for i in range(90)), "\n\n"),
        ("The Title\n\n" + LINE * 300, "\n"),
        ("The Title\n\n" + LINE.rstrip() * 300, " "),
        ("月" * 9_000, "月"),
    ],
    ids=["paragraphs", "lines", "words", "none"],
)
def test_a_fraction_of_a_single_document_is_about_as_much_wherever_its_paragraphs_end(text, end):
    fractions, whole = (0.1, 0.25, 0.5), Split((Document("one", text),), VALID, TEST)
    parts = [part_of(whole, fraction).train[0].text for fraction in fractions]
    assert [len(part) / len(text) for part in parts] == pytest.approx(fractions, rel=0.1)
    assert all(text.startswith(part) and part.endswith(end) for part in parts[1:])
    assert parts[2].startswith(parts[1])


def test_fractions_that_are_none_or_leave_nothing_are_refused():
    for documents, fraction in (
        (corpus_of([9000] * 3).documents, 0.01),
        ((Document("a", "\n" * 9 + "word\n"),), 0.5),
    ):
        with pytest.raises(InputError):
            part_of(Split(documents, VALID, TEST), fraction)
    for text in ("0.1,0.5", "0,1", "1.5", "a,1", "0.5,0.5,1", "nan,1", "1,nan", ""):
        with pytest.raises(InputError):
            parse_fractions(text)
    assert parse_fractions("1,0.5") == (0.5, 1.0)
