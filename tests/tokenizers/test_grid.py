"""Every tokenizer with every strategy: any text comes back, and the contract holds. The cheats are in tests/cheats."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.contracts import TRAINING, check_rare_words, check_tokenizer
from toolkit.errors import InputError
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.events.coding import check_encoding
from toolkit.rare_words import RARE_WORDS
from toolkit.runs.spec import parse_column
from toolkit.text.corpus import Document, canonical

TAGGED = [name for name in RARE_WORDS if RARE_WORDS.make(name).needs_tags]
COLUMNS = [
    *("char", "bytes", "bpe", "unigram", "superbpe"),
    *(f"word:{name}" for name in RARE_WORDS),
    *(f"{cut}:{name}" for cut in ("spaced", "whitespace") for name in RARE_WORDS if name not in TAGGED),
]
OPTIONS = [
    *(("word:unk", {name: value}) for name, value in (("rare_max_documents", 1), ("rare_max_count", 3))),
    *(("word:spell", {name: value}) for name, value in (("rare_max_documents", 1), ("rare_max_count", 3))),
    *((name, {"vocabulary_size": 300}) for name in ("bpe", "unigram", "superbpe")),
]
LONE = [Document("a", "The moon rose over the old quay. The moon set, and nobody saw it set.\n" * 3)]
PIECES = ["the", "Don't", " ", "  ", "\n", ",", "<|", " 's", "\u00a0", "well-known", "mr.", "<unk>", "quincunx"]
TEXTS = st.one_of(
    st.text(st.sampled_from("aT1_,.\"'’-—<N \n\té\u0301😀ш\x85\u2003\u200b"), max_size=40),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)


@pytest.mark.parametrize(
    ("column", "options", "training"),
    [
        *((column, {}, TRAINING) for column in COLUMNS),
        *((column, options, TRAINING) for column, options in OPTIONS),
        *((column, {}, LONE) for column in ("char", "bpe", "word:unk")),
    ],
)
def test_tokenizers_keep_their_contract(column, options, training):
    check_tokenizer(parse_column(column, options).make, training)


def test_a_strategy_is_checked_with_its_options():
    with pytest.raises(InputError, match="k is 0"):
        check_rare_words("cluster", k=0)
    check_rare_words("cluster", k=3)


@pytest.mark.parametrize(
    ("column", "options"),
    [
        *((f"{tokenizer}:{strategy}", {}) for tokenizer in ("spaced", "whitespace") for strategy in TAGGED),
        *(("word:unk", {"rare_max_count": value}) for value in (0, True, "1")),
        ("word:unk", {"rare_max_count": 1, "rare_max_documents": 1}),
        ("word:keep", {"rare_max_count": 1}),
        *(("bpe", {"vocabulary_size": value}) for value in (255, 1_000_001, "300", True)),
    ],
)
def test_impossible_settings_are_refused(column, options):
    with pytest.raises(InputError):
        parse_column(column, options).make()


@pytest.fixture(scope="module", params=COLUMNS)
def fitted(request, brief_split):
    """A fitted tokenizer, and another one restored from its saved state."""
    column = parse_column(request.param, {})
    tokenizer = column.make().fit(brief_split.train, brief_split.valid)
    state = json.dumps(tokenizer.state())
    restored = column.make().restore(json.loads(state))
    assert json.dumps(restored.state()) == state
    assert restored.vocabulary == tokenizer.vocabulary
    return tokenizer, restored


@given(text=TEXTS)
@settings(max_examples=40)
def test_any_text_comes_back(fitted, text):
    tokenizer, restored = fitted
    document = Document("any", canonical(text))
    encoding, again = (either.encode(document) for either in fitted)
    check_encoding(tokenizer.vocabulary, encoding, len(document.text), "any")
    assert (again.array.tolist(), again.surfaces) == (encoding.array.tolist(), encoding.surfaces)
    assert restored.decode(encoding.ids.tolist(), encoding.surfaces) == document.text


def test_training_shows_the_trained_ids_and_no_others(fitted, brief_split):
    tokenizer, _ = fitted
    fed = [tokenizer.vocabulary.fed(tokenizer.encode(document)).ids for document in brief_split.train]
    assert set(np.flatnonzero(tokenizer.vocabulary.reserve.trained)) == set(np.concatenate(fed).tolist())
    assert tokenizer.vocabulary.reserve.events == sum(map(len, fed))


def test_every_character_of_a_word_is_covered_in_one_way(fitted, brief_split):
    parts = ([(text, fitted[0].encode(text)) for text in part] for part in (brief_split.train, brief_split.test))
    shares = coverage(fitted[0], *parts).held_out.model_dump().values()
    assert sum(shares) == pytest.approx(1)
    assert min(shares) >= 0


@pytest.mark.parametrize(
    ("columns", "left_out"),
    [
        (["word:unk", "bpe"], {"it was ": 1, "it  ": 0, "it\n ": 0, " ": 1, "": 0}),
        (["whitespace:keep"], {"it was ": 1, "it  ": 0, "it\n ": 1, " ": 1, "it\t ": 0, "": 0}),
        (["char", "spaced:unk"], {"it was ": 0, " ": 0}),
    ],
)
def test_a_prompt_leaves_out_a_space_that_the_next_token_implies(columns, left_out):
    for column in columns:
        tokenizer = parse_column(column, {}).make().fit(TRAINING)
        ends = {text: len(text) - int(tokenizer.prompt(text).ends[-1]) for text in left_out}
        assert ends == left_out, column
