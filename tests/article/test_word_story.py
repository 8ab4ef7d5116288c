"""What is said of words follows the numbers."""

import pytest

from toolkit.article import word_story
from toolkit.article.results import Hapaxes

from .reproduction_example import counts, reproduction


@pytest.mark.parametrize(("types", "words", "once", "sentence"), [
    (8_000, 80_000, 4_000, "fits neither of the two"), (8_000, 80_000, 800, "fits the distinct words"),
    (8_000, 8_500, 900, "fits the distinct words and the running text"),
])  # fmt: skip
def test_a_tenth_of_which_words(types, words, once, sentence):
    assert sentence in word_story.hapaxes(reproduction(hapaxes=Hapaxes(words=words, types=types, once=once)))


def test_the_author_and_the_network_are_counted_side_by_side():
    whole = reproduction(counts=counts(the_per_10k=711.0))
    whole["repaired"].counts["drawn"].the_per_10k = 655.0
    sentence = word_story.counts(whole)
    assert "711 are “the”" in sentence
    assert "writes 655, 250 and 60" in sentence


def test_remembering_meets_the_counts_or_does_not():
    whole = reproduction()
    assert "memorising meets such a count as well as writing does" in word_story.lesson(whole)
    whole["short-text"].counts["recalled"].the_per_10k = 20.0
    assert "the author has 690" in word_story.lesson(whole)
