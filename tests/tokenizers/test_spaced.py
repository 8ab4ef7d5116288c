"""Words with the space before them: worked out by hand, without loss, and known from what has been read alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.contracts import check_tokenizer
from toolkit.errors import InputError
from toolkit.rare_words import RARE_WORDS
from toolkit.text.corpus import Document
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.cut import Spaced, SpacedWords, goes_on_with, is_whole

TEXTS = st.text(st.sampled_from(list("ab1_é\u0301 .,'’\n\t\u2003-😀")), max_size=30)


def cut(text):
    return list(SpacedWords(Tagger(None, "en", tags=False)).cut(Document("d", text)).texts)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The moon, he said\n", ["The", " moon", ",", " he", " said", "\n"]),
        ("“So…” don't  go", ["“", "So", "…", "”", " don", "'", "t", " ", " go"]),
        (" a\n\n (b) ", [" a", "\n", "\n", " (", "b", ")", " "]),
        ("well-known 1_000\t.", ["well", "-", "known", " 1_000", "\t", "."]),
        ("हिन्दी, e\u0301te\u0301", ["हिन्दी", ",", " e\u0301te\u0301"]),  # marks belong to their letters
        ("\u0301a ,\u0301", ["\u0301", "a", " ,", "\u0301"]),
        ("", []),
    ],
)
def test_worked_examples(text, tokens):
    assert cut(text) == tokens


@given(TEXTS)
def test_the_tokens_joined_are_the_text(text):
    assert "".join(cut(text)) == text


@given(TEXTS, TEXTS)
def test_what_follows_changes_no_token_but_the_last(text, more):
    whole = cut(text + more)
    before = cut(text)
    assert whole[: len(before[:-1])] == before[:-1]


@given(TEXTS)
def test_read_character_by_character_they_are_the_same_tokens(text):
    tokens, begun = [], ""
    for character in text:
        if begun and not goes_on_with(begun, character):
            tokens.append(begun)
            begun = ""
        begun += character
        if is_whole(begun):
            tokens.append(begun)
            begun = ""
    assert [*tokens, *([begun] if begun else [])] == cut(text)


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_it_keeps_the_contract(strategy):
    check_tokenizer(lambda: Spaced(strategy))


def test_one_placeholder_stands_for_every_rare_word(split):
    tokenizer = Spaced().fit(split.train, split.valid)
    assert tokenizer.vocabulary.tokens[tokenizer.placeholder] == "<UNK>"
    assert tokenizer.vocabulary.tokens[tokenizer.first_word] == tokenizer.kept_words[0]
    for strategy in ("shape", "spell", "drop"):
        assert Spaced(strategy).fit(split.train, split.valid).placeholder is None


def test_a_word_has_the_tags_of_what_begins_within_it():
    segments = SpacedWords(Tagger()).cut(Document("d", "The moon doesn't rise."))
    tags = dict(zip(segments.texts, (segment.word.pos for segment in segments), strict=True))
    assert tags[" moon"] == "NOUN"
    assert tags["."] == "PUNCT"


def test_case_cannot_be_folded_where_a_space_is_before_a_word():
    with pytest.raises(InputError, match="keep their case; leave out case"):
        Spaced(case="mark")
