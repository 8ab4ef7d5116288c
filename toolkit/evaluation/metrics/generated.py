"""Generated text, measured, beside passages of the author's of the same number and lengths.

``MEASURES`` is the catalogue: each is finite for any texts, empty ones too. Both the samples and the author's passages
are held against the training text, which neither is part of.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtrit

from toolkit.errors import InputError
from toolkit.evaluation.metrics import counts, distributions, diversity, novelty, realness, two_sample
from toolkit.evaluation.metrics.passages import passages
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results import Measure


@dataclass(frozen=True)
class Definition:
    """A measure: a function of texts and of what they are held against.

    Most are also taken of each sample, which gives their interval; one that compares samples with each other is not.
    """

    of: Callable[[Sequence[str], Reference], float]
    of_one_sample: bool = True
    needs_tagger: bool = False


def divergence(of: Callable[[Sequence[str]], Counter[Any]], name: str) -> Definition:
    """The Jensen–Shannon divergence between a distribution of the texts and the reference's of that name."""
    return Definition(
        lambda texts, reference: distributions.jensen_shannon_divergence(of(texts), getattr(reference, name))
    )


MEASURES: dict[str, Definition] = {
    "letters_jsd": divergence(distributions.letters, "letters"),
    "word_lengths_jsd": divergence(distributions.word_lengths, "word_lengths"),
    "sentence_lengths_jsd": divergence(distributions.sentence_lengths, "sentence_lengths"),
    "pos_jsd": Definition(
        lambda texts, reference: distributions.jensen_shannon_divergence(
            reference.parts_of_speech(texts), reference.training_parts_of_speech
        ),
        needs_tagger=True,
    ),
    "the_per_10k": Definition(lambda texts, _: counts.the_per_10k(texts)),
    "ing_per_10k": Definition(lambda texts, _: counts.ending_per_10k(texts, "ing")),
    "ed_per_10k": Definition(lambda texts, _: counts.ending_per_10k(texts, "ed")),
    "tion_per_10k": Definition(lambda texts, _: counts.ending_per_10k(texts, "tion")),
    "prepositions_pronouns_share": Definition(lambda texts, _: counts.prepositions_pronouns_share(texts)),
    "real_word_rate": Definition(lambda texts, reference: realness.real_word_rate(texts, reference.real_words)),
    "distinct_1": Definition(lambda texts, _: diversity.distinct(texts, 1)),
    "distinct_2": Definition(lambda texts, _: diversity.distinct(texts, 2)),
    "distinct_3": Definition(lambda texts, _: diversity.distinct(texts, 3)),
    "repetition_4": Definition(lambda texts, _: diversity.repetition(texts, 4)),
    "novelty_5": Definition(lambda texts, reference: reference.five_grams.novel_share(texts)),
    "longest_copy_characters": Definition(
        lambda texts, reference: float(max(novelty.longest_copy(text, reference.training) for text in texts))
    ),
    "two_sample_auc": Definition(
        lambda texts, reference: two_sample.two_sample_auc(texts, reference.documents), of_one_sample=False
    ),
}


def measure_against(samples: Sequence[str], held_out: str, reference: Reference) -> dict[str, Measure]:
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
        name: measured(definition, samples, author, reference)
        for name, definition in MEASURES.items()
        if reference.tagger or not definition.needs_tagger
    }


def measured(definition: Definition, samples: Sequence[str], author: Sequence[str], reference: Reference) -> Measure:
    """One measure of the samples and of the author's passages."""
    value = definition.of(samples, reference)
    alone = [definition.of([sample], reference) for sample in samples] if definition.of_one_sample else []
    low, high = interval(alone, value)
    return Measure(value=value, low=low, high=high, author=definition.of(author, reference))


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
