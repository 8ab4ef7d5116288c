"""Words without loss: the joiner's table, white space, and the way back for any text and any tokens."""

import functools
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toolkit.text.tagged import Tagged

from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.text.words import JOINER, Segment, Word, first_says, joined_text, segments

WIDE = st.text(
    st.one_of(
        st.sampled_from(" \t\n\r\x0b\x0c\x1c\x1f\x85\u00a0\u1680\u2003\u2028\u2029\u3000\u200b\ufeff\u2060"),
        st.sampled_from("aZ9é.,\"'“’-—…·_\u0301\u200d😀ש한ก"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


@functools.cache
def blank():
    return Tagger(tags=False)


def english(text):
    return list(blank().tag_anew(text))


def token(start, end):
    return Tagged(start, end, "T", "P", "M")


def pairs(text, tagged=None):
    """(marks, text) of each word."""
    words = segments(Document("d", text), english(text) if tagged is None else tagged)
    return [(segment.word.marks, segment.word.text) for segment in words]


def texts(text):
    return [piece for _, piece in pairs(text)]


def holds_its_promises(text, tagged):
    """Round trip, and what ``segments`` says of each word."""
    words = segments(Document("d", text), tagged)
    assert joined_text([(segment.word.marks, segment.word.text) for segment in words]) == text
    place = 0
    for i, segment in enumerate(words):
        word = segment.word
        assert text[segment.start : segment.end] == word.text
        assert text[place : segment.start] in ("", " ")
        assert word.text
        assert word.text.isspace() or not any(map(str.isspace, word.text))
        assert set(word.marks) <= set(segment.due)
        assert segment.start == place or (i > 0 and " " in text[place : segment.start])
        assert word.left == (words[i - 1].word.text if i else "")
        assert word.right == (words[i + 1].word.text if i + 1 < len(words) else "")
        if word.text.isspace() and 0 < i < len(words) - 1:
            assert word.text != " "
            assert not words[i + 1].word.text.isspace()
        place = segment.end
    for a, b in pairwise(words):
        spoken = [segment.word.marks for segment, side in ((a, "R"), (b, "L")) if side in segment.due]
        if a.word.text.isspace() or b.word.text.isspace():
            assert not spoken
            assert a.end == b.start
        else:
            has_letter = [any(map(str.isalnum, segment.word.text)) for segment in (a, b)]
            side, teller = ("R", a) if has_letter == [False, True] else ("L", b)
            assert len(spoken) == 1  # one of the two says it
            assert (side in teller.word.marks) == (a.end == b.start)
    return place == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't", [("", "do"), ("L", "n't")]),  # word, word: on the second
        ("Dunwich,", [("", "Dunwich"), ("L", ",")]),  # word, other: on the second
        ('"The', [("R", '"'), ("", "The")]),  # other, word: on the first
        (',"', [("", ","), ("L", '"')]),  # other, other: on the second
        ('"The Dunwich," he', [("R", '"'), ("", "The"), ("", "Dunwich"), ("L", ","), ("L", '"'), ("", "he")]),
        ("half-way", [("", "half"), ("LR", "-"), ("", "way")]),  # both sides
    ],
)
def test_the_mark_is_on_the_side_that_the_rule_says(text, expected):
    assert pairs(text) == expected


def test_one_space_is_implied():
    assert pairs("the old man") == [("", "the"), ("", "old"), ("", "man")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b", ["a", "  ", "b"]),
        ("a\n\nb", ["a", "\n\n", "b"]),
        ("a \n b", ["a", " \n ", "b"]),
        ("a\tb", ["a", "\t", "b"]),
        ("a\u00a0b", ["a", "\u00a0", "b"]),
        ("a\u3000b", ["a", "\u3000", "b"]),
        ("a \u2003b", ["a", " \u2003", "b"]),
        ("a\rb", ["a", "\r", "b"]),
        ("a\u2028b", ["a", "\u2028", "b"]),
        ("a\x1fb", ["a", "\x1f", "b"]),
        (" a", [" ", "a"]),
        ("a ", ["a", " "]),
        ("  a  ", ["  ", "a", "  "]),
        (" ", [" "]),
        ("\n \n", ["\n \n"]),
        ("", []),
        ("End.\n\n\n“Start", ["End", ".", "\n\n\n", "“", "Start"]),
        ("a\u200bb", ["a\u200bb"]),  # a zero-width space is not white space to Unicode
    ],
)
def test_white_space(text, expected):
    assert texts(text) == expected
    assert joined_text(pairs(text)) == text


def test_white_space_joins_both_neighbours():
    words = segments(Document("d", "a,\n“b"), english("a,\n“b"))
    assert [(s.word.text, s.word.marks, s.due) for s in words] == [
        ("a", "", ""), (",", "L", "L"), ("\n", "", ""), ("“", "R", "R"), ("b", "", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "日本語のテキスト。",
        "ไม่มีช่องว่าง",
        "x" * 5000,
        "👩‍👩‍👧‍👦👍🏽 family",
        "e\u0301le\u0300ve \u0301x",
        "https://example.org/a?b=c#d",
        "a·b ▁c Ġd </w> <doc> <unk>",
        "\ufeffa",
        "1,000.50$ (c)2026",
    ],
)
def test_awkward_texts_come_back(text):
    assert holds_its_promises(text, english(text))


