"""Marks: what is copied, against a search of every span in every document; and new words."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from toolkit.evaluation.metrics import marks as marking
from toolkit.evaluation.metrics.marks import marks
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Mark
from toolkit.text.neutral import WORD_PATTERN, is_within_word

FIVE = "of the old grey house"


def copies(text: str, *documents: str) -> list[Mark]:
    """The copies marked in a text; document i is called "i"."""
    found = marks(text, Reference(documents, names=tuple(map(str, range(len(documents))))))
    return [mark for mark in found if mark.kind == "copied"]


def spans(text: str, *documents: str) -> list[str]:
    """What is marked as copied."""
    return [text[mark.start : mark.end] for mark in copies(text, *documents)]


def test_a_copy_begins_and_ends_with_whole_words_and_says_where_it_is_from():
    text = f"I saw a ghost {FIVE}, at last"
    (mark,) = copies(text, "Nothing.", f"a roof {FIVE}, at noon")
    assert text[mark.start : mark.end] == f"{FIVE}, at"
    assert (mark.document, mark.place) == ("1", len("a roof "))


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("of the old grey", "of the old grey", []),  # four words
        (FIVE, FIVE, [FIVE]),  # all of both texts
        (f"x {FIVE}", f"{FIVE} y", [FIVE]),  # at the end of one, at the beginning of the other
        (f"{FIVE}boat", FIVE, []),  # "houseboat" is no "house"
        (FIVE, f"{FIVE}boat", []),
        (FIVE, f"{FIVE}'s", []),
        (FIVE, f"sea{FIVE}", []),
        (FIVE, f"{FIVE}boat; of the old grey, house", []),  # it has the words, and the characters, but not in one place
        ("of the old, grey house", FIVE, []),  # another character
        ("Of the old grey house", FIVE, []),
        ("of  the old grey house", FIVE, []),
        (f"{FIVE}; {FIVE}", FIVE, [FIVE, FIVE]),  # written twice
        ("a b c d e f g h", "a b c d e f, b c d e f g h", ["a b c d e f", "b c d e f g h"]),  # they overlap
        ("a b c d e f g h", "b c d e f a b c d e f g", ["a b c d e f g"]),  # one within the other
        ("“Où est l’âme, 日本 d’été ?”", "Où est l’âme, 日本 d’été ?", ["Où est l’âme, 日本 d’été"]),
        ("a\n\nb\n\nc\n\nd\n\ne", "a\n\nb\n\nc\n\nd\n\ne", ["a\n\nb\n\nc\n\nd\n\ne"]),
        ("", FIVE, []),
        (FIVE, "", []),
    ],
)
def test_what_is_copied(text, document, expected):
    assert spans(text, document) == expected


def test_the_place_of_a_copy_is_where_no_word_goes_on_over_its_ends():
    (mark,) = copies(FIVE, f"sea{FIVE}", f"{FIVE}boat {FIVE}'s {FIVE}")
    assert (mark.document, mark.place) == ("1", len(f"{FIVE}boat {FIVE}'s "))


def test_nothing_is_copied_from_no_document_or_from_two():
    assert spans(FIVE) == []
    assert spans("a b c\n\nd e", "a b c", "d e", "a b c d e") == []  # the training text has it, no document does


def naive(text: str, documents: list[str]) -> set[tuple[int, int]]:
    """Every span of five whole words or more that a document has between word ends, and that no longer one contains."""
    words = [match.span() for match in WORD_PATTERN.finditer(text)]
    pairs = [(words[i][0], words[j][1]) for i in range(len(words)) for j in range(i + 4, len(words))]
    had = {
        document[a.start() : b.end()]
        for document in documents
        for a in WORD_PATTERN.finditer(document)
        for b in WORD_PATTERN.finditer(document, a.start())
    }
    copied = [(start, end) for start, end in pairs if text[start:end] in had]
    return {(s, e) for s, e in copied if not any((a, b) != (s, e) and a <= s and e <= b for a, b in copied)}


TEXTS = st.lists(st.sampled_from(["a ", "b ", "ab ", "a'b ", "é, ", "\n\n"]), max_size=24).map("".join)


@given(TEXTS, st.lists(TEXTS, max_size=3))
@example("a b a b a b a b", ["a b a b a b", "b a b a b a b"])
@example("b a a a a a b", ["ab a a a a a", "a a a a a"])
def test_every_longest_copied_span_is_marked_and_nothing_else(text, documents):
    found = copies(text, *documents)
    assert {(mark.start, mark.end) for mark in found} == naive(text, documents)
    assert len({(mark.start, mark.end) for mark in found}) == len(found)
    for mark in found:
        document, end = documents[int(mark.document)], mark.place + mark.end - mark.start
        assert document[mark.place : end] == text[mark.start : mark.end]
        assert not is_within_word(document, mark.place)
        assert not is_within_word(document, end)


@given(st.text("ab'’ ,é_1", max_size=12))
def test_a_place_is_within_a_word_where_one_goes_on(text):
    inside = {place for match in WORD_PATTERN.finditer(text) for place in range(match.start() + 1, match.end())}
    assert [place for place in range(len(text) + 1) if is_within_word(text, place)] == sorted(inside)


def test_the_training_text_is_searched_only_for_words_that_it_has_in_this_order(monkeypatch):
    searched = []
    right = marking.place_of
    monkeypatch.setattr(marking, "place_of", lambda span, *rest: searched.append(span) or right(span, *rest))
    assert spans(f"x y z w v u {FIVE} x y", f"y x {FIVE} u v w") == [FIVE]
    assert searched == [FIVE]


def test_new_words_are_marked_by_kind_without_the_first_and_the_last():
    training = "the bell of the tower rang and rang over the harbour at the end of the winter"
    text = "xqzv the qqxz orange bells of 1852 Rang bellower xqzv"
    found = marks(text, Reference((training,), others=("the belling bellower",), names=("tale",)))
    assert [(text[mark.start : mark.end], mark.kind) for mark in found] == [
        ("qqxz", "broken"), ("orange", "real"), ("bells", "real"), ("bellower", "plausible"),
    ]  # fmt: skip
    assert all(mark.document is mark.place is None for mark in found)


def test_marks_are_in_the_order_of_the_text():
    found = marks(f"x qqxz {FIVE} zzxq y", Reference((FIVE,), names=("tale",)))
    assert [mark.kind for mark in found] == ["broken", "copied", "broken"]
    assert re.fullmatch(r"\w+", found[1].document)
