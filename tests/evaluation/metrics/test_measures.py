"""The measures of text, by hand: of generated text, and of the held-out text's words, tokens and bits."""

import math
import random
import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import entropy, t

from tests.helpers.tokens import tokens_of
from toolkit.errors import ContractError
from toolkit.evaluation.metrics import (
    MEASURES,
    Measure,
    Reference,
    by_document,
    counts,
    coverage,
    novelty,
    passages,
)
from toolkit.evaluation.metrics.generated import CLASSIFIER, interval, measurements, two_sample_test
from toolkit.results.bits import BANDS
from toolkit.runs.spec import parse_column
from toolkit.text import neutral
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Document
from toolkit.text.splits import split
from toolkit.text.tagging import Tagger
from toolkit.tokenizers.cut import SpacyWords

TEXT = "The king, sitting on the mended station, wanted nothing; THE nation waited."  # 12 words
TRAINING = "The tide had turned, and the old bell was ringing in the drowned station. Nothing moved on it. " * 5
HELD_OUT = "She wanted a boat; the boat wanted mending, and no man of the fen would put his hand to an oar. " * 5
REFERENCE = Reference((TRAINING, TRAINING[::-1]), tagger=Tagger())
AWKWARD = ["", "x", " ", "…", "\n\n", "7", "the", "\U0001f40c", "тишина", TRAINING]
AWKWARD_LISTS = st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=9)
ENGLISH = {"the_per_10k", "ing_per_10k", "ed_per_10k", "tion_per_10k", "prepositions_pronouns_share"}
WORDS = "harbour keeper lamp stair water stone moon gull book ship autumn oar tide bell fen mill".split()  # noqa: SIM905
COUNTS = st.dictionaries(st.sampled_from("abcde"), st.integers(1, 1000), min_size=1).map(Counter)


@given(COUNTS, COUNTS)
def test_divergence_is_the_entropy_of_the_mixture_less_the_mean_entropy(a, b) -> None:
    p, q = (np.array([by_letter[letter] for letter in "abcde"]) / by_letter.total() for by_letter in (a, b))
    expected = entropy((p + q) / 2, base=2) - entropy([p, q], base=2, axis=1).mean()
    divergence = counts.jensen_shannon_divergence(a, b)
    assert divergence == pytest.approx(expected, abs=1e-7)
    assert 0 <= divergence <= 1
    assert counts.jensen_shannon_divergence(a, Counter()) == counts.jensen_shannon_divergence(Counter(), b) == 1


def test_letters_words_and_sentences_by_hand() -> None:
    """Sentences end at marks before white space and at empty lines. Their lengths are counted by powers of two."""
    assert counts.letters(["Été 9!", "été_"]) == Counter({"t": 2, "é": 3, "É": 1})
    assert counts.letter_pairs(["Eel, 8 e"]) == Counter({("E", "e"): 1, ("e", "l"): 1})
    assert counts.word_lengths(["the sea", "o’clock"]) == Counter({3: 2, 7: 1})
    text = "He came at 3.15 p.m.\n\nA title without a stop\n\n“Who?” she asked (he saw her.) Then\nnothing… ..."
    # 7 words, 5 words of the title, "Who", "she … saw her", "Then nothing"
    assert counts.sentence_lengths([text]) == {2: 3, 0: 1, 1: 1}
    scripts = {
        "他来了。她走了。「吃饭！」你好吗？": 4,
        "वह आया। हम खाते हैं॥ क्या वह गया? ": 3,
        "هل جاء؟ نعم. لا، ذهب. ": 3,
    }
    assert {text: counts.sentence_lengths([text]).total() for text in scripts} == scripts
    marks = ["." * 30_000 + "x", "He left" + "!?" * 9_000 + " So did I."]  # in linear time
    assert counts.sentence_lengths(marks) == {0: 1, 1: 2}


