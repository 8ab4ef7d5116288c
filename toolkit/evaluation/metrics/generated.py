"""Generated text, measured, beside passages by the author of the same number and lengths.

Both the samples and the author's passages are compared with the training text, which neither is part of.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from toolkit.errors import InputError
from toolkit.evaluation.metrics import measures
from toolkit.evaluation.metrics.measure import Measure
from toolkit.evaluation.metrics.passages import passages
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results import MeasureValue


def measure_against(samples: Sequence[str], held_out: str, reference: Reference) -> dict[str, MeasureValue]:
    """Every measure of the samples, by name; without a tagger none that needs one.

    ``value`` is over all samples together (for the longest copy: of the sample that copies most), ``low`` and ``high``
    as in ``interval``, ``author`` the same measure on ``passages`` of the held-out text. Where that is shorter than all
    samples together, their beginnings are measured, so that no lane repeats itself.
    Raises InputError where there is no sample.
    """
    if not samples:
        raise InputError("There is no generated text to measure; give at least one sample, better five.")
    samples = [sample[: len(held_out) // len(samples)] for sample in samples]
    author = passages(held_out, [len(sample) for sample in samples])
    return {
        name: measured(measure, samples, author, reference)
        for name, measure in measures().items()
        if reference.tagger or not measure.needs_tagger
    }


def measured(measure: Measure, samples: Sequence[str], author: Sequence[str], reference: Reference) -> MeasureValue:
    """One measure of the samples and of the author's passages."""
    value = measure(samples, reference)
    alone = [measure([sample], reference) for sample in samples] if measure.of_one_sample else []
    low, high = interval(alone, value)
    return MeasureValue(value=value, low=low, high=high, author=measure(author, reference))


def interval(values: Sequence[float], value: float) -> tuple[float, float] | tuple[None, None]:
    """The 95 % interval mean ± t·s/√n of the samples' own values, widened to reach ``value``; None with fewer than two.

    What falls with length (distinct n-grams) has a pooled value apart from its samples': hence the widening.

    >>> interval([1.0, 3.0], 2.0)[1].__round__(3), interval([1.0], 1.0)
    (14.706, (None, None))
    """
    if len(values) < 2:
        return None, None
    half = float(stdtrit(len(values) - 1, 0.975) * np.std(values, ddof=1) / np.sqrt(len(values)))
    mean = float(np.mean(values))
    return min(mean - half, value), max(mean + half, value)
