"""Measures of texts: of samples, of the author's passages, and of the ones beside the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from toolkit.errors import InputError
from toolkit.evaluation.metrics import measures
from toolkit.evaluation.metrics.measure import Measure
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Measured, MeasureValue


@dataclass(frozen=True)
class Taken:
    """A measure of texts: of all together, and of each, unless it compares them with each other."""

    measure: Measure
    value: float
    by_text: Sequence[float]

    def measured(self) -> Measured:
        """The value with its interval over the texts, within the range of the measure."""
        low, high = interval(self.by_text, self.value)
        if low is not None and high is not None:
            low, high = self.within(low, high)
        return Measured(value=self.value, low=low, high=high)

    def within(self, low: float, high: float) -> tuple[float, float]:
        """An interval without what the measure cannot be."""
        most = self.measure.most
        return max(low, self.measure.least), high if most is None else min(high, most)

    def beside(self, author: "Taken") -> MeasureValue:
        """The same beside the author's value, and where that is expected for other passages of the author."""
        half = expected_within(author.by_text)
        low = high = None
        if half is not None:
            low, high = self.within(author.value - half, author.value + half)
        own = self.measured().model_dump()
        return MeasureValue(**own, author=author.value, author_low=low, author_high=high)


def taken(texts: Sequence[str], reference: Reference) -> dict[str, Taken]:
    """Every measure of the texts that applies to their language, by name; without a tagger, only those that need none.

    The value is over all texts together (for the longest copy: of the text that copies most).
    Raises InputError if there are no texts.
    """
    if not texts:
        raise InputError("There is no generated text to measure; give at least one sample, preferably five.")
    return {
        name: take(measure, texts, reference)
        for name, measure in measures().items()
        if (reference.tagger or not measure.needs_tagger) and measure.applies(reference)
    }


def take(measure: Measure, texts: Sequence[str], reference: Reference) -> Taken:
    """One measure of the texts."""
    by_text = [measure([text], reference) for text in texts] if measure.of_one_sample else []
    return Taken(measure, measure(texts, reference), by_text)


def beside(samples: Mapping[str, Taken], author: Mapping[str, Taken]) -> dict[str, MeasureValue]:
    """The measures of samples beside those of passages of held-out text, as many and as long."""
    return {name: measure.beside(author[name]) for name, measure in samples.items()}


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


def expected_within(by_text: Sequence[float]) -> float | None:
    """How far from the value of n texts that of n others by the same author is, 95 times in 100; None if n < 2.

    The prediction interval of a mean, t·s·√(2/n): both means vary. It takes what differs among the texts to be what
    differs between authors' pages, so with five texts it is wide.

    >>> expected_within([1.0, 3.0]).__round__(3), expected_within([1.0])
    (17.969, None)
    """
    if len(by_text) < 2:
        return None
    return float(stdtrit(len(by_text) - 1, 0.975) * np.std(by_text, ddof=1) * np.sqrt(2 / len(by_text)))
