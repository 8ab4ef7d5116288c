"""What is said of words follows the numbers."""

import pytest

from toolkit.article import word_story
from toolkit.article.results import Hapaxes

from .reproduction_example import counts, reproduction


@pytest.mark.parametrize(("types", "words", "once", "said"), [
    (8_000, 80_000, 4_000, "neither of the two"), (8_000, 80_000, 800, "fits the different words"),
    (8_000, 8_500, 900, "fits the different words and the running text"),
])  # fmt: skip
def test_a_tenth_of_which_words(types, words, once, said):
    assert said in word_story.hapaxes(reproduction(hapaxes=Hapaxes(words=words, types=types, once=once)))


def test_the_author_and_the_network_are_counted_side_by_side():
    found = reproduction(counts=counts(the_per_10k=711.0))
    found["repaired"].counts["drawn"].the_per_10k = 655.0
    said = word_story.counts(found)
    assert "711 are “the”" in said
    assert "writes 655, 250 and 60" in said


def test_remembering_meets_the_counts_or_does_not():
    found = reproduction()
    assert "by remembering as well" in word_story.lesson(found)
    found["short-text"].counts["recalled"].the_per_10k = 20.0
    assert "the author has 690" in word_story.lesson(found)