def test_measures_worked_out_by_hand() -> None:
    for measure, texts, expected in (
        (counts.THE_PER_10K, [TEXT], 10_000 * 3 / 12),
        (counts.THE_PER_10K, ["", "...!"], 0),
        (counts.ING_PER_10K, [TEXT], 10_000 * 3 / 12),  # king, sitting, nothing
        (counts.ED_PER_10K, [TEXT], 10_000 * 3 / 12),
        (counts.TION_PER_10K, [TEXT], 10_000 * 2 / 12),
        (counts.PREPOSITIONS_PRONOUNS_SHARE, [TEXT], 2 / 12),  # on, nothing
        # "McLeod" has one, "NASA" three, "(He)" one; the first letter and letters after white space do not count
        (counts.ODD_CAPITALS_PER_10K, ["Then McLeod\nOf NASA (He) said"], 10_000 * 5 / 6),
        (counts.MATTR_100, ["a b a", "c c c d"], (2 / 3 + 2 / 4) / 2),
        (counts.MATTR_100, ["a " * 101 + "b"], (1 / 100 + 1 / 100 + 2 / 100) / 3),  # three windows
        (counts.DISTINCT_1, ["the the", "a b c d e f"], 7 / 8),
        (counts.DISTINCT_2, ["a b", "a b", "c d"], 2 / 3),
        (counts.DISTINCT_3, ["a b", "c d"], 0),  # n-grams do not cross from text to text
        # 9 four-grams, 3 distinct; an n-gram that two texts share is not repeated
        (counts.REPETITION_4, ["round and again " * 4] * 2, 1 - 6 / 18),
        # the text ends in a phrase of three words that follows itself; the last word may be cut
        (counts.LOOP_RATE, ["the the the the the the."], 1),
        (counts.LOOP_RATE, ["so it went on, and on it went on, and on it went on"], 1),
        (counts.LOOP_RATE, ["it was the old man and the old man and the old man an"], 1),
        (counts.LOOP_RATE, ["very, very, very, very good", "one two three four one two three", ""], 0),
    ):
        assert measure(texts, Reference(("A text.",))) == pytest.approx(expected), (measure.label, texts)


@given(samples=AWKWARD_LISTS, author=AWKWARD_LISTS)
@settings(max_examples=12)
def test_every_measure_is_finite_and_in_its_range(samples: list[str], author: list[str]) -> None:
    by_name = measurements(samples, REFERENCE).beside(measurements(author, REFERENCE))
    assert (list(by_name), len(by_name)) == (list(MEASURES), 21)
    for name, value in by_name.items():
        measure = MEASURES.factory(name)
        most = math.inf if measure.most is None else measure.most
        assert measure.least <= value.value <= most, name
        assert (value.value, value.author) == (measure(samples, REFERENCE), measure(author, REFERENCE)), name
        if name == CLASSIFIER or np.ptp([measure([text], REFERENCE) for text in samples]) < 1e-8:
            assert value.low is value.high is None
        else:
            assert measure.least <= value.low <= value.value <= value.high <= most
            assert (value.low < value.value) == (value.value > measure.least), name
            assert (value.value < value.high) == (value.value < most), name


@pytest.mark.parametrize("value", [-99.0, 5.0, 99.0])
def test_the_interval_is_students_around_the_value_and_within_the_range(value) -> None:
    values = [1.0, 2.0, 4.0, 9.0, 16.0]
    low, high = t.interval(0.95, 4, loc=value, scale=np.std(values, ddof=1) / np.sqrt(5))
    assert interval(values, value, -math.inf, None) == pytest.approx((low, high))
    assert interval(values, value, value - 1, value) == (value - 1, value)


def test_copies_are_no_better_and_measures_without_a_meaning_in_the_language_are_left_out() -> None:
    reference = Reference((TRAINING,), tagger=Tagger())
    samples = ([TRAINING], [HELD_OUT], [TRAINING[:200], "qqzx"])
    copy, author, mixed = (measurements(texts, reference).values for texts in samples)
    for name in ("letters_jsd", "word_lengths_jsd", "sentence_lengths_jsd", "pos_jsd", "novelty_5"):
        assert copy[name] == 0.0 < author[name], name
    assert (mixed["longest_copy_characters"], mixed["real_word_rate"] < 1.0) == (200, True)
    for language, missing in [("fi", {"pos_jsd"}), ("tlh", {"pos_jsd", "real_word_rate"})]:
        values = measurements(["talossa kadulla"], Reference(("talossa kadulla",), language)).values
        assert set(MEASURES) - values.keys() == ENGLISH | missing
    with pytest.raises(ContractError):
        Measure(lambda *_: math.inf, label="Mine", unit="share", definition="count")(["A text."], REFERENCE)


