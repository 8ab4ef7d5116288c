"""White space: tokens worked out by hand, spaces that are free and spaces that are paid for, closed vocabularies."""

import json
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.contracts import check_tokenizer
from toolkit.errors import InputError
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.events.stepping import encode_document
from toolkit.inference.ngram import NGramModel
from toolkit.inference.range_coder import Encoder
from toolkit.inference.verification import decode
from toolkit.rare_words import RARE_WORDS
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import Whitespace

TREEBANK = [Document("train", " no it was n't <unk> \n mr. <unk> rose N points \n it rose $ N \n it was \n")]
RAW = [Document("a", "It fell.\nIt rose."), Document("b", "It was\nso.\n\nIt fell.")]
CLOSED = {"strategy_options": {"closed": True}}


@pytest.fixture(scope="module")
def treebank():
    return Whitespace().fit(TREEBANK)


@pytest.fixture(scope="module")
def closed():
    return Whitespace(**CLOSED).fit(TREEBANK)


def names(tokenizer, text):
    encoding = tokenizer.encode(Document("d", text))
    return [tokenizer.vocabulary.tokens[id_] for id_ in encoding.ids]


def test_worked_example(treebank):
    text = " mr. <unk> was n't \n it fell \n"
    encoding = treebank.encode(Document("d", text))
    assert names(treebank, text) == ["mr.", "<unk>", "was", "n't", "\n", "it", "<UNK>", "\n", "<doc>"]
    assert encoding.surfaces == {6: "fell"}  # <unk> is a word like any other, what training never had is not
    assert encoding.ends.tolist() == [4, 10, 14, 18, 20, 23, 28, 30, 30]  # each covers the space before it
    assert encoding.parts.tolist() == [WORDS] * 4 + [SPACING, WORDS, CLASSES, SPACING, DOCUMENT_ENDS]


def test_tokens_are_the_words_and_the_line_ends(treebank):
    (document,) = TREEBANK
    expected = document.text.replace("\n", "<eos>").split()
    assert names(treebank, document.text) == [*("\n" if word == "<eos>" else word for word in expected), "<doc>"]


def test_nothing_is_rare_unless_asked():
    assert Whitespace().strategy_name == "keep"
    words = {"no", "it", "was", "n't", "<unk>", "mr.", "rose", "N", "points", "$", "\n"}
    assert set(Whitespace().fit(TREEBANK).state()["kept"]) == words
    assert set(Whitespace("unk").fit(TREEBANK).state()["kept"]) == {"it", "was", "<unk>", "rose", "N", "\n"}
    assert set(Whitespace("unk", rare_max_count=2).fit(TREEBANK).state()["kept"]) == {"it", "\n"}


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
        ("  it", ["<UNK>", "it"]),
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


def test_what_is_usual_is_learnt_and_free():
    """Of texts without spaces beside line ends and at their beginning, too."""
    tokenizer = Whitespace().fit(RAW)
    assert names(tokenizer, RAW[1].text) == ["It", "was", "\n", "so.", "\n", "\n", "It", "fell.", "<doc>"]
    assert names(tokenizer, " It was \n so.")[0] == "<spaced>"


def test_marks_of_a_rare_line_end_are_spelled_with_it():
    tokenizer = Whitespace("unk").fit([Document("a", " a a \nb b"), Document("b", " a b a b")])
    encoding = tokenizer.encode(Document("d", " a \nb"))
    assert names(tokenizer, " a \nb") == ["a", "<UNK>", "b", "<doc>"]
    assert encoding.surfaces == {1: "\n" + JOINER}


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_every_strategy_keeps_the_contract(strategy):
    check_tokenizer(lambda: Whitespace(strategy))


@given(st.text(st.sampled_from("aN<. \n\t\u00a0é😀"), max_size=60))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_comes_back(treebank, text):
    encoding = treebank.encode(Document("d", text))
    assert treebank.decode(encoding.ids.tolist(), encoding.surfaces) == text
    assert encoding.ends[-1] == len(text)
    assert len(encoding.surfaces) <= len(encoding.ids)


def test_a_word_has_the_tag_of_its_longest_token():
    tokenizer = Whitespace("pos").fit(TREEBANK)
    (segment,) = tokenizer.cut(Document("d", "(Gloucester's)"))
    assert segment.word.pos == "PROPN"


def test_a_strategy_without_tags_needs_no_language():
    Whitespace(language="no such language").check()
    with pytest.raises(InputError):
        Whitespace("pos", language="no such language").check()


@pytest.mark.parametrize(("text", "covered"), [("it was ", 6), ("it \n ", 4), (" ", 0), ("it  ", 4), ("it\t ", 4)])
def test_prompt_leaves_out_one_space_at_its_end(treebank, text, covered):
    assert treebank.prompt(text).ends[-1] == covered


def test_a_closed_vocabulary_has_the_words_and_nothing_for_others(closed):
    vocabulary = closed.vocabulary
    assert not vocabulary.spelled
    shown = {vocabulary.tokens[i] for i in np.flatnonzero(vocabulary.reserve.trained)}
    assert shown == {"<doc>", *names(closed, TREEBANK[0].text)}
    hidden = set(vocabulary.tokens) - shown
    assert hidden == {"<spaced>", "<joined left>", "<joined right>", "<joined>"}
    assert vocabulary.reserve.surprises == 0


def test_a_closed_vocabularys_probabilities_are_the_softmax_and_sum_to_one(closed):
    reserve = closed.vocabulary.reserve
    logits = np.random.default_rng(0).normal(size=len(closed.vocabulary)).astype(np.float32)
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
        assert closed.decode(encoding.ids.tolist(), {}) == text
        coder = Encoder()
        encode_document(model.start(), closed, encoding, coder.put)
        assert decode(copy, coder.data(), 1, lambda _: None) == [text]


UNKNOWN = [Document("other", " it <eos> fell \n it fell so \n")]


def test_a_closed_vocabulary_refuses_other_words_and_says_which(closed):
    refusal = (
        r"The document 'other' has words that the closed vocabulary of the training text lacks, 3 in all: "
        r"'<eos>', 'fell', 'so'; .* leave out closed = true"
    )
    with pytest.raises(InputError, match=refusal):
        closed.encode(UNKNOWN[0])
    with pytest.raises(InputError, match=refusal):
        Whitespace(**CLOSED).fit(TREEBANK, UNKNOWN)
    with pytest.raises(InputError, match=refusal):
        Whitespace(**CLOSED).check_texts(TREEBANK, [*TREEBANK, *UNKNOWN])


def test_of_many_unknown_words_some_are_named(closed):
    with pytest.raises(InputError, match=r"9 in all: '0', '1', '2', '3', '4', …; "):
        closed.encode(Document("d", " 0 1 2 3 4 5 6 7 8 0 1"))


def test_an_open_vocabulary_takes_them():
    Whitespace().check_texts(TREEBANK, UNKNOWN)
    Whitespace().fit(TREEBANK, UNKNOWN).encode(UNKNOWN[0])


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_closed_is_true_or_false(value):
    with pytest.raises(InputError, match="closed is"):
        Whitespace(strategy_options={"closed": value})
