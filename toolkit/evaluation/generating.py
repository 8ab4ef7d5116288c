"""Generated text: samples of a model at the temperature that matches the author, with their measures.

Below temperature 1, text repeats itself more; above 1, it is wilder (Caccia et al. 2020). A temperature has another
effect on characters than on words, so models are compared where they repeat as much as the author.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import numpy as np
from scipy.optimize import isotonic_regression

from toolkit.config import SampleSettings
from toolkit.evaluation.metrics import Reference, by_document, passages
from toolkit.evaluation.metrics.counts import repetition
from toolkit.evaluation.metrics.generated import Measurements, measurements
from toolkit.inference.generation import generate
from toolkit.inference.model import Model
from toolkit.results.generated import Generated, Sample
from toolkit.text.corpus import Split, characters

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
MATCHING_SEED = 500  # added to the seeds of the texts that match a temperature: they are not the samples
MATCHING_CHARACTERS = 1000  # of such a text: enough word pairs to repeat
REPEATED_WORDS = 2  # pairs: an author repeats enough of them
MAX_PASSAGES = 100  # by the author, for the repetition that temperatures match


class Author:
    """The author's text beside the samples of a comparison, each part computed once."""

    def __init__(self, split: Split, settings: SampleSettings, reference: Reference) -> None:
        self.split, self.settings, self.reference = split, settings, reference
        available = characters(split.test) // settings.count
        self.measured_characters = max(1, min(settings.characters, available))  # of each text that is measured
        self.matching_characters = min(settings.characters, MATCHING_CHARACTERS)

    @cached_property
    def repetition(self) -> float:
        """The share of repeated word pairs in passages of the training and validation documents."""
        text = "\n\n".join(document.text for document in (*self.split.train, *self.split.valid))
        number = min(MAX_PASSAGES, max(1, len(text) // self.matching_characters))
        return repetition(passages(text, number, self.matching_characters), REPEATED_WORDS)

    @cached_property
    def held_out(self) -> Measurements:
        """The measures of passages of the held-out documents, as many and as long as the samples."""
        texts = [document.text for document in self.split.test]
        return measurements(by_document(texts, self.settings.count, self.measured_characters), self.reference)


def generated(model: Model, prompt: str, seed: int, author: Author) -> Generated:
    """Return samples of a model that continue a prompt, with their measures; ``seed`` is the seed of its cell."""
    settings, choice = author.settings, "given"
    seeds = [1000 * seed + i for i in range(settings.count)]
    temperature = settings.temperature
    if temperature is None:
        temperature, choice = matched_temperature(model, prompt, seeds, author)
    written = generate(model.tokenizer, model.sample, prompt, seeds, settings.characters, temperature)
    facts = {"prompt": prompt, "temperature": temperature}
    samples = [Sample(**facts, seed=s, **dict(text)) for s, text in zip(seeds, written, strict=True)]
    texts = measurements([sample.text[: author.measured_characters] for sample in samples], author.reference)
    return Generated(
        temperature=temperature,
        choice=choice,
        author_repetition=author.repetition,
        characters=sum(len(sample.text) for sample in samples),
        samples=samples,
        measures=texts.beside(author.held_out),
        measured_characters=author.measured_characters,
        two_sample_test=texts.two_sample_test,
        new_words=texts.new_words,
    )


def matched_temperature(
    model: Model, prompt: str, seeds: Sequence[int], author: Author
) -> tuple[float, Literal["matched", "nearest"]]:
    """Return the temperature at which a model repeats as much as the author, from texts at several temperatures."""
    seeds = [MATCHING_SEED + seed for seed in seeds]
    length = author.matching_characters
    shares = []
    for temperature in TEMPERATURES:
        written = generate(model.tokenizer, model.sample, prompt, seeds, length, temperature)
        shares.append(repetition([filled.text for filled in written], REPEATED_WORDS))
    return match_temperature(shares, author.repetition)


def match_temperature(shares: Sequence[float], goal: float) -> tuple[float, Literal["matched", "nearest"]]:
    """Return the temperature at which texts repeat a share ``goal`` of their word pairs, or the nearest one.

    Repetition, given at all ``TEMPERATURES``, falls with them. So the nearest falling curve (isotonic regression)
    smooths chance, linear between the points. The middle of a stretch that equals the goal counts.
    """
    temperatures = np.array(TEMPERATURES)
    falling = isotonic_regression(shares, increasing=False).x
    if not falling[-1] <= goal <= falling[0]:
        return float(temperatures[0 if goal > falling[0] else -1]), "nearest"
    crossings = [
        float(np.interp(goal, falling[[i + 1, i]], temperatures[[i + 1, i]]))
        for i in range(len(falling) - 1)
        if falling[i] >= goal >= falling[i + 1] and falling[i] > falling[i + 1]
    ]
    matches = [*crossings, *temperatures[falling == goal].tolist()]
    return round((min(matches) + max(matches)) / 2, 2), "matched"
