"""Neutral words: the pattern that defines them, combining marks, spans, tokens and bands."""

import re
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.events.encoding import DOCUMENT_ENDS, SPACING, WORDS, parts_of
from toolkit.results.bits import BANDS
from toolkit.text import neutral
from toolkit.text.code_points import MARK_PATTERN
from toolkit.text.corpus import Document

BLOCKS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai and Lao, Burmese, Khmer
SPAN = re.compile(rf"(?:(?<!\s) )?({neutral.WORD})")  # the definition, with the single space before a word
AWKWARD = "ab_9 '’`िָ️☎\n\t\x1c\u00a0\u3000\u200b\u0301éŉ٣²Ⅷ😀\ud800"
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=40),
    st.text(st.one_of(st.characters(max_codepoint=0x2FFF), st.sampled_from(AWKWARD)), max_size=40),
)
OF_MARKED_SCRIPTS = {
    "हिन्दी में लिखना": ["हिन्दी", "में", "लिखना"],
    "বাংলা ভাষায়": ["বাংলা", "ভাষায়"],
    "தமிழ் மொழி": ["தமிழ்", "மொழி"],
    "בְּרֵאשִׁית בָּרָא": ["בְּרֵאשִׁית", "בָּרָא"],
    "العَرَبِيَّة’s لغة": ["العَرَبِيَّة’s", "لغة"],
    "ñ̃o-q̃ua": ["ñ̃o", "q̃ua"],
    "☎️ ☎️a 1️⃣ '̃b": ["a", "1️⃣", "b"],  # a mark makes no word of a sign, but a letter or digit with one is a word
}


@given(TEXTS)
def test_runs_spans_and_characters_are_those_of_the_pattern(text):
    matches = list(SPAN.finditer(text))
    assert neutral.runs(text) == [match.span() for match in matches]
    assert list(neutral.word_spans(text)) == [(*match.span(), match[1]) for match in matches]
    assert neutral.words(text) == [match[1] for match in matches]
    assert "".join(neutral.tokens(text)) == "".join(text.split())
    inside = {place for match in matches for place in range(*match.span())}
    assert set(np.flatnonzero(neutral.in_words(text)).tolist()) == inside
    bands = neutral.bands_of(text, {})
    assert {place for place, band in enumerate(bands) if BANDS[band] != "not a word"} == inside


def test_every_character_of_unicode_is_in_a_word_where_the_pattern_has_it():
    text = "".join(f"a{chr(code)} {chr(code)}a" for code in range(0x110000))
    assert neutral.runs(text) == [match.span() for match in SPAN.finditer(text)]


@given(TEXTS, st.data())
def test_an_event_has_the_part_of_the_last_character_that_it_or_a_later_one_covers(text, data):
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=20))
    offsets = np.array([0, *sorted(cuts), len(text), len(text)], np.int32)
    inside = neutral.in_words(text)
    parts = parts_of(text, offsets[1:]).tolist()
    for i, part in enumerate(parts[:-1]):
        covered = [end for start, end in pairwise(offsets[i:]) if end > start]
        assert part == (WORDS if covered and inside[covered[0] - 1] else SPACING)
    assert parts[-1] == DOCUMENT_ENDS


@pytest.mark.parametrize(("text", "words"), OF_MARKED_SCRIPTS.items())
def test_a_word_is_not_cut_at_its_marks(text, words):
    assert neutral.words(text) == words
    assert [token for token in neutral.tokens(text) if neutral.LETTER_PATTERN.match(token)] == words


def test_every_mark_counts_but_where_words_have_no_spaces():
    every = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code))[0] == "M"}
    left_out = {mark for mark in every if re.match(f"[{BLOCKS}]", mark)}
    assert {chr(code) for code in range(0x110000) if MARK_PATTERN.match(chr(code))} == every - left_out
    assert neutral.words("ภาษาดี ที่นี่") == re.findall(r"\w+", "ภาษาดี ที่นี่")


def test_bands_mark_each_character_by_its_words_training_count():
    counts = neutral.training_counts([Document("x", "sea " * 9 + "Sea"), Document("y", "sea moon")])
    assert counts == {"sea": 10, "Sea": 1, "moon": 1}
    bands = [BANDS[i] for i in neutral.bands_of("Sea sea, orb", counts)]
    assert bands == ["1"] * 3 + ["10-99"] * 4 + ["not a word"] + ["0"] * 4
