"""Settings that were given, completed from the recipe."""

from typing import Any

from toolkit.comparison.memory import refuse_too_large
from toolkit.config import CompareSettings, TrainSettings, parse_settings
from toolkit.errors import InputError
from toolkit.training.batches import whole_towers
from toolkit.training.recipes import TokenKind, is_short, recipe, recipe_name

MOST_DECAY = 0.1  # of itself that a weight may lose in an update: what is of use is a hundredth of that
RATE = {"optimizer", "learning_rate"}  # one choice: a rate for Adam is none for plain descent


def completed(
    overrides: dict[str, Any],
    characters: int,
    kind: TokenKind | None = None,
    *,
    short: bool | None = None,
) -> CompareSettings:
    """The settings, completed from their recipe: the one named, or the one for a text of ``characters``.

    Some recipes differ where tokens are of one ``kind``. Optimizer and learning rate are one choice: where either is
    given, neither is what they differ in, and without the recipe's optimizer there is no weight decay of the recipe's.
    ``short`` is whether training was asked to be (``is_short``), by default whether these settings ask for it.

    Raises InputError as ``parse_settings`` does, for a network that no memory here could hold, for given weight
    decay that leaves it nothing, and for a batch that given towers cannot share equally.
    """
    given = parse_settings(overrides, CompareSettings())
    name = given.recipe if "recipe" in overrides else recipe_name(characters, given.train.budget_seconds)
    train = overrides.get("train", {})
    batch = given.train.batch if "batch" in train else None
    short = is_short(given.train) if short is None else short
    base = recipe(characters, name, batch, kind, short=short)
    if not RATE.isdisjoint(train):
        shared = recipe(characters, name, batch, short=short).train
        decay = shared.weight_decay if train.get("optimizer", shared.optimizer) == shared.optimizer else 0.0
        base = parse_settings({"train": shared.model_dump(include=RATE) | {"weight_decay": decay}}, base)
    settings = refuse_too_large(parse_settings(overrides, base))
    if "weight_decay" in train:
        refuse_great_decay(settings.train)
    return refuse_unequal_towers(settings) if {"batch", "towers"} <= train.keys() else settings


def refuse_great_decay(train: TrainSettings) -> None:
    """Raises InputError if weights decay by more than plain descent could make up for: its rates are above Adam's."""
    decay, rate = train.weight_decay, train.learning_rate
    if train.optimizer == "sgd" and decay * rate > MOST_DECAY:
        raise InputError(
            f"With train.weight_decay = {decay:g} every weight loses {100 * decay * rate:.2g} % of itself in an update "
            f"by plain descent at the rate {rate:g}, and it may lose {100 * MOST_DECAY:g} % at most; give less, or "
            f"only to columns that learn by Adam, such as --set columns.char.train.weight_decay={decay:g}."
        )


def refuse_unequal_towers(settings: CompareSettings) -> CompareSettings:
    """The settings. Raises InputError if the rows of a given batch cannot be shared equally among the given towers."""
    batch, towers = settings.train.batch, settings.train.towers
    if batch % towers:
        raise InputError(
            f"train.batch is {batch} rows, which the {towers} of train.towers cannot share equally; give a multiple of "
            f"{towers}, such as --set train.batch={whole_towers(batch, towers)}, or other towers."
        )
    return settings
