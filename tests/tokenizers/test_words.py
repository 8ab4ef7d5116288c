"""Words, however a text is cut: worked examples, fillings, classes of rare words."""

from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.registries import restored
from toolkit.errors import ContractError
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import CLASSES, DOCUMENT_ENDS, SPACING, SPELLING, WORDS
from toolkit.rare_words import OTHER, RARE_WORDS, RareWords
from toolkit.rare_words.cluster import Cluster
from toolkit.rare_words.placeholders import FineTag, PartOfSpeech, shape, within_shape
from toolkit.spelling.speller import SpellerData, WordSpeller
from toolkit.text.corpus import Document
from toolkit.text.words import JOINER, Word
from toolkit.tokenizers.cut import Spaced, SpacyWords, Whitespace, goes_on_with, is_whole

TRAIN = [
    Document("a", "The cat sat. The cat, it sat."),
    Document("b", 'The dog: "it sat" (the cat).'),
    Document("c", "A cat-like dog sat, it did."),
]
TREEBANK = [Document("train", " no it was n't <unk> \n mr. <unk> rose N points \n it rose $ N \n it was \n")]
STEMS = ["wander", "ponder", "murmur", "whisper", "gather", "bother", "linger", "hover", "batter", "falter"]
RARE = [(stem + "ing", "was", "slowly") for stem in STEMS] + [(str(n), "in", ",") for n in range(1801, 1811)]
CHARACTERS = (JOINER, *"aiBD1-sdgný’")
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


# Strategies for rare words.


def word(text, left="", right=""):
    return Word(text, "", "", "", "", left, right, "d")


def test_spell_writes_begin_characters_and_end():
    tokenizer = SpacyWords("spell").fit(TRAIN)
    encoding = tokenizer.encode(Document("d", "The coß,"))
    expected = ["The", "<word>", "<letter c>", "<letter o>", "<escape>", "</word>", ",", "<doc>"]
    assert names(tokenizer, "The coß,") == expected
    assert encoding.surfaces == {4: "ß"}
    assert encoding.ends.tolist() == [3, 3, 5, 6, 7, 7, 8, 8]  # the space goes with the first character
    assert encoding.parts.tolist() == [WORDS, CLASSES, *[SPELLING] * 4, SPACING, DOCUMENT_ENDS]
    joined = f"<letter {JOINER}>"  # marks are spelled with the word
    expected = ["cat", "<word>", joined, "<letter :>", joined, "</word>", "it", "<doc>"]
    assert names(tokenizer, "cat:it") == expected
    assert tokenizer.encode(Document("d", "cat:it")).ends.tolist() == [3, 3, 3, 4, 4, 4, 6, 6]


def test_drop_feeds_the_network_nothing_of_a_dropped_word_and_every_event_pays_for_the_flag():
    tokenizer = SpacyWords("drop").fit(TRAIN)
    encoding = tokenizer.encode(Document("d", "The zebra sat."))
    assert names(tokenizer, "The zebra sat.") == ["The", "<DROPPED>", "sat", ".", "<doc>"]
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


def test_classes_are_the_coarse_tag_or_the_fine_tag_or_the_morphology():
    plural = "Number=Plur"
    for tag, morph, expected in (("NNS", plural, "NNS"), ("", plural, f"NOUN {plural}"), ("", "", "NOUN")):
        tagged = Word("zebras", "", tag, "NOUN", morph, "", "", "")
        assert FineTag().fit([tagged], []).classes == (FineTag().class_of(tagged),) == (expected,)
        assert PartOfSpeech().class_of(tagged) == "NOUN"


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
    pairs = set(zip(labels, names, strict=True))  # the same parting, whatever the names
    assert len(pairs) == len(set(names)) == 2
    assert clusters.class_of(word("chattering", "was", "loudly")) == names[0]
    assert clusters.class_of(word("1999", "in", ".")) == names[10]


def test_shapes():
    """A suffix needs five characters, or three for an s, and no hyphen."""
    for words, expected in (
        ("cats as grass focus walked red nation pretty charity", "LC-s LC LC LC LC-ed LC LC-ion LC-y LC-ity"),
        ("Arkham A Cats USA iPad O'Neill", "INITC INITC INITC-s ALLC MIXC MIXC"),
        ("1871 B2B well-being 1871-s — ''", "NUM ALLC-NUM LC-DASH LC-NUM-DASH-s NONE NONE"),
    ):
        assert list(map(shape, words.split())) == expected.split()


MARKS = st.sampled_from(["", JOINER])


@given(st.text(st.sampled_from(CHARACTERS[1:]), min_size=1, max_size=9), MARKS, MARKS)
def test_no_word_is_shut_out_of_its_own_shape(word, left, right):
    surface, word_class = left + word + right, shape(word)
    for place, character in enumerate(surface):
        allowed = within_shape(word_class, surface[:place], CHARACTERS)
        assert allowed[1 + CHARACTERS.index(character)], (surface, place)
    assert within_shape(word_class, surface, CHARACTERS)[0]


def test_the_speller_gives_other_shapes_nothing_but_the_floor():
    words = ["Bids", "sand", "1-1", "Dan", "BAD", "gains"]
    types = [(shape(word), word) for word in words]
    data = SpellerData(frozenset(types), [types], ["".join(words)])
    speller = WordSpeller(order=3, restriction=within_shape).fit(data)
    surfaces = ["".join(letters) for n in range(4) for letters in product(sorted(set("".join(words))), repeat=n)]
    for word_class in ("LC", "INITC", "NUM-DASH"):
        total = {True: 0.0, False: 0.0}
        for surface in surfaces:
            inside = surface != "" and shape(surface) == word_class
            total[inside] += 2.0 ** -speller.start().bits(word_class, surface)
        assert total[False] < 200 * FLOOR
        assert 0.05 < total[True] < 1.0
