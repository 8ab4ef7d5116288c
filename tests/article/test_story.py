"""The sentences follow the numbers: other numbers, other sentences."""

import pytest

from toolkit.article import story

from .reproduction_example import reproduction

USUAL = reproduction()
LEARNED = reproduction({"network-1": 0.3, "shift-10": 0.31})
UNHELPED = reproduction(dict.fromkeys(("shift-1", "categorical", "repaired", "other-seed"), 0.18))


def test_the_verdict_follows_the_numbers():
    verdicts = [story.verdict(whole) for whole in (USUAL, LEARNED, UNHELPED)]
    assert "it was asked the wrong question" in verdicts[0]
    assert "learned something as the article trained it" in verdicts[1]
    assert "does not settle" in verdicts[2]
    for number in ("18.1", "18.0", "46.0"):
        assert number in story.answer(USUAL)


def test_repairs_that_reach_no_more_than_one_answer_have_not_helped():
    """From far below what always answering the same gets right, up to just that."""
    whole = reproduction(
        {"network-1": 0.1, **dict.fromkeys(("shift-1", "categorical", "repaired", "other-seed"), 0.18)}
    )
    assert "does not settle" in story.verdict(whole)
    assert not story.shift_helps_alone(whole)


def test_the_four_are_held_against_one_answer():
    assert "None of the four does better" in story.four(USUAL)
    assert "Network 1: 100 units, 50 → 50 (30.0" in story.four(LEARNED)
    assert "The others do not" in story.four(LEARNED)
    assert "others" not in story.four(reproduction(dict.fromkeys(story.FOUR, 0.3)))


def test_letters_without_order_are_what_the_article_saw():
    whole = reproduction()
    assert "the order of letters completely off" in story.answers(whole)
    whole["network-1"].counts["drawn"].known_words = 0.9
    assert "completely off" not in story.answers(whole)
    whole["network-1"].counts["drawn"].letters_jsd = 0.2
    assert "not even as often" in story.answers(whole)


@pytest.mark.parametrize(("after", "word"), [(0.5, "raises"), (0.3, "lowers"), (0.415, "changes nothing")])
def test_a_repair_helps_or_does_not(after, word):
    assert word in story.step(reproduction({"categorical": after}), "categorical")


def test_differences_within_the_noise_of_another_seed_are_none():
    noisy = reproduction({"other-seed": 0.40})  # the repaired one has 0.46
    assert story.noise(noisy) == pytest.approx(0.12)
    assert "changes nothing" in story.question(noisy, "gru")
    assert "raises" in story.question(USUAL, "layer-normalised")


def test_circles_are_named_where_they_are_seen():
    whole = reproduction()
    assert "goes round in circles: 80" in story.sampling(whole)
    whole["repaired"].counts["likeliest"].repetition = 0.01
    assert "circles" not in story.sampling(whole)
    assert "character is drawn by its probability, the share is " in story.sampling(whole)


def test_a_share_of_which_nothing_was_said_is_named():
    whole = reproduction()
    whole["repaired"].counts["likeliest"].words = 3
    assert "the share of four-word sequences that occur earlier in the same stretch is " in story.sampling(whole)


def test_repairs_without_the_shift():
    assert "So neither helps" in story.alone(USUAL)
    assert "not the shift alone" not in story.alone(reproduction({"network-1": 0.1}))  # all know less than one answer
    remembering = reproduction({"carried-alone": 0.3})
    assert "not the shift alone" in story.alone(remembering)
    assert "trained the wrong way" in story.verdict(remembering)


def test_where_a_shift_is_too_far():
    assert "From 10 on, after such short training, it is no better" in story.shifts(USUAL)
    assert "From 50 on, after such short training, it is no better" in story.shifts(reproduction({"shift-10": 0.21}))
    assert "no better" not in story.shifts(reproduction({"shift-10": 0.25, "categorical-alone": 0.25}))
    assert "no better" not in story.shifts(reproduction({"shift-2": 0.1}))  # there is no place from which on it is so


def test_text_and_rates_help_or_do_not():
    assert "more text helps" in story.more_text(USUAL)
    assert "no difference" in story.more_text(reproduction({"sixteenth": 0.46, "quarter": 0.46}))
    assert "the best of the three is 0.004" in story.rates(USUAL)
    assert "no difference" in story.rates(reproduction({"slower": 0.46, "faster": 0.461}))
    assert "0.0003 and 0.001 are joint best" in story.rates(reproduction({"slower": 0.46, "faster": 0.3}))
    assert "less text does better" in story.more_text(reproduction({"sixteenth": 0.5}))
    whole = reproduction()
    whole["sixteenth"].training.accuracy = 0.7
    assert "begins to know it by heart" in story.more_text(whole)


def test_a_shift_that_does_not_help_alone_is_named():
    alone = reproduction({"shift-1": 0.181})
    assert "a loss that teaches slowly" in story.verdict(alone)
    assert "The shift alone is not enough either" in story.alone(alone)
    assert "slowly" not in story.verdict(USUAL)
    assert "alone is not enough" not in story.alone(USUAL)
    knows_more = reproduction({"network-1": 0.41})  # more than frequencies
    assert "alone is not enough" not in story.alone(knows_more)


def test_fifty_ahead_is_called_foreseen_where_it_is():
    assert "can be known" not in story.words_ahead(USUAL)
    assert "something can be known nevertheless: 30.0" in story.words_ahead(reproduction({"categorical-alone": 0.3}))


def test_what_is_drawn_is_held_against_the_author():
    assert "draws, 72\u202f% occur in the training text" in story.answer(USUAL)
    assert "150 units" in story.size(USUAL)
    assert "100 units at that rate get 52.0" in story.size(USUAL)
