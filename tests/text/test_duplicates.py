"""Near-duplicates: what is copied is named, what is merely of one author is not."""

import random
import time
from dataclasses import replace

import numpy as np
import pytest

from toolkit.text import duplicates, sampled_duplicates
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Document, Split
from toolkit.text.duplicates import Alike
from toolkit.text.neutral import words
from toolkit.text.splits import split


@pytest.fixture(scope="module")
def tales() -> Split:
    """The bundled tales, split as usual."""
    return split(find_corpus("weird-tales"))


def edited(text: str, every: int) -> str:
    """Another edition: about one word in ``every`` is another one."""
    rng = random.Random(1)
    return " ".join(word if rng.random() > 1 / every else f"{word[::-1]}x" for word in text.split(" "))


def with_held_out(tales: Split, text: str) -> Split:
    return replace(tales, test=(*tales.test, Document("copy", text)))


def test_tales_of_one_author_are_no_duplicates(tales: Split) -> None:
    assert duplicates.overlaps(tales) == []


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda text: text, 1.0),
        (lambda text: text.replace("e", "a", 1), 0.99),  # one character
        (lambda text: text[2000:5000], 0.99),  # a part of a training document
        (lambda text: text.upper().replace(",", ";"), 1.0),
        (lambda text: edited(text, 20), 0.6),
        (lambda text: edited(text, 4), 0.2),
    ],
    ids=["the same", "one character", "a part", "capitals", "every twentieth word", "every fourth word"],
)
def test_a_copy_of_a_training_document_is_found(tales: Split, change, least) -> None:
    source = tales.train[3]
    (overlap,) = duplicates.overlaps(with_held_out(tales, change(source.text)))
    assert (overlap.document, overlap.part, overlap.other, overlap.other_part) == ("copy", "test", source.name, "train")
    assert max(overlap.spans, overlap.shingles) >= least


def test_a_part_of_a_much_longer_document_is_found(tales: Split) -> None:
    whole = Document("all", "\n".join(document.text for document in tales.train))
    parts = replace(tales, train=(whole, tales.train[0]), test=(Document("copy", edited(tales.train[5].text, 8)),))
    assert [(overlap.document, overlap.other) for overlap in duplicates.overlaps(parts)] == [("copy", "all")]


def test_a_few_sentences_within_a_long_text_are_found(tales: Split) -> None:
    stolen = " ".join(tales.train[7].text.split(" ")[300:400])
    (overlap,) = duplicates.overlaps(with_held_out(tales, f"{tales.test[0].text[:6000]} {stolen}"))
    assert overlap.other == tales.train[7].name
    assert 0.01 < overlap.spans < 0.15


def test_shares_are_those_of_sets_of_words(tales: Split) -> None:
    """Counted again in the plainest way."""
    source = tales.train[3]
    text = edited(source.text, 9)
    (overlap,) = duplicates.overlaps(with_held_out(tales, text))
    for length, share in ((13, overlap.spans), (5, overlap.shingles)):
        ours, theirs = (
            {tuple(lower[i : i + length]) for i in range(len(lower) - length + 1)}
            for lower in ([word.lower() for word in words(of)] for of in (text, source.text))
        )
        assert share == pytest.approx(len(ours & theirs) / len(ours))


def test_texts_too_short_for_a_span_are_no_duplicates(tales: Split) -> None:
    assert duplicates.overlaps(replace(tales, train=(Document("a", "!"),), test=(Document("b", "?"),))) == []
    assert duplicates.overlaps(with_held_out(tales, "Nothing here.")) == []


def test_of_many_documents_that_are_all_alike_only_the_nearest_is_named(monkeypatch):
    text = " ".join(f"word{i} and tide{i * 7 % 31}" for i in range(120))
    alike = tuple(Document(str(i), f"{text} {i} {i + 1}") for i in range(12))
    split = Split(alike[:8], alike[8:10], alike[10:])
    every_pair = Alike(split)
    assert len(every_pair.across) == 8 * 2 + 8 * 2 + 2 * 2
    assert every_pair.notes == ()
    monkeypatch.setattr(duplicates, "MANY", 11)
    nearest = Alike(split)
    assert len(nearest.across) == 2 + 2 + 2
    assert {(pair.spans, pair.shingles) for pair in nearest.across} <= {
        (pair.spans, pair.shingles) for pair in every_pair.across
    }
    assert nearest.notes[0].startswith("Near-duplicates were looked for. Of each document only the one")
    monkeypatch.setattr(sampled_duplicates, "LOOKED_AT", 6)  # of 8, every second one
    assert "compared with all others: 4 of 8 training documents" in Alike(split).notes[0]


def test_another_document_is_looked_up_among_the_spans_and_not_compared_with_each(monkeypatch):
    """Its time does not grow with what is held out: one pass over that would take longer than all look-ups."""
    rng = np.random.default_rng(3)
    held_out, others = [Document("long", "x")], [Document(str(i), "y") for i in range(1_000)]
    long, short = rng.integers(0, 2**63, 400_000, np.uint64), rng.integers(0, 2**63, 30, np.uint64)
    monkeypatch.setattr(duplicates, "word_hashes", lambda document: long if document.name == "long" else short)
    monkeypatch.setattr(duplicates, "runs", lambda hashes, _: np.sort(hashes))

    def seconds(task):
        start = time.perf_counter()
        task()
        return time.perf_counter() - start

    one_pass = min(seconds(lambda: np.isin(long, short)) for _ in range(3))
    assert seconds(lambda: duplicates.shared_spans(held_out, others)) < 400 * one_pass
