"""Words of hundreds of characters: spaCy's tokens, in linear time."""

import pytest
import spacy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.text.tagging import Tagger

CHARACTERS, LONGER = "([{<\"'“‘`…)]}>”’.,:;!?$%=—_*😀", "... '' `` :) (: :((( 's ’s .("
AFFIXES = [*CHARACTERS, *LONGER.split()]
WORDS = "a 1 5km 3,5 a.B. U.S. http://a.org/b?c a@b.org don't l'homme sous-bois"
LENGTHS = [1, 2, 63, 64, 65, 99, 100, 199, 200, 201]
RUNS = st.builds(
    lambda unit, length: (unit * length)[: max(length, len(unit))],
    st.sampled_from(AFFIXES),
    st.sampled_from(LENGTHS),
)
MIXED = st.builds("".join, st.lists(st.sampled_from(AFFIXES), min_size=2, max_size=80))
PIECES = st.one_of(RUNS, MIXED, st.sampled_from([" ", *WORDS.split()]))
TEXTS = st.lists(PIECES, min_size=1, max_size=5).map("".join)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_long_words_have_the_tokens_of_spacy(language):
    plain, tagger = spacy.blank(language), Tagger(language=language, tags=False)

    @settings(max_examples=15)
    @given(TEXTS)
    @example("." * 300 + ":)")
    @example("(" * 150 + "don't" + ")" * 150)
    @example("a " + ":(" * 150 + " b")
    def check(text):
        at = tagger.tag_anew(text).at
        tokens = plain(text)
        assert at["start"].tolist() == [token.idx for token in tokens]
        assert at["end"].tolist() == [token.idx + len(token) for token in tokens]

    check()


def counted(search, lengths):
    """A rule of spaCy that adds the length of each text to a list."""

    def counting(text):
        lengths.append(len(text))
        return search(text)

    counting.__self__ = search.__self__
    return counting


@pytest.mark.parametrize("unit", ["(", ")", "([{<", "'s"])
def test_the_characters_that_rules_read_grow_with_the_length_of_a_word(unit):
    lengths, tagger = [], Tagger(tags=False)
    tagger.pipeline = pipeline = spacy.blank("en")
    tokenizer = pipeline.tokenizer
    for name in ("prefix_search", "suffix_search", "url_match"):
        setattr(tokenizer, name, counted(getattr(tokenizer, name), lengths))
    read = []
    for length in (1_000, 4_000):
        tagger.tag_anew("a" * length)  # loads the rules
        lengths.clear()
        tagger.tag_anew((unit * length)[:length])
        read.append(sum(lengths))
    assert read[1] < 6 * read[0]  # 16 times if each step searches the rest of the word
