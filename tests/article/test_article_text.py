"""The restricted text: laws of the restriction and of passages, counts by hand, and a plainer count of chance."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.article.article_text import MARKS, Alphabet, ArticleText, Passages, restricted


@given(st.text(min_size=1), st.text())
def test_restriction_and_alphabet(text, other):
    rest = restricted(text)
    assert all(c.isalnum() or c in MARKS or c == " " for c in rest)
    assert restricted(rest) == rest
    alphabet = Alphabet(text)
    assert alphabet.decode(alphabet.encode(text)[None]) == [text]
    assert alphabet.decode(alphabet.encode(other)[None]) == ["".join(c if c in text else " " for c in other)]


@pytest.mark.parametrize("length", [200, 777, 5_000])
def test_every_shift_has_the_same_targets(length):
    passages = Passages(np.arange(length, dtype=np.int32))
    assert all((passages.inputs(shift) + shift == passages.targets).all() for shift in (1, 10, 30, 50))
    assert passages.targets.shape[1] % 150 == 0
    assert len(np.unique(passages.targets)) == passages.targets.size
    assert (passages.prompts[:, -1] + 1 == passages.targets[:, 0]).all()


def test_counts_by_hand(corpus):
    article_text = ArticleText(corpus)
    training, line = article_text.training, article_text.counts(["The harbour was burNing in the zznation. "])
    assert [line.characters, line.words, line.word_length, line.spaces_share] == pytest.approx(
        [41, 7, 33 / 7, 7 / 41]
    )
    per_10k = [line.the_per_10k, line.ing_per_10k, line.tion_per_10k]
    assert per_10k == pytest.approx([20_000 / 7, 10_000 / 7, 10_000 / 7])
    shares = [line.prepositions_pronouns_share, line.known_words, line.capitals_within]
    assert shares == pytest.approx([1 / 7, 4 / 7, 1 / 2])  # in; the, harbour, in, the; T of T and N
    same, shuffled, empty = (article_text.counts([text]) for text in (training, "".join(sorted(training)), ""))
    assert same.letters_jsd == same.letter_pairs_jsd == same.word_lengths_jsd == shuffled.letters_jsd == 0
    assert (same.known_words, empty.letter_pairs_jsd, shuffled.letter_pairs_jsd > 0.5) == (1, 1, True)
    assert empty.words == empty.the_per_10k == empty.known_words == empty.repetition == empty.capitals_within == 0


def test_the_record_equals_a_plainer_count(corpus):
    article_text = ArticleText(corpus)
    record, training = article_text.record(), article_text.training
    assert article_text.held_out.startswith(record.prompt + record.beginning)
    rows = article_text.alphabet.decode(article_text.passages.rows)
    targets = [(row, place) for row in rows for place in range(50, len(row))]
    shares = {character: training.count(character) / len(training) for character in record.alphabet}
    nats = [-math.log(p if c == row[place] else 1 - p) for row, place in targets for c, p in shares.items()]
    assert record.targets == len(targets)
    assert record.chance.accuracy == np.mean([row[place] == " " for row, place in targets])
    assert record.chance.binary_cross_entropy == pytest.approx(np.mean(nats), rel=1e-6)
