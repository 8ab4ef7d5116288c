"""Settings that were given, completed from the recipe."""

from typing import Any

from toolkit.comparison.memory import refuse_too_large
from toolkit.config import CompareSettings, parse_settings
from toolkit.errors import InputError
from toolkit.training.batches import whole_towers
from toolkit.training.recipes import TokenKind, is_short, recipe, recipe_name

RATE = {"optimizer", "learning_rate"}  # one choice: a rate for Adam is none for plain descent


def completed(overrides: dict[str, Any], characters: int, kind: TokenKind | None = None) -> CompareSettings:
    """The settings, completed from their recipe: the one named, or the one for a text of ``characters``.

    Some recipes differ where tokens are of one ``kind``. Optimizer and learning rate are one choice: where either is
    given, neither is what they differ in.

    Raises InputError as ``parse_settings`` does, for a network that no memory here could hold, and for a batch that
    given towers cannot share equally.
    """
    given = parse_settings(overrides, CompareSettings())
    name = given.recipe if "recipe" in overrides else recipe_name(characters, given.train.budget_seconds)
    train = overrides.get("train", {})
    batch = given.train.batch if "batch" in train else None
    base = recipe(characters, name, batch, kind, short=is_short(given.train))
    if not RATE.isdisjoint(train):
        shared = recipe(characters, name, batch).train.model_dump(include=RATE)
        base = parse_settings({"train": shared}, base)
    settings = refuse_too_large(parse_settings(overrides, base))
    return refuse_unequal_towers(settings) if {"batch", "towers"} <= train.keys() else settings


def refuse_unequal_towers(settings: CompareSettings) -> CompareSettings:
    """The settings. Raises InputError if the rows of a given batch cannot be shared equally among the given towers."""
    batch, towers = settings.train.batch, settings.train.towers
    if batch % towers:
        raise InputError(
            f"train.batch is {batch} rows, which the {towers} of train.towers cannot share equally; give a multiple of "
            f"{towers}, such as --set train.batch={whole_towers(batch, towers)}, or other towers."
        )
    return settings
