from dataclasses import replace

import pytest

from toolkit.evaluation.metrics import realness
from toolkit.evaluation.metrics.reference import Reference


def test_words_of_training_and_of_the_language_are_real() -> None:
    real = Reference(("Blethwick rang the Grue bell.",), "en").real_words
    assert realness.real_word_rate(["The BLETHWICK lighthouse qxzvorl"], real, "en") == pytest.approx(3 / 4)


def test_without_a_list_only_training_knows_words() -> None:
    real = Reference(("Blethwick rang.",), "tlh").real_words
    assert real == {"blethwick", "rang"}


def test_typographic_apostrophes_are_no_invention() -> None:
    assert realness.real_word_rate(["don’t"], realness.words_of_language("en"), "en") == 1.0


def test_no_word_is_no_real_word() -> None:
    assert realness.real_word_rate(["", "?!"], {"a"}, "en") == 0.0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "L’homme qu’il voit, d’un pas; aujourd’hui l'heure."),
        ("it", "C’è un’altra notte; dell’ombra."),
        ("ca", "L’home d’un dia."),
        ("tr", "İki ışık, IŞIK; İlk ışıklar."),
    ],
)
def test_words_of_other_languages_are_folded_and_cut_as_their_lists_have_them(language: str, text: str) -> None:
    assert realness.real_word_rate([text], realness.words_of_language(language), language) == 1.0
    reference = Reference((text,), language)
    assert realness.kind(text.split()[0], replace(reference, documents=("xyz",))) == "real"


def test_an_elided_word_is_invented_if_a_part_of_it_is() -> None:
    assert realness.real_word_rate(["l’zorblatt"], realness.words_of_language("fr"), "fr") == 0.0


def test_english_possessives_stay_what_they_were() -> None:
    listed = realness.words_of_language("en")
    assert {"dodecagon", "s"} <= listed
    assert realness.real_word_rate(["dodecagon’s"], listed, "en") == 0.0
