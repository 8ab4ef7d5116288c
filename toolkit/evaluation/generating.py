"""Generated text: samples of a model at the temperature that matches the author, and their measures.

Below temperature 1, text gets likelier and repeats itself more; above 1, wilder (Caccia et al. 2020 compare models by
the whole curve). A temperature per character is not one per word, so models are compared where they repeat as much as
the author.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import isotonic_regression

from toolkit.evaluation.author import Author
from toolkit.evaluation.metrics.diversity import PAIRS, repetition
from toolkit.evaluation.metrics.generated import beside, measurements
from toolkit.events.encoding import Encoding
from toolkit.inference.continuation import generate, generate_each
from toolkit.inference.filling import Source
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.results.generated import (
    SHOWN,
    AtTemperature,
    Fill,
    Filled,
    Generated,
    Lane,
    Sample,
    TemperatureSweep,
)

TEMPERATURES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2)
DECIMALS = 2  # of a matched temperature
SWEPT = 500  # added to the seeds of a sweep: what chooses a temperature is not what is measured at it
KEPT = 2  # texts at each temperature of a sweep that a report shows


def generated(writer: "Writer", training: Sequence[Encoding]) -> Generated:
    """The samples of a model with their measures, beside the author and what n-grams of the same tokens write.

    ``training`` is the model's encodings of the training documents.
    """
    author, swept = writer.author, writer.swept(KEPT)
    temperature = writer.temperature(swept)
    samples = writer.samples(temperature)
    texts = [sample.text for sample in samples]
    cut = [text[: author.measured_characters] for text in texts]
    measured = measurements(cut, author.reference)
    return Generated(
        temperature=temperature,
        matched=author.settings.temperature is None,
        characters=sum(map(len, texts)),
        samples=samples,
        measures=beside(measured.measures, author.measurements.measures),
        measured_characters=author.measured_characters,
        sweep=swept,
        novelty=author.novelty(cut),
        told_apart=measured.told_apart,
        copies=author.copies(cut, measured.copies),
        new_words=author.new_words(cut),
        author=author.lane,
        another=author.another,
        counted=None if isinstance(writer.model, NGramModel) else counted(writer, training),
    )


def counted(writer: "Writer", training: Sequence[Encoding]) -> Lane:
    """What n-grams of the model's tokens write, counted on the same training documents."""
    author, tokenizer = writer.author, writer.model.tokenizer
    valid = [tokenizer.encode(document) for document in author.split.valid]
    ngrams = replace(writer, model=NGramModel.fitted(tokenizer, training, valid))
    swept = ngrams.swept()
    temperature = ngrams.temperature(swept)
    texts = ngrams.measured_texts(temperature)
    return author.lane_of(texts, measurements(texts, author.reference), temperature, swept)


