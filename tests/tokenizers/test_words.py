"""SpacyWords: losslessness, rarity, marks, classes, the reserve against a refit without each document."""

import json
from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.surprises import surprises
from toolkit.errors import InputError
from toolkit.events.encoding import CLASSES, DOC, DOCUMENT_ENDS, SPACING, WORDS
from toolkit.rare_words import RARE_WORDS
from toolkit.spelling.speller import CHOICES
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import SpacyWords
from toolkit.tokenizers.word_ids import MARKS

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
AWKWARD = [
    "",
    "a",
    "😀",
    "e\u0301",
    "\t",
    "  a",
    "a  ",
    "a\n\n\nb ",
    "x" * 10_000,
    "שלום עולם",
    "a\u00a0b",
    '"," \'s',
    "·a ▁b",
]


@pytest.fixture(scope="module", params=list(RARE_WORDS))
def words(request, split):
    return SpacyWords(request.param).fit(split.train, split.valid)


def names(tokenizer, encoding):
    return [tokenizer.vocabulary.tokens[id_] for id_ in encoding.ids]


def round_trip(tokenizer, text):
    encoding = tokenizer.encode(Document("d", text))
    assert encoding.ends[-1] == len(text)
    assert (encoding.widths >= 0).all()
    assert encoding.ids[-1] == DOC
    spelled = {i for i, id_ in enumerate(encoding.ids.tolist()) if id_ in tokenizer.vocabulary.spelled}
    assert set(encoding.surfaces) == spelled
    return tokenizer.decode(encoding.ids.tolist(), encoding.surfaces)


@pytest.mark.parametrize("text", AWKWARD, ids=[repr(text[:9]) for text in AWKWARD])
def test_awkward_texts_come_back(words, text):
    assert round_trip(words, text) == text


@given(st.text(st.sampled_from("aT,.\"'’-— \n\té😀9ш"), max_size=60))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_comes_back(words, text):
    assert round_trip(words, text) == text


def test_held_out_documents_come_back(words, split):
    for document in split.test:
        assert round_trip(words, document.text) == document.text


def test_worked_example():
    tokenizer = SpacyWords("unk").fit(TRAIN)
    # kept (twice or more): the The cat sat it dog . , — "." and "," are joined in all their occurrences
    encoding = tokenizer.encode(Document("d", "The cow sat ,dog"))
    assert names(tokenizer, encoding) == ["The", "<UNK>", "sat", "<joined right>", ",", "dog", "<doc>"]
    assert encoding.surfaces == {1: "cow"}
    assert encoding.ends.tolist() == [3, 7, 11, 11, 13, 16, 16]  # a word covers the space before it
    assert encoding.parts.tolist() == [WORDS, CLASSES, WORDS, SPACING, SPACING, WORDS, DOCUMENT_ENDS]


def test_marks_of_a_rare_word_are_spelled_with_it():
    tokenizer = SpacyWords("unk").fit(TRAIN)
    encoding = tokenizer.encode(Document("d", "The cat's sat"))
    (surface,) = encoding.surfaces.values()
    assert surface == JOINER + "'s"
    assert not set(MARKS.values()) & set(encoding.ids.tolist())


def test_class_of_pos_is_the_coarse_tag(split):
    tokenizer = SpacyWords("pos").fit(split.train)
    encoding = tokenizer.encode(Document("d", "The zebra quickly devoured Gloucester."))
    spelled = {encoding.surfaces[i]: names(tokenizer, encoding)[i] for i in encoding.surfaces}
    assert spelled["zebra"] == "<NOUN>"
    assert spelled["quickly"] == "<ADV>"
    assert spelled["Gloucester"] == "<PROPN>"


def test_a_class_outside_the_list_is_other(monkeypatch):
    tokenizer = SpacyWords("unk").fit(TRAIN)
    monkeypatch.setattr(tokenizer.strategy, "class_of", lambda _: "SOMETHING")
    encoding = tokenizer.encode(Document("d", "cow"))
    assert names(tokenizer, encoding) == ["<OTHER>", "<doc>"]


@pytest.mark.parametrize("options", [{}, {"rare_max_count": 2}, {"rare_max_documents": 1}])
def test_rarity(options):
    tokenizer = SpacyWords("unk", **options).fit(TRAIN)
    texts = [tokenizer.cut(d).texts for d in TRAIN]
    counts = Counter(word for text in texts for word in text)
    spread = Counter(word for text in texts for word in set(text))
    if "rare_max_documents" in options:
        kept = {word for word in counts if spread[word] > 1}
    else:
        kept = {word for word in counts if counts[word] > options.get("rare_max_count", 1)}
    assert set(tokenizer.state()["kept"]) == kept


@pytest.mark.parametrize("options", [{"rare_max_count": 0}, {"rare_max_documents": 0}])
def test_rarity_below_one_is_refused(options):
    with pytest.raises(InputError, match="at least 1"):
        SpacyWords("unk", **options)


@pytest.mark.parametrize("options", [{}, {"rare_max_count": 2}, {"rare_max_documents": 1}])
@pytest.mark.parametrize("strategy", ["pos", "keep", "spell", "cluster", "drop"])
def test_surprises_equal_a_recount_without_each_document(split, strategy, options):
    tokenizer = SpacyWords(strategy, **({} if strategy == "keep" else options)).fit(split.train)
    cut = [tokenizer.cut(document) for document in split.train]
    texts = [list(zip(c.texts, tokenizer.spelled(c, np.arange(len(c))), strict=True)) for c in cut]
    first = len(MARKS) + 1
    helpers = [[i for i in tokenizer.encode(d).ids.tolist() if 0 < i < first] for d in split.train]

    def symbols(spelled):
        numbers = [written.symbol for written in tokenizer.strategy.write(*spelled)]
        return [number for number in numbers if not tokenizer.symbols[number].outside]

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
        assert reserve.surprises == 4 * sum(len(text.split()) for text in scripts)  # all words are kept, none is rare


