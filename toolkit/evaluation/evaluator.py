"""A trained model and a corpus -> a cell: what the model pays, covers and writes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from toolkit.config import SampleSettings
from toolkit.errors import InputError
from toolkit.evaluation.metrics.classes import coverage
from toolkit.evaluation.metrics.counts import PANDEMONIUM, occurrences
from toolkit.evaluation.metrics.generated import measure_against
from toolkit.evaluation.metrics.likelihood import by_frequency, word_perplexity
from toolkit.evaluation.metrics.parts_of_speech import Labels, by_part_of_speech, labels
from toolkit.evaluation.metrics.reference import Reference
from toolkit.evaluation.metrics.word_bits import word_bits
from toolkit.events.encoding import Encoding
from toolkit.inference.continuation import generate
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, ledger
from toolkit.results import Cell, DocumentBits, Generated, Passage, Sample, WordBits
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document, Split, beginning
from toolkit.text.neutral import training_counts, words
from toolkit.text.tagging import Tagger
from toolkit.training.trained import Trained

PROMPT_CHARACTERS = 60  # at most, of the first held-out document, if no prompt is given
PASSAGE_CHARACTERS = 1000
SEGMENTS = 20  # into which a single held-out document is cut for the statistics


class EvaluationData:
    """What all cells of a comparison share: the split, and what is computed from it once."""

    def __init__(self, split: Split, language: str, spacy_model: str | None = None) -> None:
        self.split, self.language, self.spacy_model = split, language, spacy_model

    @cached_property
    def counts(self) -> Counter[str]:
        """Neutral words of the training text."""
        return training_counts(self.split.train)

    @cached_property
    def reference(self) -> Reference:
        """The training documents, as what samples are measured against."""
        return Reference(tuple(document.text for document in self.split.train), self.language, self.tagger)

    @cached_property
    def held_out(self) -> str:
        """The held-out text, from which the author's passages are taken."""
        return "\n\n".join(document.text for document in self.split.test)

    @cached_property
    def tagger(self) -> Tagger | None:
        """The tagger of the language, or None if none is installed."""
        try:
            tagger = Tagger(self.spacy_model, self.language)
            tagger.check()
        except InputError:  # a comparison needs no tagger; a column that needs one has checked for it before
            return None
        return tagger

    @cached_property
    def parts_of_speech(self) -> Labels | None:
        """The parts of speech of the held-out text, or None without a tagger."""
        texts = [document.text for document in self.split.test]
        return labels(texts, map(self.tagger.tag, texts)) if self.tagger else None

    def prompt(self, settings: SampleSettings) -> str:
        """The prompt given, or the beginning of the first held-out document."""
        return settings.prompt or beginning(self.split.test[0].text, PROMPT_CHARACTERS)


@dataclass(frozen=True)
class Evaluation:
    """A cell and the scores behind it."""

    cell: Cell
    scores: list[DocumentScores]


def evaluate(
    spec: CellSpec,
    run: str,
    shared: EvaluationData,
    trained: Trained,
    training: Sequence[Encoding],
    scores: list[DocumentScores],
) -> Evaluation:
    """Generate samples and measure them, and what the held-out documents pay: all that is reported of one model.

    ``training`` is its encodings of the training documents, ``scores`` those of the held-out ones.
    """
    test, model, tokenizer, settings = shared.split.test, trained.model, trained.model.tokenizer, spec.basis.settings
    encodings = [document.encoding for document in scores]
    by_character = [document.by_character() for document in scores]
    total_bits = sum(document.total for document in scores)
    tokens = sum(len(tokenizer.vocabulary.fed(encoding).ids) for encoding in encodings)
    cell = Cell(
        column=spec.column.name,
        tokenizer=spec.column.tokenizer,
        strategy=spec.column.strategy,
        model=spec.model,
        seed=spec.seed,
        fraction=spec.fraction,
        run=run,
        bits_per_character=ledger(scores, sum(len(document.text) for document in test)),
        by_frequency=by_frequency(by_character, [document.text for document in test], shared.counts),
        by_part_of_speech=by_part_of_speech(by_character, shared.parts_of_speech) if shared.parts_of_speech else [],
        documents=[
            DocumentBits(name=document.name, characters=len(document.text), bits=of_document.total)
            for document, of_document in zip(test, scores, strict=True)
        ],
        perplexity_per_token=2.0 ** (sum(float(document.network_bits.sum()) for document in scores) / tokens),
        word_perplexity=word_perplexity(total_bits, sum(len(words(document.text)) for document in test)),
        tokens=tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        parameters=model.parameters,
        embedding_parameters=model.embedding_parameters,
        train_seconds=trained.seconds,
        characters_per_second=trained.characters_seen / trained.seconds,
        characters_seen=trained.characters_seen,
        updates=trained.updates,
        verified=None,
        coverage=coverage(
            tokenizer,
            list(zip(shared.split.train, training, strict=True)),
            list(zip(test, encodings, strict=True)),
        ),
        generated=generated(
            samples(model, shared.prompt(settings.samples), spec.seed, settings.samples),
            shared,
            settings.samples,
        ),
        history=trained.history,
    )
    return Evaluation(cell, scores)


