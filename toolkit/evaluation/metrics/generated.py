"""Measures of generated text, next to those of as many passages by the author, of the same lengths.

Both the samples and the author's passages are compared with the training text, which contains neither.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtrit

from toolkit.errors import InputError
from toolkit.evaluation.metrics import measures
from toolkit.evaluation.metrics.measure import Measure
from toolkit.evaluation.metrics.passages import passages
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import MeasureValue


def measure_against(samples: Sequence[str], held_out: str, reference: Reference) -> dict[str, MeasureValue]:
    """Every measure of the samples, by name; without a tagger, only those that need none.

    ``value`` is over all samples together (for the longest copy: of the sample that copies most), ``low`` and ``high``
    are as in ``interval``, ``author`` is the same measure of ``passages`` of the held-out text. If that is shorter than
    all samples together, only their beginnings are measured, so that the passages do not overlap.
    Raises InputError if there are no samples.
    """
    if not samples:
        raise InputError("There is no generated text to measure; give at least one sample, preferably five.")
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
    by_sample = [measure([sample], reference) for sample in samples] if measure.of_one_sample else []
    low, high = interval(by_sample, value)
    return MeasureValue(value=value, low=low, high=high, author=measure(author, reference))


def interval(by_sample: Sequence[float], value: float) -> tuple[float, float] | tuple[None, None]:
    """The 95 % interval mean ± t·s/√n of the samples' values, extended to include ``value``; None with fewer than two.

    If a measure falls with length (distinct n-grams), its pooled value may lie outside the samples' interval.

    >>> interval([1.0, 3.0], 2.0)[1].__round__(3), interval([1.0], 1.0)
    (14.706, (None, None))
    """
    if len(by_sample) < 2:
        return None, None
    half = float(stdtrit(len(by_sample) - 1, 0.975) * np.std(by_sample, ddof=1) / np.sqrt(len(by_sample)))
    mean = float(np.mean(by_sample))
    return min(mean - half, value), max(mean + half, value)
