"""How columns differ in what noise costs them: extra bits, compared with each other and with none."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from toolkit.evaluation.statistics import FEW_THOUSANDS, Columns
from toolkit.evaluation.units import in_units
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.noise import Noise, NoiseContrast
from toolkit.results.units import unit_of


def noise_contrasts(comparison: Comparison) -> list[NoiseContrast]:
    """For each kind of noise, how columns' extra bits differ from each other's, and from none.

    Kinds of noise are read one by one. A column whose tokenizer refused a text is left out there.
    """
    names = dict.fromkeys(noise.name for cell in comparison.done for noise in cell.noise)
    return [contrast for name in names for contrast in contrasts_in(name, comparison.by_column, unit_of(comparison))]


def contrasts_in(name: str, columns: Mapping[str, Sequence[Cell]], unit: str) -> list[NoiseContrast]:
    """The contrasts in one kind of noise; none over fewer than two documents, or pieces of a single one."""
    found = {column: [kinds(cell)[name] for cell in cells] for column, cells in columns.items()}
    measured = {column: [n.documents for n in of if n.documents] for column, of in found.items()}
    measured = {column: of for column, of in measured.items() if len(of) == len(columns[column])}
    if not measured or len(next(iter(measured.values()))[0]) < 2:
        return []
    lengths = np.array([share.characters for share in next(iter(measured.values()))[0]], float)
    extra = [np.array([[share.bits for share in documents] for documents in of]) for of in measured.values()]
    none = np.zeros((2, len(lengths)))  # of two seeds, so it is known that chance in training adds nothing
    differences = in_units(Columns([*extra, none], lengths, thousands=FEW_THOUSANDS), unit).contrasts()
    return [
        NoiseContrast(
            noise=name, a=str(a), b=b, difference=difference.estimate,
            low=difference.estimate - difference.half_width, high=difference.estimate + difference.half_width,
            p=difference.p,
        )
        for (a, b), difference in zip(combinations([*measured, None], 2), differences, strict=True)
    ]  # fmt: skip


def kinds(cell: Cell) -> dict[str, Noise]:
    """What each kind of noise costs a cell, by name."""
    return {noise.name: noise for noise in cell.noise}