@given(st.integers(1, 8), st.integers(0, 30), st.integers(0, 300))
def test_passages_do_not_overlap_in_a_long_text(number: int, length: int, characters: int) -> None:
    text = "".join(chr(0x4E00 + i) for i in range(characters))  # every character occurs once
    cut = passages(text, number, length)
    assert [len(passage) for passage in cut] == [min(length, characters)] * number
    assert all(passage in text for passage in cut)
    assert number * length > characters or "".join(cut) == "".join(sorted(set("".join(cut))))
    # of different documents, if enough are long
    assert by_document(["abcd", "e", "fghi"], 2, 2) == ["bc", "gh"]
    assert (by_document(["abcdef"], 2, 2), by_document(["abc"], 2, 2)) == (["ab", "de"], ["ab"])


def prose(seed: int, words: list[str] = WORDS) -> str:
    """Random words."""
    return " ".join(random.Random(seed).choices(words, k=600))[:3000]


def test_a_classifier_separates_other_words_alone_and_reads_no_text_that_it_is_tested_on() -> None:
    real = [prose(seed) for seed in range(6)]
    other = two_sample_test([prose(seed, [word[::-1] for word in WORDS]) for seed in range(4)], real)
    same = two_sample_test([prose(seed) for seed in range(100, 104)], real)
    assert (other.area, other.labellings, other.p) == (1.0, 35, 1 / 35)  # C(8, 4) / 2 halves of eight blocks
    assert (0.35 < same.area < 0.65, same.p > 0.05) == (True, True)
    # each text has a word of its own in every passage, and its other passages would give it away
    texts = [prose(seed, [*WORDS, *["abcdefghij"[seed] * 7] * 4]) for seed in range(8)]
    assert two_sample_test(texts[:4], texts[4:]).area < 0.8
    white = ["\n" * 400] * 2
    for texts, documents in ([""], real), ([real[0], "x" * 199], real), (real[:2], ["short"]), (white, white):
        assert two_sample_test(texts, documents) is None
    assert two_sample_test(white, real).area == 1


@pytest.mark.slow
def test_a_classifier_reads_the_whole_passages_of_the_first_twenty_texts() -> None:
    lengths, real = [199, 799, 400, *[200] * 18, 400], [prose(seed)[:600] for seed in range(100, 120)]
    test = two_sample_test([prose(seed)[:length] for seed, length in enumerate(lengths)], real)
    assert (test.passages, test.labellings) == (3 + 2 + 18, 200)


def longest_copy_by_hand(text: str, documents: list[str]) -> int:
    """The longest of all spans of the text that a document has and that hold five of the text's words."""
    text, *documents = (re.sub(r"\s+", " ", each).strip() for each in (text, *documents))
    words = [match.span() for match in re.finditer(r"\w+", text)]
    spans = ((i, j) for i in range(len(text)) for j in range(i, len(text) + 1))
    copies = [(i, j) for i, j in spans if any(text[i:j] in document for document in documents)]
    lengths = [len(text[i:j].strip()) for i, j in copies if sum(i <= a < b <= j for a, b in words) >= 5]
    return max(lengths, default=0)


SHORT_WORDS = st.lists(st.sampled_from(["a", "b", "ba", " ", ",", "\n "]), max_size=24).map("".join)


@given(SHORT_WORDS, st.lists(SHORT_WORDS, max_size=3))
@example("a b a b a", ["b  a\n\nb a", "aa b a b  ab"])
@example("a b a b a b", ["a b a b", "a b"])
def test_the_longest_copy_holds_five_words(text: str, documents: list[str]) -> None:
    assert novelty.longest_copy(text, Reference(tuple(documents))) == longest_copy_by_hand(text, documents)


