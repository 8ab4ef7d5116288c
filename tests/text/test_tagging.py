"""Tokens and tags: they lie in the text, come from the cache, and a missing model is an error."""

import functools

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.text.tagging import NoTagsError, Tagger
from toolkit.tokenizers.cut import SpacyWords

FRENCH = "L’homme dormait : « Aujourd’hui, dit-il, je n’ai rien vu. »"
TEXT = "Dr. Ward wrote: “I don't know.”\n\n  He left — at 9.30 p.m. —\tfor Dunwich, alone.\n"


@pytest.fixture(scope="module")
def english():
    return Tagger()


@functools.cache
def blank():
    return Tagger(tags=False)


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


@given(st.text(st.sampled_from("aé .'\n\t\u00a0\u3000😀\u0301\ud7ffש한-"), max_size=60))
def test_tokens_stand_in_order_and_leave_out_nothing_but_white_space(text):
    place = 0
    for start, end in spans(blank().tag_anew(text)):
        assert place <= start < end
        assert not text[place:start].strip()
        place = end
    assert not text[place:].strip()


def test_tokens_have_the_tags_of_their_sentence(english):
    found = tags(english.tag_anew(TEXT))
    assert found["wrote"] == ("VBD", "VERB", "Tense=Past|VerbForm=Fin")
    assert found["Dunwich"][:2] == ("NNP", "PROPN")
    assert found[","].pos == "PUNCT"
    assert set(tags(blank().tag_anew(TEXT)).values()) == {("", "", "")}
    assert blank().pipeline.pipe_names == []


def test_the_french_model_has_coarse_tags_and_morphology_but_no_fine_tags():
    found = tags(Tagger(language="fr").tag_anew(FRENCH))
    assert {token.tag for token in found.values()} == {""}
    assert found["homme"] == ("", "NOUN", "Gender=Masc|Number=Sing")
    assert "Tense=Imp" in found["dormait"].morph


def test_tags_are_cached_by_content_and_come_without_the_model(cache, monkeypatch):
    first = Tagger().tag(TEXT)
    assert Tagger().cached(TEXT)
    assert len(list(cache.rglob("*.tags"))) == 1
    monkeypatch.setattr("spacy.load", lambda *_, **__: pytest.fail("the model was loaded"))
    assert same(Tagger().tag(TEXT), first)
    for text in (TEXT + "More.", ""):
        assert same(Tagger(tags=False).tag(text), Tagger(tags=False).tag(text))
    Tagger(tags=False, language="fr").tag(TEXT)
    assert len(list(cache.rglob("*.tags"))) == 4


@pytest.mark.parametrize(("kept", "before"), [(0, b""), (50, b""), (10_000, b"x"), (0, b"[[1], [2]]")])
def test_a_damaged_entry_is_noticed_and_made_again(cache, kept, before):
    first = blank().tag(TEXT)
    (entry,) = cache.rglob("*.tags")
    content = entry.read_bytes()
    entry.write_bytes(before + content[:kept])
    assert same(blank().tag(TEXT), first)
    assert entry.read_bytes() == content


@pytest.mark.parametrize("model", ["en_core_web_md", "no.such.model", "./nowhere", "nö del"])
def test_a_missing_model_is_an_error(model):
    with pytest.raises(InputError):
        Tagger(model).check()
    assert Tagger(model).versions == {}


def test_a_model_may_be_a_folder_whose_tokenizer_is_used_without_tags(tmp_path):
    pipeline = spacy.blank("en")
    pipeline.tokenizer.add_special_case("harbour", [{"ORTH": "har"}, {"ORTH": "bour"}])
    pipeline.add_pipe("sentencizer")
    pipeline.to_disk(tmp_path / "mine")
    words = SpacyWords("unk", spacy_model=str(tmp_path / "mine"))
    assert list(tags(words.tagger.tag("the harbour"))) == ["the", "har", "bour"]
    assert words.spacy_model == str(tmp_path / "mine")
    assert words.tagger.version.startswith("0.0.0 ")


def test_a_language_without_a_tagger_has_tokens_and_strategies_that_need_no_tags():
    for check in (Tagger(language="eu").check, SpacyWords("pos", language="eu").check):
        with pytest.raises(NoTagsError):
            check()
    SpacyWords("unk", language="eu").check()
    assert next(iter(tags(Tagger(language="fr", tags=False).tag_anew("L'homme n'est pas là.")))) == "L'"
