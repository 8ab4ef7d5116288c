"""The words of the held-out text by hand: their coverage, their tokens and their bits."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.tokens import tokens_of
from toolkit.evaluation.metrics import coverage as measured
from toolkit.results.bits import BANDS
from toolkit.text import neutral
from toolkit.text.corpus import Document
from toolkit.tokenizers.cut import SpacyWords


def test_shares_of_a_corpus_worked_out_by_hand() -> None:
    # training: a×4 b×2 c×1 .×2; a and . are in both documents. Held out: 5 tokens in 17 characters, 10 of zebra
    train, test = (Document("1", "a a b b."), Document("2", "a c a.")), (Document("t", "a b zebra zebra.\n"),)
    facts = measured.coverage_of(neutral.census(train), neutral.census(test))
    assert (facts.tokens, facts.types, facts.hapax_types, facts.test_tokens) == (9, 4, 1, 5)
    assert (facts.hapax_type_share, facts.hapax_token_share, facts.good_turing) == (1 / 4, 1 / 9, 1 / 9)
    assert (facts.leave_one_out, facts.unseen_token_share) == (3 / 9, 2 / 5)
    assert facts.unseen_character_share == 10 / 17
    assert facts.curve == [(1, 0.2), (2, 0.4), (3, 0.6), (4, 0.6)]  # a, then ".", b, c
    words = Counter({str(i): 1 for i in range(5000)})
    assert len(measured.coverage_curve(words, words)) <= 64  # a long curve is thinned


def covered(strategy: str, train: list[str], test: str):
    """The coverage of a word tokenizer with a strategy for rare words."""
    documents, held_out = [Document(str(i), text) for i, text in enumerate(train)], [Document("test", test)]
    tokenizer = SpacyWords(strategy).fit(documents)
    encoded = [[(document, tokenizer.encode(document)) for document in part] for part in (documents, held_out)]
    return measured.coverage(tokenizer, *encoded)


@pytest.mark.parametrize("strategy", ["unk", "drop", "spell"])
def test_the_same_words_are_replaced_by_a_class_a_flag_or_a_spelling(strategy: str) -> None:
    cell = covered(
        strategy, ["an oar, an oar, a quay, a", "an oar, a bell! a oar !"], "an eel, a eel, a quay, an oar\n\nSo"
    )
    (only,) = cell.classes
    assert (only.train_types, only.train_tokens, only.test_tokens, only.examples) == (2, 2, 5, ["quay", "bell"])
    assert cell.replaced_token_share_train == 2 / 19  # 10 tokens and 9
    assert cell.replaced_token_share_test == 5 / 13
    assert cell.replaced_character_share_test == (4 + 4 + 5 + 2 + 2) / 33  # with the space before each word
    if strategy == "unk":
        assert only.name == "UNK"
        assert cell.characters_per_token == 33 / 14  # the end of the document included
        assert cell.characters_per_word_token == (2 + 3 + 1 + 3 + 1 + 4 + 2 + 3 + 2) / 9


def test_examples_are_the_most_frequent_words() -> None:
    frequent, rare = [f"often{i:02}" for i in range(12)], [f"once{i:03}" for i in range(300)]
    (only,) = covered("keep", ["so"], " ".join([*rare, *frequent, *frequent])).classes
    assert (only.train_types, only.examples) == (0, [*frequent, *rare[:12]])


def test_bits_of_two_texts_by_frequency_and_by_part_of_speech() -> None:
    texts, counts = ["the sea, the sea", "a moon"], Counter({"the": 100, "sea": 1})
    scored = [(np.arange(1.0, 17.0), 2.0), (np.ones(6), 3.0)]
    bands = measured.by_frequency(scored, texts, counts)
    assert [band.band for band in bands] == list(BANDS)
    by_band = {band.band: (band.characters, band.bits) for band in bands if band.characters}
    # "the" 1+2+3 and " the" 9+10+11+12; " sea" 4+5+6+7 and 13+14+15+16; "," 8 and the ends 2+3; "a moon" 6
    other = BANDS[neutral.NOT_A_WORD]
    assert by_band == {"100+": (7, 48.0), "1": (8, 80.0), other: (1, 13.0), "0": (6, 6.0)}
    assert [share.bits for band in (bands[0], bands[-1]) for share in band.documents] == [0.0, 6.0, 10.0, 3.0]
    tagged = map(tokens_of, texts, [[(0, 3, "DET"), (4, 7, "NOUN")], [(2, 6, "NOUN")]])
    parts = measured.by_part_of_speech(scored, measured.labels(texts, tagged))
    by_part = {part.pos: (part.characters, part.bits) for part in parts}
    assert by_part == {"DET": (3, 6.0), "NOUN": (9, 27.0), "X": (9, 101.0), other: (1, 13.0)}
    assert measured.word_perplexity(5 * np.log2(10_000), 5) == pytest.approx(10_000)  # of uniform tokens
    assert measured.word_perplexity(1e9, 1) == np.finfo(float).max


@given(st.text(alphabet="aB7_ é'’.-\n", max_size=60), st.lists(st.integers(0, 60), max_size=9))
def test_the_same_characters_are_words_for_any_tokens(text: str, cuts: list[int]) -> None:
    places = sorted({min(cut, len(text)) for cut in cuts})
    tokens = tokens_of(text, [(a, b, "NOUN") for a, b in pairwise(places)])
    names, (by_character,) = measured.labels([text], [tokens])
    is_word = by_character != len(names) - 1
    assert is_word.tolist() == (neutral.bands_of(text, {}) != neutral.NOT_A_WORD).tolist()
