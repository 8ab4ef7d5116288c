"""What more training text gives: a curve per column, and where, if anywhere, one column overtakes another.

Intervals and p are those of verdicts (statistics.py), for all pairs of columns at all fractions together. So intervals
may be joined by straight lines over the logarithm of the characters: if each measured difference is as near to the true
one as its interval says, so is every point of the line between two of them. Where the band between these lines
contains zero is where the columns may cross.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from statistics import fmean

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.power_law import fitted_curve
from toolkit.evaluation.statistics import AT_ONCE, Columns, least_as_large, smallest_p
from toolkit.evaluation.units import characters_of_units, columns_over_units
from toolkit.evaluation.variance import all_pairs, pair_indices, pair_places
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import FractionFacts
from toolkit.results.grouping import grouped
from toolkit.results.scaling import Crossing, DifferenceAt, Scaling
from toolkit.results.text import from_to, listing, plural
from toolkit.results.units import unit_of

Point = tuple[float, float]  # characters of training text, a difference in bits per character


def scaling(comparison: Comparison) -> Scaling | None:
    """Curves and crossings of the columns that have a result at every fraction; None with a single fraction."""
    characters = {facts.fraction: facts.characters for facts in comparison.corpus.fractions}
    if not characters:
        return None
    by_column = {name: by_fraction(comparison, name) for name in comparison.columns}
    whole = {name: cells for name, cells in by_column.items() if cells.keys() == characters.keys()}
    curves = [
        fitted_curve(
            name,
            list(characters.values()),
            [fmean(cell.bits_per_character.total for cell in cells[f]) for f in characters],
        )
        for name, cells in whole.items()
    ]
    return Scaling(
        curves=[curve for curve in curves if curve is not None],
        crossings=crossings(comparison, whole, characters),
        notes=recipe_notes(comparison.corpus.fractions) if any(cell.updates for cell in comparison.done) else [],
    )


def recipe_notes(fractions: Sequence[FractionFacts]) -> list[str]:
    """A sentence for each change of the recipe: there a trained column's curve joins what was trained differently."""
    return [
        f"The recipe changes from {less.recipe} to {more.recipe} between {less.characters:,} and {more.characters:,} "
        f"characters: a trained column's curve joins networks trained in two ways there, and what it misses at the "
        f"whole text is partly that."
        for less, more in pairwise(fractions)
        if less.recipe != more.recipe
    ]


def by_fraction(comparison: Comparison, column: str) -> dict[float, list[Cell]]:
    """The finished cells of a column by fraction, ascending."""
    return grouped((cell for cell in comparison.done if cell.column == column), lambda cell: cell.fraction)


def crossings(
    comparison: Comparison, columns: Mapping[str, Mapping[float, list[Cell]]], characters: Mapping[float, int]
) -> list[Crossing]:
    """Where each pair of columns crosses; nothing without two columns, or two units to compare them over."""
    if len(columns) < 2:
        return []
    names, fractions = list(columns), list(characters)
    of_all = [columns[name][fraction] for name in names for fraction in fractions]
    if len(characters_of_units(of_all[0][0])) < 2:
        return []
    measured = columns_over_units(comparison, of_all)
    seeds = from_to([len(cells) for by_fraction in columns.values() for cells in by_fraction.values()], "seed")
    over = (
        f"over {plural(len(measured.characters), unit_of(comparison))} and {seeds}; after this much training, with "
        f"one choice of training documents for each fraction"
    )
    pairs = zip(combinations(names, 2), differences(measured, len(names), characters), strict=True)
    return [crossing(a, b, of_pair, over) for (a, b), of_pair in pairs]


def differences(measured: Columns, columns: int, characters: Mapping[float, int]) -> Iterator[list[DifferenceAt]]:
    """The differences of each pair of columns at every fraction; ``measured`` has column by column its fractions."""
    a, b = pair_indices(len(measured.bits))
    place = {pair: k for k, pair in enumerate(zip(a.tolist(), b.tolist(), strict=True))}
    size = len(characters)
    of_pairs = np.array(
        [[place[i * size + f, j * size + f] for f in range(size)] for i, j in combinations(range(columns), 2)]
    )  # (pairs of columns, fractions)
    order = np.argsort(measured.means.reshape(columns, -1).sum(axis=1), kind="stable")  # draws depend on no other
    drawn = measured.ordered(np.arange(columns * size).reshape(columns, size)[order].ravel().tolist())
    places = pair_places(order.tolist())
    critical = drawn.critical_values(np.random.default_rng(0), of_pairs.ravel().tolist())[of_pairs][places]
    p = adjusted_p(drawn, columns, of_pairs, np.random.default_rng(1))[places]
    estimates = measured.pairs.differences[of_pairs]
    halves = critical * np.sqrt(measured.pairs.variances + measured.seed_variances)[of_pairs]
    for of_pair in zip(estimates.tolist(), halves.tolist(), p.tolist(), strict=True):
        yield [
            DifferenceAt(
                fraction=fraction, characters=of_fraction, difference=estimate,
                low=estimate - half, high=estimate + half, p=of_one,
            )
            for (fraction, of_fraction), estimate, half, of_one in zip(characters.items(), *of_pair, strict=True)
        ]  # fmt: skip


