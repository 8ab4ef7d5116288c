"""The verdict on two columns, in words."""

import math
from collections.abc import Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.evaluation.statistics import (
    ALPHA,
    ROUNDING,
    Difference,
    difference,
    documents_needed,
    holm,
    seeds_needed,
    sign_flip_p,
    smallest_p,
)
from toolkit.events.distribution import Floats
from toolkit.results import Contrast


def verdict(a: str, b: str, difference: Difference, p: float, unit: str) -> str:
    """The verdict in words. The rule: one column beats the other if and only if the 95 % interval excludes 0.

    As the intervals of all contrasts hold together, so do their verdicts. p is given too; if the two disagree, or if p
    could not have been small, the sentence says so and why.
    """
    if difference.decided:
        winner, loser = (a, b) if difference.estimate < 0 else (b, a)
        size = amount(abs(difference.estimate), difference.half_width)
        return f"{winner} beats {loser} by {size} bits per character ({'; '.join(grounds(difference, p, unit))})"
    size = amount(difference.estimate, difference.half_width)
    return (
        f"cannot tell {a} from {b}: the difference is {size} bits per character "
        f"({'; '.join(grounds(difference, p, unit))}); {what_would_tell(difference, unit)}"
    )


def amount(estimate: float, half_width: float) -> str:
    """Estimate ± half width, with at least two decimals and two digits of the half width.

    >>> amount(0.0834, 0.0312), amount(-0.00352, 0.0051), amount(0.0, 0.0)
    ('0.083 ± 0.031', '−0.0035 ± 0.0051', '0.00 ± 0.00')
    """
    decimals = max(2, 1 - math.floor(math.log10(half_width))) if half_width > ROUNDING else 2
    rounded = round(estimate, decimals) + 0.0  # no "−0.00"
    return f"{rounded:.{decimals}f} ± {half_width:.{decimals}f}".replace("-", "−")


def plural(count: int, noun: str) -> str:
    """The count and its noun.

    >>> plural(1, "seed"), plural(1200, "document")
    ('1 seed', '1,200 documents')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def grounds(difference: Difference, p: float, unit: str) -> list[str]:
    """What the verdict rests on, in clauses: the interval's units, p, and their limits."""
    few, many = min(difference.seeds), max(difference.seeds)
    seeds = plural(few, "seed") if few == many else f"{difference.seeds[0]} and {plural(difference.seeds[1], 'seed')}"
    several = difference.contrasts > 1
    together = f", wide enough for {difference.contrasts} contrasts together" if several else ""
    clauses = [
        f"95 % interval over {plural(difference.documents, unit)} and {seeds}{together}",
        f"p = {p:.3g}" + (" after Holm's adjustment" if several else ""),
    ]
    least = smallest_p(difference.documents)
    if least * difference.contrasts > ALPHA:
        clauses.append(
            f"with {plural(difference.documents, unit)} the smallest possible p is {least:.3g}"
            + (" before the adjustment" if several else "")
        )
    if difference.decided and p > ALPHA:
        clauses.append("p does not confirm it: weak evidence")
    if not difference.decided and p <= ALPHA:
        clauses.append("p, which takes the trained models as given, says otherwise: weak evidence")
    if few == 1:
        models = "these two trained models" if many == 1 else "these trained models"
        clauses.append(f"about {models}, not about the methods")
    return clauses


def what_would_tell(difference: Difference, unit: str) -> str:
    """About how many more documents or seeds would decide, if the true difference is the estimate."""
    if abs(difference.estimate) <= ROUNDING:
        return "the two are equal here, and no number of documents would tell them apart"
    documents, seeds = documents_needed(difference), seeds_needed(difference)
    offers = []
    if documents:
        offers.append(f"about {plural(documents - difference.documents, f'more {unit}')}")
    if seeds:
        offers.append(f"about {plural(seeds - min(difference.seeds), 'more seed')} of each column")
    if not offers:
        seeds_too = "" if min(difference.seeds) == 1 else " and seeds, both together,"
        return f"many more {unit}s{seeds_too} would be needed"
    return " or ".join(offers) + " would be needed"


def contrasts(
    columns: Mapping[str, Floats],
    characters: npt.NDArray[np.integer] | Floats,
    unit: str = "held-out document",
    seed: int = 0,
) -> list[Contrast]:
    """All pairs of columns in the mapping's order, a before b, with intervals and p adjusted over all of them.

    ``columns`` maps a name to bits (seeds, documents), ``characters`` is (documents,); ``unit`` is what these documents
    are called in the verdict. ``seed`` is for drawing sign flips, if there are more than 14 documents.
    Raises InputError if there is only one document.
    """
    documents = len(characters)
    if documents < 2:
        raise InputError(
            f"Comparing columns needs at least 2 held-out documents, not {documents}; "
            f"give more, preferably 10, or cut it into segments."
        )
    for name, bits in columns.items():
        if bits.ndim != 2 or bits.shape[1] != documents or not len(bits):
            raise InputError(
                f"Bits of {name!r} have shape {bits.shape}; give (seeds, {documents}) with at least one seed."
            )
    sizes = np.asarray(characters, np.float64)
    pairs = list(combinations(columns, 2))
    differences = [replace(difference(columns[a], columns[b], sizes), contrasts=len(pairs)) for a, b in pairs]
    flips = [columns[a].mean(axis=0) - columns[b].mean(axis=0) for a, b in pairs]  # each (documents,)
    adjusted = holm([sign_flip_p(flip, np.random.default_rng([seed, i])) for i, flip in enumerate(flips)])
    return [contrast(a, b, one, p, unit) for (a, b), one, p in zip(pairs, differences, adjusted, strict=True)]


def contrast(a: str, b: str, difference: Difference, p: float, unit: str) -> Contrast:
    """One difference with its Holm-adjusted p, as the result has it."""
    return Contrast(
        a=a,
        b=b,
        difference=difference.estimate,
        low=difference.estimate - difference.half_width,
        high=difference.estimate + difference.half_width,
        p=p,
        smallest_detectable=difference.smallest_detectable,
        verdict=verdict(a, b, difference, p, unit),
    )
