"""Dashes between words are cut, whatever stands beside them; nothing else is, and any text comes back."""

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from toolkit.text.corpus import Document
from toolkit.text.tagging import DASHES, Tagger, parts
from toolkit.text.words import joined_text, unmarked, words_of

DASHED = st.lists(st.sampled_from(["a", "B", "9", ".", ",", '"', "'", "--", "---", "-", "—", " ", "\n", "n't"]))
TAGGER, PLAIN = Tagger(tags=False), spacy.blank("en")


def cut(text, tagger=TAGGER):
    tokens = tagger.tag_anew(text).at
    return [text[start:end] for start, end in zip(tokens["start"], tokens["end"], strict=True)]


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fi", "hakee.--Ventovieraatkin", "hakee . -- Ventovieraatkin"),
        ("en", "said,--and", "said , -- and"),
        ("en", 'no!"--"But', 'no ! " -- " But'),
        ("en", "didn't,--I", "did n't , -- I"),  # both sides as they are cut alone
        ("en", "moon--grey", "moon -- grey"),
        ("en", "so.----And", "so . ---- And"),
    ],
)
def test_dashes_that_spacy_leaves_in_one_token_are_cut(language, text, expected):
    assert cut(text, Tagger(language=language, tags=False)) == expected.split()


@pytest.mark.parametrize("text", ["--He", "he--", "--", "half-way", "1.--", "it.—So", "http://a.org/b.--c"])
def test_everything_else_stays_as_spacy_cuts_it(text):
    assert cut(text) == [token.text for token in PLAIN(text)]


@given(DASHED.map("".join))
def test_any_text_comes_back(text):
    assert "".join(parts(text)) == text
    words = words_of(Document("d", text), TAGGER.tag_anew(text))
    assert joined_text(list(map(unmarked, words.surfaces(np.arange(len(words)))))) == text
    for word in words.texts:
        before, *others = DASHES.split(word)
        assert not others or not (any(map(str.isalnum, before)) and any(map(str.isalnum, others[-1])))


def test_parts_of_speech_are_those_of_words_beside_dashes():
    tokens = Tagger().tag_anew("He said,--and left.\n")
    tags = {tokens.text[at["start"] : at["end"]]: tokens.tags[at["tag"]].pos for at in tokens.at}
    assert tags["and"] == "CCONJ"
