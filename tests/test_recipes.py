"""Recipes depend on the number of training characters and a budget, and on nothing else."""

import pytest

from toolkit.cli.requests import filled_in
from toolkit.recipes import NETWORKS, PASSES, recipe, recipe_name


def test_names_by_size_and_time():
    assert recipe_name(300_000) == recipe_name(300_000, 3600.0) == "small"
    assert recipe_name(2_000_000) == recipe_name(2_000_000, 120.0) == "standard"
    assert recipe_name(2_000_000, 1800.0) == "large"


def test_a_recipe_that_is_named_wins_over_the_size_and_single_settings_over_it():
    settings = filled_in({"recipe": "large", "network": {"units": 300, "embedding": 300}}, 300_000)
    assert settings.recipe == "large"
    assert settings.network.units == 300
    assert settings.network.dropout == NETWORKS["large"].dropout
    budget = filled_in({"train": {"budget_seconds": 1800.0}}, 2_000_000)
    assert budget.network == NETWORKS["large"]


@pytest.mark.parametrize("characters", [300_000, 2_000_000])
def test_updates_are_passes_over_the_text(characters):
    train = recipe(characters).train
    read = train.updates * train.batch * train.window_characters
    assert read == pytest.approx(PASSES[recipe_name(characters)] * characters, rel=0.01)


def test_small_texts_get_smaller_batches():
    assert recipe(4_000).train.batch == 2
    assert recipe(300_000).train.batch == 32
    assert recipe(500).train.updates >= 1
