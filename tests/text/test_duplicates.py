"""Near-duplicates: what is copied is named, what is merely of one author is not."""

import random
from dataclasses import replace

import pytest

from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Document
from toolkit.text.duplicates import overlaps
from toolkit.text.neutral import words
from toolkit.text.splits import split


@pytest.fixture(scope="module")
def tales():
    return split(find_corpus("weird-tales"))


def edited(text, every):
    """Another edition: about one word in ``every`` is another one."""
    rng = random.Random(1)
    return " ".join(word if rng.random() > 1 / every else f"{word[::-1]}x" for word in text.split(" "))


def runs(text, length):
    """The runs of words in the plainest way."""
    lower = [word.lower() for word in words(text)]
    return {tuple(lower[i : i + length]) for i in range(len(lower) - length + 1)}


@pytest.mark.parametrize(
    ("change", "least"),
    [
        (lambda text: text, 1.0),
        (lambda text: text[2000:5000], 0.99),
        (lambda text: text.upper().replace(",", ";"), 1.0),
        (lambda text: edited(text, 4), 0.2),
        (lambda text: f"{' '.join(map(str, range(900)))} {' '.join(text.split(' ')[300:400])}", 0.05),
    ],
    ids=["the same", "a part", "capitals", "every fourth word", "a sentence"],
)
def test_a_copy_is_found_with_the_shares_of_sets_of_words(tales, change, least):
    source = tales.train[3]
    text = change(source.text)
    (overlap,) = overlaps(replace(tales, test=(*tales.test, Document("copy", text))))
    assert (overlap.document, overlap.part) == ("copy", "test")
    assert (overlap.other, overlap.other_part) == (source.name, "train")
    assert max(overlap.spans, overlap.shingles) >= least
    for length, share in ((13, overlap.spans), (5, overlap.shingles)):
        of_copy = runs(text, length)
        assert share == pytest.approx(len(of_copy & runs(source.text, length)) / len(of_copy))


def test_tales_of_one_author_and_texts_too_short_for_a_run_are_no_duplicates(tales):
    assert overlaps(tales) == []
    short = replace(tales, train=(Document("a", "!"),), valid=(Document("b", "?"),), test=(Document("c", "?"),))
    assert overlaps(short) == []
