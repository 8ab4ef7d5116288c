"""Recipes depend on the number of training characters and a budget, and on nothing else."""

import re

import pytest

from toolkit.errors import InputError
from toolkit.training.recipes import RECIPES, completed, recipe_name

KINDS = ("characters", "words", None)


def recipe(characters, name=None, kind=None):
    """The settings of a recipe, by default of the one for this many characters."""
    return completed({"recipe": name} if name else {}, characters, kind)


def test_a_named_recipe_comes_before_the_size_and_single_settings_before_it():
    settings = completed({"recipe": "large", "network": {"units": 300}}, 300_000)
    assert settings.recipe == "large"
    assert settings.network.units == 300
    assert settings.network.dropout == RECIPES["large"]["network"]["dropout"]
    assert completed({"train": {"budget_seconds": 1800.0}}, 2_000_000).network.units == 512


def chosen(settings):
    """Optimizer, rate and decay."""
    return settings.train.optimizer, settings.train.learning_rate, settings.train.weight_decay


def test_text_and_kind_of_token_decide_optimizer_rate_decay_and_dropout():
    for characters, name, kind, *expected in (
        (300_000, None, "characters", "adam", 0.024, 0.03, 0.3),
        (600_000, None, "characters", "adam", 0.024, 0.03, 0.1),  # more text, less dropout
        (300_000, None, "words", "sgd", 12.0, 0.0, 0.5),
        (600_000, None, "words", "sgd", 12.0, 0.0, 0.5),
        (600_000, None, None, "adam", 0.012, 0.03, 0.3),
        (2_000_000, None, "characters", "adam", 0.024, 0.03, 0.1),
        (2_000_000, None, "words", "sgd", 12.0, 0.0, 0.2),
        (2_000_000, None, None, "adam", 0.012, 0.03, 0.2),
        (999_999, "large", "characters", "adam", 0.008, 0.0, 0.4),
        (999_999, "large", "words", "sgd", 8.0, 0.0, 0.6),
        (1_000_000, "large", "characters", "adam", 0.008, 0.0, 0.2),
        (1_000_000, "large", "words", "sgd", 8.0, 0.0, 0.4),
    ):
        settings = recipe(characters, name, kind)
        assert [*chosen(settings), settings.network.dropout] == expected
        assert settings.train.updates == recipe(characters, name).train.updates  # the same for all kinds


def test_in_short_training_the_standard_recipe_is_the_same_for_all_kinds():
    for train, optimizer in (
        ({}, "sgd"),
        ({"budget_seconds": 299.0}, "adam"),
        ({"budget_seconds": 300.0}, "sgd"),
        ({"epochs": 3}, "adam"),
        ({"epochs": 4}, "sgd"),
    ):
        settings = {kind: completed({"train": train}, 2_000_000, kind) for kind in KINDS}
        assert settings["words"].recipe == "standard"
        assert settings["words"].train.optimizer == optimizer
        assert (settings["words"] == settings["characters"] == settings[None]) == (optimizer == "adam")


@pytest.mark.parametrize(
    ("overrides", "kind", "expected"),
    [
        ({"weight_decay": 0.1}, "characters", ("adam", 0.024, 0.1)),
        ({"learning_rate": 0.012}, "characters", ("adam", 0.012, 0.03)),
        ({"optimizer": "adam"}, "characters", ("adam", 0.012, 0.03)),
        ({"optimizer": "sgd", "learning_rate": 5.0}, "characters", ("sgd", 5.0, 0.0)),
        ({"optimizer": "sgd", "learning_rate": 5.0, "weight_decay": 1e-5}, "characters", ("sgd", 5.0, 1e-5)),
        ({"batch": 16}, "words", ("sgd", 12.0, 0.0)),
        ({"optimizer": "adam"}, "words", ("adam", 0.012, 0.03)),
        ({"epochs": 2, "learning_rate": 0.02}, "words", ("adam", 0.02, 0.03)),
    ],
)
def test_a_rate_never_meets_an_optimizer_of_another_choice(overrides, kind, expected):
    settings = completed({"train": overrides}, 300_000, kind)
    assert chosen(settings) == expected
    assert settings.network == recipe(300_000, kind=kind).network


def test_updates_are_passes_over_the_text_and_small_texts_get_smaller_batches():
    for characters in (300_000, 2_000_000):
        train = recipe(characters).train
        read = train.updates * train.batch * train.window_characters
        assert read == pytest.approx(RECIPES[recipe_name(characters)]["passes"] * characters, rel=0.01)
    assert [recipe(characters).train.batch for characters in (500, 4_000, 300_000)] == [2, 2, 32]
    assert recipe(500).train.updates >= 1


def test_values_beyond_reason_are_refused_by_name():
    for overrides, name in (
        ({"train": {"towers": 1000}}, "train.towers"),
        ({"train": {"towers": 3, "batch": 32}}, "train.batch=32"),
        ({"train": {"towers": 3}}, "train.towers=3"),
        (
            {"train": {"weight_decay": 0.03}},
            "columns.char.train.weight_decay",
        ),  # 36 % of each weight at the rate 12
        ({"samples": {"temperature": 1e-300}}, "samples.temperature"),
        ({"samples": {"count": 10**10}}, "samples.count"),
    ):
        with pytest.raises(InputError, match=re.escape(name)):
            completed(overrides, 300_000, "words")
