"""Generated text, measured, beside passages of the author's of the same number and lengths.

``MEASURES`` is the catalogue: each measure is a function of texts and of the ``Reference``, finite for any texts, empty
ones too. Both the samples and the author's passages are held against the training text, which neither is part of.
"""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import stdtrit

from toolkit.errors import InputError
from toolkit.metrics import counts, distributions, diversity, novelty, realness
from toolkit.metrics.reference import Reference
from toolkit.results import Measure

Measurement = Callable[[Sequence[str], Reference], float]

MEASURES: dict[str, Measurement] = {
    "letters_jsd": lambda texts, reference: distributions.jensen_shannon_divergence(
        distributions.letters(texts), reference.letters
    ),
    "word_lengths_jsd": lambda texts, reference: distributions.jensen_shannon_divergence(
        distributions.word_lengths(texts), reference.word_lengths
    ),
    "the_per_10k": lambda texts, _: counts.the_per_10k(texts),
    "ing_per_10k": lambda texts, _: counts.ending_per_10k(texts, "ing"),
    "ed_per_10k": lambda texts, _: counts.ending_per_10k(texts, "ed"),
    "tion_per_10k": lambda texts, _: counts.ending_per_10k(texts, "tion"),
    "prepositions_pronouns_share": lambda texts, _: counts.prepositions_pronouns_share(texts),
    "real_word_rate": lambda texts, reference: realness.real_word_rate(texts, reference.real_words),
    "distinct_1": lambda texts, _: diversity.distinct(texts, 1),
    "distinct_2": lambda texts, _: diversity.distinct(texts, 2),
    "distinct_3": lambda texts, _: diversity.distinct(texts, 3),
    "repetition_4": lambda texts, _: diversity.repetition(texts, 4),
    "longest_copy_characters": lambda texts, reference: float(
        max(novelty.longest_copy(text, reference.training) for text in texts)
    ),
}


def measure_samples(samples: Sequence[str], held_out: str, training: str, language: str = "en") -> dict[str, Measure]:
    """Every measure of the samples, by name; see ``measure_against``."""
    return measure_against(samples, held_out, Reference(training, language))


def measure_against(samples: Sequence[str], held_out: str, reference: Reference) -> dict[str, Measure]:
    """Every measure of the samples, by name, with a ``Reference`` that other samples share.

    ``value`` is over all samples together (for the longest copy: of the sample that copies most), ``low`` and ``high``
    as in ``interval``, ``author`` the same measure on ``passages`` of the held-out text. Where that is shorter than all
    samples together, their beginnings are measured, so that no lane repeats itself.
    Raises InputError where there is no sample.
    """
    if not samples:
        raise InputError("There is no generated text to measure; give at least one sample, better five.")
    samples = [sample[: len(held_out) // len(samples)] for sample in samples]
    author = passages(held_out, [len(sample) for sample in samples])
    return {name: measured(measure, samples, author, reference) for name, measure in MEASURES.items()}


def measured(measure: Measurement, samples: Sequence[str], author: Sequence[str], reference: Reference) -> Measure:
    """One measure of the samples and of the author's passages."""
    value = measure(samples, reference)
    low, high = interval([measure([sample], reference) for sample in samples], value)
    return Measure(value=value, low=low, high=high, author=measure(author, reference))


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


def passages(text: str, lengths: Sequence[int]) -> list[str]:
    """Passages of these lengths, evenly spaced over the text, without overlap where the text is long enough.

    They begin and end anywhere, as samples do; none is longer than the text.

    >>> passages("abcdefghij", [2, 3])
    ['bc', 'fgh']
    """
    gap = (len(text) - sum(lengths)) / len(lengths)  # half of it before the first passage and after the last
    found = []
    before = 0
    for i, length in enumerate(lengths):
        start = min(max(int(before + gap * (i + 0.5)), 0), max(len(text) - length, 0))
        found.append(text[start : start + length])
        before += length
    return found
