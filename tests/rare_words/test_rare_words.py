"""How a rare word stands in the events under each strategy, and its class, worked by hand; spelling within a shape."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.registries import restored
from toolkit.errors import ContractError, InputError
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, SPELLING, WORDS
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.rare_words.cluster import Cluster
from toolkit.rare_words.placeholders import FineTag, can_become, kinds_of, shape, within_shape
from toolkit.spelling.speller import Prefix, SpellerData, WordSpeller
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER, Word
from toolkit.tokenizers.cut import SpacyWords, Whitespace

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
STEMS = ["wander", "ponder", "murmur", "whisper", "gather", "bother", "linger", "hover", "batter", "falter"]
RARE = [(stem + "ing", "was", "slowly") for stem in STEMS] + [(str(n), "in", ",") for n in range(1801, 1811)]
CHARACTERS = (JOINER, *"aiBD1-sdgný’")
LETTERS = st.text(st.sampled_from(CHARACTERS[1:]), min_size=1, max_size=9)


def word(text, left="", right=""):
    return Word(text, "", "", "", "", left, right, "d")


def encoded(strategy, text):
    tokenizer = SpacyWords(strategy).fit(TRAIN)
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


def test_pos_is_the_coarse_tag(brief_split):
    tokenizer = SpacyWords("pos").fit(brief_split.train)
    encoding = tokenizer.encode(Document("d", "The zebra quickly devoured Gloucester."))
    names = tokenizer.vocabulary.spelled
    classes = {surface: names[int(encoding.ids[i])] for i, surface in encoding.surfaces.items()}
    assert (classes["zebra"], classes["quickly"], classes["Gloucester"]) == ("NOUN", "ADV", "PROPN")


def test_tag_keeps_number_and_tense_or_the_morphology_where_there_is_no_fine_tag():
    plural = "Number=Plur"
    for tag, morph, expected in (("NNS", plural, "NNS"), ("", plural, f"NOUN {plural}"), ("", "", "NOUN")):
        tagged = Word("zebras", "", tag, "NOUN", morph, "", "", "")
        assert FineTag().fit([tagged], []).classes == (FineTag().class_of(tagged),) == (expected,)


@pytest.mark.parametrize("classes", [{"b", "a"}, "ADJ", [1, 2, 3], ["a", "b", "a"], ["a", OTHER]])
def test_classes_that_are_no_list_of_names_fail_as_soon_as_they_are_learnt(classes):
    members = {"reads_context": False, "classes": classes, "class_of": lambda *_: "a"}
    with restored(RARE_WORDS):
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), members))
        with pytest.raises(ContractError):
            Whitespace("mine").fit([Document("a", "one two three\n")])


@pytest.mark.parametrize("reads_context", [False, True])
def test_a_strategy_that_reads_the_context_sees_every_word_and_others_are_asked_once_for_each(reads_context):
    seen = []
    members = {"reads_context": reads_context, "classes": ("A",)}
    members["class_of"] = lambda _, word: seen.append(word) or "B"
    with restored(RARE_WORDS):
        RARE_WORDS.add("mine")(type("Mine", (RareWords,), members))
        tokenizer = Whitespace("mine").fit(TRAIN)
        seen.clear()
        encoding = tokenizer.encode(Document("d", " cow cow A cow sat."))
    cows = [seen_word for seen_word in seen if seen_word.text == "cow"]
    assert [cow.left for cow in cows] == (["", "cow", "A"] if reads_context else [""])
    assert tokenizer.vocabulary.tokens[encoding.ids[0]] == f"<{OTHER}>"  # "B" is not on the list


def test_clusters_are_those_of_k_means_and_unseen_words_join_like_ones():
    from sklearn.cluster import KMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    clusters = Cluster(k=2).fit([word(*parts) for parts in RARE], [])
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), lowercase=False)
    spelled = vectors.fit_transform([f"\x02{text}\x03" for text, _, _ in RARE]).toarray()
    labels = KMeans(2, n_init=5, random_state=0).fit(spelled).labels_
    names = clusters.classes_of([word(*parts) for parts in RARE])
    assert (
        len(set(zip(labels, names, strict=True))) == len(set(names)) == 2
    )  # the same parting, whatever the names
    assert clusters.class_of(word("chattering", "was", "loudly")) == names[0]
    assert clusters.class_of(word("1999", "in", ".")) == names[10]


@pytest.mark.parametrize("k", [0, "many", True])
def test_wrong_numbers_of_clusters_are_refused(k):
    with pytest.raises(InputError):
        Cluster(k=k)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cats as grass", ["LC-s", "LC", "LC"]),
        ("walked red", ["LC-ed", "LC"]),  # the second is shorter than five characters
        ("nation pretty charity", ["LC-ion", "LC-y", "LC-ity"]),
        ("Arkham A Cats", ["INITC", "INITC", "INITC-s"]),
        ("USA iPad O'Neill", ["ALLC", "MIXC", "MIXC"]),
        ("1871 B2B", ["NUM", "ALLC-NUM"]),
        ("well-being 1871-s", ["LC-DASH", "LC-NUM-DASH-s"]),  # no suffix beside a hyphen
        ("— ''", ["NONE", "NONE"]),
    ],
)
def test_shapes(words, expected):
    assert list(map(shape, words.split())) == expected


@given(LETTERS, st.sampled_from(["", JOINER]), st.sampled_from(["", JOINER]))
def test_no_word_is_shut_out_of_its_own_shape(word, left, right):
    surface, word_class = left + word + right, shape(word)
    for place, character in enumerate(surface):
        allowed = within_shape(word_class, surface[:place], CHARACTERS)
        assert allowed[1 + CHARACTERS.index(character)], (surface, place)
    assert within_shape(word_class, surface, CHARACTERS)[0]


@given(LETTERS, LETTERS)
def test_the_end_is_allowed_for_words_of_the_shape_alone(word, other):
    allowed = within_shape(shape(other), word, CHARACTERS)
    lost = not can_become(kinds_of(word), shape(other))  # nothing is restricted any more
    assert allowed.all() or not lost
    assert allowed[0] == (lost or shape(word) == shape(other))


def test_the_speller_gives_other_shapes_nothing_but_the_floor():
    words = ["Bids", "sand", "1-1", "Dan", "BAD", "gains"]
    types = [(shape(word), word) for word in words]
    data = SpellerData(frozenset(types), [types], ["".join(words)])
    speller = WordSpeller(order=3, restriction=within_shape).fit(data)
    alphabet = sorted(set("".join(words)))
    for word_class in ("LC", "INITC", "NUM-DASH"):
        total = {True: 0.0, False: 0.0}
        for length in range(4):
            for letters in itertools.product(alphabet, repeat=length):
                word = "".join(letters)
                inside = bool(word) and shape(word) == word_class
                total[inside] += 2.0 ** -speller.start().bits(word_class, word)
        assert total[False] < 200 * FLOOR
        assert 0.05 < total[True] < 1.0
        distribution = Prefix(speller.start(), word_class).distribution()
        assert math.fsum(distribution) == pytest.approx(1.0, abs=1e-12)
        assert distribution.min() >= FLOOR
