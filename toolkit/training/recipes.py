"""Named settings, chosen by the number of training characters and the time budget. recipes.toml has the recipes."""

import math
import tomllib
from pathlib import Path

from toolkit.config import MOST_COPIES, CompareSettings, RecipeName, Table, TrainSettings, merged, parse_settings
from toolkit.errors import InputError

STANDARD_FROM = 1_000_000  # training characters
LARGE_FROM_SECONDS = 900.0  # a budget that allows four times the work per character
MORE_TEXT = 500_000  # training characters: from here on the small recipe has less dropout for characters
MUCH_TEXT = 1_000_000  # training characters: from here on the large recipe has less dropout and fewer passes
SHORT_SECONDS, SHORT_PASSES = 300.0, 4  # training is short below these
TOWER_ROWS = 16  # with 8 a batch of 32 is a tenth slower on two cores, with 32 one of 64 a quarter
MAX_DECAY_PER_UPDATE = 0.1  # share of a weight; a useful decay is a hundredth of it
RECIPES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def recipe_title(name: RecipeName, characters: int, *, short: bool = False) -> str:
    """Return the key in ``RECIPES`` for a named recipe and this many training characters.

    >>> recipe_title("large", 300_000), recipe_title("large", 2_000_000), recipe_title("small", 600_000)
    ('large', 'large of much text', 'small of more text')
    """
    if name == "small" and characters >= MORE_TEXT:
        return "small of more text"
    if name == "large" and characters >= MUCH_TEXT:
        return "large of much text"
    return "standard in short training" if name == "standard" and short else name


def recipe_name(characters: int, budget_seconds: float | None = None) -> RecipeName:
    """Return the recipe for a number of training characters and a time budget.

    >>> recipe_name(300_000, 1800.0), recipe_name(2_000_000), recipe_name(2_000_000, 1800.0)
    ('small', 'standard', 'large')
    """
    if characters < STANDARD_FROM:
        return "small"
    return "large" if budget_seconds is not None and budget_seconds >= LARGE_FROM_SECONDS else "standard"


def towers(batch: int) -> int:
    """Return the number of equal parts of a batch: one per 16 rows, but at least two if the batch is even.

    >>> [towers(batch) for batch in (2, 20, 32, 64, 100, 7)]
    [2, 2, 2, 4, 5, 1]
    """
    limit = min(max(2, batch // TOWER_ROWS), MOST_COPIES)
    return max(parts for parts in range(1, limit + 1) if batch % parts == 0)


def completed(overrides: Table, characters: int, kind: str | None = None) -> CompareSettings:
    """Return the settings, completed from their recipe: the named one, or the one for this many training characters.

    A batch has 32 rows, or fewer if a row would have less than 2,000 characters. ``kind`` is the kind of all tokens, if
    there is only one, or that of a transformer's tokens. Optimizer and learning rate are one choice. If either is an
    override, the differences for a kind leave both alone, and the recipe's weight decay applies only with Adam.
    Raises InputError if a setting is invalid, weight decay removes the weights, or the towers cannot share the batch.
    """
    requested = parse_settings(overrides, CompareSettings())
    train_overrides = overrides.get("train", {})
    name = requested.recipe if "recipe" in overrides else recipe_name(characters, requested.train.budget_seconds)
    seconds = requested.train.budget_seconds or math.inf
    passes = requested.train.epochs or math.inf
    short = seconds < SHORT_SECONDS or passes < SHORT_PASSES
    recipe = RECIPES[recipe_title(name, characters, short=short)]
    of_kind = recipe.get(kind) or RECIPES.get(str(kind), {})
    kind_train, kind_network = (of_kind.get(group, {}) for group in ("train", "network"))
    rows = max(2, min(kind_train.get("batch", 32), characters // 2000 // 2 * 2))
    train = {
        "updates": max(1, round(recipe["passes"] * characters / (rows * TrainSettings().window_characters))),
        "batch": rows,
        "towers": towers(requested.train.batch if "batch" in train_overrides else rows),
    }
    if {"optimizer", "learning_rate"} & train_overrides.keys():
        kind_train = {} if train_overrides.get("optimizer", "adam") == "adam" else {"weight_decay": 0.0}
    base = {
        "recipe": name,
        "train": recipe["train"] | kind_train | train,
        "network": recipe["network"] | kind_network,
    }
    settings = parse_settings(merged(base, overrides), CompareSettings())
    of_training = settings.train
    if of_training.batch % of_training.towers:
        raise InputError(f"train.batch={of_training.batch} is no multiple of train.towers={of_training.towers}.")
    decay = of_training.weight_decay * of_training.learning_rate
    if "weight_decay" in train_overrides and of_training.optimizer == "sgd" and decay > MAX_DECAY_PER_UPDATE:
        raise InputError(
            f"train.weight_decay={of_training.weight_decay:g} removes {decay:.0%} of each weight in an update by sgd. "
            f"Give it to single columns, such as --set columns.char.train.weight_decay={of_training.weight_decay:g}."
        )
    return settings
