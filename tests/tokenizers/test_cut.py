"""Words with the space before them and words between white space: worked out by hand, without loss, closed or open."""

import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.events.coding import document_events
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.inference.coding import Encoder
from toolkit.inference.ngram import NGramModel
from toolkit.inference.verification import decode
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import Spaced, Whitespace, goes_on_with, is_whole

TEXTS = st.text(st.sampled_from(list("ab1_é\u0301 .,'’\n\t\u2003-😀")), max_size=30)
TREEBANK = [Document("train", " no it was n't <unk> \n mr. <unk> rose N points \n it rose $ N \n it was \n")]
RAW = [Document("a", "It fell.\nIt rose."), Document("b", "It was\nso.\n\nIt fell.")]
CLOSED = {"strategy_options": {"closed": True}}


@pytest.fixture(scope="module")
def treebank():
    return Whitespace().fit(TREEBANK)


@pytest.fixture(scope="module")
def closed():
    return Whitespace(**CLOSED).fit(TREEBANK)


def cut(text):
    return Spaced().cut(Document("d", text)).texts


def names(tokenizer, text):
    encoding = tokenizer.encode(Document("d", text))
    return [tokenizer.vocabulary.tokens[id_] for id_ in encoding.ids]


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
def test_words_with_the_space_before_them(text, tokens):
    assert cut(text) == tokens


@given(TEXTS, TEXTS)
def test_text_that_follows_changes_no_token_but_the_last(text, more):
    tokens = cut(text)
    assert "".join(tokens) == text
    assert cut(text + more)[: len(tokens[:-1])] == tokens[:-1]


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


def test_words_between_white_space(treebank):
    text = " mr. <unk> was n't \n it fell \n"
    encoding = treebank.encode(Document("d", text))
    assert names(treebank, text) == ["mr.", "<unk>", "was", "n't", "\n", "it", "<UNK>", "\n", "<doc>"]
    assert encoding.surfaces == {6: "fell"}  # <unk> is a word like any other; a new word is unknown
    assert encoding.ends.tolist() == [4, 10, 14, 18, 20, 23, 28, 30, 30]  # each covers the space before it
    assert encoding.parts.tolist() == [WORDS] * 4 + [SPACING, WORDS, CLASSES, SPACING, DOCUMENT_ENDS]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (" it was \n it", ["it", "was", "\n", "it"]),  # as training has it
        ("it was \n it", ["<joined left>", "it", "was", "\n", "it"]),
        (" it was\n it", ["it", "was", "<joined left>", "\n", "it"]),
        (" it was \nit", ["it", "was", "<joined right>", "\n", "it"]),
        (" it was\nit", ["it", "was", "<joined>", "\n", "it"]),
        (" it \n \n it", ["it", "\n", "\n", "it"]),  # an empty line
        (" it \n\n it", ["it", "\n", "<joined left>", "\n", "it"]),
        ("\n", ["<joined left>", "\n"]),
        (" \n", ["\n"]),
        (" it  was", ["it", "<UNK>", "was"]),  # two spaces are a token
        (" it\twas ", ["it", "<UNK>", "was", "<UNK>"]),
        (" it \n  was", ["it", "\n", "<UNK>", "was"]),
        (" ", ["<UNK>"]),
        (" it\u00a0was\u2003", ["it", "<UNK>", "was", "<UNK>"]),
        (" it\u200bwas", ["<UNK>"]),  # a zero-width space is not white space to Unicode
        ("", []),
    ],
)
def test_spaces(treebank, text, expected):
    assert names(treebank, text) == [*expected, "<doc>"]
    encoding = treebank.encode(Document("d", text))
    assert treebank.decode(encoding.ids.tolist(), encoding.surfaces) == text


@given(st.text(st.sampled_from("aN<. \n\t\u00a0é😀"), max_size=60))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_comes_back(treebank, text):
    encoding = treebank.encode(Document("d", text))
    assert treebank.decode(encoding.ids.tolist(), encoding.surfaces) == text
    assert encoding.ends[-1] == len(text)


def test_usual_marks_are_learnt_and_free():
    """In texts without spaces beside line ends and at their beginning, too; a rare line end's are spelled with it."""
    tokenizer = Whitespace().fit(RAW)
    assert names(tokenizer, RAW[1].text) == ["It", "was", "\n", "so.", "\n", "\n", "It", "fell.", "<doc>"]
    assert names(tokenizer, " It was \n so.")[0] == "<spaced>"
    tokenizer = Whitespace("unk").fit([Document("a", " a a \nb b"), Document("b", " a b a b")])
    encoding = tokenizer.encode(Document("d", " a \nb"))
    assert names(tokenizer, " a \nb") == ["a", "<UNK>", "b", "<doc>"]
    assert encoding.surfaces == {1: "\n" + JOINER}


@pytest.mark.parametrize(
    ("text", "covered"), [("it was ", 6), ("it \n ", 4), (" ", 0), ("it  ", 4), ("it\t ", 4)]
)
def test_a_prompt_leaves_out_one_space_at_its_end(treebank, text, covered):
    assert treebank.prompt(text).ends[-1] == covered


def test_a_closed_vocabulary_has_the_words_of_training_and_their_softmax(closed):
    vocabulary, reserve = closed.vocabulary, closed.vocabulary.reserve
    assert not vocabulary.spelled
    shown = {vocabulary.tokens[i] for i in np.flatnonzero(reserve.trained)}
    assert shown == {"<doc>", *names(closed, TREEBANK[0].text)}
    assert set(vocabulary.tokens) - shown == {"<spaced>", "<joined left>", "<joined right>", "<joined>"}
    assert reserve.surprises == 0
    logits = np.random.default_rng(0).normal(size=len(vocabulary)).astype(np.float32)
    probabilities = reserve.distribution(logits)
    assert math.isclose(probabilities.sum(), 1, abs_tol=1e-12)
    softmax = np.exp(logits[reserve.trained].astype(float))
    softmax /= softmax.sum()
    assert probabilities[reserve.trained] == pytest.approx(softmax * (1 - reserve.share), rel=1e-4)
    assert reserve.share == 0.5 / (reserve.events + 1)  # for marks that training never shows, nothing else


def test_a_text_of_the_closed_vocabularys_words_is_coded_whatever_its_spacing(closed):
    restored = Whitespace(**CLOSED).restore(json.loads(json.dumps(closed.state())))
    model = NGramModel.fitted(closed, [closed.encode(document) for document in TREEBANK], [])
    copy = NGramModel.restored(restored, model.arrays())
    for text in ("", " it was \n", "it was\nit", "\n\n\n", " <unk> \n \n N"):
        encoding = closed.encode(Document("d", text))
        assert not encoding.surfaces
        coder = Encoder()
        for _, distribution, outcome in document_events(closed, encoding, model.start()):
            coder.put(distribution, outcome)
        assert decode(copy, coder.data(), 1, lambda _: None) == [text]


def test_a_closed_vocabulary_refuses_other_words(closed):
    unknown = [Document("other", " it <eos> fell \n it fell so \n")]
    for refuse in (
        lambda: closed.encode(unknown[0]),
        lambda: Whitespace(**CLOSED).fit(TREEBANK, unknown),
        lambda: Whitespace(**CLOSED).check_texts(TREEBANK, [*TREEBANK, *unknown]),
    ):
        with pytest.raises(InputError, match=r"'other'.* 3 .*'<eos>'"):
            refuse()
    Whitespace().check_texts(TREEBANK, unknown)
    Whitespace().fit(TREEBANK, unknown).encode(unknown[0])
