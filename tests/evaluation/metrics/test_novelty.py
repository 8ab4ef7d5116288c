import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from toolkit.evaluation.metrics.reference import Reference

from toolkit.evaluation.metrics.novelty import longest_copies, longest_copy, marks, novel_share
from toolkit.results.generated import Mark
from toolkit.text.neutral import WORD_PATTERN, is_within_word, words

FIVE = "of the old grey house"


def reference(*documents: str, **options) -> Reference:
    """Training documents called "0", "1", …"""
    return Reference(documents, names=tuple(map(str, range(len(documents)))), **options)


def common_length(a: str, b: str) -> int:
    """The length of the longest common substring, by its dynamic programme."""
    longest, row = 0, [0] * (len(b) + 1)
    for x in a:
        row = [0] + [row[j] + 1 if x == y else 0 for j, y in enumerate(b)]
        longest = max(longest, *row)
    return longest


@given(st.text(alphabet="abc", max_size=40), st.text(alphabet="abcd", max_size=80))
@example("bbaa", "babb")
@example("abcd", "")
@settings(max_examples=300)
def test_longest_copy_is_the_first_longest_common_substring(text: str, training: str) -> None:
    length, start, place = longest_copy(text, reference(training))
    assert length == common_length(text, training)
    assert text[start : start + length] == training[place : place + length]
    spans = {text[i : i + length] for i in range(len(text) - length + 1)}
    assert not any(training[i : i + length] in spans for i in range(place))


def test_a_long_text_is_copied_whole_and_white_space_never() -> None:
    training = "".join(np.random.default_rng(5).choice(list("abcdefghij "), 30_000))
    assert longest_copy(training[7_000:9_001], reference(training)) == (2_001, 0, 7_000)
    white = reference("an owl\n\n\n\nflew")
    assert longest_copy("XY\n\n\n\nZ", white) == (0, 0, 0)
    assert longest_copies(["XY\n\n\n\nZ"], [longest_copy("XY\n\n\n\nZ", white)], white, 3) == []


def test_a_copy_stays_within_a_document_and_counts_whole_words() -> None:
    tales = reference("A cold wind; the lamp went out.", "Chapter one\nThe second tale began.")
    texts = ["and the lamp went out.\n\nChapter one\nThe second", "tolz; the lamp went out.\n\nC", "unwind; the lamps"]
    copies = longest_copies(texts, [longest_copy(text, tales) for text in texts], tales, 3)
    assert [(copy.sample, copy.document, copy.place, copy.text, copy.words) for copy in copies] == [
        (0, "1", 0, "Chapter one\nThe second", 4),
        (1, "0", 11, "; the lamp went out.", 4),
        (2, "0", 7, "wind; the lamp", 1),  # "unwind" and "lamps" are cut
    ]
    assert [(copy.before, copy.after) for copy in copies[:2]] == [("", " tale began."), ("A cold wind", "")]
    assert longest_copies(texts, [longest_copy(text, tales) for text in texts], tales, 1) == copies[:1]


WORDS = st.lists(st.sampled_from(["the", "old", "bell", "eel", "Oar"]), max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, min_size=1, max_size=3), st.integers(1, 5))
def test_novel_ngrams_are_in_no_document(documents: list[str], texts: list[str], n: int) -> None:
    def ngrams(text: str) -> list[tuple[str, ...]]:
        return list(zip(*(words(text)[i:] for i in range(n)), strict=False))

    known = {ngram for document in documents for ngram in ngrams(document)}
    novel = [ngram not in known for text in texts for ngram in ngrams(text)]
    assert novel_share(texts, reference(*documents), n) == pytest.approx(sum(novel) / len(novel) if novel else 0.0)


def copied(text: str, *documents: str) -> list[Mark]:
    """The copies marked in a text."""
    return [mark for mark in marks(text, reference(*documents)) if mark.kind == "copied"]


@pytest.mark.parametrize(
    ("text", "document", "expected"),
    [
        ("of the old grey", "of the old grey", []),  # four words
        (f"{FIVE}boat", FIVE, []),  # "houseboat" is another word
        (
            FIVE,
            f"sea{FIVE} {FIVE}boat; of the old grey, house {FIVE}'s",
            [],
        ),  # all words and characters, not in one place
        ("Of the old grey house", FIVE, []),
        (f"{FIVE}; {FIVE}", f"x {FIVE}", [FIVE, FIVE]),  # twice
        ("a b c d e f g h", "a b c d e f, b c d e f g h", ["a b c d e f", "b c d e f g h"]),  # they overlap
        ("a b c d e f g h", "b c d e f a b c d e f g", ["a b c d e f g"]),  # one within the other
        ("“Où est l’âme, 日本 d’été ?”", "Où est l’âme, 日本 d’été ?", ["Où est l’âme, 日本 d’été"]),
    ],
)
def test_copies_are_five_whole_words_or_more(text: str, document: str, expected: list[str]) -> None:
    assert [text[mark.start : mark.end] for mark in copied(text, document)] == expected


def test_a_copy_has_its_document_and_its_place_between_word_ends() -> None:
    (mark,) = copied(FIVE, f"sea{FIVE}", f"{FIVE}boat {FIVE}'s {FIVE}")
    assert (mark.document, mark.place) == ("1", len(f"{FIVE}boat {FIVE}'s "))
    assert copied("a b c\n\nd e", "a b c", "d e", "a b c d e") == []  # the training text has it, no document does


def all_copies(text: str, documents: list[str]) -> set[tuple[int, int]]:
    """Every span of five whole words or more that a document has between word ends, unless a longer one has it."""
    spans = [match.span() for match in WORD_PATTERN.finditer(text)]
    pairs = [(spans[i][0], spans[j][1]) for i in range(len(spans)) for j in range(i + 4, len(spans))]
    known = {
        document[a.start() : b.end()]
        for document in documents
        for a in WORD_PATTERN.finditer(document)
        for b in WORD_PATTERN.finditer(document, a.start())
    }
    found = [(start, end) for start, end in pairs if text[start:end] in known]
    return {(s, e) for s, e in found if not any((a, b) != (s, e) and a <= s and e <= b for a, b in found)}


TEXTS = st.lists(st.sampled_from(["a ", "b ", "ab ", "a'b ", "é, ", "\n\n"]), max_size=24).map("".join)


@given(TEXTS, st.lists(TEXTS, max_size=3))
@example("a b a b a b a b", ["a b a b a b", "b a b a b a b"])
@example("b a a a a a b", ["ab a a a a a", "a a a a a"])
def test_every_longest_copied_span_is_marked_once(text: str, documents: list[str]) -> None:
    found = copied(text, *documents)
    assert sorted((mark.start, mark.end) for mark in found) == sorted(all_copies(text, documents))
    for mark in found:
        document, end = documents[int(mark.document)], mark.place + mark.end - mark.start
        assert document[mark.place : end] == text[mark.start : mark.end]
        assert not any(is_within_word(document, place) for place in (mark.place, end))


def test_marks_are_in_the_order_of_the_text_and_leave_out_words_that_may_be_cut() -> None:
    training = f"the bell of the tower rang and rang over the harbour at the end of the winter. {FIVE}"
    text = f"xqzv the qqxz orange bells {FIVE} of 1852 Rang bellower xqzv"
    found = marks(text, reference(training, others=("the belling bellower",)))
    assert [(text[mark.start : mark.end], mark.kind) for mark in found] == [
        ("qqxz", "broken"), ("orange", "real"), ("bells", "real"), (FIVE, "copied"), ("bellower", "plausible"),
    ]  # fmt: skip
    assert [mark.document for mark in found] == [None, None, None, "0", None]
