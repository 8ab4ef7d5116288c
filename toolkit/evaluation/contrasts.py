"""Contrasts between columns, and differences over some of the words or under noise, from what comparison.json has."""

import math
from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from toolkit.evaluation.estimate import (
    SAFE_SMALLEST_P,
    Estimate,
    documents_needed,
    permutations_needed,
    seeds_needed,
    smallest_p,
    t_quantile,
)
from toolkit.evaluation.statistics import FEW_THOUSANDS, Columns
from toolkit.evaluation.undertraining import Training, training, undertrained
from toolkit.evaluation.units import columns_over_units, in_units
from toolkit.results.bits import Share
from toolkit.results.cell import Cell, Row, RowKind
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Contrast, Difference, Limit, Over
from toolkit.results.corpus import DOCUMENT, SEGMENT, Unit
from toolkit.results.record import grouped, say
from toolkit.results.text import ALPHA

MOST_DOCUMENTS = 1_000  # the largest number that is recommended


def contrasts_of(comparison: Comparison) -> list[Contrast]:
    """Return all pairs of columns, over units and seeds; then all pairs of rows of the same kind."""
    families: dict[str, Mapping[str, Sequence[Cell | Row]]] = {"columns": comparison.by_column}
    for row_kind, rows in grouped(comparison.rows_by_title.items(), lambda titled: titled[1][0].kind).items():
        families[row_kind] = dict(rows)
    states, unit, contrasts = training(comparison), comparison.unit, list[Contrast]()
    for kind, family in families.items():
        if len(family) > 1:
            estimates = columns_over_units(comparison, list(family.values())).contrasts()
            pairs = zip(combinations(family, 2), estimates, strict=True)
            contrasts += [contrast(a, b, estimate, [states], unit, kind) for (a, b), estimate in pairs]
    return contrasts


def contrast(
    a: str,
    b: str,
    estimate: Estimate,
    training: Sequence[Mapping[str, Training]],
    unit: Unit = DOCUMENT,
    kind: str | RowKind = "columns",
    over: Over = "text",
) -> Contrast:
    """Return the record of an estimate, with its outcome.

    ``training`` has an entry per fold, or one for the only split.
    """
    difference = _difference(a, b, estimate, over)
    facts: dict[str, Any] = {"limit": None, "needed": None, "undertrained": []}
    if difference.significant:
        _, loser = difference.ranked
        late = any(undertrained(fold.get(loser), difference.difference) for fold in training)
        facts |= {"outcome": "a" if difference.difference < 0 else "b", "undertrained": [loser] if late else []}
    elif not estimate.estimate:
        facts["outcome"] = "equal"
    else:
        few = smallest_p(estimate.documents, estimate.columns) > ALPHA
        limit, needed = _shortage(estimate, unit, few=few) if over == "text" else ("units", None)
        facts |= {"outcome": "too few units" if few else "undecided", "limit": limit, "needed": needed}
    facts |= {"kind": kind, "unit": unit, "units": estimate.documents, "seeds": estimate.seeds}
    facts |= {"fewer_in": estimate.fewer, "smallest_detectable": estimate.smallest_detectable}
    record = Contrast(**difference.model_dump(), **facts)
    return record.model_copy(update={"verdict": say("verdict", record)})


def _difference(a: str, b: str | None, estimate: Estimate, over: Over, at: str | None = None) -> Difference:
    low, high = estimate.estimate - estimate.half_width, estimate.estimate + estimate.half_width
    family = {"p": estimate.p, "family": estimate.contrasts}
    return Difference(a=a, b=b, over=over, at=at, difference=estimate.estimate, low=low, high=high, **family)


def _shortage(estimate: Estimate, unit: Unit, *, few: bool) -> tuple[Limit, float | None]:
    """What limits an undecided contrast, and how many more would do if the estimate is the true difference.

    Of segments it is how many times the text. ``few``: no p of so few units can be 0.05.
    """
    if estimate.excludes_zero and not few:  # p limits it, and says nothing about how much more it needs
        return "units", None
    if estimate.seed_variance > estimate.document_variance and not few:
        if min(estimate.seeds) == 1:
            return "seeds", None
        seeds = seeds_needed(estimate)
        return ("both", None) if seeds is None else ("seeds", seeds - min(estimate.seeds))
    documents = documents_needed(estimate)
    if documents is None or documents > MOST_DOCUMENTS:
        return "both" if estimate.seed_variance else "units", None
    level = ALPHA if unit == SEGMENT else SAFE_SMALLEST_P
    documents = max(documents, permutations_needed(estimate.columns, level))
    return "units", documents / estimate.documents if unit == SEGMENT else documents - estimate.documents


