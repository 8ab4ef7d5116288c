"""Named settings, chosen by the number of training characters and the time budget."""

from typing import Any

from toolkit.config import MOST_COPIES, CompareSettings, NetworkSettings, RecipeName, TrainSettings, parse_settings

STANDARD_FROM = 1_000_000  # training characters
LARGE_FROM_SECONDS = 900.0  # a budget that allows four times the work per character
TOWER_ROWS = 16  # with 8 a batch of 32 is a tenth slower on two cores, with 32 one of 64 a quarter
PASSES: dict[RecipeName, int] = {"small": 20, "standard": 8, "large": 45}  # over the text, for every column alike
NETWORKS: dict[RecipeName, NetworkSettings] = {  # the less text, the more dropout; chosen on validation documents
    "small": NetworkSettings(dropout=0.3, input_dropout=0.3, recurrent_dropout=0.2),
    "standard": NetworkSettings(dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1),
    "large": NetworkSettings(units=512, dropout=0.4, recurrent_dropout=0.4),
}
RATES: dict[RecipeName, float] = {"small": 0.012, "standard": 0.012, "large": 0.008}  # the more units, the lower
# What differs where inputs are embedded: such networks soon know a small text by heart, with plain gradient descent
# later than with Adam. Chosen on validation documents of the bundled tales (reports/README.md).
EMBEDDED: dict[RecipeName, dict[str, Any]] = {
    "large": {
        "network": {"dropout": 0.6, "input_dropout": 0.4, "recurrent_dropout": 0.3},
        "train": {"optimizer": "sgd", "learning_rate": 8.0},
    }
}


def recipe_name(characters: int, budget_seconds: float | None = None) -> RecipeName:
    """The recipe for a number of training characters and, with a time budget, of seconds.

    >>> recipe_name(300_000, 1800.0), recipe_name(2_000_000), recipe_name(2_000_000, 1800.0)
    ('small', 'standard', 'large')
    """
    if characters < STANDARD_FROM:
        return "small"
    return "large" if budget_seconds is not None and budget_seconds >= LARGE_FROM_SECONDS else "standard"


def recipe(
    characters: int, name: RecipeName | None = None, batch: int | None = None, *, embedded: bool = False
) -> CompareSettings:
    """The settings of a recipe for this many training characters; by default the one that suits them.

    The number of towers suits the batch: the one that was asked for, or else the recipe's. Some recipes differ where
    the inputs are ``embedded``.
    """
    name = name or recipe_name(characters)
    train = TrainSettings(batch=rows(characters), learning_rate=RATES[name], towers=towers(batch or rows(characters)))
    updates = max(1, round(PASSES[name] * characters / (train.batch * train.window_characters)))
    train = train.model_copy(update={"updates": updates})
    settings = CompareSettings(recipe=name, network=NETWORKS[name], train=train)
    return parse_settings(EMBEDDED.get(name, {}), settings) if embedded else settings


def towers(batch: int) -> int:
    """The number of equal parts of a batch: as many as have 16 rows each, but at least two if the batch is even.

    >>> [towers(batch) for batch in (2, 20, 32, 64, 100, 7)]
    [2, 2, 2, 4, 5, 1]
    """
    most = min(max(2, batch // TOWER_ROWS), MOST_COPIES)
    return max(parts for parts in range(1, most + 1) if batch % parts == 0)


def rows(characters: int) -> int:
    """Rows of a batch: 32, or fewer for a text so small that a row would have fewer than ten windows.

    >>> rows(300_000), rows(5_000)
    (32, 2)
    """
    return max(2, min(32, characters // 2000 // 2 * 2))
