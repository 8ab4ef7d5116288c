"""Words: the contract of every tokenizer and strategy, rarity, marks, and the reserve against a recount."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.surprises import surprises
from toolkit.contracts import check_tokenizer
from toolkit.errors import InputError
from toolkit.events.coding import check_encoding
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import CHOICES
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.cut import SpacyWords

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
MARKS = range(1, 5)  # their ids
RARITIES = [{}, {"rare_max_count": 2}, {"rare_max_documents": 1}]


@pytest.fixture(scope="module", params=list(RARE_WORDS))
def strategy(request):
    return request.param


@pytest.fixture(scope="module")
def words(strategy, split):
    return SpacyWords(strategy).fit(split.train, split.valid)


def names(tokenizer, encoding):
    return [tokenizer.vocabulary.tokens[id_] for id_ in encoding.ids]


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
@pytest.mark.parametrize("tokenizer", ["spaced", "whitespace"])
def test_every_tokenizer_keeps_the_contract_with_every_strategy_that_needs_no_tags(tokenizer, strategy):
    """Those of spaCy's words are in tests/test_contracts.py."""
    if RARE_WORDS.make(strategy).needs_tags:
        with pytest.raises(InputError):
            TOKENIZERS.make(tokenizer, strategy=strategy)
    else:
        check_tokenizer(lambda: TOKENIZERS.make(tokenizer, strategy=strategy))


@given(st.text(st.sampled_from("aT,.\"'’-— \n\té😀9ш"), max_size=60))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_comes_back(words, text):
    encoding = words.encode(Document("d", text))
    check_encoding(words.vocabulary, encoding, len(text), "d")
    assert words.decode(encoding.ids.tolist(), encoding.surfaces) == text


def test_worked_example():
    tokenizer = SpacyWords("unk").fit(TRAIN)
    # kept (twice or more): the The cat sat it dog . , — "." and "," are joined in all their occurrences
    encoding = tokenizer.encode(Document("d", "The cow sat ,dog"))
    assert names(tokenizer, encoding) == ["The", "<UNK>", "sat", "<joined right>", ",", "dog", "<doc>"]
    assert encoding.surfaces == {1: "cow"}
    assert encoding.ends.tolist() == [3, 7, 11, 11, 13, 16, 16]  # a word covers the space before it
    assert encoding.parts.tolist() == [WORDS, CLASSES, WORDS, SPACING, SPACING, WORDS, DOCUMENT_ENDS]
    encoding = tokenizer.encode(Document("d", "The cat's sat"))
    assert list(encoding.surfaces.values()) == [JOINER + "'s"]  # its marks are spelled with it
    assert not set(MARKS) & set(encoding.ids.tolist())


@pytest.mark.parametrize("options", RARITIES)
def test_rarity(options):
    tokenizer = SpacyWords("unk", **options).fit(TRAIN)
    texts = [tokenizer.cut(document).texts for document in TRAIN]
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    used, most = (spread, 1) if "rare_max_documents" in options else (counts, options.get("rare_max_count", 1))
    assert set(tokenizer.state()["kept"]) == {word for word in counts if used[word] > most}


WRONG = [{"rare_max_count": 0}, {"rare_max_count": 1, "rare_max_documents": 1}]


@pytest.mark.parametrize("options", [*WRONG, {"strategy": "keep", "rare_max_count": 1}])
def test_wrong_options_are_refused(options):
    with pytest.raises(InputError):
        SpacyWords(**{"strategy": "unk"} | options)


