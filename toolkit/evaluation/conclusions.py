"""Everything that follows from the cells of a comparison: anyone can compute it again from comparison.json."""

from toolkit.evaluation.answer import answer
from toolkit.evaluation.contrasts import contrasts_of, leads, noise_differences
from toolkit.evaluation.scaling import scaling
from toolkit.evaluation.sweeps import concluded_sweep
from toolkit.evaluation.warnings import warnings_of
from toolkit.results.comparison import Comparison


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
