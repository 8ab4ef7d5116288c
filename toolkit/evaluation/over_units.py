"""Columns, or rows, over what they are compared over: the held-out documents, or the segments of a single one."""

from collections.abc import Sequence

import numpy as np

from toolkit.evaluation.segments import in_units
from toolkit.evaluation.statistics import Columns
from toolkit.events.distribution import Floats
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.rows import Row
from toolkit.results.units import unit_of, units


def bits_over_units(seeds: Sequence[Cell | Row]) -> Floats:
    """The bits (seeds, units) of a column's cells, or of the rows of one title; a row counts for each of its seeds."""
    of_each = [1 if isinstance(one, Cell) else len(one.seeds) for one in seeds]
    return np.repeat([[unit.bits for unit in units(one.documents)] for one in seeds], of_each, axis=0)


def characters_of_units(one: Cell | Row) -> Floats:
    """The characters (units,), which are the same for all."""
    return np.array([unit.characters for unit in units(one.documents)], float)


def columns_over_units(comparison: Comparison, columns: Sequence[Sequence[Cell]]) -> Columns:
    """Columns, each given by its cells, as they are compared: of a single document, over its segments."""
    bits = [bits_over_units(cells) for cells in columns]
    return in_units(Columns(bits, characters_of_units(columns[0][0])), unit_of(comparison))
