"""A trained model and a corpus -> a cell: what the model pays, covers and writes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property

from toolkit.config import SampleSettings
from toolkit.errors import InputError
from toolkit.evaluation.generating import Author, Writer, generated
from toolkit.evaluation.metrics.coverage import coverage
from toolkit.evaluation.metrics.reference import Reference, in_memory, read_places
from toolkit.evaluation.metrics.word_bits import (
    Labels,
    by_frequency,
    by_part_of_speech,
    class_bits,
    labels,
    word_perplexity,
)
from toolkit.evaluation.segments import pieces_of
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Encoding
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, ledger
from toolkit.inference.word_costs import bits_by_word
from toolkit.results.bits import DocumentBits, Share
from toolkit.results.cell import Cell, MultiplyAdds, RunBytes
from toolkit.results.noise import Noise
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document, Split, beginning, utf8_bytes
from toolkit.text.neutral import training_counts, words
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.text.tagging import Tagger
from toolkit.training.stream import stream
from toolkit.training.trained import Trained

PROMPT_CHARACTERS = 60  # at most, of the first held-out document, if no prompt is given


class EvaluationData:
    """What all cells of a comparison share: the split, and what is computed from it once.

    ``whole`` is that of the whole training text, if the split has a fraction of it.
    """

    def __init__(
        self, split: Split, language: str, spacy_model: str | None = None, whole: "EvaluationData | None" = None
    ) -> None:
        self.split, self.language, self.spacy_model = split, language, spacy_model
        self.whole = whole or self
        self._author: Author | None = None

    def of_part(self, split: Split) -> "EvaluationData":
        """The same for a split that has a fraction of the training documents."""
        return self if split is self.split else EvaluationData(split, self.language, self.spacy_model, self)

    @cached_property
    def counts(self) -> Counter[str]:
        """Neutral words of the whole training text: bands of frequency are the same words for all cells."""
        return training_counts(self.split.train) if self.whole is self else self.whole.counts

    @cached_property
    def reference(self) -> Reference:
        """The training documents, as what samples are measured against."""
        read = in_memory(self.split)
        training, valid = (tuple(d.text for d in part) for part in (read.train, read.valid))
        known = None if len(read.train) == len(self.split.train) else frozenset(training_counts(self.split.train))
        names = tuple(document.name for document in read.train)
        return Reference(training, self.language, self.tagger, valid, known, names)

    def author(self, settings: SampleSettings) -> Author:
        """The author's lanes, for samples with these settings."""
        if self._author is None or self._author.settings != settings:
            self._author = Author(in_memory(self.split), settings, self.reference)
        return self._author

    @cached_property
    def tagger(self) -> Tagger | None:
        """The tagger of the language, which cuts dashes as that of a column does, or None if none is installed."""
        if self.whole is not self:
            return self.whole.tagger
        try:
            tagger = Tagger(self.spacy_model, self.language)
            tagger.check()
        except InputError:  # a comparison needs no tagger; a column that needs one has checked for it before
            return None
        tagger.see_dashes(document.text for document in self.split.train)
        return tagger

    @cached_property
    def parts_of_speech(self) -> Labels | None:
        """The parts of speech of the held-out text, or None without a tagger."""
        if self.whole is not self:
            return self.whole.parts_of_speech
        texts = [document.text for document in self.split.test]
        return labels(texts, map(self.tagger.tag, texts)) if self.tagger else None

    @cached_property
    def noisy(self) -> list[Noisy]:
        """The held-out text with each kind of noise, the same for all cells."""
        return noisy_texts(self.split) if self.whole is self else self.whole.noisy

    def prompt(self, settings: SampleSettings) -> str:
        """The prompt given (an empty one is a document's beginning), or how the first held-out document begins."""
        if settings.prompt is None:
            return beginning(self.split.test[0].text, PROMPT_CHARACTERS)
        return settings.prompt