@pytest.mark.parametrize("options", RARITIES)
@pytest.mark.parametrize("strategy", ["pos", "keep", "spell", "cluster", "drop"])
def test_surprises_equal_a_recount_without_each_document(split, strategy, options):
    tokenizer = SpacyWords(strategy, **({} if strategy == "keep" else options)).fit(split.train)
    cut = [tokenizer.cut(document) for document in split.train]
    texts = [list(zip(c.texts, tokenizer.with_classes(c, np.arange(len(c))), strict=True)) for c in cut]
    helpers = [[i for i in tokenizer.encode(d).ids.tolist() if i in MARKS] for d in split.train]
    written_with = tokenizer.strategy.symbols(tokenizer.state()["alphabet"])
    numbers = {symbol.name: number for number, symbol in enumerate(written_with)}

    def symbols(spelled):
        written = [event.symbol for event in tokenizer.strategy.write(*spelled, numbers)]
        return [number for number in written if not written_with[number].outside]

    in_all = Counter(type_ for text in texts for type_, _ in text)
    parts_with = Counter(type_ for text in texts for type_ in {type_ for type_, _ in text})
    kept = {type_ for type_ in in_all if not tokenizer.is_rare(in_all[type_], parts_with[type_])}
    expected = surprises(helpers)
    for d, text in enumerate(texts):
        others = [word for o, other in enumerate(texts) if o != d for word in other]
        counts = Counter(type_ for type_, _ in others)
        spread = Counter(w for o, other in enumerate(texts) if o != d for w in {type_ for type_, _ in other})
        rare = {type_ for type_ in counts if tokenizer.is_rare(counts[type_], spread[type_])}
        shown = {symbol for type_, spelled in others if type_ in rare for symbol in symbols(spelled)}
        for type_, spelled in text:
            if type_ in rare or type_ not in counts:
                new = sum(symbol not in shown for symbol in symbols(spelled))
                expected += min(new, 1) if type_ in kept else new  # a kept word is one event
    assert tokenizer.vocabulary.reserve.surprises == expected
    assert expected > 0 or strategy in ("drop", "spell", "cluster")


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_there_are_no_more_surprises_than_events_whatever_the_scripts_of_documents(strategy):
    """Left out, a document in a script of its own takes its letters with it: of each word, however long, once."""
    scripts = ["a light on the water", "свет на тёмной воде", "φως στο σκοτεινό νερό", "ضوء على الماء"]
    documents = [Document(str(number), " ".join([text] * 4)) for number, text in enumerate(scripts)]
    reserve = SpacyWords(strategy).fit(documents, documents[:1]).vocabulary.reserve
    assert reserve.surprises <= reserve.events
    if strategy == "spell":
        # All words are kept, none is rare.
        assert reserve.surprises == 4 * sum(len(text.split()) for text in scripts)


def test_every_trained_id_is_a_target_of_training(words, split):
    fed = [words.vocabulary.fed(words.encode(document)).ids for document in split.train]
    assert set(np.flatnonzero(words.vocabulary.reserve.trained)) == set(np.concatenate(fed).tolist())
    assert words.vocabulary.reserve.events == sum(map(len, fed))


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_the_validation_documents_make_choices_of_the_speller_only(split, strategy):
    def learnt(valid):
        state = SpacyWords(strategy).fit(split.train, valid).state()
        speller = {name: value for name, value in state["speller"].items() if name not in {"order", *CHOICES}}
        return json.dumps(state | {"speller": speller})

    others = [Document("other", "Zyzzyvas ate the zyzzyva. Entirely new Words, 77 of them, appeared-here.")]
    assert learnt(split.valid) == learnt(others) == learnt(())


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


@pytest.mark.parametrize(("text", "left_out"), [("the quay ", 1), ("the quay  ", 0), ("the quay\n ", 0), ("", 0)])
def test_a_prompt_leaves_out_one_space_at_its_end(words, text, left_out):
    assert words.prompt(text).ends[-1] == len(text) - left_out


@pytest.mark.parametrize("options", [{}, {"rare_max_documents": 1}])
def test_the_spellers_escapes_equal_a_refit_without_each_document(split, options):
    tokenizer = SpacyWords("unk", **options).fit(split.train)
    escapes = symbols = 0
    for document in split.train:
        others = [other for other in split.train if other is not document]
        encoding = SpacyWords("unk", **options).fit(others).encode(document)
        seen = set("".join(other.text for other in others))
        escapes += sum(c not in seen for s in encoding.surfaces.values() for c in s.replace(JOINER, ""))
        symbols += sum(len(s) + 1 for s in encoding.surfaces.values())
    assert tokenizer.speller.escapes == (escapes, symbols)