def test_every_trained_id_is_a_target_of_training(words, split):
    fed = [words.vocabulary.fed(words.encode(document)).ids for document in split.train]
    assert set(np.flatnonzero(words.vocabulary.reserve.trained)) == set(np.concatenate(fed).tolist())
    assert words.vocabulary.reserve.events == sum(map(len, fed))


def test_replacing_the_test_documents_changes_nothing_that_was_learnt(split):
    first = json.dumps(SpacyWords("pos").fit(split.train, split.valid).state())
    second = SpacyWords("pos").fit(split.train, split.valid)
    second.encode(Document("other", "Entirely new words appear"))
    assert json.dumps(second.state()) == first


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_the_validation_documents_make_choices_of_the_speller_only(split, strategy):
    def learnt(valid):
        state = SpacyWords(strategy).fit(split.train, valid).state()
        speller = {name: value for name, value in state["speller"].items() if name not in {"order", *CHOICES}}
        return json.dumps(state | {"speller": speller})

    others = [Document("other", "Zyzzyvas ate the zyzzyva. Entirely new SpacyWords, 77 of them, appeared-here.")]
    assert learnt(split.valid) == learnt(others) == learnt(())


def test_encoding_teaches_nothing(words, split):
    before = json.dumps(words.state())
    for document in [*split.test, Document("other", "Zyzzyvas ate the zyzzyva again and again.")]:
        words.encode(document)
    assert json.dumps(words.state()) == before


def test_restored_tokenizer_is_the_same(words, split):
    state = json.loads(json.dumps(words.state()))
    restored = SpacyWords(words.strategy_name).restore(state)
    assert json.dumps(restored.state()) == json.dumps(words.state())
    for document in split.test:
        ours, theirs = words.encode(document), restored.encode(document)
        np.testing.assert_array_equal(ours.ids, theirs.ids)
        assert ours.surfaces == theirs.surfaces


def test_fit_twice_is_fit_once(split):
    tokenizer = SpacyWords("pos").fit(split.train, split.valid)
    state = json.dumps(tokenizer.state())
    assert json.dumps(tokenizer.fit(split.train, split.valid).state()) == state


def test_fillings_are_the_rare_words_of_training(words, split):
    spelled = Counter(
        (words.vocabulary.tokens[words.encode(document).ids[i]].strip("<>"), surface)
        for document in split.train
        for i, surface in words.encode(document).surfaces.items()
    )
    if not spelled:  # nothing of training is hidden, so there is nothing to fill
        assert words.strategy_name in ("keep", "spell")
        return
    word_class = next(name for name, _ in spelled)
    drawn = {words.fill(word_class, np.random.default_rng(seed)) for seed in range(50)}
    assert drawn <= {surface for name, surface in spelled if name == word_class}
    with pytest.raises(InputError, match="cannot be filled"):
        words.fill("NOTHING", np.random.default_rng(0))


def test_prompt_leaves_out_one_space_at_its_end(words):
    assert words.prompt("the harbour ").ends[-1] == len("the harbour")
    assert words.prompt("the harbour  ").ends[-1] == len("the harbour  ")
    assert words.prompt("the harbour\n ").ends[-1] == len("the harbour\n ")
    assert words.prompt("").ends[-1] == 0


def test_a_lone_training_document_does_not_make_everything_a_surprise(split):
    lone = [Document("all", "\n\n".join(document.text for document in split.train))]
    reserve = SpacyWords("pos").fit(lone).vocabulary.reserve
    assert reserve.share < 0.05


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


def test_a_closed_vocabulary_has_what_stands_beside_dashes_that_training_has():
    """Dashes are seen before the texts are checked, as they are before they are cut to be learnt from."""
    training = [Document("a", "he said,--and slept, the fen"), Document("b", "the moon,--the moon and")]
    held_out = [Document("c", "the fen,--and the moon")]
    tokenizer = SpacyWords("keep", strategy_options={"closed": True})
    tokenizer.check_texts(training, held_out)
    tokenizer.fit(training, held_out).encode(held_out[0])
    with pytest.raises(InputError, match="1 in all: 'quincunx'"):
        SpacyWords("keep", strategy_options={"closed": True}).check_texts(
            training, [Document("d", "the quincunx,--and")]
        )


def test_a_mark_that_is_there_as_often_as_not_is_not_the_usual_one():
    """ "bell" stands once behind a space and once without one; the space is implied, the joiner is written."""
    tokenizer = SpacyWords("unk").fit(
        [Document("a", "a bell and a (bell and a bell and a (bell"), Document("b", "a (")]
    )
    assert tokenizer.state()["usual_marks"].get("bell", "") == ""


@pytest.mark.parametrize("strategy", ["unk", "pos"])
def test_the_spellers_choices_are_made_on_what_validation_documents_spell(split, strategy, monkeypatch):
    """And not on words that they have in common with training."""
    from toolkit.rare_words.base import RareWords

    seen, right = [], RareWords.fitted_speller
    monkeypatch.setattr(RareWords, "fitted_speller", lambda self, data: seen.append(data) or right(self, data))
    tokenizer = SpacyWords(strategy).fit(split.train, split.valid)
    spelled = [
        [surface for _, surface in sorted(tokenizer.encode(document).surfaces.items())] for document in split.valid
    ]
    assert [[surface for _, surface in document] for document in seen[0].valid] == spelled
    assert any(spelled)
