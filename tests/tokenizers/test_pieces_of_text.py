"""Texts cut in pieces: the library's tokens of the whole text, for every tokenizer that says so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers
from toolkit.tokenizers.pieces import InPieces, Whole, comes_in_pieces, piece_text

from toolkit.text.corpus import Document
from toolkit.tokenizers import pieces
from toolkit.tokenizers.subwords import BytePairs

AWKWARD = "ab'st ,.9é’\n\t\r\x1c\x85\u00a0\u180e\u200b\u2028\u3000\ufeff\u0301日😀<>|x"
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=40),
    st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(AWKWARD)), max_size=40),
    st.lists(st.sampled_from(["the", "don't", " ", "  ", "\n", "\n\n", ",", "<|end|>", "<|", " 's", "\u00a0"])).map(
        "".join
    ),
)


@pytest.fixture(scope="module")
def library(corpus):
    """Byte pairs of the tales, and of much white space."""
    spaced = Document("spaced", "a   b    \n\n\n\n c \n \n\t\td\n\n \n" * 9)
    library = Tokenizer.from_str(BytePairs().library_json([*corpus.documents, spaced]))
    assert {"ĠĠ", "ĊĊ", "ĠĊ"} < library.get_vocab().keys()
    return library


@given(texts=st.lists(TEXTS, max_size=3))
def test_the_tokens_of_a_text_are_those_of_its_pieces(library, texts):
    assert comes_in_pieces(library.to_str())
    in_pieces = InPieces(library)
    for text in texts:
        np.testing.assert_array_equal(in_pieces.cut(text).ids, Whole(library).cut(text).ids)


def test_so_are_those_of_whole_tales(library, corpus):
    in_pieces = InPieces(library)
    for document in corpus.documents:
        np.testing.assert_array_equal(in_pieces.cut(document.text).ids, Whole(library).cut(document.text).ids)
    words = sum(len(document.text.split()) for document in corpus.documents)
    assert len(in_pieces._known) < words / 4


@given(TEXTS)
def test_pieces_are_the_text(text):
    assert "".join(map(piece_text, pieces.pieces(text))) == text


def test_only_so_many_pieces_are_remembered(library, monkeypatch):
    monkeypatch.setattr(pieces, "MOST", 3)
    in_pieces = InPieces(library)
    for text in ("a b c d", "e f", "a b"):
        np.testing.assert_array_equal(in_pieces.cut(text).ids, Whole(library).cut(text).ids)
        assert len(in_pieces._known) <= 4


def changed(change):
    """A byte-level tokenizer with something else about it."""
    library = Tokenizer(models.BPE())
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    change(library)
    return library.to_str()


@pytest.mark.parametrize(
    "change",
    [
        lambda library: setattr(library, "normalizer", normalizers.NFC()),
        lambda library: setattr(library, "pre_tokenizer", pre_tokenizers.ByteLevel(add_prefix_space=True)),
        lambda library: setattr(
            library, "pre_tokenizer", pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        ),
        lambda library: setattr(library, "pre_tokenizer", pre_tokenizers.Whitespace()),
        lambda library: library.add_tokens([AddedToken("<|end|>", normalized=False)]),
    ],
)
def test_what_reaches_over_the_ends_of_pieces_is_cut_whole(change):
    assert comes_in_pieces(changed(lambda _: None))
    assert not comes_in_pieces(changed(change))


def test_a_tokenizer_without_a_pattern_is_cut_whole():
    assert not comes_in_pieces(Tokenizer(models.BPE()).to_str())


def test_byte_pairs_are_cut_in_pieces(corpus):
    tokenizer = BytePairs().fit(corpus.documents)
    assert isinstance(tokenizer._cutter, InPieces)
    text = corpus.documents[0].text
    library = Tokenizer.from_str(tokenizer.state()["tokenizer"])
    names = [tokenizer.vocabulary.tokens[id_] for id_ in tokenizer.encode(Document("x", text)).ids[:-1]]
    assert names == library.encode(text).tokens