def test_copies_and_sequences_stay_within_a_document() -> None:
    tales = Reference(("A cold wind; the\n   lamp went out.", "Chapter one\nThe second tale began.", " " * 50))
    texts = {
        "a cold wind;   the lamp went out": len("cold wind; the lamp went out"),
        "and the lamp went out.\n\nChapter one\nThe": 0,
        " " * 50: 0,
    }
    assert {text: novelty.longest_copy(text, tales) for text in texts} == texts
    documents = Reference(("the old bell rang out", "bell rang"))
    assert novelty.novel_ngrams("the old bell rang out bell rang", documents) == [False, True, True]
    assert novelty.NOVELTY_5(["the old bell rang out again", "bell rang"], documents) == 1 / 2


def test_words_are_known_real_or_invented() -> None:
    tales = Reference(tuple(document.text for document in split(find_corpus("weird-tales")).train))
    invented = "sanderrling Wintersbyx ttatsq xqzvk"
    kinds = {"known": "the Handwriting 1852", "real": "orange Schooling", "invented": invented}
    for kind, words in kinds.items():
        assert {novelty.word_kind(word, tales) for word in words.split()} == {kind}
    # the most frequent new words, without the first and the last word of a text, which may be cut
    texts = ["zzqx the ttatsq and sanderrling ttatsq of Wintersbyx ttatsq Wintersbyx qqx"]
    for number in (5, 1):
        invented = ["ttatsq", "Wintersbyx", "sanderrling"][:number]
        assert novelty.new_words(texts, tales, number) == {"real": [], "invented": invented}


def test_a_word_is_real_if_training_or_a_list_of_the_language_has_it() -> None:
    for language, text, rate in (
        ("en", "The BLETHWICK lighthouse qxzvorl", 3 / 4),
        ("en", "don’t leat dodecagon’s", 2 / 3),  # both parts of the last are listed, but English does not elide
        ("en", "?!", 0),
        ("tlh", "The Blethwick", 1 / 2),  # no list: only training has words
        ("fr", "L’homme qu’il voit, d’un pas; aujourd’hui l'heure, l’zorblatt.", 7 / 8),
        ("tr", "İki ışık, IŞIK; İlk ışıklar.", 1),
    ):
        assert novelty.REAL_WORD_RATE([text], Reference(("Blethwick rang.",), language)) == pytest.approx(rate)


def test_shares_of_a_corpus_worked_out_by_hand() -> None:
    # training: a×4 b×2 c×1 .×2; a and . are in both documents. Held out: 5 tokens in 17 characters, 10 of zebra
    train, test = (Document("1", "a a b b."), Document("2", "a c a.")), (Document("t", "a b zebra zebra.\n"),)
    facts = coverage.coverage_of(neutral.census(train), neutral.census(test))
    assert (facts.tokens, facts.types, facts.hapax_types, facts.test_tokens) == (9, 4, 1, 5)
    assert (facts.hapax_type_share, facts.hapax_token_share, facts.good_turing) == (1 / 4, 1 / 9, 1 / 9)
    assert (facts.leave_one_out, facts.unseen_token_share) == (3 / 9, 2 / 5)
    assert facts.unseen_character_share == 10 / 17
    assert facts.curve == [(1, 0.2), (2, 0.4), (3, 0.6), (4, 0.6)]  # a, then ".", b, c


@pytest.mark.parametrize("strategy", ["unk", "drop", "spell"])
def test_the_same_words_are_replaced_by_a_class_a_flag_or_a_spelling(strategy: str) -> None:
    train = [Document("1", "an oar, an oar, a quay, a"), Document("2", "an oar, a bell! a oar !")]
    test, tokenizer = [Document("3", "an eel, a eel, a quay, an oar\n\nSo")], SpacyWords(strategy).fit(train)
    encoded = ([(document, tokenizer.encode(document)) for document in part] for part in (train, test))
    cell = coverage.coverage(tokenizer, *encoded)
    (only,) = cell.classes
    assert (only.train_types, only.train_tokens, only.test_tokens, only.examples) == (2, 2, 5, ["quay", "bell"])
    assert cell.replaced_token_share_train == 2 / 19  # 10 tokens and 9
    assert cell.replaced_token_share_test == 5 / 13
    assert cell.replaced_character_share_test == (4 + 4 + 5 + 2 + 2) / 33  # with the space before each word
    if strategy == "unk":
        assert only.name == "UNK"
        assert cell.characters_per_token == 33 / 14  # the end of the document included
        assert cell.characters_per_word_token == (2 + 3 + 1 + 3 + 1 + 4 + 2 + 3 + 2) / 9