@dataclass(frozen=True)
class Writer:
    """A model that continues a prompt as often as the author has passages; ``seed`` is its cell's."""

    model: Model
    prompt: str
    seed: int
    author: Author

    @property
    def seeds(self) -> list[int]:
        """The seed of each text."""
        return [1000 * self.seed + i for i in range(self.author.settings.count)]

    def swept(self, kept: int = 0) -> TemperatureSweep:
        """The model at several temperatures, with ``kept`` texts of each, and the one that matches the author."""
        seeds = [SWEPT + seed for seed in self.seeds]
        points = [self.at(temperature, seeds, kept) for temperature in TEMPERATURES]
        temperature, reached = matched(points, self.author.repetition)
        return TemperatureSweep(
            characters=self.author.swept_characters,
            texts=len(seeds),
            points=points,
            author_repetition=self.author.repetition,
            author_bits=self.author.bits,
            matched=temperature,
            reached=reached,
        )

    def at(self, temperature: float, seeds: Sequence[int], kept: int) -> AtTemperature:
        """Repetition and bits of continuations at one temperature, one per seed.

        Of the first ``kept`` texts, the beginnings are kept. Only these are also spelled, which takes longer than to
        draw tokens.
        """
        seen: dict[Source, int] = {"seen": self.author.swept_characters}
        both: dict[Source, int] = {**seen, "spelled": min(SHOWN, self.author.swept_characters)}
        lengths = [(seed, both if i < kept else seen) for i, seed in enumerate(seeds)]
        written = generate_each(self.model, self.prompt, lengths, temperature)
        texts = [by_source["seen"].text for by_source in written]
        begun = [{source: beginning(text, SHOWN) for source, text in by_source.items()} for by_source in written[:kept]]
        return AtTemperature(
            temperature=temperature,
            repetition=repetition(texts, PAIRS),
            bits=self.author.judge.bits(texts),
            samples=[self._sample(seed, temperature, filled) for seed, filled in zip(seeds, begun, strict=False)],
        )

    def temperature(self, swept: TemperatureSweep) -> float:
        """The temperature of the samples: the given one, or the one that matches the author."""
        given = self.author.settings.temperature
        return swept.matched if given is None else given

    def samples(self, temperature: float) -> list[Sample]:
        """The texts, their placeholders filled both with words seen in training and with spelled ones."""
        length = self.author.settings.characters
        written = generate(
            self.model, self.prompt, length, seeds=self.seeds, temperature=temperature, sources=("seen", "spelled")
        )
        return [self._sample(seed, temperature, filled) for seed, filled in zip(self.seeds, written, strict=True)]

    def measured_texts(self, temperature: float) -> list[str]:
        """The measured part of each text, with words seen in training."""
        length = self.author.measured_characters
        written = generate(self.model, self.prompt, length, seeds=self.seeds, temperature=temperature)
        return [by_source["seen"].text for by_source in written]

    def _sample(self, seed: int, temperature: float, filled: Mapping[Source, Filled]) -> Sample:
        """A sample: its text with words seen in training and, if it has placeholders, with spelled words."""
        seen, spelled = (self._marked(filled[source]) for source in ("seen", "spelled"))
        return Sample(
            prompt=self.prompt,
            seed=seed,
            temperature=temperature,
            text=seen.text,
            fills=seen.fills,
            marks=seen.marks,
            spelled=spelled if seen.fills or spelled.fills else None,
        )

    def _marked(self, filled: Filled) -> Filled:
        """A text with the marks that a report shows."""
        shown = [mark for mark in self.author.marks(filled.text) if mark.start < SHOWN]
        return Filled(text=filled.text, fills=filled.fills, marks=shown)


def beginning(filled: Filled, characters: int) -> Filled:
    """The first characters of a text that has nothing marked, with the fills in them.

    >>> beginning(Filled(text="an owl", fills=[Fill(start=3, end=6, name="NOUN")]), 5)
    Filled(text='an ow', fills=[Fill(start=3, end=5, name='NOUN')], marks=[])
    """
    fills = [
        Fill(start=fill.start, end=min(fill.end, characters), name=fill.name)
        for fill in filled.fills
        if fill.start < characters
    ]
    return Filled(text=filled.text[:characters], fills=fills)


def matched(points: Sequence[AtTemperature], goal: float) -> tuple[float, bool]:
    """The temperature at which texts repeat a share ``goal`` of their word pairs, and whether there is one.

    Repetition falls with temperature, so chance is smoothed by the nearest falling curve (isotonic regression), which
    is linear between the points. If the curve stays at the goal, the middle is taken. If it never reaches the goal, the
    nearest end is taken.

    >>> swept = ((0.5, 0.3), (0.7, 0.1), (0.9, 0.0))
    >>> at = [AtTemperature(temperature=t, repetition=r, bits=2.0, samples=[]) for t, r in swept]
    >>> matched(at, 0.2), matched(at, 0.4), matched(at, 0.05)
    ((0.6, True), (0.5, False), (0.8, True))
    """
    temperatures = np.array([at.temperature for at in points])
    falling = isotonic_regression([at.repetition for at in points], increasing=False).x
    if not falling[-1] <= goal <= falling[0]:
        return float(temperatures[0 if goal > falling[0] else -1]), False
    crossed = [
        float(np.interp(goal, falling[[i + 1, i]], temperatures[[i + 1, i]]))
        for i in range(len(falling) - 1)
        if falling[i] >= goal >= falling[i + 1] and falling[i] > falling[i + 1]
    ]
    equal = temperatures[falling == goal].tolist()
    both = [*crossed, *equal]
    return round((min(both) + max(both)) / 2, DECIMALS), True
