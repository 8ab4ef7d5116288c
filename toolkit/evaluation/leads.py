"""Which column pays the fewest bits for some of the words, and whether that is more than chance over documents."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.evaluation.statistics import FEW_THOUSANDS, Columns, smallest_p, t_quantile
from toolkit.results.bits import Share
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Lead
from toolkit.results.corpus import SEGMENT
from toolkit.results.text import ALPHA
from toolkit.results.units import unit_of


def leads(comparison: Comparison) -> list[Lead]:
    """For each frequency band and part of speech, the column with the fewest bits per character, and the next one.

    The interval of their difference is that of verdicts: over documents and seeds, wide enough for all pairs of columns
    together, and for all bands together or all parts. There is none without two columns, where so few documents have
    such words that no p could tell, or where the documents are parts of a single one.
    """
    columns = comparison.by_column
    if len(columns) < 2 or unit_of(comparison) == SEGMENT:
        return []
    found = []
    for by in ("band", "part of speech"):
        labelled = {name: [shares_of(cell, by) for cell in cells] for name, cells in columns.items()}
        first, *others = (of_cell for cells in labelled.values() for of_cell in cells)
        in_all = [label for label in first if all(cut_alike(first[label], other.get(label)) for other in others)]
        for label in in_all:
            shares = {name: [of_cell[label] for of_cell in cells] for name, cells in labelled.items()}
            found.append(lead(by, label, shares, len(in_all)))
    return [one for one in found if one is not None]


def cut_alike(shares: Sequence[Share], others: Sequence[Share] | None) -> bool:
    """Whether two cells label the same words. Two versions of a tagger may differ."""
    return others is not None and [one.characters for one in shares] == [one.characters for one in others]


def shares_of(cell: Cell, by: str) -> dict[str, list[Share]]:
    """What a cell pays in each document, by label."""
    if by == "band":
        return {band.band: band.documents for band in cell.by_frequency}
    return {part.pos: part.documents for part in cell.by_part_of_speech}


def lead(by: str, label: str, shares: Mapping[str, Sequence[Sequence[Share]]], labels: int = 1) -> Lead | None:
    """The lead of the best column over the next one, from each column's shares (seeds, documents) of some words.

    The critical value grows with the number of ``labels`` that are read together as Bonferroni's t does.
    """
    names = list(shares)
    characters = np.array([share.characters for share in shares[names[0]][0]], float)
    having = characters > 0
    if smallest_p(int(having.sum()), len(names)) > ALPHA:
        return None
    bits = [np.array([[share.bits for share in of_seed] for of_seed in shares[name]])[:, having] for name in names]
    measured = Columns(bits, characters[having], thousands=FEW_THOUSANDS)
    best, following, *_ = order = measured.fewest_first()
    columns = measured.ordered(order)  # their first pair is the best and the one that follows
    error = math.sqrt(columns.pairs.variances[0] + columns.seed_variances[0])
    free, level = int(having.sum()) - 1, ALPHA / 2 / len(columns.t)
    wider = t_quantile(1 - level / labels, free) / t_quantile(1 - level, free)
    half = float(columns.critical_values(np.random.default_rng(0))[0]) * wider * error
    difference = float(columns.pairs.differences[0])
    return Lead(
        by=by, label=label, a=names[best], b=names[following],
        difference=difference, low=difference - half, high=difference + half,
    )  # fmt: skip