@given(WIDE)
@example(" a\n\n\tb ")
def test_any_text_comes_back_with_spacys_tokens(text):
    assert holds_its_promises(text, english(text))


@given(WIDE, st.lists(st.integers(0, 40), max_size=12))
def test_any_text_comes_back_with_tokens_cut_anywhere(text, places):
    ends = sorted({0, len(text), *(place for place in places if place < len(text))})
    assert holds_its_promises(text, [token(a, b) for a, b in pairwise(ends)])


@given(WIDE, st.lists(st.integers(0, 40), max_size=12), st.randoms())
def test_any_text_comes_back_with_tokens_that_leave_some_of_it_out(text, places, random):
    ends = sorted({0, len(text), *(place for place in places if place < len(text))})
    spans = [token(a, b) for a, b in pairwise(ends) if random.random() < 0.5]
    assert holds_its_promises(text, spans)


def test_any_text_comes_back_without_any_tokens():
    assert pairs("the  old,man", []) == [("", "the"), ("", "  "), ("", "old,man")]


def test_a_token_that_contains_a_space_is_cut_there_and_keeps_its_tags():
    words = segments(Document("d", "New York  City"), [token(0, 14)])
    assert [(s.word.text, s.word.tag, s.word.pos, s.word.morph) for s in words] == [
        ("New", "T", "P", "M"), ("York", "T", "P", "M"), ("  ", "_SP", "SPACE", ""), ("City", "T", "P", "M"),
    ]  # fmt: skip


def test_white_space_tokens_have_the_tag_of_white_space():
    text = "One.\n\n\tTwo  three\u00a0four.\n"
    words = segments(Document("d", text), list(Tagger().tag_anew(text)))
    assert {s.word.pos for s in words if s.word.text.isspace()} == {"SPACE"}
    assert {s.word.pos for s in words if s.word.text.isalpha()}.isdisjoint({"SPACE", ""})


def test_words_know_their_document():
    assert {s.word.document for s in segments(Document("tale", "a b"), english("a b"))} == {"tale"}


@given(st.lists(st.tuples(st.sampled_from(["", JOINER]), st.sampled_from(["a", ",", " ", "\n\n", ""])), max_size=8))
def test_whatever_a_network_writes_can_be_joined(pieces):
    text = joined_text(pieces)
    assert text.replace(" ", "") == "".join(piece for _, piece in pieces).replace(" ", "")
    assert JOINER not in text


def naive(document, tagged):
    """The words of a document, one by one, as the module's docstring says it."""
    text, spans, place = document.text, [], 0
    for token in [*tagged, Tagged(len(text), len(text), "", "", "")]:
        if token.start > place:
            spans.append(Tagged(place, token.start, "", "", ""))
        spans.append(token)
        place = token.end
    bare = [
        span._replace(start=span.start + match.start(), end=span.start + match.end())
        for span in spans
        for match in re.finditer(r"\S+", text[span.start : span.end])
    ]
    whole, place = [], 0
    for token in [*bare, Tagged(len(text), len(text), "", "", "")]:
        gap = text[place : token.start]
        if gap and (gap != " " or place == 0 or token.start == len(text)):
            whole.append(Tagged(place, token.start, "_SP", "SPACE", ""))
        whole.append(token)
        place = token.end
    whole.pop()
    texts = [text[span.start : span.end] for span in whole]
    due, marks = [""] * len(whole), [""] * len(whole)
    for i, (a, b) in enumerate(pairwise(texts)):
        if not (a.isspace() or b.isspace()):
            teller, side = (i, "R") if first_says(a, b) else (i + 1, "L")
            due[teller] += side
            marks[teller] += side * (whole[i].end == whole[i + 1].start)
    return [
        Segment(Word(texts[i], marks[i], *span[2:], left, right, document.name), span.start, span.end, due[i])
        for i, (span, left, right) in enumerate(zip(whole, ["", *texts], [*texts[1:], ""], strict=False))
    ]


@given(st.text(st.sampled_from("aé1_-’. \u00a0\u2003\n\t\x1c\u200b漢😀"), max_size=24), st.data())
def test_the_columns_are_those_of_a_reading_one_by_one(text, data):
    places = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = list(pairwise(places))
    tokens = [Tagged(a, b, f"T{a % 2}", "P", "") for a, b in pairs if data.draw(st.booleans())]
    columns = segments(Document("d", text), tokens)
    assert list(columns) == naive(Document("d", text), tokens)
    assert columns.surfaces(np.arange(len(columns))) == [segment.surface for segment in columns]
