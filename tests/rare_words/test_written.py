"""How a rare word stands in the events under each strategy, worked by hand."""

import numpy as np
import pytest

from toolkit.events.checks import check_vocabulary
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, SPELLING, WORDS
from toolkit.rare_words import Word
from toolkit.rare_words.placeholders import FineTag
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER
from toolkit.tokenizers.counting import Tally
from toolkit.tokenizers.cut import SpacyWords

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]


def encoded(strategy, text, **options):
    tokenizer = SpacyWords(strategy, **options).fit(TRAIN)
    encoding = tokenizer.encode(Document("d", text))
    names = [tokenizer.vocabulary.tokens[id_].strip("<>") for id_ in encoding.ids]
    return tokenizer, encoding, names


def test_spell_writes_begin_characters_and_end():
    _, encoding, names = encoded("spell", "The coß,")
    assert names == ["The", "word", "letter c", "letter o", "escape", "/word", ",", "doc"]
    assert encoding.surfaces == {4: "ß"}
    assert encoding.ends.tolist() == [3, 3, 5, 6, 7, 7, 8, 8]  # the space goes with the first character
    assert encoding.parts.tolist() == [
        WORDS, CLASSES, SPELLING, SPELLING, SPELLING, SPELLING, SPACING, DOCUMENT_ENDS,
    ]  # fmt: skip


def test_spell_spells_marks_with_the_word():
    _, encoding, names = encoded("spell", "cat:it")
    assert names == ["cat", "word", f"letter {JOINER}", "letter :", f"letter {JOINER}", "/word", "it", "doc"]
    assert encoding.ends.tolist() == [3, 3, 3, 4, 4, 4, 6, 6]


def test_a_sample_that_ends_no_word_or_begins_none_is_still_text():
    tokenizer, encoding, names = encoded("spell", "The coat sat")
    ids = dict(zip(names, encoding.ids.tolist(), strict=True))
    written = [ids[name] for name in ("The", "word", "letter c", "letter o", "sat", "/word", "letter a", "word")]
    assert tokenizer.decode(written, {}) == "The co sat a"


def test_drop_feeds_the_network_nothing_of_a_dropped_word():
    tokenizer, encoding, names = encoded("drop", "The zebra sat.")
    assert names == ["The", "DROPPED", "sat", ".", "doc"]
    assert encoding.surfaces == {1: "zebra"}
    fed = tokenizer.vocabulary.fed(encoding)
    assert [tokenizer.vocabulary.tokens[id_] for id_ in fed.ids] == ["The", "sat", ".", "<doc>"]
    assert fed.ends.tolist() == [3, 13, 14, 14]  # what it covers goes to the next
    assert not fed.surfaces


def test_every_event_of_drop_pays_for_the_flag():
    tokenizer, encoding, _ = encoded("drop", "The zebra sat.")
    ((dropped, share),) = tokenizer.vocabulary.reserve.outside.items()
    events = [id_ for document in TRAIN for id_ in tokenizer.encode(document).ids.tolist()]
    assert share == surprise_share(events.count(dropped), len(events))
    paid = tokenizer.vocabulary.reserve.outside_bits(encoding.ids)
    np.testing.assert_allclose(paid, -np.log2([1 - share, share, 1 - share, 1 - share, 1 - share]))
    logits = np.random.default_rng(0).normal(size=len(tokenizer.vocabulary)).astype(np.float32)
    distribution = tokenizer.vocabulary.reserve.distribution(logits)
    assert distribution[dropped] == share
    assert distribution.sum() == pytest.approx(1.0, abs=1e-12)


def test_the_flag_of_drop_can_be_coded_after_any_number_of_events_without_it(monkeypatch):
    monkeypatch.setattr(Tally, "events", 100_000_000)
    vocabulary = SpacyWords("drop").fit([*TRAIN, *TRAIN]).vocabulary
    assert list(vocabulary.reserve.outside.values()) == [FLOOR]
    check_vocabulary(vocabulary)


def test_keep_has_an_id_for_every_word_of_training():
    tokenizer, encoding, names = encoded("keep", "A zebra did")
    assert names == ["A", "UNK", "did", "doc"]
    assert not any(tokenizer.encode(document).surfaces for document in TRAIN)
    unknown = encoding.ids[1]
    assert not tokenizer.vocabulary.reserve.trained[unknown]
    # Left out alone, "a" has no word of its own, "b" has : " " ( the ), "c" has A - like did: ten of 28 events.
    assert tokenizer.vocabulary.reserve.surprises >= 10


def test_tag_keeps_number_and_tense(split):
    tokenizer = SpacyWords("tag").fit(split.train)
    tagged = [("NNS", "zebras"), ("NN", "zebra"), ("VBD", "galloped")]
    classes = [tokenizer.strategy.class_of(Word(text, "", tag, "X", "Number=Plur", "", "", "")) for tag, text in tagged]
    assert classes == ["NNS", "NN", "VBD"]


def test_tag_is_the_morphology_where_there_is_no_fine_tag():
    bare = Word("chats", "", "", "NOUN", "Number=Plur", "", "", "")
    assert FineTag().class_of(bare) == "NOUN Number=Plur"
    assert FineTag().fit([bare], []).classes == ("NOUN Number=Plur",)


def test_a_case_mark_is_paid_where_the_case_is_not_the_usual_one():
    _, encoding, names = encoded("unk", "the THE The Cat cat", case="mark")
    usual = "capital"  # "The" is more frequent than "the"
    assert names == ["lower", "the", "upper", "the", "the", usual, "cat", "cat", "doc"]
    assert encoding.parts.tolist()[:2] == [SPACING, WORDS]  # a mark is no word
    assert encoding.ends.tolist() == [0, 3, 3, 7, 11, 11, 15, 19, 19]
