"""Named settings, chosen by the number of training characters and the time budget."""

import math
from typing import Any, Literal, NamedTuple

from toolkit.config import MOST_COPIES, CompareSettings, NetworkSettings, RecipeName, TrainSettings, parse_settings
from toolkit.errors import InputError

STANDARD_FROM = 1_000_000  # training characters
LARGE_FROM_SECONDS = 900.0  # a budget that allows four times the work per character
MORE_TEXT = 500_000  # training characters: from here on the small recipe has less dropout for characters
MUCH_TEXT = 1_000_000  # training characters: from here on the large recipe has less dropout and fewer passes
SHORT_SECONDS, SHORT_PASSES = 300.0, 4  # training is short below these
TOWER_ROWS = 16  # with 8 a batch of 32 is a tenth slower on two cores, with 32 one of 64 a quarter
MAX_DECAY_PER_UPDATE = 0.1  # share of a weight; a useful decay is a hundredth of it

TokenKind = Literal["characters", "words"]


class Recipe(NamedTuple):
    """The settings of a recipe: passes over the text, Adam's rate and weight decay, and the network.

    All columns make the same passes. ``kinds`` has the differences for columns whose tokens are all of one kind.
    """

    passes: int
    learning_rate: float
    weight_decay: float
    network: NetworkSettings
    kinds: dict[TokenKind, dict[str, Any]]


def _words(rate: float, **network: float) -> dict[str, Any]:
    """Return the settings of plain gradient descent, and of a network's dropout."""
    train = {"train": {"optimizer": "sgd", "learning_rate": rate, "weight_decay": 0.0}}
    return {"network": network} | train if network else train


# Chosen on validation documents (reports/README.md, "What each setting is worth"). The less text, the more dropout;
# the more units, the lower the rate. Networks of words overfit a small text, with plain gradient descent later than
# with Adam. Characters learn well at twice the rate, byte pairs do not. Weight decay helps Adam, except beside the
# large recipe's dropout. In two passes plain descent does not catch up with Adam, so short training has no kinds.
FAST = {"train": {"learning_rate": 0.024}}
SMALL = Recipe(
    20,
    0.012,
    0.03,
    NetworkSettings(dropout=0.3, input_dropout=0.3, recurrent_dropout=0.2),
    {"characters": FAST, "words": _words(12.0, dropout=0.5)},
)
STANDARD = Recipe(
    8,
    0.012,
    0.03,
    NetworkSettings(dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1),
    {"characters": {"network": {"dropout": 0.1, "recurrent_dropout": 0.0}} | FAST, "words": _words(12.0)},
)
LARGE = Recipe(
    45,
    0.008,
    0.0,
    NetworkSettings(units=512, dropout=0.4, input_dropout=0.3, recurrent_dropout=0.4),
    {"words": _words(8.0, dropout=0.6, input_dropout=0.4, recurrent_dropout=0.3)},
)
RECIPES = {
    "small": SMALL,
    "small of more text": SMALL._replace(
        kinds=SMALL.kinds | {"characters": {"network": {"dropout": 0.1, "recurrent_dropout": 0.1}} | FAST}
    ),
    "standard": STANDARD,
    "standard in short training": STANDARD._replace(weight_decay=0.0, kinds={}),
    "large": LARGE,
    "large of much text": LARGE._replace(
        passes=24,
        network=NetworkSettings(units=512, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.2),
        kinds={"words": _words(8.0, dropout=0.4, input_dropout=0.2)},
    ),
}


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


def completed(overrides: dict[str, Any], characters: int, kind: TokenKind | None = None) -> CompareSettings:
    """Return the settings, completed from their recipe: the named one, or the one for this many training characters.

    A batch has 32 rows, or fewer if a row would have less than 2,000 characters. ``kind`` is the kind of all tokens, if
    there is only one. Optimizer and learning rate are one choice. If either is an override, the recipe's differences
    for a kind leave both alone, and the recipe's weight decay applies only with Adam.
    Raises InputError if a setting is invalid, weight decay removes the weights, or the towers cannot share the batch.
    """
    requested, given = parse_settings(overrides, CompareSettings()), overrides.get("train", {})
    name = requested.recipe if "recipe" in overrides else recipe_name(characters, requested.train.budget_seconds)
    seconds, passes = requested.train.budget_seconds or math.inf, requested.train.epochs or math.inf
    short = seconds < SHORT_SECONDS or passes < SHORT_PASSES
    recipe = RECIPES[recipe_title(name, characters, short=short)]
    decay, differences = recipe.weight_decay, dict(recipe.kinds[kind]) if kind in recipe.kinds else {}
    if {"optimizer", "learning_rate"} & given.keys():
        differences.pop("train", None)
        decay = decay if given.get("optimizer", "adam") == "adam" else 0.0
    rows = max(2, min(32, characters // 2000 // 2 * 2))
    train = TrainSettings(
        updates=max(1, round(recipe.passes * characters / (rows * TrainSettings().window_characters))),
        batch=rows,
        towers=towers(requested.train.batch if "batch" in given else rows),
        learning_rate=recipe.learning_rate,
        weight_decay=decay,
    )
    base = parse_settings(differences, CompareSettings(recipe=name, network=recipe.network, train=train))
    settings = parse_settings(overrides, base)
    train = settings.train
    if train.batch % train.towers:
        raise InputError(f"train.batch={train.batch} is no multiple of train.towers={train.towers}. Change either.")
    decay = train.weight_decay * train.learning_rate
    if "weight_decay" in given and train.optimizer == "sgd" and decay > MAX_DECAY_PER_UPDATE:
        raise InputError(
            f"train.weight_decay={train.weight_decay:g} removes {decay:.0%} of each weight in an update by sgd. Give "
            f"it to single columns, such as --set columns.char.train.weight_decay={train.weight_decay:g}."
        )
    return settings
