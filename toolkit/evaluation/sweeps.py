"""The best value of a setting, by the validation text."""

from statistics import fmean

from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Sweep


def concluded_sweep(comparison: Comparison, sweep: Sweep) -> Sweep:
    """Return the sweep with its best value.

    It is chosen by the validation bits of each network's best check, so that its held-out bits are not flattered by the
    choice; if any of the columns is counted and so has no checks, by the held-out bits.
    """
    cells = {one.column: comparison.by_column[one.column] for one in sweep.values if one.column in comparison.columns}
    if not cells:
        return sweep.model_copy(update={"best": None, "chosen_on": None})
    by_valid = not any(cell.counted for several in cells.values() for cell in several)
    bits = comparison.totals
    if by_valid:
        bits = {name: fmean(cell.best_check.valid_bits_per_character for cell in of) for name, of in cells.items()}
    best = min(cells, key=lambda name: bits[name])
    return sweep.model_copy(update={"best": best, "chosen_on": "validation" if by_valid else "held-out"})