def adjusted_p(
    measured: Columns, columns: int, chosen: npt.NDArray[np.intp], rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """p of each pair of columns at each fraction (pairs of columns, fractions), adjusted for all of them.

    ``chosen``, of that shape, is where each of these pairs stands among all pairs.
    Within each document the columns change places, at all fractions alike; p is how often the largest |t| of all pairs
    and fractions is at least as large as the one measured (Westfall & Young 1993, the single-step maximum).
    """
    documents, fractions = len(measured.characters), chosen.shape[1]
    rows = np.arange(columns * fractions).reshape(columns, fractions)
    least = least_as_large(measured.t[chosen])
    count = np.zeros(chosen.shape)
    for _ in range(measured.thousands):
        turned = rng.random((AT_ONCE, columns, documents)).argsort(axis=1)
        order = rows[turned].transpose(0, 1, 3, 2).reshape(AT_ONCE, columns * fractions, documents)
        drawn = measured.with_seeds(all_pairs(measured.means[order, np.arange(documents)], measured.characters), rng)
        count += (drawn[:, chosen].max(axis=(1, 2))[:, None, None] >= least).sum(axis=0)
    p: npt.NDArray[np.float64] = (1 + count) / (1 + measured.thousands * AT_ONCE)
    return np.maximum(p, smallest_p(documents, columns))


def zeros(line: Sequence[Point]) -> list[float]:
    """The characters at which a line, straight between points over the logarithm of the characters, crosses zero.

    >>> [round(n) for n in zeros([(100, 1.0), (10_000, -1.0), (20_000, -0.5)])]
    [1000]
    """
    found = []
    for (n, before), (m, after) in pairwise(line):
        if before != 0 and before * after <= 0:
            share = before / (before - after)
            found.append(math.exp((1 - share) * math.log(n) + share * math.log(m)))
    return found


def crossing(a: str, b: str, differences: Sequence[DifferenceAt], over: str) -> Crossing:
    """Where the pair crosses: between the last fraction that is decided one way and the first decided the other way."""
    decided = [(k, math.copysign(1, d.difference)) for k, d in enumerate(differences) if d.settled]
    turns = [(k, m) for (k, one), (m, other) in pairwise(decided) if one != other]
    if len(turns) != 1:
        return Crossing(a=a, b=b, differences=list(differences), verdict=uncrossed(a, b, differences, over))
    start, end = turns[0]
    between = differences[start : end + 1]
    (at, *_) = zeros([(d.characters, d.difference) for d in between])
    edges = [zeros([(d.characters, edge) for d, edge in zip(between, line, strict=True)])
             for line in ([d.low for d in between], [d.high for d in between])]  # fmt: skip
    low, high = min(map(min, edges)), max(map(max, edges))
    later, earlier = (b, a) if differences[start].difference < 0 else (a, b)
    verdict = (
        f"{later} overtakes {earlier} at about {round_characters(at, low, high)} characters of training text (95 % "
        f"interval {round_characters(low, low, high)} to {round_characters(high, low, high)}, {over})"
    )
    return Crossing(a=a, b=b, differences=list(differences), at=at, low=low, high=high, verdict=verdict)


def uncrossed(a: str, b: str, differences: Sequence[DifferenceAt], over: str) -> str:
    """The verdict on a pair that does not cross once."""
    decided = [d for d in differences if d.settled]
    ends = f"from {differences[0].characters:,} to {differences[-1].characters:,} characters of training text"
    if not decided:
        return f"cannot tell {a} from {b} at any fraction {ends} (95 % intervals {over})"
    winners = [b if d.difference > 0 else a for d in decided]
    if len(set(winners)) > 1:
        turns = ", ".join(f"{name} at {d.characters:,}" for name, d in zip(winners, decided, strict=True))
        return f"{a} and {b} cross more than once {ends}: fewer bits are needed by {turns} (95 % intervals {over})"
    winner, loser = (winners[0], b if winners[0] == a else a)
    if len(decided) == len(differences):
        return (
            f"{winner} needs fewer bits than {loser} at every fraction {ends}: they do not cross within the range "
            f"(95 % intervals {over})"
        )
    at = listing([f"{d.characters:,}" for d in decided])
    rest = [d for d in differences if d not in decided]
    others = f"the other, of {rest[0].characters:,} characters," if len(rest) == 1 else f"the other fractions {ends}"
    return (
        f"{winner} needs fewer bits than {loser} with {at} characters of training text; with {others} they cannot be "
        f"told apart (95 % intervals {over})"
    )


def round_characters(characters: float, low: float, high: float) -> str:
    """Characters with two digits, or as many as tell the ends of their interval apart.

    >>> round_characters(123_456, 90_000, 200_000), round_characters(184_400, 184_100, 184_900)
    ('120,000', '184,000')
    """
    digits = next((n for n in range(2, 9) if f"{low:.{n}g}" != f"{high:.{n}g}"), 9)
    return f"{float(f'{characters:.{digits}g}'):,.0f}"
