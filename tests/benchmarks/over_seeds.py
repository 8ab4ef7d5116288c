"""The seeds of a measurement, and what was found of them as it stands in a table."""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean, stdev


def add_seeds(parser: argparse.ArgumentParser, number: int) -> None:
    """Add the options from which ``seeds_of`` takes the seeds: how many, and the first."""
    parser.add_argument("--seeds", type=int, default=number, help=f"how many, {number} by default")
    parser.add_argument("--first-seed", type=int, default=0, help="where they begin, 0 by default")


def seeds_of(options: argparse.Namespace) -> range:
    """The seeds that were asked for."""
    return range(options.first_seed, options.first_seed + options.seeds)


def of_each(seeds: Iterable[int], measure: Callable[[int], float], name: str) -> list[float]:
    """What is measured of each seed, told on standard error as soon as it is known: nothing is lost if the rest is."""
    found = []
    for seed in seeds:
        found.append(measure(seed))
        print(f"{name}, seed {seed}: {found[-1]:.4f}", file=sys.stderr, flush=True)
    return found


def spread(found: Sequence[float]) -> str:
    """Mean and, of several, standard deviation."""
    return f"{fmean(found):.4f}" + (f" ± {stdev(found):.4f}" if len(found) > 1 else "")