@pytest.mark.parametrize(
    ("column", "options", "tokens", "events"),
    [
        # an , a , I ! are whole; can't is two tokens of spaCy; eel, quay and So are rare. Two marks are events.
        *((f"word:{name}", {}, (6, 1, 3, 0), 14) for name in ("unk", "shape")),
        ("word:keep", {}, (7, 1, 2, 0), 14),  # quay is kept
        ("word:drop", {}, (6, 1, 3, 0), 10),  # the network reads no dropped word, nor the empty line
        # The network spells eel in 5 events, quay in 6, So and the empty line in 4. Training has no S.
        ("word:spell", {}, (6, 1, 2, 1), 14 - 4 + 5 + 6 + 4 + 4),
        *(
            (name, options, (5, 4, 0, 1), 29)
            for name, options in (("char", {}), ("bpe", {"vocabulary_size": 256}))
        ),
        ("bpe", {}, (5, 3, 0, 2), 23),  # "an", " I", " can" and "'t" are tokens; in training, ! follows a space
        ("whitespace:unk", {}, (3, 0, 7, 0), 10),  # an, a and I are whole; "quay," and "can't!" occur once
    ],
)
def test_each_word_of_the_held_out_text_is_whole_in_pieces_replaced_or_escaped(column, options, tokens, events):
    """The held-out text has 7 words, and 3 punctuation marks."""
    train = [Document("1", "an oar, an oar, a quay, I can't"), Document("2", "a oar, an bell ! I can't !")]
    test, tokenizer = (
        [Document("3", "an eel , a quay, I can't!\n\nSo")],
        parse_column(column, options).make().fit(train),
    )
    encoded = ([(document, tokenizer.encode(document)) for document in part] for part in (train, test))
    cell = coverage.coverage(tokenizer, *encoded)
    assert [10 * share for share in cell.held_out.model_dump().values()] == pytest.approx(tokens)
    assert cell.tokens_per_word == pytest.approx(events / 7)


def test_a_character_of_several_bytes_is_in_pieces():
    document = Document("1", "é — a")
    tokenizer = parse_column("bpe", {"vocabulary_size": 256}).make().fit([document])
    cell = coverage.coverage(tokenizer, *[[(document, tokenizer.encode(document))]] * 2)
    assert cell.held_out.model_dump() == pytest.approx(
        {"whole": 1 / 3, "pieces": 2 / 3, "replaced": 0, "escaped": 0}
    )


def test_bits_of_two_texts_by_frequency_and_by_part_of_speech() -> None:
    texts, counts = ["the sea, the sea", "a moon"], Counter({"the": 100, "sea": 1})
    scored = [(np.arange(1.0, 17.0), 2.0), (np.ones(6), 3.0)]
    bands = coverage.by_frequency(scored, texts, counts)
    assert [band.band for band in bands] == list(BANDS)
    by_band = {band.band: (band.characters, band.bits) for band in bands if band.characters}
    # "the" 1+2+3 and " the" 9+10+11+12; " sea" 4+5+6+7 and 13+14+15+16; "," 8 and the ends 2+3; "a moon" 6
    other = BANDS[neutral.NOT_A_WORD]
    assert by_band == {"100+": (7, 48.0), "1": (8, 80.0), other: (1, 13.0), "0": (6, 6.0)}
    assert [share.bits for band in (bands[0], bands[-1]) for share in band.documents] == [0.0, 6.0, 10.0, 3.0]
    tagged = map(tokens_of, texts, [[(0, 3, "DET"), (4, 7, "NOUN")], [(2, 6, "NOUN")]])
    parts = coverage.by_part_of_speech(scored, coverage.labels(texts, tagged))
    by_part = {part.pos: (part.characters, part.bits) for part in parts}
    assert by_part == {"DET": (3, 6.0), "NOUN": (9, 27.0), "X": (9, 101.0), other: (1, 13.0)}
    assert coverage.word_perplexity(5 * np.log2(10_000), 5) == pytest.approx(10_000)  # of uniform tokens
    assert coverage.word_perplexity(1e9, 1) == np.finfo(float).max
