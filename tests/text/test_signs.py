"""Long runs of signs are cut into pieces that have the tokens of the whole text."""

import random
from itertools import pairwise

import pytest

from toolkit.text.signs import PIECE_CHARACTERS, bounds
from toolkit.text.tagging import Tagger

MIDDLES = ["", "can't", ":)", "8)", "l'eau", "http://a.bc/d(e)f", "U.S."]
SIGNS = ["(", ")", "[", "}", "!", "([", ")]", "(!"]
LENGTH = 4 * PIECE_CHARACTERS


def texts():
    """Return each word, emoticon or address before, between or behind runs of signs."""
    rng = random.Random(0)
    for middle in MIDDLES:
        before, behind = rng.choice([(0, LENGTH), (LENGTH, 0), (LENGTH, LENGTH)])
        leading, trailing = (rng.choice(SIGNS) * length for length in (before, behind))
        yield f"The {leading}{middle}{trailing} rose."


def tokens(text, tagger):
    words = tagger.tag_anew(text)
    return [text[start:end] for start, end in zip(words.at["start"], words.at["end"], strict=True)]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_tokens_are_those_of_spacy(language):
    tagger = Tagger(language=language, tags=False)
    are_cut = 0
    for text in texts():
        assert tokens(text, tagger) == [token.text for token in tagger.pipeline.make_doc(text)], text
        are_cut += len(bounds(text, tagger.pipeline.tokenizer)) > 2
    assert are_cut > len(MIDDLES) / 2


@pytest.mark.parametrize("signs", ["(", ")", "([{"])
def test_no_piece_grows_with_the_text(signs):
    """The time for a piece grows with the square of its length."""
    tokenizer = Tagger(tags=False).pipeline.tokenizer
    for length in (20_000, 40_000):
        text = (signs * length)[:length]
        longest = max(end - start for start, end in pairwise(bounds(text, tokenizer)))
        assert longest <= 3 * PIECE_CHARACTERS
