"""A model as a writer: what it writes at one temperature and at several, held against the author."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from toolkit.evaluation.author import Author
from toolkit.evaluation.metrics.diversity import PAIRS, repetition
from toolkit.evaluation.temperatures import TEMPERATURES, matched
from toolkit.inference.continuation import generate, generate_each
from toolkit.inference.filling import Source
from toolkit.inference.model import Model
from toolkit.results.generated import SHOWN, AtTemperature, Fill, Filled, Sample, TemperatureSweep

SWEPT = 500  # added to the seeds of a sweep: what chooses a temperature is not what is measured at it


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
        """What continuations at a temperature, one per seed, repeat, and what the author's judge says.

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
        """That of the samples: the one that was asked for, or else the one that matches the author."""
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
        """As much of the texts as is measured, with words seen in training."""
        length = self.author.measured_characters
        written = generate(self.model, self.prompt, length, seeds=self.seeds, temperature=temperature)
        return [by_source["seen"].text for by_source in written]

    def _sample(self, seed: int, temperature: float, filled: Mapping[Source, Filled]) -> Sample:
        """A text as it is kept: with words seen in training and, if there is any placeholder, spelled."""
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
