from difflib import SequenceMatcher

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.evaluation.metrics import Reference
from toolkit.evaluation.metrics.novelty import (
    REAL_WORD_RATE,
    folded,
    listed_words,
    longest_copies,
    longest_copy,
    marks,
    new_words,
    novel_share,
    word_kind,
)
from toolkit.results.generated import Mark
from toolkit.text import neutral
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split

FIVE = "of the old grey house"


def reference(*documents: str, **options) -> Reference:
    """Training documents called "0", "1", …"""
    return Reference(documents, names=tuple(map(str, range(len(documents)))), **options)


@given(st.text(alphabet="abc", max_size=40), st.text(alphabet="abcd", max_size=80))
@example("bbaa", "babb")
@example("abcd", "")
@settings(max_examples=300)
def test_longest_copy_is_the_first_longest_common_substring(text: str, training: str) -> None:
    length, start, place = longest_copy(text, reference(training))
    assert length == SequenceMatcher(None, text, training, autojunk=False).find_longest_match().size
    assert text[start : start + length] == training[place : place + length]
    spans = {text[i : i + length] for i in range(len(text) - length + 1)}
    assert not any(training[i : i + length] in spans for i in range(place))


def test_a_long_text_is_copied_whole_and_white_space_never() -> None:
    training = "".join(np.random.default_rng(5).choice(list("abcdefghij "), 30_000))
    assert longest_copy(training[7_000:9_001], reference(training)) == (2_001, 0, 7_000)
    white, text = reference("an owl\n\n\n\nflew"), "XY\n\n\n\nZ"
    assert longest_copy(text, white) == (0, 0, 0)
    assert longest_copies([text], [longest_copy(text, white)], white, 3) == []


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


WORDS = st.lists(st.sampled_from(["the", "old", "bell", "eel", "Oar"]), max_size=12).map(" ".join)


@given(st.lists(WORDS, max_size=4), st.lists(WORDS, min_size=1, max_size=3), st.integers(1, 5))
def test_novel_ngrams_are_in_no_document(documents: list[str], texts: list[str], n: int) -> None:
    def ngrams(text: str) -> list[tuple[str, ...]]:
        return list(zip(*(neutral.words(text)[i:] for i in range(n)), strict=False))

    known = {ngram for document in documents for ngram in ngrams(document)}
    novel = [ngram not in known for text in texts for ngram in ngrams(text)]
    assert novel_share(texts, reference(*documents), n) == pytest.approx(sum(novel) / len(novel) if novel else 0.0)


def copied(text: str, *documents: str) -> list[Mark]:
    """The copies marked in a text."""
    return [mark for mark in marks(text, reference(*documents)) if mark.kind == "copied"]


def all_copies(text: str, documents: list[str]) -> set[tuple[int, int]]:
    """Every span of five whole words or more that a document has between word ends, unless a longer one has it."""
    spans = [match.span() for match in neutral.WORD_PATTERN.finditer(text)]
    pairs = [(spans[i][0], spans[j][1]) for i in range(len(spans)) for j in range(i + 4, len(spans))]
    known = {
        document[a.start() : b.end()]
        for document in documents
        for a in neutral.WORD_PATTERN.finditer(document)
        for b in neutral.WORD_PATTERN.finditer(document, a.start())
    }
    copies = [(start, end) for start, end in pairs if text[start:end] in known]
    return {(s, e) for s, e in copies if not any((a, b) != (s, e) and a <= s and e <= b for a, b in copies)}


TEXTS = st.lists(st.sampled_from(["a ", "b ", "ab ", "a'b ", "é, ", "\n\n"]), max_size=24).map("".join)


@given(TEXTS, st.lists(TEXTS, max_size=3))
@example("a b a b a b a b", ["a b a b a b", "b a b a b a b"])
@example("b a a a a a b", ["ab a a a a a", "a a a a a"])
@example("“Où est l’âme, 日本 d’été ?”", ["Où est l’âme, 日本 d’été ?"])
@example(FIVE, [f"sea{FIVE} {FIVE}boat; of the old grey, house {FIVE}'s"])  # all its words, but never in one place
@example("a b a\n\nb a", ["a b a", "b a"])  # the training text has it, no document does
def test_every_longest_copied_span_is_marked_once_with_its_document(text: str, documents: list[str]) -> None:
    copies = copied(text, *documents)
    assert sorted((mark.start, mark.end) for mark in copies) == sorted(all_copies(text, documents))
    for mark in copies:
        document, end = documents[int(mark.document)], mark.place + mark.end - mark.start
        assert document[mark.place : end] == text[mark.start : mark.end]
        assert not any(neutral.is_within_word(document, place) for place in (mark.place, end))


