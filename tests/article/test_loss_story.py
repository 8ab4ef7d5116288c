"""What is said of the loss follows the numbers, and its sum is the one worked out by hand."""

import math

import pytest

from toolkit.article import loss_story

from .reproduction_example import FREQUENCIES, reproduction


def test_the_loss_is_summed_by_hand():
    whole = reproduction()
    parts = loss_story.parts_of_loss(whole)
    assert [name for name, _, _ in parts[:2]] == ["a space", "“e”"]
    assert parts[0][2] == pytest.approx(-0.18 * math.log(0.18) - 0.82 * math.log(0.82))
    total = sum(-p * math.log(p) - (1 - p) * math.log(1 - p) for p in FREQUENCIES.values())
    assert sum(part for _, _, part in parts) == pytest.approx(total)
    assert sum(p for _, p, _ in parts) == pytest.approx(1)
    assert f"{total / len(FREQUENCIES):.4f}" in loss_story.of_frequencies(whole)


def with_losses(constant, repaired):
    """Losses per hundred outputs."""
    whole = reproduction()
    scale = 100 / len(FREQUENCIES)
    whole.text.chance.binary_cross_entropy = constant * scale
    whole["repaired"].moments[-1].held_out.binary_cross_entropy = repaired * scale
    return whole


@pytest.mark.parametrize(("constant", "repaired", "sentence"), [
    (0.0240, 0.020, "it had learned no more"), (0.0385, 0.020, "is lower still"), (0.0385, 0.026, "Was that foresight"),
])  # fmt: skip
def test_what_the_articles_loss_is_worth_depends_on_ours(constant, repaired, sentence):
    assert sentence in loss_story.of_the_article(with_losses(constant, repaired))


def test_remembering_is_called_so_only_where_it_is_seen():
    whole = reproduction()
    assert "by heart. Per hundred" in loss_story.of_memory(whole)
    whole["short-text"].training.accuracy = 0.13
    assert "hardly begun" in loss_story.of_memory(whole)
