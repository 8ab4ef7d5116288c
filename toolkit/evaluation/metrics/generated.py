"""All measures of texts, with intervals, and permutation tests between samples and the author's passages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, combinations
from math import comb

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.evaluation.metrics import Measure, measures
from toolkit.evaluation.metrics.novelty import Span, longest_copy
from toolkit.evaluation.metrics.reference import Reference
from toolkit.evaluation.metrics.two_sample import BY_CHANCE, told_apart
from toolkit.evaluation.statistics import t_quantile
from toolkit.results.generated import CLASSIFIER, Measured, MeasureValue, ToldApart
from toolkit.results.text import ALPHA

COPY = "longest_copy_characters"
MOST_LABELLINGS = 20_000  # of texts: up to eight beside eight, all there are
ROUNDING = 1e-12  # means that differ by less, relatively, are equal


@dataclass(frozen=True)
class Measurement:
    """A measure of texts: of all together, and of each, unless it compares them with each other."""

    measure: Measure
    value: float
    by_text: Sequence[float]

    def measured(self, author: "Measurement") -> Measured:
        """The value with its interval over the texts, within the range of the measure, and p beside the author's."""
        low, high = interval(self.by_text, self.value)
        if low is not None and high is not None:
            most = self.measure.most
            low, high = max(low, self.measure.least), high if most is None else min(high, most)
        return Measured(value=self.value, low=low, high=high, p=probability(self.by_text, author.by_text))

    def beside(self, author: "Measurement") -> MeasureValue:
        """The same beside the author's value."""
        return MeasureValue(**self.measured(author).model_dump(), author=author.value)


@dataclass(frozen=True)
class Measurements:
    """All measures of texts by name, and the results behind two of them: the classifier's and each longest copy."""

    measures: Mapping[str, Measurement]
    told_apart: ToldApart | None
    copies: Sequence[Span]


def measurements(texts: Sequence[str], reference: Reference) -> Measurements:
    """Every measure that applies to the language of the texts. Measures that need a tagger are left out without one.

    A value is over all texts together; the longest copy is that of the text that copies most.
    Raises InputError if there are no texts.
    """
    if not texts:
        raise InputError("There is no generated text to measure; give at least one sample, preferably five.")
    known = measures()
    apart = told_apart(texts, reference.documents)
    copies = [longest_copy(text, reference.training) for text in texts]
    lengths = [float(copy.length) for copy in copies]
    shared = {
        CLASSIFIER: Measurement(known[CLASSIFIER], BY_CHANCE if apart is None else apart.area, []),
        COPY: Measurement(known[COPY], max(lengths), lengths),
    }
    all_measures = {
        name: shared[name] if name in shared else measurement(measure, texts, reference)
        for name, measure in known.items()
        if (reference.tagger or not measure.needs_tagger) and measure.applies(reference)
    }
    return Measurements(all_measures, apart, copies)


def measurement(measure: Measure, texts: Sequence[str], reference: Reference) -> Measurement:
    """One measure of the texts."""
    by_text = [measure([text], reference) for text in texts] if measure.of_one_sample else []
    return Measurement(measure, measure(texts, reference), by_text)


def beside(samples: Mapping[str, Measurement], author: Mapping[str, Measurement]) -> dict[str, MeasureValue]:
    """The measures of samples and of held-out passages, as many and as long."""
    return {name: measure.beside(author[name]) for name, measure in samples.items()}


def interval(by_sample: Sequence[float], value: float) -> tuple[float, float] | tuple[None, None]:
    """The 95 % interval mean ± t·s/√n of the samples' values, extended to include ``value``; None with fewer than two.

    If a measure falls with length (distinct n-grams), its pooled value may lie outside the samples' interval.

    >>> interval([1.0, 3.0], 2.0)[1].__round__(3), interval([1.0], 1.0)
    (14.706, (None, None))
    """
    if len(by_sample) < 2:
        return None, None
    half = float(t_quantile(1 - ALPHA / 2, len(by_sample) - 1) * np.std(by_sample, ddof=1) / np.sqrt(len(by_sample)))
    mean = float(np.mean(by_sample))
    return min(mean - half, value), max(mean + half, value)


def probability(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """How probable means at least as far apart are, if all that is chance is which values are ours.

    The permutation test (Fisher 1935, Pitman 1937): the share of all ways to call as many of the values ours, this one
    among them, in which the means are so far apart; of very many ways, a sample. It supposes no distribution. None if
    no values could be told apart, as with three of each.

    >>> round(probability([1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, 9.0]), 4), probability([1.0], [2.0])
    (0.0079, None)
    """
    if not ours or not theirs or fewest(len(ours), len(theirs)) > ALPHA:
        return None
    values = np.array([*ours, *theirs])
    sums = labellings(len(ours), len(theirs)) @ values  # the first one is as it is
    apart = np.abs(sums / len(ours) - (values.sum() - sums) / len(theirs))
    return float((apart >= apart[0] - ROUNDING * np.abs(values).max()).mean())


def fewest(ours: int, theirs: int) -> float:
    """The smallest p that there can be: where as many are theirs, each way has another with as large a difference.

    >>> round(fewest(3, 3), 9), round(fewest(4, 4), 4)
    (0.1, 0.0286)
    """
    return (2 if ours == theirs else 1) / comb(ours + theirs, ours)


@cache
def labellings(ours: int, theirs: int) -> npt.NDArray[np.float64]:
    """Ways (ways, values) to call some of the values ours: 1 for ours. The first ones are ours in the first."""
    every = comb(ours + theirs, ours) <= MOST_LABELLINGS
    rng = np.random.default_rng(0)
    drawn = (rng.permutation(ours + theirs)[:ours] for _ in range(MOST_LABELLINGS - 1))
    ways = combinations(range(ours + theirs), ours) if every else chain([range(ours)], drawn)
    places = np.array([list(way) for way in ways])
    labels = np.zeros((len(places), ours + theirs))
    np.put_along_axis(labels, places, 1.0, axis=1)
    return labels
