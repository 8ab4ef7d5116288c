"""All that the cells of a comparison say together, from what its comparison.json has: anyone can compute it again."""

from toolkit.evaluation.answer import answer
from toolkit.evaluation.contrasts import contrasts_of
from toolkit.evaluation.leads import leads
from toolkit.evaluation.noise_contrasts import noise_contrasts
from toolkit.evaluation.scaling import scaling
from toolkit.evaluation.sweeps import sweep_of
from toolkit.evaluation.undertraining import warnings_of_all
from toolkit.results.answer import Answer
from toolkit.results.comparison import Comparison

UNANSWERED = Answer(column=None, sentence="")  # placeholder until `concluded` sets the answer


def concluded(comparison: Comparison) -> Comparison:
    """The comparison with everything that follows from its cells: contrasts, leads, scaling, warnings and answer."""
    compared = comparison.model_copy(
        update={
            "contrasts": contrasts_of(comparison),
            "leads": leads(comparison),
            "noise": noise_contrasts(comparison),
            "scaling": scaling(comparison),
        }
    )
    compared = compared.model_copy(update={"sweeps": [sweep_of(compared, sweep) for sweep in compared.sweeps]})
    compared = compared.model_copy(update={"warnings": warnings_of_all(compared)})
    return compared.model_copy(update={"answer": answer(compared)})