def test_marks_are_in_the_order_of_the_text_and_leave_out_words_that_may_be_cut() -> None:
    training = f"the bell of the tower rang and rang over the harbour at the end of the winter. {FIVE}"
    text = f"xqzv the qqxz orange bells {FIVE} of 1852 Rang bellower xqzv"
    ordered = marks(text, reference(training, others=("the belling bellower",)))
    assert [(text[mark.start : mark.end], mark.kind, mark.document) for mark in ordered] == [
        ("qqxz", "broken", None), ("orange", "real", None), ("bells", "real", None), (FIVE, "copied", "0"),
        ("bellower", "plausible", None),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def tales(request) -> Reference:
    """The bundled tales."""
    parts = split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))
    training, valid = (tuple(document.text for document in part) for part in (parts.train, parts.valid))
    return Reference(training, others=valid)


def test_words_are_known_real_plausible_or_broken(tales: Reference) -> None:
    words = "the Handwriting 1852 orange Schooling sandering Wintersby ttats quwaiar xqzvk".split()  # noqa: SIM905
    kinds = ["known"] * 3 + ["real"] * 2 + ["plausible"] * 2 + ["broken"] * 3
    assert [word_kind(word, tales) for word in words] == kinds
    texts = ["zzqx the ttats and sandering ttats of Wintersby ttats Wintersby qqx"]  # its ends may be cut
    assert new_words(texts, tales, 5) == {"real": [], "plausible": ["Wintersby", "sandering"], "broken": ["ttats"]}
    assert new_words(texts, tales, 1)["plausible"] == ["Wintersby"]


def test_at_most_one_in_twenty_new_words_of_the_author_is_broken(tales: Reference) -> None:
    kinds = [word_kind(word, tales) for word in {w.casefold() for text in tales.others for w in neutral.words(text)}]
    assert len(kinds) - kinds.count("known") > 300
    assert 0 < kinds.count("broken") / (len(kinds) - kinds.count("known")) <= 0.05


def test_words_of_an_excerpt_are_known_from_the_whole_text() -> None:
    whole = Reference(("xqzvk",), known=frozenset({"Vorshal"}))
    assert (word_kind("vorshal", whole), word_kind("xqzvk", whole)) == ("known", "broken")


@pytest.mark.parametrize(
    ("language", "training", "text", "rate"),
    [
        ("en", "Blethwick rang.", "The BLETHWICK lighthouse qxzvorl", 3 / 4),
        ("tlh", "Blethwick rang.", "The Blethwick", 1 / 2),  # no list: only training has words
        ("en", "x", "don’t", 1),
        ("en", "x", "?!", 0),
        ("en", "x", "dodecagon’s", 0),  # both parts are listed, but English does not elide
        ("fr", "x", "L’homme qu’il voit, d’un pas; aujourd’hui l'heure.", 1),
        ("fr", "x", "l’zorblatt", 0),
        ("tr", "x", "İki ışık, IŞIK; İlk ışıklar.", 1),
    ],
)
def test_a_word_is_real_if_training_or_a_list_of_the_language_has_it(language, training, text, rate) -> None:
    assert REAL_WORD_RATE([text], Reference((training,), language)) == pytest.approx(rate)


def test_lists_have_folded_words_down_to_a_frequency() -> None:
    small, frequent, best = listed_words("en", "small"), listed_words("en", "small", 10.0), listed_words("en", "best")
    assert frequent < small < best
    assert "leat" in best - small
    assert listed_words("tlh", "small") == frozenset()
    assert (folded("Don’t", "en"), folded("Işık", "tr"), folded("İki", "tr")) == ("don't", "ışık", "iki")
