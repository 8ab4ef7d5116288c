"""Settings that were given, completed from the recipe."""

from typing import Any

from toolkit.comparison.memory import refuse_too_large
from toolkit.config import CompareSettings, parse_settings
from toolkit.training.recipes import recipe, recipe_name


def completed(overrides: dict[str, Any], characters: int, *, embedded: bool = False) -> CompareSettings:
    """The settings, completed from their recipe: the one named, or the one for a text of ``characters``.

    Some recipes are others where the inputs are ``embedded``.

    Raises InputError as ``parse_settings`` does, and for a network that no memory here could hold.
    """
    given = parse_settings(overrides, CompareSettings())
    name = given.recipe if "recipe" in overrides else recipe_name(characters, given.train.budget_seconds)
    batch = given.train.batch if "batch" in overrides.get("train", {}) else None
    return refuse_too_large(parse_settings(overrides, recipe(characters, name, batch, embedded=embedded)))
