"""Which column pays the fewest bits for some of the words, and whether that is more than chance over documents."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.variance import pair_indices
from toolkit.results.bits import Share
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Lead
from toolkit.results.corpus import SEGMENT
from toolkit.results.units import unit_of

THOUSANDS = 2  # of draws: an interval that is shown with two digits


def leads(comparison: Comparison) -> list[Lead]:
    """For each frequency band and part of speech, the column with the fewest bits per character, and the next one.

    The interval of their difference is that of verdicts: over documents and seeds, wide enough for all pairs of columns
    together; but bands and parts are read one by one. There is none without two columns, without two documents that
    have such words, or where the documents are parts of a single one.
    """
    columns = comparison.by_column
    if len(columns) < 2 or unit_of(comparison) == SEGMENT:
        return []
    found = []
    for by in ("band", "part of speech"):
        labelled = {name: [shares_of(cell, by) for cell in cells] for name, cells in columns.items()}
        of_cells = [of_cell for cells in labelled.values() for of_cell in cells]
        for label in of_cells[0]:
            if all(label in of_cell for of_cell in of_cells):
                shares = {name: [of_cell[label] for of_cell in cells] for name, cells in labelled.items()}
                found.append(lead(by, label, shares))
    return [one for one in found if one is not None]


def shares_of(cell: Cell, by: str) -> dict[str, list[Share]]:
    """What a cell pays in each document, by label."""
    if by == "band":
        return {band.band: band.documents for band in cell.by_frequency}
    return {part.pos: part.documents for part in cell.by_part_of_speech}


def lead(by: str, label: str, shares: Mapping[str, Sequence[Sequence[Share]]]) -> Lead | None:
    """The lead of the best column over the next one, from each column's shares (seeds, documents) of some words."""
    names = list(shares)
    characters = np.array([share.characters for share in shares[names[0]][0]], float)
    having = characters > 0
    if having.sum() < 2:
        return None
    bits = [np.array([[share.bits for share in of_seed] for of_seed in shares[name]])[:, having] for name in names]
    columns = Columns(bits, characters[having], thousands=THOUSANDS)
    best, following = np.argsort(columns.means.sum(axis=1), kind="stable")[:2].tolist()
    pair = list(zip(*pair_indices(len(names)), strict=True)).index((min(best, following), max(best, following)))
    error = math.sqrt(columns.pairs.variances[pair] + columns.seed_variances[pair])
    half = columns.critical_value(np.random.default_rng(0)) * error
    difference = -abs(float(columns.pairs.differences[pair]))
    return Lead(
        by=by, label=label, a=names[best], b=names[following],
        difference=difference, low=difference - half, high=difference + half,
    )  # fmt: skip
