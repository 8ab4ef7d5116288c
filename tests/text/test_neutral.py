"""Neutral words: the pattern that defines them, marks, scripts without spaces, tokens, bands, and their census."""

import re
import sys
import unicodedata
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import story
from toolkit.events.encoding import DOCUMENT_ENDS, SPACING, WORDS, parts_of
from toolkit.inference.scores import word_ends
from toolkit.results.bits import BANDS
from toolkit.text import neutral
from toolkit.text.code_points import MARK_PATTERN
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords

BLOCKS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f"  # Thai and Lao, Burmese, Khmer
SPAN = re.compile(rf"(?:(?<!\s) )?({neutral.WORD})")  # the definition, with the single space before a word
AWKWARD = "ab_9 '’`िָ️☎\n\t\x1c\u00a0\u3000\u200b\u0301éŉ٣²Ⅷ😀\ud800"
TEXTS = st.one_of(
    st.text(st.sampled_from(AWKWARD), max_size=40),
    st.text(st.one_of(st.characters(max_codepoint=0x2FFF), st.sampled_from(AWKWARD)), max_size=40),
)
OF_MARKED_SCRIPTS = {
    "हिन्दी में लिखना": ["हिन्दी", "में", "लिखना"],
    "בְּרֵאשִׁית בָּרָא": ["בְּרֵאשִׁית", "בָּרָא"],
    "العَرَبِيَّة’s لغة": ["العَرَبِيَّة’s", "لغة"],
    "ñ̃o-q̃ua": ["ñ̃o", "q̃ua"],
    "☎️ ☎️a 1️⃣ '̃b": ["a", "1️⃣", "b"],  # a mark makes no word of a sign, but a letter or digit with one is a word
}
UNSPACED = st.text(st.sampled_from("aB7_ é'’.\n“我们走路東京のタ。、"), max_size=40)
CHINESE = "我们明天去北京大学学习，然后回家。Debian 的软件包 v2 很多！"
JAPANESE = "この章ではシステムの管理について説明します。RAIDを使う。"


@given(TEXTS, st.data())
def test_spans_characters_and_parts_of_events_are_those_of_the_pattern(text, data):
    matches = list(SPAN.finditer(text))
    assert neutral.runs(text) == [match.span() for match in matches]
    assert list(neutral.word_spans(text)) == [(*match.span(), match[1]) for match in matches]
    assert neutral.words(text) == [match[1] for match in matches]
    assert "".join(neutral.tokens(text)) == "".join(text.split())
    inside = {place for match in matches for place in range(*match.span())}
    assert set(np.flatnonzero(neutral.in_words(text)).tolist()) == inside
    bands = neutral.bands_of(text, {})
    assert {place for place, band in enumerate(bands) if band != neutral.NOT_A_WORD} == inside

    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=20))
    offsets = np.array([0, *sorted(cuts), len(text), len(text)], np.int32)
    *parts, last = parts_of(text, offsets[1:]).tolist()
    for i, part in enumerate(parts):  # of the last character that the event or a later one covers
        covered = [end for start, end in pairwise(offsets[i:]) if end > start]
        assert part == (WORDS if covered and covered[0] - 1 in inside else SPACING)
    assert last == DOCUMENT_ENDS


def test_every_mark_counts_but_where_words_have_no_spaces():
    characters = "".join(map(chr, [*range(0x20000), *range(0xE0000, 0xE0200)]))  # no others are assigned
    marks = {character for character in characters if unicodedata.category(character)[0] == "M"}
    left_out = {mark for mark in marks if re.match(f"[{BLOCKS}]", mark)}
    assert set(MARK_PATTERN.findall(characters)) == marks - left_out
    assert neutral.words("ภาษาดี ที่นี่") == re.findall(r"\w+", "ภาษาดี ที่นี่")


def test_a_word_is_not_cut_at_its_marks():
    for text, words in OF_MARKED_SCRIPTS.items():
        assert neutral.words(text) == words
        assert [token for token in neutral.tokens(text) if neutral.LETTER_PATTERN.match(token)] == words


def test_bands_mark_each_character_by_its_words_training_count():
    counts = neutral.training_counts([Document("x", "sea " * 9 + "Sea"), Document("y", "sea moon")])
    assert counts == {"sea": 10, "Sea": 1, "moon": 1}
    bands = [BANDS[i] for i in neutral.bands_of("Sea sea, orb", counts)]
    assert bands == ["1"] * 3 + ["10-99"] * 4 + [BANDS[neutral.NOT_A_WORD]] + ["0"] * 4


def test_the_census_is_what_counting_all_tokens_gives():
    documents = [Document(f"d{i:02}", story(i, 5)) for i in range(7)]
    everything = [token for document in documents for token in neutral.tokens(document.text)]
    counted = neutral.census(documents)
    assert (counted.tokens, counted.types) == (len(everything), len(set(everything)))
    assert counted.hapaxes == sum(everything.count(token) == 1 for token in set(everything))
    assert counted.words == neutral.training_counts(documents).total()
    assert counted.spread["lamp"] == sum("lamp" in neutral.tokens(document.text) for document in documents)
    text = "".join(document.text for document in documents) + "😀"
    assert counted.characters == len(text) - 1


@given(UNSPACED)
def test_without_a_segmenter_each_character_is_a_word_and_words_join_to_the_runs_of_letters(text):
    with pytest.MonkeyPatch.context() as patch:
        for package in ("jieba", "sudachipy", "sudachidict_core"):
            patch.setitem(sys.modules, package, None)
        spans, runs, tokens = list(neutral.word_spans(text)), list(neutral.runs(text)), neutral.tokens(text)
        assert neutral.words("我们go走 “東”x") == ["我", "们", "go", "走", "東", "x"]
    inside = [place for start, end, _ in spans for place in range(start, end)]
    assert inside == [place for start, end in runs for place in range(start, end)]
    assert all(text[start:end].removeprefix(" ") == word for start, end, word in spans)
    assert "".join(tokens) == "".join(text.split())
    spaces = {start for start, _ in runs if start and text[start] == " "}
    assert word_ends(text).tolist() == sorted(spaces | {end for _, end in runs})


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@pytest.mark.parametrize(
    ("package", "language", "text"), [("jieba", "zh", CHINESE), ("sudachipy", "ja", JAPANESE)]
)
def test_words_of_a_segmenter_are_those_of_the_columns(package, language, text):
    pytest.importorskip(package)
    texts = SpacyWords("unk", language=language).cut(Document("x", text)).texts
    assert neutral.words(text) == [word for word in texts if any(map(str.isalnum, word))]
    assert neutral.tokens(text) == texts
    lengths = [len(word) for word in neutral.words(text)]
    assert 1.5 < sum(lengths) / len(lengths) < 4
    many = SpacyWords("unk", language=language).tagger.tag_anew(text * 500).at  # more than Sudachi takes at once
    assert (many["end"] - many["start"]).sum() == 500 * len(text.replace(" ", ""))
