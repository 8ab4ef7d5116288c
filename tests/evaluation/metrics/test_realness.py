import pytest

from toolkit.evaluation.metrics import realness
from toolkit.evaluation.metrics.reference import Reference


def test_words_of_training_and_of_the_language_are_real() -> None:
    real = Reference(("Blethwick rang the Grue bell.",), "en").real_words
    assert realness.real_word_rate(["The BLETHWICK lighthouse qxzvorl"], real) == pytest.approx(3 / 4)


def test_without_a_list_only_training_knows_words() -> None:
    real = Reference(("Blethwick rang.",), "tlh").real_words
    assert real == {"blethwick", "rang"}


def test_typographic_apostrophes_are_no_invention() -> None:
    assert realness.real_word_rate(["don’t"], realness.words_of_language("en")) == 1.0


def test_no_word_is_no_real_word() -> None:
    assert realness.real_word_rate(["", "?!"], {"a"}) == 0.0
