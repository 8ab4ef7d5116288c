"""What columns were given to learn with: the resources of which ``--match`` makes one equal, and how equal it came out.

The parameters without the embedding are ``parameters − embedding_parameters``: where the embedding is also the output
matrix (``network.tied``), neither is counted. Multiply–adds are those of the network's products, gradients included.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from toolkit.results.cell import Cell, Match
from toolkit.results.comparison import Comparison

UNEQUAL = "--match "  # begins a warning
TOLERANCE = 0.03  # by which the largest may exceed the smallest of what was made equal


@dataclass(frozen=True)
class Resource:
    """A resource of training. ``of`` returns the amount that a cell was given.

    ``match`` is the value of ``--match`` that makes it equal, if there is one.
    """

    label: str
    meaning: str
    of: Callable[[Cell], float]
    match: Match | None = None


SECONDS = Resource("seconds of training", "by the clock, on the machine that trained it", lambda c: c.train_seconds)
RESOURCES = (
    Resource("characters read", "of training text, including repetitions", lambda c: c.characters_seen, "chars"),
    Resource("tokens read", "events of the network in these characters", lambda c: c.tokens_seen),
    Resource(
        "parameters without the embedding",
        "all but the input matrix; a tied embedding is also the output matrix and is counted as neither",
        lambda c: c.parameters - c.embedding_parameters,
        "params",
    ),
    Resource("all parameters", "learned numbers: weights, or n-grams", lambda c: c.parameters),
    Resource(
        "multiply–adds in training",
        "of all products, gradients included; with network.cutoff, as if all tokens were told apart everywhere",
        lambda c: c.multiply_adds_per_character.train * c.characters_seen,
        "flops",
    ),
    SECONDS,
)
OF_MATCH = {resource.match: resource for resource in RESOURCES if resource.match}
BY_LENGTH: tuple[Match, ...] = ("flops", "chars")  # made equal by how long each column is trained


def match_of(comparison: Comparison) -> Match | None:
    """What ``--match`` made equal, or None."""
    return next((cell.matched for cell in comparison.full if cell.matched), None)


def by_column(comparison: Comparison, resource: Resource) -> dict[str, float | None]:
    """What each column was given, the mean over its seeds; None for seconds of several machines."""
    if resource is SECONDS and len(comparison.machines) > 1:
        return dict.fromkeys(comparison.by_column)
    return {name: fmean(resource.of(cell) for cell in cells) for name, cells in comparison.by_column.items()}


def excess(comparison: Comparison, resource: Resource) -> float | None:
    """By which part the largest amount exceeds the smallest, among the columns that were matched, or all if none was.

    None with fewer than two columns, or where one has nothing of it or it is not known.
    """
    match = match_of(comparison)
    matched = {name for name, cells in comparison.by_column.items() if match is None or cells[0].matched}
    amounts = [amount for name, amount in by_column(comparison, resource).items() if name in matched]
    if len(amounts) < 2 or not all(amounts):
        return None
    known = [amount for amount in amounts if amount is not None]
    return max(known) / min(known) - 1


def outcome(comparison: Comparison) -> str:
    """In a sentence or two: what was made equal and how nearly, and how unequal the rest is."""
    match = match_of(comparison)
    over = None if match is None else excess(comparison, OF_MATCH[match])
    equal = match is not None and over is not None and over <= TOLERANCE
    rest = [(one, excess(comparison, one)) for one in RESOURCES if not equal or one.match != match]
    ratios = [(one.label, f"{1 + by:.2f}") for one, by in rest if by is not None]
    times = ", ".join(f"{label} × {ratio}" for label, ratio in ratios if ratio != "1.00")
    others = [name for name, cells in comparison.by_column.items() if match and not cells[0].matched]
    without = f", without {', '.join(others)}" if others else ""
    unequal = f"Left unequal{without} (the largest amount divided by the smallest): {times}." if times else ""
    if match is None:
        return f"Nothing was made equal with --match. {unequal}".strip()
    label = OF_MATCH[match].label
    if over is None:
        said = f"was to make equal: {label}, which cannot be compared here"
    else:
        said = f"made equal: {label}, within {_percent(over)}" if equal else f"did not make {label} equal"
    return f"--match {match} {said}. {unequal}".strip()


def warnings(comparison: Comparison) -> list[str]:
    """A sentence if what ``--match`` should make equal came out more unequal than it promises."""
    match = match_of(comparison)
    over = None if match is None else excess(comparison, OF_MATCH[match])
    if match is None or over is None or over <= TOLERANCE:
        return []
    return [
        f"{UNEQUAL}{match} did not make {OF_MATCH[match].label} equal: the column with the most has {_percent(over)} "
        f"more than the one with the least, and {_percent(TOLERANCE)} is what it promises."
    ]


def _percent(share: float) -> str:
    """A share in per cent, rounded up: what is said to be within it is.

    >>> _percent(0.0101), _percent(0.03)
    ('1.1\\u202f%', '3.0\\u202f%')
    """
    return f"{math.ceil(round(1000 * share, 6)) / 10:.1f}\u202f%"
