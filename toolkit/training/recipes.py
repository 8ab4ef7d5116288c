"""Named settings, chosen by the number of training characters and the time budget."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from toolkit.config import (
    MOST_COPIES,
    CompareSettings,
    NetworkSettings,
    RecipeName,
    TrainSettings,
    parse_settings,
)

STANDARD_FROM = 1_000_000  # training characters
LARGE_FROM_SECONDS = 900.0  # a budget that allows four times the work per character
TOWER_ROWS = 16  # with 8 a batch of 32 is a tenth slower on two cores, with 32 one of 64 a quarter

TokenKind = Literal["characters", "words"]


class Recipe(NamedTuple):
    """The settings of a recipe: passes over the text, the same for every column, Adam's rate, and the network.

    ``kinds`` is what differs where all tokens are of one kind.
    """

    passes: int
    learning_rate: float  # the more units, the lower
    network: NetworkSettings
    kinds: Mapping[TokenKind, dict[str, Any]]
    weight_decay: float = 0.0  # of Adam


def descent(rate: float) -> dict[str, Any]:
    """Plain gradient descent, which needs no weight decay."""
    return {"optimizer": "sgd", "learning_rate": rate, "weight_decay": 0.0}


FAST = {"train": {"learning_rate": 0.024}}
DECAY = 0.03

# Chosen on validation documents (reports/README.md, "What each setting is worth"). The less text, the more dropout.
# Networks of words soon know a small text by heart, with plain gradient descent later than with Adam. Those of
# characters learn well at twice the rate, those of byte pairs do not. What learns by Adam gains by weight decay, but
# not beside as much dropout as `large` has.
RECIPES: dict[RecipeName, Recipe] = {
    "small": Recipe(
        20,
        0.012,
        NetworkSettings(dropout=0.3, input_dropout=0.3, recurrent_dropout=0.2),
        {"characters": FAST, "words": {"network": {"dropout": 0.5}, "train": descent(12.0)}},
        weight_decay=DECAY,
    ),
    "standard": Recipe(
        8,
        0.012,
        NetworkSettings(dropout=0.2, input_dropout=0.1, recurrent_dropout=0.1),
        {
            "characters": {"network": {"dropout": 0.1, "recurrent_dropout": 0.0}} | FAST,
            "words": {"train": descent(12.0)},
        },
        weight_decay=DECAY,
    ),
    "large": Recipe(
        45,
        0.008,
        NetworkSettings(units=512, dropout=0.4, input_dropout=0.3, recurrent_dropout=0.4),
        {"words": {"network": {"dropout": 0.6, "input_dropout": 0.4, "recurrent_dropout": 0.3}, "train": descent(8.0)}},
    ),
}
MORE_TEXT = 500_000  # training characters, from which on characters need less dropout by the small recipe
SMALL_OF_MORE_TEXT = RECIPES["small"]._replace(
    kinds={**RECIPES["small"].kinds, "characters": {"network": {"dropout": 0.1, "recurrent_dropout": 0.1}} | FAST}
)
# In two passes plain descent does not catch up with Adam; what weight decay is worth there was not measured.
STANDARD_IN_SHORT = RECIPES["standard"]._replace(kinds={}, weight_decay=0.0)
SHORT_SECONDS, SHORT_PASSES = 300.0, 4  # training is short below these
MUCH_TEXT = 1_000_000  # training characters
LARGE_OF_MUCH_TEXT = Recipe(  # what `large` is from there on
    24,
    0.008,
    NetworkSettings(units=512, dropout=0.2, input_dropout=0.1, recurrent_dropout=0.2),
    {"words": {"network": {"dropout": 0.4, "input_dropout": 0.2}, "train": descent(8.0)}},
)


def recipe_of(name: RecipeName, characters: int, *, short: bool = False) -> Recipe:
    """What a recipe says of this many training characters; ``short`` is whether training is (``is_short``)."""
    if name == "small" and characters >= MORE_TEXT:
        return SMALL_OF_MORE_TEXT
    if name == "large" and characters >= MUCH_TEXT:
        return LARGE_OF_MUCH_TEXT
    return STANDARD_IN_SHORT if name == "standard" and short else RECIPES[name]


def recipe_title(name: RecipeName, characters: int) -> str:
    """The name of what a recipe says of this many training characters.

    >>> recipe_title("large", 300_000), recipe_title("large", 2_000_000), recipe_title("small", 600_000)
    ('large', 'large of much text', 'small of more text')
    """
    chosen = recipe_of(name, characters)
    if chosen is SMALL_OF_MORE_TEXT:
        return f"{name} of more text"
    return f"{name} of much text" if chosen is LARGE_OF_MUCH_TEXT else name


def recipe_name(characters: int, budget_seconds: float | None = None) -> RecipeName:
    """The recipe for a number of training characters and, with a time budget, of seconds.

    >>> recipe_name(300_000, 1800.0), recipe_name(2_000_000), recipe_name(2_000_000, 1800.0)
    ('small', 'standard', 'large')
    """
    if characters < STANDARD_FROM:
        return "small"
    return "large" if budget_seconds is not None and budget_seconds >= LARGE_FROM_SECONDS else "standard"


def recipe(
    characters: int,
    name: RecipeName | None = None,
    batch: int | None = None,
    kind: TokenKind | None = None,
    *,
    short: bool = False,
) -> CompareSettings:
    """The settings of a recipe for this many training characters; by default the one that suits them.

    The number of towers suits the batch: the one that was asked for, or else the recipe's. Some recipes differ where
    tokens are of one ``kind``, the standard one unless training is ``short``.
    """
    name = name or recipe_name(characters)
    chosen = recipe_of(name, characters, short=short)
    train = TrainSettings(
        batch=rows(characters),
        learning_rate=chosen.learning_rate,
        weight_decay=chosen.weight_decay,
        towers=towers(batch or rows(characters)),
    )
    updates = max(1, round(chosen.passes * characters / (train.batch * train.window_characters)))
    train = train.model_copy(update={"updates": updates})
    settings = CompareSettings(recipe=name, network=chosen.network, train=train)
    return parse_settings(chosen.kinds.get(kind, {}), settings) if kind else settings


def is_short(train: TrainSettings) -> bool:
    """Whether training was asked to be short, by a time budget or by passes.

    >>> is_short(TrainSettings(epochs=2)), is_short(TrainSettings(budget_seconds=600.0)), is_short(TrainSettings())
    (True, False, False)
    """
    by_clock = train.budget_seconds is not None and train.budget_seconds < SHORT_SECONDS
    return by_clock or (train.epochs is not None and train.epochs < SHORT_PASSES)


def towers(batch: int) -> int:
    """The number of equal parts of a batch: as many as have 16 rows each, but at least two if the batch is even.

    >>> [towers(batch) for batch in (2, 20, 32, 64, 100, 7)]
    [2, 2, 2, 4, 5, 1]
    """
    most = min(max(2, batch // TOWER_ROWS), MOST_COPIES)
    return max(parts for parts in range(1, most + 1) if batch % parts == 0)


def rows(characters: int) -> int:
    """Rows of a batch: 32, or fewer for a text so small that a row would have fewer than twenty windows.

    >>> rows(300_000), rows(5_000)
    (32, 2)
    """
    return max(2, min(32, characters // 2000 // 2 * 2))
