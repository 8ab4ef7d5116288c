"""Generated text: samples of a model at the temperature that matches the author, with their measures.

Below temperature 1, text repeats itself more; above 1, it is wilder (Caccia et al. 2020). A temperature has another
effect on characters than on words, so models are compared where they repeat as much as the author.
"""

import math
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

from toolkit.config import SampleSettings
from toolkit.evaluation.metrics import Reference, by_document, passages
from toolkit.evaluation.metrics.counts import repetition
from toolkit.evaluation.metrics.generated import Measurements, measurements
from toolkit.evaluation.metrics.novelty import new_words
from toolkit.inference.generation import generate
from toolkit.inference.model import Model
from toolkit.results.generated import Filled, Generated, Sample
from toolkit.text.corpus import Split, characters

TEMPERATURES = (0.5, 1.2)  # the limits of a matched temperature
FIRST_TEMPERATURE = 0.9  # near the match of most models
MAX_TRIALS = 4  # of temperatures
LOG_FALL = 5.0  # of the share of repeated pairs, per unit of temperature: 4 to 6 for most models
LOG_FALLS = (2.0, 15.0)  # the limits of the fall between two trials
MATCH_SHARE = 0.25  # of the goal: samples farther from it do not match; by chance they differ by half of it
LEAST_SHARE = 0.001  # added to shares, whose logarithms are compared
SHOWN_TEMPERATURES, SHOWN_CHARACTERS = (0.5, 0.7, 1.0, 1.2), 600  # of a text each, beside the samples
MAX_PROMPTS = 3
MEASURING = 1.3  # times the time of writing: with the measures of all texts
MAX_NEW_WORDS = 5000  # of each kind
MATCHING_CHARACTERS = 2000  # of a text that is matched: the more, the less is left to chance
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


def generated(
    model: Model,
    prompts: Sequence[str],
    seed: int,
    author: Author,
    report: Callable[[float], None] = lambda _: None,
) -> Generated:
    """Return samples of a model that continue the first prompt, with their measures, and shorter variations.

    ``seed`` is the seed of its cell. ``report`` gets the share of the texts that are written.
    """
    settings, length = author.settings, author.matching_characters
    seeds = [1000 * seed + i for i in range(settings.count)]
    whole, done = characters_to_write(settings), 0

    def write(prompt: str, seeds: Sequence[int], length: int, temperature: float) -> list[Filled]:
        nonlocal done
        report(done / whole)
        done += length
        return generate(model.tokenizer, model.sample, prompt, seeds, length, temperature)

    def written(temperature: float, length: int) -> list[Filled]:
        return write(prompts[0], seeds, length, temperature)

    def variation(prompt: str, temperature: float) -> Sample:
        texts = write(prompt, seeds[:1], min(settings.characters, SHOWN_CHARACTERS), temperature)
        return sampled(prompt, seeds, temperature, texts)[0]

    def repeated(texts: Sequence[Filled]) -> float:
        return repetition([filled.text[:length] for filled in texts], REPEATED_WORDS)

    temperature, choice = settings.temperature, "given"
    if temperature is None:
        temperature, choice = matched_temperature(lambda t: repeated(written(t, length)), author.repetition)

    filled = written(temperature, settings.characters)
    samples = sampled(prompts[0], seeds, temperature, filled)
    variations = [variation(prompts[0], other) for other in SHOWN_TEMPERATURES]
    variations += [variation(prompt, temperature) for prompt in prompts[1:]]
    all_texts = [sample.text for sample in (*samples, *variations)]
    texts = measurements([sample.text[: author.measured_characters] for sample in samples], author.reference)
    return Generated(
        temperature=temperature,
        choice=choice,
        author_repetition=author.repetition,
        repetition=repeated(filled),
        characters=sum(len(sample.text) for sample in samples),
        samples=samples,
        variations=variations,
        measures=texts.beside(author.held_out),
        measured_characters=author.measured_characters,
        two_sample_test=texts.two_sample_test,
        new_words=new_words(all_texts, author.reference, MAX_NEW_WORDS),
    )


def characters_to_write(settings: SampleSettings) -> int:
    """Return the length of all texts that a cell writes one after another, with the most trials and with measuring."""
    trials = MAX_TRIALS * min(settings.characters, MATCHING_CHARACTERS) if settings.temperature is None else 0
    variations = (len(SHOWN_TEMPERATURES) + MAX_PROMPTS - 1) * min(settings.characters, SHOWN_CHARACTERS)
    return round(MEASURING * (trials + settings.characters + variations))


def sampled(prompt: str, seeds: Sequence[int], temperature: float, texts: Sequence[Filled]) -> list[Sample]:
    """Return texts as samples, each with its seed."""
    facts = {"prompt": prompt, "temperature": temperature}
    return [Sample(**facts, seed=seed, **dict(text)) for seed, text in zip(seeds, texts, strict=False)]


def matched_temperature(
    repeated: Callable[[float], float], goal: float
) -> tuple[float, Literal["matched", "nearest"]]:
    """Return the trial whose samples repeat the share of word pairs that is nearest to a goal.

    ``repeated`` returns the share at a temperature. Its logarithm falls about evenly with the temperature, so two
    trials tell where the next one belongs (secant method).
    """
    shares: dict[float, float] = {}
    excesses: list[tuple[float, float]] = []  # temperature, and the logarithm of its share over the goal
    temperature, fall = FIRST_TEMPERATURE, LOG_FALL
    coldest, hottest = TEMPERATURES
    while temperature not in shares and len(shares) < MAX_TRIALS:
        shares[temperature] = repeated(temperature)
        excess = math.log((shares[temperature] + LEAST_SHARE) / (goal + LEAST_SHARE))
        excesses.append((temperature, excess))
        if len(excesses) > 1:
            (before, excess_before), _ = excesses[-2:]
            fall = (excess_before - excess) / (temperature - before)
            fall = min(max(fall, LOG_FALLS[0]), LOG_FALLS[1])
        temperature = round(min(max(temperature + excess / fall, coldest), hottest), 2)
    nearest = min(shares, key=lambda trial: abs(shares[trial] - goal))
    return nearest, "matched" if abs(shares[nearest] - goal) <= MATCH_SHARE * goal else "nearest"
