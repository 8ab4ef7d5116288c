"""Everything that follows from the cells of a comparison: anyone can compute it again from comparison.json."""

from statistics import fmean

from toolkit.evaluation.answer import answer
from toolkit.evaluation.contrasts import contrasts_of, leads, noise_differences
from toolkit.evaluation.scaling import scaling
from toolkit.evaluation.warnings import warnings_of
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Sweep


def concluded(comparison: Comparison) -> Comparison:
    """Return the comparison with contrasts, leads, noise, scaling, sweeps, warnings and answer from its cells."""
    compared = comparison.model_copy(
        update={
            "contrasts": contrasts_of(comparison),
            "leads": leads(comparison),
            "noise": noise_differences(comparison),
            "scaling": scaling(comparison),
            "sweeps": [concluded_sweep(comparison, sweep) for sweep in comparison.sweeps],
        }
    )
    return answered(compared)


def answered(comparison: Comparison) -> Comparison:
    """Return the comparison with the warnings and the answer that follow from its contrasts."""
    warned = comparison.model_copy(update={"warnings": warnings_of(comparison)})
    return warned.model_copy(update={"answer": answer(warned)})


def concluded_sweep(comparison: Comparison, sweep: Sweep) -> Sweep:
    """Return the sweep with its best value.

    The validation bits of each network's best check decide, so that the choice does not flatter the held-out bits. If
    any column is counted, it has no checks, and the held-out bits decide.
    """
    cells = {
        swept.column: comparison.by_column[swept.column] for swept in sweep.values if swept.column in comparison.columns
    }
    if not cells:
        return sweep.model_copy(update={"best": None, "chosen_on": None})
    by_valid = not any(cell.counted for several in cells.values() for cell in several)
    bits = comparison.totals
    if by_valid:
        bits = {name: fmean(cell.best_check.valid_bits_per_character for cell in of) for name, of in cells.items()}
    best = min(cells, key=lambda name: bits[name])
    return sweep.model_copy(update={"best": best, "chosen_on": "validation" if by_valid else "held-out"})
