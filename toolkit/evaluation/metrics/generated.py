"""All measures of texts, with intervals, and permutation tests between samples and the author's passages."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES, measures
from toolkit.evaluation.metrics.novelty import Span, longest_copy, novel_share
from toolkit.evaluation.metrics.reference import Reference
from toolkit.evaluation.metrics.two_sample import CHANCE_AREA, told_apart
from toolkit.evaluation.metrics.words import new_words
from toolkit.evaluation.statistics import t_quantile
from toolkit.results.generated import CLASSIFIER, MeasureValue, NewWords, ToldApart
from toolkit.results.text import ALPHA

MAX_NEW_WORDS = 24  # of each kind
NOVELTY_WORDS = 10  # of the longest sequences whose novelty is measured
COPY = "longest_copy_characters"
MAX_LABELLINGS = 20_000  # enough for all labellings of eight texts beside eight
ROUNDING = 1e-12  # means that differ by less, relatively, are equal


@dataclass(frozen=True)
class Measurements:
    """Texts with all measures of them.

    ``values`` are of all texts together, ``by_text`` of each text, or empty for a measure that compares texts.
    ``copies`` are the longest copy of each text. ``novelty`` is the share of new sequences of 1, 2, … words.
    """

    texts: Sequence[str]
    values: dict[str, float]
    by_text: dict[str, list[float]]
    told_apart: ToldApart | None
    copies: list[Span]
    novelty: list[float]
    new_words: NewWords

    def beside(self, author: "Measurements") -> dict[str, MeasureValue]:
        """Return the measures and intervals beside the measures of as many passages by the author."""
        by_name, known = {}, measures()
        for name, value in self.values.items():
            measure, by_text = known[name], self.by_text[name]
            low, high = interval(by_text, value, measure.least, measure.most)
            p = permutation_p(by_text, author.by_text[name])
            by_name[name] = MeasureValue(value=value, low=low, high=high, p=p, author=author.values[name])
        return by_name


def measurements(texts: Sequence[str], reference: Reference) -> Measurements:
    """Apply every measure that has a meaning in the language of the texts, and for which there is a tagger.

    Raises InputError if there are no texts.
    """
    if not texts:
        raise InputError("There is no generated text to measure; give at least one sample, preferably five.")
    test = told_apart(texts, reference.documents)
    copies = [longest_copy(text, reference) for text in texts]
    lengths = [float(copy.length) for copy in copies]
    values = {CLASSIFIER: CHANCE_AREA if test is None else test.area, COPY: max(lengths)}
    by_text: dict[str, list[float]] = {CLASSIFIER: [], COPY: lengths}
    for name, measure in measures().items():
        if name not in values and (reference.tagger or not measure.needs_tagger) and measure.applies(reference):
            by_text[name] = [measure([text], reference) for text in texts] if measure.of_one_sample else []
            values[name] = measure(texts, reference)
    return Measurements(
        texts=texts,
        values={name: values[name] for name in MEASURES if name in values},
        by_text=by_text,
        told_apart=test,
        copies=copies,
        novelty=[novel_share(texts, reference, n) for n in range(1, NOVELTY_WORDS + 1)],
        new_words=NewWords(**new_words(texts, reference, MAX_NEW_WORDS)),
    )


def interval(
    by_text: Sequence[float], value: float, least: float, most: float | None
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval mean ± t·s/√n over the texts, within a range; None with fewer than two texts.

    It is extended to include ``value``: the value of all texts together may lie outside if it falls with length.
    """
    if len(by_text) < 2:
        return None, None
    half = float(t_quantile(1 - ALPHA / 2, len(by_text) - 1) * np.std(by_text, ddof=1) / np.sqrt(len(by_text)))
    mean = float(np.mean(by_text))
    high = max(mean + half, value)
    return max(min(mean - half, value), least), high if most is None else min(high, most)


def permutation_p(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Return the probability of means at least this far apart if only chance decides which values are ours.

    The permutation test (Fisher 1935, Pitman 1937) supposes no distribution. It counts all ways to call as many of the
    values ours, or a sample of very many ways. Returns None if no values could be significant, as with three of
    each.
    """
    if not ours or not theirs:
        return None
    extreme = 2 if len(ours) == len(theirs) else 1  # ways with the greatest difference: one, or it and its mirror image
    if extreme / comb(len(ours) + len(theirs), len(ours)) > ALPHA:
        return None
    both = np.array([*ours, *theirs])
    sums = _labellings(len(ours), len(theirs)) @ both  # of our values; the first labelling is the true one
    distances = np.abs(sums / len(ours) - (both.sum() - sums) / len(theirs))
    return float((distances >= distances[0] - ROUNDING * np.abs(both).max()).mean())


@cache
def _labellings(ours: int, theirs: int) -> npt.NDArray[np.float64]:
    """Ways (ways, values) to call some values ours: 1 for ours. In the first way, the first values are ours."""
    rng, count = np.random.default_rng(0), ours + theirs
    if comb(count, ours) <= MAX_LABELLINGS:
        places = np.array(list(combinations(range(count), ours)))
    else:
        places = np.array([range(ours), *(rng.permutation(count)[:ours] for _ in range(MAX_LABELLINGS - 1))])
    labels = np.zeros((len(places), count))
    np.put_along_axis(labels, places, 1.0, axis=1)
    return labels
