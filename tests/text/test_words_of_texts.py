"""Words without loss: spaCy's tokens and their tags, dashes, white space, marks, and the case of running text."""

import functools
import re
import sys
from itertools import pairwise

import numpy as np
import pytest
import spacy
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.tokens import tokens_of
from toolkit.errors import InputError
from toolkit.text.corpus import Document
from toolkit.text.tagging import DASHES, NoTagsError, Tagger
from toolkit.text.words import (
    JOINER,
    Word,
    case_at,
    is_word,
    joined_text,
    surfaces_in_running_text,
    unmarked,
    words_of,
)
from toolkit.tokenizers.cut import SpacyWords

TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [*" \t\n\r\x0b\x1c\x85\u00a0\u2028\u3000\u200b\ufeffaZ9é.,\"'’-—…_\u0301\u200d😀שก", "--"]
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
).map("".join)
SIDES = ["", "L", "R", "LR"]
FRENCH = (
    "L’homme dormait : « Aujourd’hui, dit-il, je n’ai rien vu. »",
    "«\u00a0Non\u00a0»\u202f; «oui»\u202f!\u00a0\u00a0\n\u202f",
    " 12,50\u00a0F l’ ' « »\u00a0 d'œ — – -\n\nÀ-côté",
)
TEXT = "Dr. Ward wrote: “I don't know.”\n\n  He left — at 9.30 p.m. —\tfor Dunwich, alone.\n"


@functools.cache
def blank(language="en"):
    return Tagger(language=language, tags=False)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def spans(tokens):
    return list(zip(tokens.at["start"].tolist(), tokens.at["end"].tolist(), strict=True))


def tags(tokens):
    return {tokens.text[at["start"] : at["end"]]: tokens.tags[at["tag"]] for at in tokens.at}


def same(a, b):
    return spans(a) == spans(b) and tags(a) == tags(b)


def words(text, tokens=None):
    return words_of(Document("d", text), blank().tag_anew(text) if tokens is None else tokens_of(text, tokens))


@given(TEXTS)
def test_any_text_comes_back_from_the_tokens_of_spacy(text):
    place = 0
    for start, end in spans(blank().tag_anew(text)):
        assert place <= start < end
        assert not text[place:start].strip()
        place = end
    assert not text[place:].strip()
    cut = words(text)
    assert joined_text(list(map(unmarked, cut.surfaces(np.arange(len(cut)))))) == text
    for word in cut.texts:
        before, *others = DASHES.split(word)
        assert not others or not (is_word(before) and is_word(others[-1]))


def naive(text, tokens):
    """The words of a document, one by one, as the module's docstring says it, with the sides that are due."""
    spans, place = [], 0
    for start, end, pos in [*tokens, (len(text), len(text), "")]:
        spans += [(place, start, "")] * (start > place) + [(start, end, pos)]
        place = end
    bare = [
        (start + match.start(), start + match.end(), pos)
        for start, end, pos in spans
        for match in re.finditer(r"\S+", text[start:end])
    ]
    whole, place = [], 0
    for start, end, pos in [*bare, (len(text), len(text), "")]:
        gap = text[place:start]
        if gap and (gap != " " or place == 0 or start == len(text)):
            whole.append((place, start, "SPACE"))
        whole.append((start, end, pos))
        place = end
    whole.pop()
    texts = [text[start:end] for start, end, _ in whole]
    due, marks = [""] * len(whole), [""] * len(whole)
    for i, (a, b) in enumerate(pairwise(texts)):
        if not (a.isspace() or b.isspace()):
            place, side = (i, "R") if is_word(b) and not is_word(a) else (i + 1, "L")
            due[place] += side
            marks[place] += side * (whole[i][1] == whole[i + 1][0])
    neighbours = zip(["", *texts], [*texts[1:], ""], strict=False)
    return [
        (Word(texts[i], marks[i], "_SP" * (pos == "SPACE"), pos, "", *beside, "d"), start, end, due[i])
        for i, ((start, end, pos), beside) in enumerate(zip(whole, neighbours, strict=False))
    ]


