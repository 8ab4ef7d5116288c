"""How a rare word stands in the events under each strategy, and its class, worked by hand."""

import json

import numpy as np
import pytest

from tests.helpers.registries import restored
from toolkit.errors import ContractError, InputError
from toolkit.events.distribution import surprise_share
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, SPELLING, WORDS
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.rare_words.cluster import Cluster
from toolkit.rare_words.placeholders import FineTag
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER, Word
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.cut import SpacyWords

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
STEMS = ["wander", "ponder", "murmur", "whisper", "gather", "bother", "linger", "hover", "batter", "falter"]
RARE = [(stem + "ing", "was", "slowly") for stem in STEMS] + [(str(n), "in", ",") for n in range(1801, 1811)]


def word(text, left="", right=""):
    return Word(text, "", "", "", "", left, right, "d")


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
    assert encoding.parts.tolist() == [WORDS, CLASSES, *[SPELLING] * 4, SPACING, DOCUMENT_ENDS]
    _, encoding, names = encoded("spell", "cat:it")  # marks are spelled with the word
    assert names == ["cat", "word", f"letter {JOINER}", "letter :", f"letter {JOINER}", "/word", "it", "doc"]
    assert encoding.ends.tolist() == [3, 3, 3, 4, 4, 4, 6, 6]


def test_drop_feeds_the_network_nothing_of_a_dropped_word_and_every_event_pays_for_the_flag():
    tokenizer, encoding, names = encoded("drop", "The zebra sat.")
    assert names == ["The", "DROPPED", "sat", ".", "doc"]
    assert encoding.surfaces == {1: "zebra"}
    reserve, fed = tokenizer.vocabulary.reserve, tokenizer.vocabulary.fed(encoding)
    assert fed.ids.tolist() == encoding.ids[[0, 2, 3, 4]].tolist()
    assert fed.ends.tolist() == [3, 13, 14, 14]  # the next event covers the dropped word
    assert not fed.surfaces
    ((dropped, share),) = reserve.outside.items()
    events = [id_ for document in TRAIN for id_ in tokenizer.encode(document).ids.tolist()]
    assert share == surprise_share(events.count(dropped), len(events))
    paid = reserve.outside_bits(encoding.ids)
    np.testing.assert_allclose(paid, -np.log2([1 - share, share, 1 - share, 1 - share, 1 - share]))
    logits = np.random.default_rng(0).normal(size=len(tokenizer.vocabulary)).astype(np.float32)
    assert reserve.distribution(logits)[dropped] == share
    assert reserve.distribution(logits).sum() == pytest.approx(1.0, abs=1e-12)


def test_keep_has_an_id_for_every_word_of_training():
    tokenizer, encoding, names = encoded("keep", "A zebra did")
    assert names == ["A", "UNK", "did", "doc"]
    assert not any(tokenizer.encode(document).surfaces for document in TRAIN)
    assert not tokenizer.vocabulary.reserve.trained[encoding.ids[1]]
    # Left out alone, "a" has no word of its own, "b" has : " " ( the ), "c" has A - like did: ten of 28 events.
    assert tokenizer.vocabulary.reserve.surprises >= 10


def test_pos_is_the_coarse_tag(split):
    tokenizer = SpacyWords("pos").fit(split.train)
    encoding = tokenizer.encode(Document("d", "The zebra quickly devoured Gloucester."))
    names = tokenizer.vocabulary.spelled
    classes = {surface: names[int(encoding.ids[i])] for i, surface in encoding.surfaces.items()}
    assert (classes["zebra"], classes["quickly"], classes["Gloucester"]) == ("NOUN", "ADV", "PROPN")


def test_tag_keeps_number_and_tense_or_the_morphology_where_there_is_no_fine_tag():
    plural = "Number=Plur"
    for tag, morph, expected in (("NNS", plural, "NNS"), ("", plural, f"NOUN {plural}"), ("", "", "NOUN")):
        tagged = Word("zebras", "", tag, "NOUN", morph, "", "", "")
        assert FineTag().class_of(tagged) == expected
        assert FineTag().fit([tagged], []).classes == (expected,)


@pytest.mark.parametrize("classes", [{"b", "a"}, "ADJ", [1, 2, 3], ["a", "b", "a"], ["a", OTHER]])
def test_classes_that_are_no_list_of_names_fail_as_soon_as_they_are_learnt(classes):
    members = {"reads_context": False, "classes": classes, "class_of": lambda *_: "a"}
    with restored(RARE_WORDS):
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), members))
        with pytest.raises(ContractError):
            TOKENIZERS.make("whitespace", strategy="mine").fit([Document("a", "one two three\n")])


@pytest.mark.parametrize("reads_context", [False, True])
def test_a_strategy_that_reads_the_context_sees_every_word_and_others_are_asked_once_for_each(reads_context):
    seen = []
    members = {"reads_context": reads_context, "classes": ("A",)}
    members["class_of"] = lambda _, word: seen.append(word) or "B"
    with restored(RARE_WORDS):
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), members))
        tokenizer = SpacyWords("mine").fit(TRAIN)
        seen.clear()
        encoding = tokenizer.encode(Document("d", "cow cow. A cow sat"))
    cows = [seen_word for seen_word in seen if seen_word.text == "cow"]
    assert [cow.left for cow in cows] == (["", "cow", "A"] if reads_context else [""])
    assert tokenizer.vocabulary.tokens[encoding.ids[0]] == f"<{OTHER}>"  # "B" is not on the list


@pytest.fixture(scope="module")
def clusters():
    return Cluster(k=2).fit([word(*parts) for parts in RARE], [])


def test_like_words_fall_together_and_unseen_ones_join_them(clusters):
    names = clusters.classes_of([word(*parts) for parts in RARE])
    assert len(set(names[:10])) == len(set(names[10:])) == 1
    assert names[0] != names[10]
    assert clusters.class_of(word("chattering", "was", "loudly")) == names[0]
    assert clusters.class_of(word("1999", "in", ".")) == names[10]


def test_clusters_are_those_of_k_means_on_the_features_written_out(clusters):
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False)
    spelled = vectors.fit_transform([f"\x02{text}\x03" for text, _, _ in RARE]).toarray()
    labels = KMeans(2, n_init=5, random_state=0).fit(spelled).labels_
    names = clusters.classes_of([word(*parts) for parts in RARE])
    assert len(set(zip(labels, names, strict=True))) == 2  # the same parting, whatever the names


def test_clusters_are_saved_whole_and_the_same_for_the_same_seed(clusters):
    copy = Cluster(k=2).restore(json.loads(json.dumps(clusters.state())))
    words = [*(word(*parts) for parts in RARE), word("Ωmega", "was", "?"), word("", "", "")]
    assert copy.classes == clusters.classes
    assert copy.classes_of(words) == clusters.classes_of(words)
    assert Cluster(k=2).fit(words[:20], []).state() == clusters.state()


@pytest.mark.parametrize("options", [{"k": 0}, {"k": "many"}, {"k": True}])
def test_wrong_options_are_refused(options):
    with pytest.raises(InputError):
        Cluster(**options)
