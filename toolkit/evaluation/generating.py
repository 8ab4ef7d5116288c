"""Generated text: samples of a model at the temperature that matches the author, and lanes of texts beside them.

Below temperature 1, text repeats itself more; above 1, it is wilder (Caccia et al. 2020). A temperature has another
effect on characters than on words, so models are compared where they repeat as much as the author.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import isotonic_regression

from toolkit.config import SampleSettings
from toolkit.evaluation.metrics import Reference, by_document, passages
from toolkit.evaluation.metrics.counts import repetition
from toolkit.evaluation.metrics.generated import Measurements, measurements
from toolkit.evaluation.metrics.novelty import marks
from toolkit.events.encoding import Events
from toolkit.inference.generation import SOURCES, Source, generate
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.results.generated import SHOWN, AtTemperature, Filled, Generated, Lane, Measured, Sample, TemperatureSweep
from toolkit.text.corpus import Document, Split, characters

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
SWEEP_SEED = 500  # added to the seeds of a sweep: its texts are not the samples
SWEEP_CHARACTERS = 1000  # of a text of a sweep: enough word pairs to repeat
SWEEP_SAMPLES = 2  # texts of each temperature that a report shows
REPEATED_WORDS = 2  # pairs: an author repeats enough of them
MAX_PASSAGES = 100  # by the author, for the repetition that temperatures match


class Author:
    """The author's text beside the samples of a comparison, each part computed once.

    Passages of the held-out documents, as many and as long as the samples, are the author's lane.
    """

    def __init__(self, split: Split, settings: SampleSettings, reference: Reference) -> None:
        self.split, self.settings, self.reference = split, settings, reference
        available = characters(split.test) // settings.count
        self.measured_characters = max(1, min(settings.characters, available))  # of each text of a lane
        self.swept_characters = min(settings.characters, SWEEP_CHARACTERS)  # of each text of a sweep

    @cached_property
    def repetition(self) -> float:
        """The share of repeated word pairs in passages of the training and validation documents."""
        text = "\n\n".join(document.text for document in (*self.split.train, *self.split.valid))
        number = min(MAX_PASSAGES, max(1, len(text) // self.swept_characters))
        return repetition(passages(text, number, self.swept_characters), REPEATED_WORDS)

    @cached_property
    def held_out(self) -> Measurements:
        """The passages of the held-out documents."""
        return measurements(self._passages(self.split.test), self.reference)

    @cached_property
    def another(self) -> Lane | None:
        """The lane of the validation documents; None if these are too short for as many passages."""
        texts = self._passages(self.split.valid)
        return self.lane_of(measurements(texts, self.reference)) if len(texts) == self.settings.count else None

    def _passages(self, documents: Sequence[Document]) -> list[str]:
        return by_document([document.text for document in documents], self.settings.count, self.measured_characters)

    def lane_of(self, texts: Measurements) -> Lane:
        """Return measured texts as a lane."""
        measures = texts.beside(self.held_out)
        return Lane(
            characters=sum(map(len, texts.texts)),
            measures={name: Measured(**value.model_dump(exclude={"author"})) for name, value in measures.items()},
            told_apart=texts.told_apart,
            new_words=texts.new_words,
        )


@dataclass(frozen=True)
class Writer:
    """A model that continues a prompt as often as the author has passages; ``seed`` is the seed of its cell."""

    model: Model
    prompt: str
    seed: int
    author: Author

    @property
    def seeds(self) -> list[int]:
        """The seeds of the samples."""
        return [1000 * self.seed + i for i in range(self.author.settings.count)]

    def sweep(self, samples: int = 0) -> TemperatureSweep:
        """Write at several temperatures, return ``samples`` texts of each, and find the one that matches the author."""
        points = [self._point(temperature, samples) for temperature in TEMPERATURES]
        matched, reached = match_temperature(points, self.author.repetition)
        return TemperatureSweep(
            characters=self.author.swept_characters,
            texts=self.author.settings.count,
            points=points,
            matched=matched,
            reached=reached,
            author_repetition=self.author.repetition,
        )

    def _point(self, temperature: float, samples: int) -> AtTemperature:
        length = self.author.swept_characters
        seen: dict[Source, int] = {"seen": length}
        both: dict[Source, int] = {"seen": length, "spelled": min(SHOWN, length)}  # spelling takes longer than drawing
        seeds = [SWEEP_SEED + seed for seed in self.seeds]
        lengths = [(seed, both if i < samples else seen) for i, seed in enumerate(seeds)]
        by_seed = generate(self.model.tokenizer, self.model.sample, self.prompt, lengths, temperature)
        texts = [by_source["seen"].text for by_source in by_seed]
        shown = [{source: _beginning(text) for source, text in by_source.items()} for by_source in by_seed[:samples]]
        return AtTemperature(
            temperature=temperature,
            repetition=repetition(texts, REPEATED_WORDS),
            samples=[self._sample(seed, text, temperature) for (seed, _), text in zip(lengths, shown, strict=False)],
        )

    def samples(self, temperature: float) -> list[Sample]:
        """Write the samples, with words seen in training and with spelled ones."""
        texts = self._texts(dict.fromkeys(SOURCES, self.author.settings.characters), temperature)
        return [self._sample(seed, text, temperature) for seed, text in zip(self.seeds, texts, strict=True)]

    def _texts(self, by_source: Mapping[Source, int], temperature: float) -> list[dict[Source, Filled]]:
        lengths = [(seed, by_source) for seed in self.seeds]
        return generate(self.model.tokenizer, self.model.sample, self.prompt, lengths, temperature)

    def _sample(self, seed: int, filled: Mapping[Source, Filled], temperature: float) -> Sample:
        def marked(text: Filled) -> Filled:
            shown = [mark for mark in marks(text.text, self.author.reference) if mark.start < SHOWN]
            return text.model_copy(update={"marks": shown})

        seen, spelled = marked(filled["seen"]), marked(filled["spelled"])
        differing = spelled if seen.fills or spelled.fills else None
        return Sample(prompt=self.prompt, seed=seed, temperature=temperature, spelled=differing, **dict(seen))

    def lane(self) -> Lane:
        """Write texts as long as the measured part of samples, at the temperature that suits the model."""
        author = self.author
        temperature = author.settings.temperature or self.sweep().matched
        by_seed = self._texts({"seen": author.measured_characters}, temperature)
        return author.lane_of(measurements([by_source["seen"].text for by_source in by_seed], author.reference))


def generated(writer: Writer, training: Sequence[Events]) -> Generated:
    """Return the samples of a model with their measures, beside the author and n-grams of the same training tokens."""
    author, model = writer.author, writer.model
    sweep = writer.sweep(SWEEP_SAMPLES)
    temperature = author.settings.temperature or sweep.matched
    samples = writer.samples(temperature)
    texts = measurements([sample.text[: author.measured_characters] for sample in samples], author.reference)
    ngram_lane = None
    if not isinstance(model, NGramModel):
        valid = [model.tokenizer.encode(document) for document in author.split.valid]
        ngram_lane = replace(writer, model=NGramModel.fitted(model.tokenizer, training, valid)).lane()
    return Generated(
        temperature=temperature,
        matched=author.settings.temperature is None,
        characters=sum(len(sample.text) for sample in samples),
        samples=samples,
        measures=texts.beside(author.held_out),
        measured_characters=author.measured_characters,
        sweep=sweep,
        told_apart=texts.told_apart,
        new_words=texts.new_words,
        author=author.lane_of(author.held_out),
        another=author.another,
        counted=ngram_lane,
    )


def match_temperature(points: Sequence[AtTemperature], goal: float) -> tuple[float, bool]:
    """Return the temperature at which texts repeat a share ``goal`` of their word pairs, and whether there is one.

    Repetition falls with temperature, so the nearest falling curve (isotonic regression) smooths chance, linear between
    the points. The middle of a stretch that equals the goal counts, or the end nearest to a goal that is not reached.
    """
    temperatures = np.array([at.temperature for at in points])
    falling = isotonic_regression([at.repetition for at in points], increasing=False).x
    if not falling[-1] <= goal <= falling[0]:
        return float(temperatures[0 if goal > falling[0] else -1]), False
    crossings = [
        float(np.interp(goal, falling[[i + 1, i]], temperatures[[i + 1, i]]))
        for i in range(len(falling) - 1)
        if falling[i] >= goal >= falling[i + 1] and falling[i] > falling[i + 1]
    ]
    matches = [*crossings, *temperatures[falling == goal].tolist()]
    return round((min(matches) + max(matches)) / 2, 2), True


def _beginning(text: Filled) -> Filled:
    fills = [fill.model_copy(update={"end": min(fill.end, SHOWN)}) for fill in text.fills if fill.start < SHOWN]
    return Filled(text=text.text[:SHOWN], fills=fills)