def leads(comparison: Comparison) -> list[Difference]:
    """Return the best column minus the next one, for each frequency band and part of speech.

    Their intervals hold for all pairs of columns together, and for all bands together or all parts of speech. Words in
    too few documents for any significant p have no lead. One column alone, and segments, have no leads at all.
    """
    columns = comparison.by_column
    if len(columns) < 2 or comparison.unit == SEGMENT:
        return []
    differences = []
    kinds: tuple[Over, ...] = ("band", "part of speech")
    for over in kinds:
        labelled = {name: [_shares(cell, over) for cell in cells] for name, cells in columns.items()}
        first, *rest = (shares for cells in labelled.values() for shares in cells)
        common = [label for label in first if all(_cut_alike(first[label], shares.get(label)) for shares in rest)]
        for label in common:
            shares = {name: [cell[label] for cell in cells] for name, cells in labelled.items()}
            differences.append(lead(over, label, shares, len(common)))
    return [difference for difference in differences if difference is not None]


def _shares(cell: Cell, over: Over) -> dict[str, list[Share]]:
    if over == "band":
        return {band.band: band.documents for band in cell.by_frequency}
    return {part.pos: part.documents for part in cell.by_part_of_speech}


def _cut_alike(shares: Sequence[Share], others: Sequence[Share] | None) -> bool:
    """Whether two cells label the same words: two versions of a tagger may differ."""
    return others is not None and [share.characters for share in shares] == [share.characters for share in others]


def lead(over: Over, label: str, shares: Mapping[str, Sequence[Sequence[Share]]], labels: int = 1) -> Difference | None:
    """Return the best column minus the next one, from each column's shares (seeds, documents) of some words.

    The critical value grows with the number of ``labels`` that are read together as Bonferroni's t does.
    """
    names = list(shares)
    characters = np.array([share.characters for share in shares[names[0]][0]], float)
    having = characters > 0
    if smallest_p(int(having.sum()), len(names)) > ALPHA:
        return None
    bits = [np.array([[share.bits for share in seed] for seed in shares[name]])[:, having] for name in names]
    measured = Columns(bits, characters[having], thousands=FEW_THOUSANDS)
    best, following, *_ = order = measured.fewest_first()
    columns = measured.ordered(order)  # the first pair is the best and the next one
    error = math.sqrt(columns.pairs.variances[0] + columns.seed_variances[0])
    free, level = int(having.sum()) - 1, ALPHA / 2 / len(columns.t)
    wider = t_quantile(1 - level / labels, free) / t_quantile(1 - level, free)
    half = float(columns.critical_values(np.random.default_rng(0))[0]) * wider * error
    difference = float(columns.pairs.differences[0])
    interval = {"difference": difference, "low": difference - half, "high": difference + half}
    return Difference(
        a=names[best], b=names[following], over=over, at=label, **interval, family=len(columns.t) * labels
    )


def noise_differences(comparison: Comparison) -> list[Difference]:
    """Return how columns' extra bits differ from each other's and from none, for each kind of noise.

    The intervals of one kind of noise hold together. A column whose tokenizer refused a text is left out there.
    """
    kinds = dict.fromkeys(noise.name for cell in comparison.done for noise in cell.noise)
    return [d for kind in kinds for d in _under_noise(kind, comparison.by_column, comparison.unit)]


def _under_noise(kind: str, columns: Mapping[str, Sequence[Cell]], unit: Unit) -> list[Difference]:
    extra = {
        column: [noise.documents for cell in cells for noise in cell.noise if noise.name == kind and noise.documents]
        for column, cells in columns.items()
    }
    extra = {column: seeds for column, seeds in extra.items() if len(seeds) == len(columns[column])}
    if not extra or len(next(iter(extra.values()))[0]) < 2:
        return []
    lengths = np.array([share.characters for share in next(iter(extra.values()))[0]], float)
    bits = [np.array([[share.bits for share in documents] for documents in seeds]) for seeds in extra.values()]
    none = np.zeros((2, len(lengths)))  # of two seeds, so it is known that chance in training adds nothing
    estimates = in_units(Columns([*bits, none], lengths, thousands=FEW_THOUSANDS), unit).contrasts()
    pairs = zip(combinations([*extra, None], 2), estimates, strict=True)
    return [_difference(str(a), b, estimate, "noise", kind) for (a, b), estimate in pairs]
