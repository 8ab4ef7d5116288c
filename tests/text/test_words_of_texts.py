"""Words without loss: the joiner's table, white space, and the way back for any text and any tokens."""

import functools
import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.helpers.tokens import tokens_of
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.text.words import Word, is_word, joined_text, unmarked, words_of

TEXTS = st.text(
    st.one_of(
        st.sampled_from(" \t\n\r\x0b\x1c\x85\u00a0\u2028\u3000\u200b\ufeffaZ9é.,\"'’-—…_\u0301\u200d😀שก"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
SIDES = ["", "L", "R", "LR"]


@functools.cache
def blank():
    return Tagger(tags=False)


def words(text, tokens=None):
    return words_of(Document("d", text), blank().tag_anew(text) if tokens is None else tokens_of(text, tokens))


def pairs(text, tokens=None):
    """(marks, text) of each word."""
    cut = words(text, tokens)
    return [(word.marks, word.text) for word in cut.views(np.arange(len(cut)))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't", [("", "do"), ("L", "n't")]),  # word, word: on the second
        ("Dunwich,", [("", "Dunwich"), ("L", ",")]),  # word, other: on the second
        ('"The', [("R", '"'), ("", "The")]),  # other, word: on the first
        (',"', [("", ","), ("L", '"')]),  # other, other: on the second
        ("half-way", [("", "half"), ("LR", "-"), ("", "way")]),
        ("the old man", [("", "the"), ("", "old"), ("", "man")]),
        ("a,\n“b", [("", "a"), ("L", ","), ("", "\n"), ("R", "“"), ("", "b")]),
    ],
)
def test_the_mark_is_on_the_side_that_the_rule_says(text, expected):
    assert pairs(text) == expected


WHITE_SPACE = ["a|  |b", "a| \n |b", "a|\t|b", "a|\u00a0|b", "a|\u2028|b", " |a", "a| ", "  |a|  ", " "]


@pytest.mark.parametrize("text", [*WHITE_SPACE, "\n \n", "End|.|\n\n\n|“|Start", "a\u200bb"])
def test_white_space(text):
    """A zero-width space is not white space to Unicode."""
    cut = pairs(text.replace("|", ""))
    assert [piece for _, piece in cut] == text.split("|")
    assert joined_text([(SIDES.index(marks), piece) for marks, piece in cut]) == text.replace("|", "")


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
def test_the_columns_are_those_of_a_reading_one_by_one(text, data):
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
