"""Recipes depend on the number of training characters and on nothing else."""

import pytest

from toolkit.recipes import PASSES, SMALL, STANDARD, recipe, recipe_name


def test_names_by_size():
    assert recipe_name(300_000) == SMALL
    assert recipe_name(2_000_000) == STANDARD


@pytest.mark.parametrize("characters", [300_000, 2_000_000])
def test_updates_are_passes_over_the_text(characters):
    train = recipe(characters).train
    read = train.updates * train.batch * train.window_characters
    assert read == pytest.approx(PASSES[recipe_name(characters)] * characters, rel=0.01)


def test_small_texts_get_smaller_batches():
    assert recipe(4_000).train.batch == 2
    assert recipe(300_000).train.batch == 32
    assert recipe(500).train.updates >= 1