@given(TEXTS, st.data())
@example(" a\n\n\tb ", None)
def test_words_are_those_of_a_reading_one_by_one(text, data):
    """For tokens anywhere, also some that leave out text, or contain spaces."""
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8))) if data else [0, len(text)]
    tokens = [(a, b, f"T{a % 2}") for a, b in pairwise(places) if data is None or data.draw(st.booleans())]
    cut = words(text, tokens)
    at = cut.at
    rows = zip(at["start"].tolist(), at["end"].tolist(), [SIDES[due] for due in at["due"].tolist()], strict=True)
    views = cut.views(np.arange(len(cut)))
    assert [(word, *row) for word, row in zip(views, rows, strict=True)] == naive(text, tokens)
    assert cut.texts == [text[a:b] for a, b in zip(at["start"], at["end"], strict=True)]
    assert len(set(cut.forms)) == len(cut.forms)
    surfaces = cut.surfaces(np.arange(len(cut)))
    assert list(map(unmarked, surfaces)) == list(zip(at["marks"].tolist(), cut.texts, strict=True))
    assert joined_text(list(map(unmarked, surfaces))) == text


def test_dashes_that_spacy_leaves_in_one_token_are_cut_and_nothing_else():
    for language, text, expected in (
        ("fi", "hakee.--Ventovieraatkin", "hakee . -- Ventovieraatkin"),
        ("en", 'no!"--"But', 'no ! " -- " But'),
        ("en", "didn't,--I", "did n't , -- I"),  # both sides as they are cut alone
        ("en", "so.----And", "so . ---- And"),
    ):
        assert [text[start:end] for start, end in spans(blank(language).tag_anew(text))] == expected.split()
    plain = spacy.blank("en")
    for text in ("--He", "he--", "--", "half-way", "1.--", "it.—So", "http://a.org/b.--c"):
        assert [text[start:end] for start, end in spans(blank().tag_anew(text))] == [t.text for t in plain(text)]


def test_tokens_have_the_tags_of_their_sentence():
    tagged = tags(Tagger().tag_anew(TEXT + "He said,--and left.\n"))
    assert tagged["wrote"] == ("VBD", "VERB", "Tense=Past|VerbForm=Fin")
    assert tagged["Dunwich"][:2] == ("NNP", "PROPN")
    assert (tagged[","].pos, tagged["and"].pos) == ("PUNCT", "CCONJ")  # also beside dashes


def test_french_comes_back_with_elisions_as_words_and_without_fine_tags():
    for text in FRENCH:
        cut = words_of(Document("d", text), Tagger(language="fr").tag_anew(text))
        assert joined_text(list(map(unmarked, cut.surfaces(np.arange(len(cut)))))) == text
    tagged = tags(Tagger(language="fr").tag_anew(FRENCH[0]))
    assert [*tagged][:2] == ["L’", "homme"]
    assert {token.tag for token in tagged.values()} == {""}
    assert tagged["homme"] == ("", "NOUN", "Gender=Masc|Number=Sing")
    cut = words_of(Document("d", FRENCH[1]), blank("fr").tag_anew(FRENCH[1]))
    assert cut.texts[:4] == ["«", "\u00a0", "Non", "\u00a0"]  # no-break spaces are white space


class Cached(Tagger):
    """A tagger that has no model."""

    def tag_anew(self, text):
        raise AssertionError(f"{text!r} is not in the cache")


def test_tags_are_cached_by_content_model_and_language(cache):
    first = Tagger().tag(TEXT)
    assert Tagger().cached(TEXT)
    assert len(list(cache.rglob("*.tags"))) == 1
    assert same(Cached().tag(TEXT), first)
    for text in (TEXT + "More.", ""):
        assert same(Tagger(tags=False).tag(text), Cached(tags=False).tag(text))
    Tagger(tags=False, language="fr").tag(TEXT)
    assert len(list(cache.rglob("*.tags"))) == 4


