"""The counts, on texts short enough to be counted by eye."""

import pytest

from toolkit.article.counting import Yardstick, hapaxes
from toolkit.text.corpus import Document

YARDSTICK = Yardstick("The lamp of the sea was burning. In the station he saw it.")


def test_counts_of_a_line():
    found = YARDSTICK.counts(["The sea was burning in the nation. "])
    assert (found.characters, found.words) == (35, 7)
    assert found.the_per_10k == pytest.approx(20_000 / 7)
    assert found.ing_per_10k == found.tion_per_10k == pytest.approx(10_000 / 7)
    assert found.prepositions_pronouns_share == pytest.approx(1 / 7)  # in
    assert found.word_length == pytest.approx(27 / 7)
    assert found.spaces_share == pytest.approx(7 / 35)
    assert found.known_words == pytest.approx(6 / 7)  # "nation" does not stand there


def test_the_yardstick_is_at_no_distance_from_itself():
    found = YARDSTICK.counts([YARDSTICK.text])
    assert found.letters_jsd == found.letter_pairs_jsd == found.word_lengths_jsd == 0
    assert found.known_words == 1


def test_letters_in_another_order_are_told_by_their_pairs_only():
    found = YARDSTICK.counts(["".join(sorted(YARDSTICK.text))])
    assert found.letters_jsd == 0
    assert found.letter_pairs_jsd > 0.5


@pytest.mark.parametrize("texts", [[], [""], ["   "], ["..."]])
def test_a_text_without_words_has_finite_counts(texts):
    found = YARDSTICK.counts(texts)
    assert found.words == 0
    assert found.the_per_10k == found.known_words == found.repetition == 0
    assert found.letter_pairs_jsd == 1


def test_hapaxes_of_two_shares():
    found = hapaxes([Document("a", "The owl. The owl!"), Document("b", "the moon")])
    assert (found.words, found.types, found.once) == (6, 3, 1)
    assert found.type_share == pytest.approx(1 / 3)
    assert found.word_share == pytest.approx(1 / 6)
