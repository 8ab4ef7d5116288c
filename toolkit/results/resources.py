"""Resources of training, which ``--match`` can make equal, and settings that differ between columns.

Parameters without the embedding are ``parameters − embedding_parameters``. If the embedding is also the output matrix
(``network.tied``), it counts as neither. Multiply–adds count the network's products, gradients included.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import Any

from toolkit.config import flat
from toolkit.results.cell import Cell, Match
from toolkit.results.comparison import Comparison

TOLERANCE = 0.03  # the largest matched amount may exceed the smallest by this share
COMMON = ("recipe", "network", "train")  # the groups of settings that the comparison sets for all columns


RESOURCES: Mapping[Match, str] = {
    "chars": "characters read",
    "params": "parameters without the embedding",
    "flops": "multiply–adds in training",
}
BY_LENGTH: tuple[Match, ...] = ("flops", "chars")  # made equal by how long each column is trained


def amount(match: Match, cells: Sequence[Cell]) -> float:
    """Return the mean amount of a resource that a column's seeds had."""
    amounts: Mapping[Match, Callable[[Cell], float]] = {
        "chars": lambda cell: cell.characters_seen,
        "params": lambda cell: cell.parameters - cell.embedding_parameters,
        "flops": lambda cell: cell.multiply_adds_per_character.train * cell.characters_seen,
    }
    return fmean(map(amounts[match], cells))


def match_of(comparison: Comparison) -> Match | None:
    """Return what ``--match`` made equal, or None."""
    return next((cell.matched for cell in comparison.full if cell.matched), None)


def excess(comparison: Comparison) -> float | None:
    """Return the largest matched amount divided by the smallest, minus 1; None without two matched columns."""
    columns = [cells for cells in comparison.by_column.values() if cells[0].matched]
    if (match := match_of(comparison)) is None or len(columns) < 2:
        return None
    amounts = [amount(match, cells) for cells in columns]
    return max(amounts) / min(amounts) - 1


def differing(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Return the value by column for each setting that differs between columns with a result, by its dotted key.

    None if a column has no such option, or its default, or is counted and so has no network. The tokenizer's name is no
    setting.
    """
    common = flat({group: comparison.settings[group] for group in COMMON if group in comparison.settings})
    settings = {}
    networks = {name for name, cells in comparison.by_column.items() if not cells[0].counted}
    options = {name: flat(comparison.settings.get("columns", {}).get(name, {})) for name in comparison.columns}
    for key in dict.fromkeys(key for table in options.values() for key in table if key != "tokenizer"):
        setting = {
            name: table.get(key, common.get(key) if name in networks else None) for name, table in options.items()
        }
        compared = {repr(value) for value in setting.values() if value is not None or key not in common}
        if len(compared) > 1:
            settings[key] = setting
    return settings