def samples(model: Model, prompt: str, seed: int, settings: SampleSettings) -> list[Sample]:
    """Continuations of the prompt, their placeholders filled both with words seen in training and with spelled ones."""
    seeds = [1000 * seed + i for i in range(settings.count)]
    written = generate(
        model, prompt, settings.characters,
        seeds=seeds, temperature=settings.temperature, sources=("seen", "spelled"),
    )  # fmt: skip
    return [
        Sample(
            prompt=prompt,
            seed=seed,
            temperature=settings.temperature,
            text=filled["seen"].text,
            fills=filled["seen"].fills,
            spelled=filled["spelled"] if filled["seen"].fills or filled["spelled"].fills else None,
        )
        for seed, filled in zip(seeds, written, strict=True)
    ]


def generated(samples: Sequence[Sample], shared: EvaluationData, settings: SampleSettings) -> Generated:
    """The samples with their measures."""
    texts = [sample.text for sample in samples]
    spelled = [sample.spelled.text if sample.spelled else sample.text for sample in samples]
    return Generated(
        temperature=settings.temperature,
        characters=sum(map(len, texts)),
        samples=list(samples),
        pandemonium_seen=occurrences(texts, PANDEMONIUM),
        pandemonium_spelled=occurrences(spelled, PANDEMONIUM),
        measures=measure_against(texts, shared.held_out, shared.reference),
    )


def statistical_units(documents: Sequence[Document], scores: Sequence[DocumentScores]) -> tuple[list[float], list[int]]:
    """Bits and characters of the units that columns are compared over: documents, or segments of a single one."""
    if len(scores) > 1:
        return [of_document.total for of_document in scores], [len(document.text) for document in documents]
    bits, end = scores[0].by_character()
    pieces = np.array_split(bits, min(SEGMENTS, len(bits)))
    totals = [float(piece.sum()) for piece in pieces]
    totals[-1] += end
    return totals, [len(piece) for piece in pieces]


def words_apart(
    test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]], counts: Mapping[str, int]
) -> WordBits:
    """The held-out words that the columns differ over most, with what each pays for them."""
    per_character = {
        column: [document.by_character()[0] for document in documents] for column, documents in scores.items()
    }
    return word_bits(per_character, [document.text for document in test], counts)


def passage(test: Sequence[Document], scores: Mapping[str, Sequence[DocumentScores]]) -> Passage:
    """A passage from the middle of the first held-out document, with the bits of each character by column."""
    document = test[0]
    middle = max(0, len(document.text) // 2 - PASSAGE_CHARACTERS // 2)
    start = document.text.find("\n", middle, middle + PASSAGE_CHARACTERS // 2) + 1 or middle
    start += len(document.text[start:]) - len(document.text[start:].lstrip("\n"))
    part = slice(start, start + PASSAGE_CHARACTERS)
    return Passage(
        document=document.name,
        start=start,
        text=document.text[part],
        bits={column: documents[0].by_character()[0][part].tolist() for column, documents in scores.items()},
    )
