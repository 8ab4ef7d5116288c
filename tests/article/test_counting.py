"""The counts, on texts short enough to be counted by eye."""

import pytest

from toolkit.article.counting import Yardstick, hapaxes
from toolkit.text.corpus import Document

YARDSTICK = Yardstick("The lamp of the sea was burning. In the station he saw it.")


def test_counts_of_a_line():
    counts = YARDSTICK.counts(["The sea was burning in the nation. "])
    assert (counts.characters, counts.words) == (35, 7)
    assert counts.the_per_10k == pytest.approx(20_000 / 7)
    assert counts.ing_per_10k == counts.tion_per_10k == pytest.approx(10_000 / 7)
    assert counts.prepositions_pronouns_share == pytest.approx(1 / 7)  # in
    assert counts.word_length == pytest.approx(27 / 7)
    assert counts.spaces_share == pytest.approx(7 / 35)
    assert counts.known_words == pytest.approx(6 / 7)  # "nation" does not stand there


def test_the_yardstick_is_at_no_distance_from_itself():
    counts = YARDSTICK.counts([YARDSTICK.text])
    assert counts.letters_jsd == counts.letter_pairs_jsd == counts.word_lengths_jsd == 0
    assert counts.known_words == 1


def test_letters_in_another_order_are_told_by_their_pairs_only():
    counts = YARDSTICK.counts(["".join(sorted(YARDSTICK.text))])
    assert counts.letters_jsd == 0
    assert counts.letter_pairs_jsd > 0.5


@pytest.mark.parametrize("texts", [[], [""], ["   "], ["..."]])
def test_a_text_without_words_has_finite_counts(texts):
    counts = YARDSTICK.counts(texts)
    assert counts.words == 0
    assert counts.the_per_10k == counts.known_words == counts.repetition == 0
    assert counts.letter_pairs_jsd == 1


def test_hapaxes_of_two_shares():
    words = hapaxes([Document("a", "The owl. The owl!"), Document("b", "the moon")])
    assert (words.words, words.types, words.once) == (6, 3, 1)
    assert words.type_share == pytest.approx(1 / 3)
    assert words.word_share == pytest.approx(1 / 6)
