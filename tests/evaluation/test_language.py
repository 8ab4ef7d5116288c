"""Sentences about a language that does not fit the text: said where it does not, and only there."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from toolkit.evaluation import language
from toolkit.evaluation.language import characters_as_words, language_warnings
from toolkit.results.cell import CellCoverage
from toolkit.text import unspaced
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus

FRENCH = Path(__file__).parents[1] / "data" / "french"
CHINESE = "我们明天去北京大学学习，然后回家。" * 20


@pytest.fixture(scope="module")
def french():
    return read_corpus(FRENCH, "french").documents


def test_french_is_not_english(french):
    (warning,) = language_warnings(french, "en")
    assert "of the 100 most frequent words" in warning
    assert "'en'" in warning
    assert "--language" in warning


def test_french_is_french(french):
    assert language_warnings(french, "fr") == []


def test_english_is_english():
    tales = Path(__file__).parents[2] / "corpora" / "weird-tales"
    assert language_warnings(read_corpus(tales, "tales").documents[:3], "en") == []


def test_nothing_is_said_of_a_short_text_or_a_language_without_a_list(french):
    assert language_warnings([Document("x", "Il était une fois un roi.")], "en") == []
    assert language_warnings(french, "tlh") == []


@pytest.mark.parametrize(
    ("of", "installed", "said"),
    [
        ("en", True, ["--language zh"]),
        ("en", False, ["--language zh", "python -m pip install jieba"]),
        ("zh", False, ["python -m pip install jieba"]),
    ],
)
def test_a_script_without_spaces(monkeypatch, of, installed, said):
    command = None if installed else "python -m pip install jieba"
    monkeypatch.setattr(language, "missing_segmenter", lambda _: command)
    monkeypatch.setattr(unspaced, "missing_segmenter", lambda _: "python -m pip install jieba")
    warnings = language_warnings([Document("x", CHINESE)], of)
    assert len(warnings) == len(said)
    assert all(part in warning for part, warning in zip(said, warnings, strict=True))


def coverage(characters):
    return CellCoverage(
        characters_per_token=1.0, tokens_per_word=1.0, whole_word_share=1.0, renyi_efficiency=0.5,
        characters_per_word_token=characters, replaced_token_share_train=0.0, replaced_token_share_test=0.0,
        replaced_character_share_test=0.0, classes=[],
    )  # fmt: skip


def test_words_of_a_character_each_are_said_to_be_characters():
    lengths = {"word:unk": 1.02, "word:pos": 1.5, "word:tag": None, "char": 1.0}
    columns = [
        SimpleNamespace(column=name, strategy=name.partition(":")[2] or None, coverage=coverage(length))
        for name, length in lengths.items()
    ]
    (warning,) = characters_as_words(columns)
    assert warning.startswith("A word token of word:unk has 1.0 characters")
