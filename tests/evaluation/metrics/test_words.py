from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from toolkit.evaluation.metrics.reference import Reference
from toolkit.evaluation.metrics.word_bits import labels
from toolkit.evaluation.metrics.words import REAL_WORD_RATE, listed_words, new_words, tagged_spans, word_kind

from toolkit.text import neutral
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.tagged import Tagged


@pytest.fixture(scope="module")
def reference(request) -> Reference:
    """The bundled tales."""
    tales = split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))
    training, valid = (tuple(document.text for document in part) for part in (tales.train, tales.valid))
    return Reference(training, others=valid)


def test_words_are_known_real_plausible_or_broken(reference: Reference) -> None:
    words = "the Handwriting 1852 orange Schooling sandering Wintersby ttats quwaiar xqzvk".split()  # noqa: SIM905
    kinds = ["known"] * 3 + ["real"] * 2 + ["plausible"] * 2 + ["broken"] * 3
    assert [word_kind(word, reference) for word in words] == kinds


def test_at_most_one_in_twenty_new_words_of_the_author_is_broken(reference: Reference) -> None:
    words = {word.casefold() for text in reference.others for word in neutral.words(text)}
    kinds = [word_kind(word, reference) for word in words]
    assert len(kinds) - kinds.count("known") > 300
    assert 0 < kinds.count("broken") / (len(kinds) - kinds.count("known")) <= 0.05


def test_new_words_are_listed_by_frequency_without_words_cut_by_the_ends_of_a_text(reference: Reference) -> None:
    texts = ["zzqx the ttats and sandering ttats of Wintersby ttats Wintersby qqx"]
    assert new_words(texts, reference, 5) == {"real": [], "plausible": ["Wintersby", "sandering"], "broken": ["ttats"]}
    assert new_words(texts, reference, 1)["plausible"] == ["Wintersby"]


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
        ("it", "x", "C’è un’altra notte; dell’ombra.", 1),
        ("ca", "x", "L’home d’un dia.", 1),
        ("tr", "x", "İki ışık, IŞIK; İlk ışıklar.", 1),
    ],
)
def test_a_word_is_real_if_training_or_a_list_of_the_language_has_it(language, training, text, rate) -> None:
    assert REAL_WORD_RATE([text], Reference((training,), language)) == pytest.approx(rate)


def test_lists_have_words_down_to_a_frequency() -> None:
    small, frequent, best = listed_words("en", "small"), listed_words("en", "small", 10.0), listed_words("en", "best")
    assert frequent < small < best
    assert "leat" in best - small
    assert listed_words("tlh", "small") == frozenset()


def token(start: int, end: int, pos: str) -> Tagged:
    """A token with its part of speech."""
    return Tagged(start, end, "", pos, "")


def test_a_word_has_the_tag_of_the_token_with_its_first_letter() -> None:
    text = "I can't re-enter New York"
    tagged = [token(0, 1, "PRON"), token(2, 4, "AUX"), token(4, 7, "PART"), token(8, 16, "VERB"), token(17, 25, "")]
    assert [(text[start:end], pos) for start, end, pos in tagged_spans(text, tagged)] == [
        ("I", "PRON"), (" can't", "AUX"), (" re", "VERB"), ("enter", "VERB"), (" New", "X"), (" York", "X"),
    ]  # fmt: skip
    assert [pos for _, _, pos in tagged_spans("a", [])] == ["X"]


@given(st.text(alphabet="aB7_ é'’.-\n", max_size=60), st.lists(st.integers(0, 60), max_size=9))
def test_the_same_characters_are_words_for_any_tokens(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts})
    parts = labels([text], [[token(start, end, "NOUN") for start, end in pairwise(places)]])
    is_word = parts.by_text[0] != len(parts.names) - 1
    assert is_word.tolist() == (neutral.bands_of(text, {}) != neutral.NOT_A_WORD).tolist()