def evaluate(
    spec: CellSpec,
    run: str,
    shared: EvaluationData,
    trained: Trained,
    training: Sequence[Encoding],
    scores: list[DocumentScores],
    noise: list[Noise],
    *,
    has_samples: bool,
) -> Cell:
    """The cell of one model: the bits of the held-out documents are summed up and, if asked for, samples are measured.

    ``training`` is its encodings of the training documents, ``scores`` those of the held-out ones, ``noise`` what noise
    in them costs.
    """
    test, model, tokenizer, settings = shared.split.test, trained.model, trained.model.tokenizer, spec.basis.settings
    read = [(shared.split.train[place], training[place]) for place in read_places(shared.split)]
    encodings = [document.encoding for document in scores]
    texts = [document.text for document in test]
    by_word = [bits_by_word(*pair) for pair in zip(texts, scores, strict=True)]
    total_bits = sum(document.total for document in scores)
    tokens = stream(tokenizer.vocabulary, encodings).tokens
    written = None
    if has_samples:
        writer = Writer(model, shared.prompt(settings.samples), spec.seed, shared.author(settings.samples))
        written = generated(writer, [encoding for _, encoding in read])
    return Cell(
        column=spec.column.name,
        tokenizer=spec.column.tokenizer,
        strategy=spec.column.strategy,
        model=spec.model,
        seed=spec.seed,
        fraction=spec.fraction,
        run=run,
        bits_per_character=ledger(scores, sum(map(len, texts))),
        bits_per_byte=total_bits / utf8_bytes(texts),
        class_bits=class_bits(tokenizer, scores),
        by_frequency=by_frequency(by_word, texts, shared.counts),
        by_part_of_speech=by_part_of_speech(by_word, shared.parts_of_speech) if shared.parts_of_speech else [],
        documents=document_bits(test, scores),
        perplexity_per_token=perplexity_per_token(scores, tokens),
        word_perplexity=word_perplexity(total_bits, sum(len(words(text)) for text in texts)),
        tokens=tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        parameters=model.parameters,
        embedding_parameters=model.embedding_parameters,
        train_seconds=trained.seconds,
        characters_per_second=trained.characters_seen / trained.seconds,
        characters_seen=trained.characters_seen,
        tokens_seen=round(trained.characters_seen * events_per_character(model, training)),
        updates=trained.updates,
        multiply_adds_per_character=multiply_adds(spec, model, training, encodings),
        verified=None,
        coverage=coverage(tokenizer, read, list(zip(test, encodings, strict=True))),
        generated=written,
        history=trained.history,
        run_bytes=RunBytes(tokenizer=0, model=0),  # until its files are written
        noise=noise,
    )


def perplexity_per_token(scores: Sequence[DocumentScores], tokens: int) -> float:
    """2^(bits / tokens) of the network's choices alone: without spelling, and without what is outside the network."""
    return float(2.0 ** (sum(float(document.network_bits.sum()) for document in scores) / tokens))


def multiply_adds(
    spec: CellSpec, model: Model, training: Sequence[Encoding], held_out: Sequence[Encoding]
) -> MultiplyAdds:
    """What the model's products take per character of the training text and of the held-out text."""
    return MultiplyAdds(
        train=spec.kind().training_multiply_adds(model) * events_per_character(model, training),
        score=model.multiply_adds * events_per_character(model, held_out),
    )


def events_per_character(model: Model, encodings: Sequence[Encoding]) -> float:
    """How many events the model is fed for each character of encoded documents."""
    read = stream(model.tokenizer.vocabulary, encodings)
    return read.tokens / read.characters


def document_bits(test: Sequence[Document], scores: Sequence[DocumentScores]) -> list[DocumentBits]:
    """The bits of each held-out document; of a single one, also those of its pieces."""
    return [
        DocumentBits(
            name=document.name,
            characters=len(document.text),
            bits=of_document.total,
            units=pieces(of_document) if len(test) == 1 else None,
        )
        for document, of_document in zip(test, scores, strict=True)
    ]


def pieces(scores: DocumentScores) -> list[Share]:
    """A document in its pieces, the same for every column; the last one pays for the end too."""
    per_character, end = scores.by_character()
    parts = pieces_of(per_character)
    bits = [float(part.sum()) for part in parts]
    bits[-1] += end
    return [Share(characters=len(part), bits=of_part) for part, of_part in zip(parts, bits, strict=True)]


def paid_by_word(test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]]) -> dict[str, list[Floats]]:
    """By column, the bits of each character of each document, with the ends of words charged to the words."""
    texts = [document.text for document in test]
    return {
        column: [bits_by_word(*pair)[0] for pair in zip(texts, documents, strict=True)]
        for column, documents in scores.items()
    }