@pytest.mark.parametrize(("kept", "before"), [(0, b""), (50, b""), (10_000, b"x")])
def test_a_damaged_entry_of_tags_is_made_again(cache, kept, before):
    first = blank().tag(TEXT)
    (entry,) = cache.rglob("*.tags")
    content = entry.read_bytes()
    entry.write_bytes(before + content[:kept])
    assert same(blank().tag(TEXT), first)
    assert entry.read_bytes() == content


def test_a_model_may_be_a_folder_and_a_missing_one_is_an_error(tmp_path):
    pipeline = spacy.blank("en")
    pipeline.tokenizer.add_special_case("harbour", [{"ORTH": "har"}, {"ORTH": "bour"}])
    pipeline.add_pipe("sentencizer")
    pipeline.to_disk(tmp_path / "mine")
    columns = SpacyWords("unk", spacy_model=str(tmp_path / "mine"))
    assert list(tags(columns.tagger.tag("the harbour"))) == ["the", "har", "bour"]
    assert columns.spacy_model == str(tmp_path / "mine")
    assert columns.tagger.version.startswith("0.0.0 ")
    with pytest.raises(NoTagsError):
        Tagger(str(tmp_path / "mine")).check()  # it tags nothing
    for model in ("en_core_web_md", "no.such.model", "./nowhere"):
        with pytest.raises(InputError):
            Tagger(model).check()
        assert Tagger(model).versions == {}


def test_a_language_without_a_tagger_has_tokens_and_strategies_that_need_no_tags():
    for check in (Tagger(language="eu").check, SpacyWords("pos", language="eu").check):
        with pytest.raises(NoTagsError):
            check()
    SpacyWords("unk", language="eu").check()


def test_korean_needs_no_package_and_others_name_theirs(monkeypatch):
    words = SpacyWords("keep", language="ko").cut(Document("x", "호랑이가 담배를 피우던 시절에, 떡을 팔았다."))
    assert words.texts == ["호랑이가", "담배를", "피우던", "시절에", ",", "떡을", "팔았다", "."]
    for language, package in {"th": "pythainlp", "vi": "pyvi", "zh": "jieba"}.items():
        monkeypatch.setitem(sys.modules, package, None)
        with pytest.raises(InputError, match=f"python -m pip install {package}$"):
            SpacyWords("keep", language=language).check()


@pytest.mark.parametrize(
    ("before", "after", "case"),
    [
        ("", " of the fen", "capital"),
        ("  “", " said he", "capital"),
        ("He slept. (", " of the fen", "capital"),
        ("Chapter One\n\n", " of the fen", "capital"),
        ("He said, “", " is here", "capital"),
        ("in verse,\n", " of the fen", "lower"),
        ("SPECIMENS OF ", " STOP", "upper"),
        ("SPECIMENS OF ", "", "upper"),
        ("He sailed for the USA ", ".\n\nNext", "lower"),  # one acronym is no line in capitals
        ("\n", " IN THE FEN", "upper"),
        ("I ", " of the fen", "lower"),  # a single letter is no shout
        ("THE END\n\n", " on the fen", "capital"),
        ("he read of the BLACK ", " STONE and slept", "upper"),  # whatever the rest of the line
    ],
)
def test_a_place_asks_for_a_case(before, after, case):
    assert case_at(before, after) == case


def test_capitals_that_a_place_asks_for_are_taken_away():
    for text, tagger, expected in (
        ("Lamps burned. Fen", blank(), ["lamps", "burned", JOINER + ".", "fen"]),
        ("He saw the NASA. NASA", Tagger(), ["he", "saw", "the", "NASA", JOINER + ".", "NASA"]),
        ("Dunwich slept", Tagger(), ["Dunwich", "slept"]),  # a name keeps its capital
        ("McLeod slept", blank(), ["McLeod", "slept"]),
    ):
        cut = words_of(Document("d", text), tagger.tag_anew(text))
        assert surfaces_in_running_text(cut, np.arange(len(cut))) == expected
