"""What a model writes: its samples at the temperature that matches the author, measured beside other lanes."""

from collections.abc import Sequence
from dataclasses import replace

from toolkit.evaluation.metrics.counts import PANDEMONIUM, occurrences
from toolkit.evaluation.metrics.generated import beside, taken
from toolkit.evaluation.metrics.two_sample import told_apart
from toolkit.evaluation.writer import Writer
from toolkit.events.encoding import Encoding
from toolkit.inference.ngram import NGramModel
from toolkit.results.generated import Generated, Lane

KEPT = 2  # texts at each temperature of a sweep that a report shows


def generated(writer: Writer, training: Sequence[Encoding]) -> Generated:
    """The samples of a model with their measures, beside the author and what n-grams of the same tokens write.

    ``training`` is the model's encodings of the training documents.
    """
    author, swept = writer.author, writer.swept(KEPT)
    temperature = writer.temperature(swept)
    samples = writer.samples(temperature)
    texts = [sample.text for sample in samples]
    spelled = [sample.spelled.text if sample.spelled else sample.text for sample in samples]
    measured = [text[: author.measured_characters] for text in texts]
    return Generated(
        temperature=temperature,
        matched=author.settings.temperature is None,
        characters=sum(map(len, texts)),
        samples=samples,
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
        counted=None if isinstance(writer.model, NGramModel) else counted(writer, training),
    )


def counted(writer: Writer, training: Sequence[Encoding]) -> Lane:
    """What n-grams of the model's tokens write, counted on the same training documents."""
    author, tokenizer = writer.author, writer.model.tokenizer
    valid = [tokenizer.encode(document) for document in author.split.valid]
    ngrams = replace(writer, model=NGramModel.fitted(tokenizer, training, valid))
    swept = ngrams.swept()
    temperature = ngrams.temperature(swept)
    texts = ngrams.measured_texts(temperature)
    return author.lane_of(texts, taken(texts, author.reference), temperature, swept)
