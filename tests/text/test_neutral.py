from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from toolkit.results.bits import BANDS
from toolkit.text import neutral
from toolkit.text.corpus import Document

TEXTS = st.text(alphabet="aB7_ é'’.,-\n\t“", max_size=60)


@given(TEXTS)
def test_spans_are_the_words_with_at_most_one_space_before(text: str) -> None:
    spans = list(neutral.word_spans(text))
    assert [word for _, _, word in spans] == neutral.words(text)
    for start, end, word in spans:
        assert text[start:end] in (word, " " + word)
        space = end - len(word) - 1  # worked out from the words' definition, without a pattern
        single = space >= 0 and text[space] == " " and not (space > 0 and text[space - 1].isspace())
        assert (start == space) == single
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@given(TEXTS)
def test_tokens_join_to_the_text_without_white_space(text: str) -> None:
    assert "".join(neutral.tokens(text)) == "".join(text.split())


def test_a_space_after_white_space_is_not_the_words() -> None:
    # one space: the word's; two: neither is; a space after a line's end: not; a text's first space: the word's
    assert [(s, e) for s, e, _ in neutral.word_spans(" one  two\n three four")] == [(0, 4), (6, 9), (11, 16), (16, 21)]


def test_bands_mark_each_character_by_its_words_training_count() -> None:
    counts = neutral.training_counts([Document("x", "sea " * 9 + "Sea"), Document("y", "sea moon")])
    assert counts == Counter({"sea": 10, "Sea": 1, "moon": 1})
    bands = [BANDS[i] for i in neutral.bands_of("Sea sea, orb", counts)]
    assert bands == ["1"] * 3 + ["10-99"] * 4 + ["not a word"] + ["0"] * 4


@given(TEXTS)
def test_bands_cover_the_spans_and_nothing_else(text: str) -> None:
    inside = {i for start, end, _ in neutral.word_spans(text) for i in range(start, end)}
    bands = neutral.bands_of(text, Counter())
    assert bands.shape == (len(text),)
    assert {i for i, band in enumerate(bands) if BANDS[band] != "not a word"} == inside


def test_counts_fall_in_the_band_that_names_them() -> None:
    for count in range(200):
        name = neutral.band(count)
        low, _, high = name.replace("+", "-1000").partition("-")
        assert int(low) <= count <= int(high or low)
