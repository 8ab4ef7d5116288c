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


def test_differences_within_the_noise_of_another_seed_are_none():
    noisy = reproduction({"other-seed": 0.40})  # the repaired one has 0.46
    assert story.noise(noisy) == pytest.approx(0.12)
    assert "changes nothing" in story.question(noisy, "gru")
    assert "raises" in story.question(USUAL, "layer-normalised")
