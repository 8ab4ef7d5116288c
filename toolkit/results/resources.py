"""Resources of training, which ``--match`` can make equal, and settings that differ between columns.

Parameters without the embedding are ``parameters − embedding_parameters``. If the embedding is also the output matrix
(``network.tied``), it counts as neither. Multiply–adds count the network's products, gradients included.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from toolkit.config import flat
from toolkit.results.cell import Cell, Match
from toolkit.results.comparison import Comparison

TOLERANCE = 0.03  # the largest matched amount may exceed the smallest by this share
COMMON = ("recipe", "network", "train")  # the groups of settings that the comparison sets for all columns


@dataclass(frozen=True)
class Resource:
    """A resource of training. ``of`` returns the amount of a cell; ``match`` is the value of ``--match`` for it."""

    label: str
    of: Callable[[Cell], float]
    match: Match | None = None


SECONDS = Resource("seconds of training", lambda c: c.train_seconds)
RESOURCES = (
    Resource("characters read", lambda c: c.characters_seen, "chars"),
    Resource("parameters without the embedding", lambda c: c.parameters - c.embedding_parameters, "params"),
    Resource("all parameters", lambda c: c.parameters),
    Resource("multiply–adds in training", lambda c: c.multiply_adds_per_character.train * c.characters_seen, "flops"),
    SECONDS,
)
OF_MATCH = {resource.match: resource for resource in RESOURCES if resource.match}
BY_LENGTH: tuple[Match, ...] = ("flops", "chars")  # made equal by how long each column is trained


def match_of(comparison: Comparison) -> Match | None:
    """Return what ``--match`` made equal, or None."""
    return next((cell.matched for cell in comparison.full if cell.matched), None)


def by_column(comparison: Comparison, resource: Resource) -> dict[str, float | None]:
    """Return each column's amount, the mean over its seeds; None for seconds of several machines."""
    if resource is SECONDS and len(comparison.machines) > 1:
        return dict.fromkeys(comparison.by_column)
    return {name: fmean(map(resource.of, cells)) for name, cells in comparison.by_column.items()}


def excess(comparison: Comparison, resource: Resource) -> float | None:
    """Return the largest amount divided by the smallest, minus 1, of matched columns, or of all if none was matched.

    None with fewer than two columns, or if an amount is zero or unknown.
    """
    match = match_of(comparison)
    matched = {name for name, cells in comparison.by_column.items() if match is None or cells[0].matched}
    amounts = [amount for name, amount in by_column(comparison, resource).items() if name in matched and amount]
    return max(amounts) / min(amounts) - 1 if len(amounts) == len(matched) > 1 else None


def common_settings(comparison: Comparison) -> dict[str, Any]:
    """Return the settings that the comparison sets for all columns, by dotted keys."""
    return flat({group: comparison.settings[group] for group in COMMON if group in comparison.settings})


def differing(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Return the value by column for each setting that differs between columns with a result, by its dotted key.

    None if a column has no such option, or its default, or is counted and so has no network. The tokenizer's name is no
    setting.
    """
    common, settings = common_settings(comparison), {}
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
