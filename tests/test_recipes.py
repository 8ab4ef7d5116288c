"""Recipes depend on the number of training characters and a budget, and on nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

from toolkit.cli.requests import filled_in
from toolkit.recipes import NETWORKS, PASSES, recipe, recipe_name
from toolkit.schedule import rate_at


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


def test_the_published_recipe_in_the_readme_is_the_papers():
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    (block,) = (block for block in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL) if "penn-treebank" in block)
    settings = filled_in(tomllib.loads(block), 5_000_000)
    network, train = settings.network, settings.train
    assert (network.layers, network.units, network.embedding, network.initial_range) == (2, 200, 200, 0.1)
    assert network.dropout == network.input_dropout == network.recurrent_dropout == 0
    assert (train.epochs, train.batch, train.window_tokens, train.optimizer) == (13, 20, 20, "sgd")
    assert train.clip_norm * train.window_tokens == 5.0
    rates = [rate_at(0.5, epoch, train) / train.window_tokens for epoch in range(13)]
    assert rates == [1.0] * 4 + [0.5**n for n in range(1, 10)]
