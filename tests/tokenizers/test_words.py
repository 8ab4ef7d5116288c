"""Words, however a text is cut: worked examples, rarity, fillings, closed vocabularies, and the cuts themselves."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.events.coding import document_events
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.inference.coding import Encoder
from toolkit.inference.ngram import NGramModel
from toolkit.inference.verification import decode
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import Spaced, SpacyWords, Whitespace, goes_on_with, is_whole

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
TREEBANK = [Document("train", " no it was n't <unk> \n mr. <unk> rose N points \n it rose $ N \n it was \n")]
CLOSED = {"strategy_options": {"closed": True}}
RARITIES = [{}, {"rare_max_count": 2}, {"rare_max_documents": 1}]


def names(tokenizer, text):
    encoding = tokenizer.encode(Document("d", text))
    return [tokenizer.vocabulary.tokens[id_] for id_ in encoding.ids]


def test_words_of_spacy():
    tokenizer = SpacyWords("unk").fit(TRAIN)
    # kept (twice or more): the The cat sat it dog . , — "." and "," are joined in all their occurrences
    text = "The cow sat ,dog"
    encoding = tokenizer.encode(Document("d", text))
    assert names(tokenizer, text) == ["The", "<UNK>", "sat", "<joined right>", ",", "dog", "<doc>"]
    assert encoding.surfaces == {1: "cow"}
    assert encoding.ends.tolist() == [3, 7, 11, 11, 13, 16, 16]  # a word covers the space before it
    assert encoding.parts.tolist() == [WORDS, CLASSES, WORDS, SPACING, SPACING, WORDS, DOCUMENT_ENDS]
    assert names(tokenizer, "The cat's sat") == ["The", "cat", "<UNK>", "sat", "<doc>"]
    encoding = tokenizer.encode(Document("d", "The cat's sat"))
    assert encoding.surfaces == {2: JOINER + "'s"}  # its marks are spelled with it


@pytest.mark.parametrize("options", RARITIES)
def test_rarity(options):
    tokenizer = SpacyWords("unk", **options).fit(TRAIN)
    texts = [tokenizer.cut(document).texts for document in TRAIN]
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    used, most = (spread, 1) if "rare_max_documents" in options else (counts, options.get("rare_max_count", 1))
    assert set(tokenizer.state()["kept"]) == {word for word in counts if used[word] > most}


@pytest.mark.parametrize(
    "options",
    [
        {"rare_max_count": 0},
        {"rare_max_count": 1, "rare_max_documents": 1},
        {"strategy": "keep", "rare_max_count": 1},
    ],
)
def test_wrong_options_are_refused(options):
    with pytest.raises(InputError):
        SpacyWords(**{"strategy": "unk"} | options)


def test_fillings_have_the_case_of_running_text_and_are_drawn_by_their_frequency():
    texts = ["Quincunx! Of the quincunx and the fen by the fen", "a fen of a fen and a fen of a fen by the moon"]
    tokenizer = SpacyWords("unk", rare_max_count=6).fit([Document(text, text) for text in texts])
    counts = tokenizer.state()["fillings"]["UNK"]
    assert (counts["quincunx"], "Quincunx" in counts) == (2, False)
    rng = np.random.default_rng(0)
    drawn = Counter(tokenizer.fill("UNK", rng) for _ in range(2_000))
    assert drawn.keys() == counts.keys()
    shares = np.array([drawn[surface] / 2_000 for surface in counts])
    np.testing.assert_allclose(shares, np.array(list(counts.values())) / sum(counts.values()), atol=0.04)


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The moon, he said\n", ["The", " moon", ",", " he", " said", "\n"]),
        ("“So…” don't  go", ["“", "So", "…", "”", " don", "'", "t", " ", " go"]),
        (" a\n\n (b) ", [" a", "\n", "\n", " (", "b", ")", " "]),
        ("हिन्दी, e\u0301te\u0301", ["हिन्दी", ",", " e\u0301te\u0301"]),  # marks belong to their letters
        ("\u0301a ,\u0301", ["\u0301", "a", " ,", "\u0301"]),
    ],
)
def test_words_with_the_space_before_them(text, tokens):
    assert Spaced().cut(Document("d", text)).texts == tokens


@given(st.text(st.sampled_from(list("ab1_é\u0301 .,'’\n\t\u2003-😀")), max_size=30))
def test_words_with_the_space_before_them_read_character_by_character(text):
    """Text that follows changes no token that has ended: a mixture reads so."""
    tokens, begun = [], ""
    for character in text:
        if begun and not goes_on_with(begun, character):
            tokens.append(begun)
            begun = ""
        begun += character
        if is_whole(begun):
            tokens.append(begun)
            begun = ""
    assert [*tokens, *([begun] if begun else [])] == Spaced().cut(Document("d", text)).texts


@pytest.fixture(scope="module")
def treebank():
    return Whitespace().fit(TREEBANK)


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
        (" it  was", ["it", "<UNK>", "was"]),  # two spaces are a token
        (" it\twas ", ["it", "<UNK>", "was", "<UNK>"]),
        (" it \n  was", ["it", "\n", "<UNK>", "was"]),
        (" it\u200bwas", ["<UNK>"]),  # a zero-width space is not white space to Unicode
    ],
)
def test_spaces(treebank, text, expected):
    assert names(treebank, text) == [*expected, "<doc>"]


def test_usual_marks_are_learnt_and_free():
    """In texts without spaces beside line ends and at their beginning, too. A rare line end is spelled with its own."""
    raw = [Document("a", "It fell.\nIt rose."), Document("b", "It was\nso.\n\nIt fell.")]
    tokenizer = Whitespace().fit(raw)
    assert names(tokenizer, raw[1].text) == ["It", "was", "\n", "so.", "\n", "\n", "It", "fell.", "<doc>"]
    assert names(tokenizer, " It was \n so.")[0] == "<spaced>"
    tokenizer = Whitespace("unk").fit([Document("a", " a a \nb b"), Document("b", " a b a b")])
    encoding = tokenizer.encode(Document("d", " a \nb"))
    assert names(tokenizer, " a \nb") == ["a", "<UNK>", "b", "<doc>"]
    assert encoding.surfaces == {1: "\n" + JOINER}


def test_a_closed_vocabulary_has_the_words_of_training_and_their_softmax():
    closed = Whitespace(**CLOSED).fit(TREEBANK)
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


def test_a_closed_vocabulary_codes_its_words_whatever_their_spacing_and_refuses_others():
    closed = Whitespace(**CLOSED).fit(TREEBANK)
    restored = Whitespace(**CLOSED).restore(json.loads(json.dumps(closed.state())))
    model = NGramModel.fitted(closed, [closed.encode(document) for document in TREEBANK], [])
    copy = NGramModel.restored(restored, model.arrays())
    for text in ("", " it was \n", "it was\nit", "\n\n\n", " <unk> \n \n N"):
        coder = Encoder()
        for _, distribution, outcome in document_events(
            closed, closed.encode(Document("d", text)), model.start()
        ):
            coder.put(distribution, outcome)
        assert decode(copy, coder.data(), 1, lambda _: None) == [text]
    unknown = [Document("other", " it <eos> fell \n it fell so \n")]
    for refuse in (
        lambda: closed.encode(unknown[0]),
        lambda: Whitespace(**CLOSED).fit(TREEBANK, unknown),
        lambda: Whitespace(**CLOSED).check_texts(TREEBANK, [*TREEBANK, *unknown]),
    ):
        with pytest.raises(InputError, match=r"'other'.* 3 .*'<eos>'"):
            refuse()
    Whitespace().check_texts(TREEBANK, unknown)
