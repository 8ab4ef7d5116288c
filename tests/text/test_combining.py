"""Combining marks: a word is not cut at them, and texts without them are cut as before."""

import random
import re
import unicodedata
from pathlib import Path

import pytest
import wordfreq
from hypothesis import strategies as st

from toolkit.evaluation.metrics.counts import ends_in_loop
from toolkit.evaluation.warnings import language_warnings
from toolkit.text import neutral
from toolkit.text.combining import MARK_PATTERN
from toolkit.text.corpus import Document
from toolkit.text.endings import frequent_endings
from toolkit.text.sources import read_corpus

HERE = Path(__file__).parents[2]
CORPORA = [HERE / "corpora" / "weird-tales", HERE / "tests" / "data" / "french"]
BLOCKS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai and Lao, Burmese, Khmer
OF_MARKED_SCRIPTS = {
    "हिन्दी में लिखना": ["हिन्दी", "में", "लिखना"],
    "বাংলা ভাষায়": ["বাংলা", "ভাষায়"],
    "தமிழ் மொழி": ["தமிழ்", "மொழி"],
    "בְּרֵאשִׁית בָּרָא": ["בְּרֵאשִׁית", "בָּרָא"],
    "العَرَبِيَّة’s لغة": ["العَرَبِيَّة’s", "لغة"],
    "ñ̃o-q̃ua": ["ñ̃o", "q̃ua"],
    "☎️ ☎️a 1️⃣ '̃b": ["a", "1️⃣", "b"],  # what a mark stands on is a letter or digit: a sign with one is no word
}
AWKWARD = "aB1_ -'’\n☎हकि्לָ̃︎か゚城󠄀กั"
TEXTS = st.text(st.sampled_from(AWKWARD), max_size=30)


@pytest.mark.parametrize(("text", "words"), OF_MARKED_SCRIPTS.items())
def test_a_word_is_not_cut_at_its_marks(text, words):
    assert neutral.words(text) == words
    assert [word for _, _, word in neutral.word_spans(text)] == words
    assert "".join(neutral.tokens(text)) == "".join(text.split())
    assert [token for token in neutral.tokens(text) if neutral.LETTER_PATTERN.match(token)] == words


def test_every_mark_counts_but_where_words_have_no_spaces():
    every = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] == "M"}
    left_out = {mark for mark in every if re.match(f"[{BLOCKS}]", mark)}
    assert {chr(code) for code in range(0x110000) if MARK_PATTERN.match(chr(code))} == every - left_out
    assert neutral.words("ภาษาดี ที่นี่") == re.findall(r"\w+", "ภาษาดี ที่นี่")


@pytest.mark.parametrize("corpus", CORPORA)
def test_english_and_french_are_cut_as_they_were(corpus):
    for document in read_corpus(corpus, "corpus").documents:
        word = r"\w+(?:['’]\w+)*"
        assert neutral.words(document.text) == re.findall(word, document.text)
        spans = [match.span() for match in re.finditer(rf"(?:(?<!\s) )?({word})", document.text)]
        assert list(neutral.runs(document.text)) == spans
        assert neutral.tokens(document.text) == re.findall(rf"{word}|[^\w\s]", document.text)


@pytest.mark.usefixtures("by_characters")
def test_a_mark_on_a_character_of_a_script_without_spaces_is_of_its_word():
    assert neutral.words("か゚き葛󠄀城") == ["か゚", "き", "葛󠄀", "城"]


@pytest.mark.parametrize("language", ["hi", "bn", "ta"])
def test_a_text_in_its_own_language_is_not_warned_of(language):
    listed = wordfreq.get_frequency_dict(language, "small")
    frequent = [word for word in sorted(listed, key=lambda word: (-listed[word], word))[:3000] if word.isprintable()]
    drawn = random.Random(0).choices(frequent, [listed[word] for word in frequent], k=4000)
    assert len(neutral.words(" ".join(drawn))) == pytest.approx(4000, rel=0.01)
    assert language_warnings([Document("a", " ".join(drawn))], language) == []


def test_words_with_marks_have_endings_too():
    stems = ["लिख", "पढ़", "बोल", "चल", "देख", "सुन"]
    assert set(frequent_endings([stem + ending for stem in stems for ending in ("ेगीवह", "नाऊँ")])) == {"ीवह", "ाऊँ"}


def test_a_last_word_that_may_be_cut_within_its_marks_is_left_out_of_a_loop():
    assert ends_in_loop("यह वह और यह वह और कि")
