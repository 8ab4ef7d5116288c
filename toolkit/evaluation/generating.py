"""What a model writes: its samples at the temperature that matches the author, measured beside other lanes."""

from collections.abc import Sequence

from toolkit.evaluation.author import Author
from toolkit.evaluation.metrics.counts import PANDEMONIUM, occurrences
from toolkit.evaluation.metrics.generated import beside, taken
from toolkit.evaluation.metrics.two_sample import told_apart
from toolkit.evaluation.samples import sample
from toolkit.evaluation.temperatures import matched, sweep
from toolkit.events.encoding import Encoding
from toolkit.inference.continuation import generate
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.results.generated import Generated, Lane, Sample, TemperatureSweep

SWEPT = 500  # added to the seeds of a sweep: what chooses a temperature is not what is measured at it
KEPT = 2  # texts at each temperature of a sweep that a report shows


def generated(model: Model, training: Sequence[Encoding], prompt: str, seed: int, author: Author) -> Generated:
    """The samples of a model with their measures, beside the author and what n-grams of the same tokens write.

    ``training`` is the model's encodings of the training documents.
    """
    swept = swept_as(model, prompt, seed, author, KEPT)
    temperature = chosen(swept, author)
    written = samples(model, prompt, seed, temperature, author)
    texts = [sample.text for sample in written]
    spelled = [sample.spelled.text if sample.spelled else sample.text for sample in written]
    measured = [text[: author.measured_characters] for text in texts]
    return Generated(
        temperature=temperature,
        matched=author.settings.temperature is None,
        characters=sum(map(len, texts)),
        samples=written,
        pandemonium_seen=occurrences(texts, PANDEMONIUM),
        pandemonium_spelled=occurrences(spelled, PANDEMONIUM),
        measures=beside(taken(measured, author.reference), author.taken),
        measured_characters=author.measured_characters,
        sweep=swept,
        novelty=author.novelty(measured),
        told_apart=told_apart(measured, author.reference.documents),
        copies=author.copies(measured),
        new_words=author.new_words(measured),
        author=author.lane,
        another=author.another,
        counted=None if isinstance(model, NGramModel) else counted(model, training, prompt, seed, author),
    )


def swept_as(model: Model, prompt: str, seed: int, author: Author, kept: int = 0) -> TemperatureSweep:
    """The model at several temperatures, with ``kept`` texts of each, and the one that matches the author."""
    seeds = [SWEPT + one for one in seeds_of(seed, author)]
    points = sweep(model, prompt, seeds, author, kept)
    temperature, reached = matched(points, author.repetition)
    return TemperatureSweep(
        characters=author.swept_characters,
        texts=len(seeds),
        points=points,
        author_repetition=author.repetition,
        author_bits=author.bits,
        matched=temperature,
        reached=reached,
    )


def chosen(swept: TemperatureSweep, author: Author) -> float:
    """The temperature of the samples: the one that was asked for, or else the one that matches the author."""
    return swept.matched if author.settings.temperature is None else author.settings.temperature


def seeds_of(seed: int, author: Author) -> list[int]:
    """The seed of each text that a cell of this seed writes."""
    return [1000 * seed + i for i in range(author.settings.count)]


def samples(model: Model, prompt: str, seed: int, temperature: float, author: Author) -> list[Sample]:
    """Continuations of the prompt, their placeholders filled both with words seen in training and with spelled ones."""
    seeds = seeds_of(seed, author)
    written = generate(
        model, prompt, author.settings.characters, seeds=seeds, temperature=temperature, sources=("seen", "spelled")
    )
    return [sample(prompt, seed, temperature, filled, author) for seed, filled in zip(seeds, written, strict=True)]


def counted(model: Model, training: Sequence[Encoding], prompt: str, seed: int, author: Author) -> Lane:
    """What n-grams of the model's tokens write, counted on the same training documents."""
    valid = [model.tokenizer.encode(document) for document in author.split.valid]
    ngrams = NGramModel.fitted(model.tokenizer, training, valid)
    swept = swept_as(ngrams, prompt, seed, author)
    temperature = chosen(swept, author)
    filled = generate(ngrams, prompt, author.measured_characters, seeds=seeds_of(seed, author), temperature=temperature)
    texts = [by_source["seen"].text for by_source in filled]
    return author.lane_of(texts, taken(texts, author.reference), temperature, swept)
