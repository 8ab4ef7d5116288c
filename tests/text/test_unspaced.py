"""Chinese and Japanese: words are found in runs of letters, and nothing else of a text is cut otherwise than before."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import toolkit
from toolkit.inference.word_costs import decisions
from toolkit.text import neutral, tagging, unspaced
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords

TEXTS = st.text(st.sampled_from("aB7_ é'’.\n“我们走路東京のタ。、"), max_size=40)
CHINESE = "我们明天去北京大学学习，然后回家。Debian 的软件包 v2 很多！"
JAPANESE = "この章ではシステムの管理について説明します。RAIDを使う。"
deprecated = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")


@given(TEXTS)
def test_words_join_to_the_runs_of_letters(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(unspaced, "missing_segmenter", lambda _: "python -m pip install it")
        unspaced.found_ends.cache_clear()
        spans = list(neutral.word_spans(text))
        unspaced.found_ends.cache_clear()
        runs = list(neutral.runs(text))
        tokens = neutral.tokens(text)
        unspaced.found_ends.cache_clear()
    inside = [place for start, end, _ in spans for place in range(start, end)]
    assert inside == [place for start, end in runs for place in range(start, end)]
    assert all(text[start:end].removeprefix(" ") == word for start, end, word in spans)
    assert "".join(tokens) == "".join(text.split())
    assert decisions(text).tolist() == sorted({p for start, end in runs for p in (start, end) if p == end or (
        start and text[start] == " ")})  # fmt: skip


@pytest.mark.usefixtures("by_characters")
def test_without_a_segmenter_each_character_is_a_word():
    assert neutral.words("我们go走 “東”x") == ["我", "们", "go", "走", "東", "x"]


def test_other_scripts_are_cut_as_they_were():
    text = "Тишина don't naïve 7_a ελληνικά हिन्दी ภาษา"
    assert neutral.words(text) == re.findall(neutral.WORD, text)


def test_a_text_with_kana_is_japanese():
    assert unspaced.language_of(JAPANESE) == "ja"
    assert unspaced.language_of(CHINESE) == "zh"
    assert unspaced.language_of(CHINESE * 3 + "の") == "zh"  # quoted
    assert unspaced.language_of("東京大学文学部日本語学研究室の歴史と現在") == "ja"  # a tenth is kana


@deprecated
@pytest.mark.parametrize(("package", "language", "text"), [("jieba", "zh", CHINESE), ("sudachipy", "ja", JAPANESE)])
def test_words_are_those_of_the_columns(package, language, text):
    pytest.importorskip(package)
    of_column = [segment.word.text for segment in SpacyWords("unk", language=language).cut(Document("x", text))]
    assert neutral.words(text) == [word for word in of_column if any(map(str.isalnum, word))]
    assert neutral.tokens(text) == of_column
    lengths = [len(word) for word in neutral.words(text)]
    assert 1.5 < sum(lengths) / len(lengths) < 4


@deprecated
def test_a_japanese_text_longer_than_sudachi_takes_is_cut():
    pytest.importorskip("sudachipy")
    text = JAPANESE * 2000
    words = SpacyWords("unk", language="ja").tagger.tag_anew(text)
    assert sum(token.end - token.start for token in words) == len(text)


def test_what_finds_words_is_named_with_its_version_and_so_is_its_absence(monkeypatch):
    texts = ["The moon.", f"Two signs: 漢字. {CHINESE}", JAPANESE]
    monkeypatch.setattr(tagging, "version", lambda package: f"1 of {package}")
    monkeypatch.setattr(tagging.importlib.util, "find_spec", lambda _: "found")
    assert unspaced.segmenters(texts) == {
        "jieba": "1 of jieba", "sudachipy and sudachidict_core": "1 of sudachipy 1 of sudachidict_core"
    }  # fmt: skip
    monkeypatch.setattr(tagging.importlib.util, "find_spec", lambda _: None)
    assert unspaced.segmenters(texts[:2]) == {"jieba": "not installed, so each character is a word"}
    assert unspaced.segmenters(texts[:1]) == {}


@deprecated
def test_a_result_says_what_found_its_words(tmp_path):
    documents = tuple(toolkit.Document(str(i), f"{i}. {CHINESE}\n\n" * 10) for i in range(4))
    corpus = toolkit.Corpus("signs", documents, "zh")
    settings = {"samples": {"characters": 60, "count": 2}}
    comparison = toolkit.compare("char@ngram", corpus, settings=settings, out=tmp_path / "out", quiet=True)
    assert "jieba" in comparison.versions
    assert ">jieba</th>" in (tmp_path / "out" / "index.html").read_text("utf-8")
