"""Measure a trained model on the held-out text: the cell of a comparison, and the costs of noise."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from itertools import islice
from typing import Any

from toolkit.config import SampleSettings
from toolkit.errors import InputError
from toolkit.evaluation.generating import MAX_PROMPTS, Author
from toolkit.evaluation.metrics import Reference, coverage
from toolkit.evaluation.units import pieces_of
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Events, Tokenizer, Vocabulary
from toolkit.inference.scores import DocumentScores, bits_by_word, ledger
from toolkit.results.bits import DocumentBits, Noise, Share
from toolkit.results.cell import Cell, MultiplyAdds
from toolkit.runs.spec import CellSpec
from toolkit.text.corpus import Document, Split, beginning, characters, utf8_bytes
from toolkit.text.neutral import training_counts, words
from toolkit.text.noise import Noisy, noisy_texts
from toolkit.text.tagging import Tagger
from toolkit.training.records import Trained
from toolkit.training.stream import Stream, stream

PROMPT_CHARACTERS = 60  # at most, of a held-out document, if no prompt is given

Score = Callable[[Sequence[Document]], list[DocumentScores]]


class EvaluationData:
    """The split of a comparison and the facts that all of its cells share, each computed once.

    The ``prompts`` of samples are the beginnings of the first held-out documents, unless the settings have one.
    """

    def __init__(
        self, split: Split, language: str, samples: SampleSettings, spacy_model: str | None = None
    ) -> None:
        self.split, self.language, self.samples, self.spacy_model = split, language, samples, spacy_model
        beginnings = [beginning(document.text, PROMPT_CHARACTERS) for document in split.test[:MAX_PROMPTS]]
        self.prompts = beginnings if samples.prompt is None else [samples.prompt]

    @cached_property
    def counts(self) -> Counter[str]:
        """Counts of the neutral words of the whole training text, so that all cells have the same bands."""
        return training_counts(self.split.train)

    @cached_property
    def author(self) -> Author:
        """The author's text, and the training documents to measure samples against."""
        texts = tuple(document.text for document in self.split.train)
        return Author(self.split, self.samples, Reference(texts, self.language, self.tagger))

    @cached_property
    def tagger(self) -> Tagger | None:
        """The tagger of the language, which cuts dashes as a column's does; None if it is not installed."""
        try:
            tagger = Tagger(self.spacy_model, self.language)
            tagger.check()
        except InputError:  # a comparison works without; a column that needs a tagger has already checked for it
            return None
        return tagger

    @cached_property
    def parts_of_speech(self) -> coverage.Labels | None:
        """The parts of speech of the held-out text; None without a tagger."""
        texts = [document.text for document in self.split.test]
        return coverage.labels(texts, map(self.tagger.tag, texts)) if self.tagger else None

    @cached_property
    def noisy(self) -> list[Noisy]:
        """The held-out text with each kind of noise."""
        return noisy_texts(self.split)


def evaluate(
    spec: CellSpec,
    run: str,
    shared: EvaluationData,
    part: Split,
    trained: Trained,
    training: Sequence[Events],
    scores: list[DocumentScores],
    **further: Any,
) -> Cell:
    """Return the cell of one model from its scores of the held-out documents, and from ``further`` fields.

    ``training`` has its encodings of the training documents of ``part``: the whole split, or a fraction of it.
    """
    test, model, end, parts = shared.split.test, trained.model, trained.end, shared.parts_of_speech
    tokenizer = model.tokenizer
    train = list(zip(part.train, training, strict=True))
    encodings = [document.encoding for document in scores]
    read, held_out = (stream(tokenizer.vocabulary, of_part) for of_part in (training, encodings))
    texts = [document.text for document in test]
    by_word = [bits_by_word(*pair) for pair in zip(texts, scores, strict=True)]
    total_bits = sum(document.total for document in scores)
    return Cell(
        **spec.identity(run),
        digest=spec.digest,
        **held_out_figures(tokenizer.vocabulary, test, scores),
        class_bits=coverage.class_bits(tokenizer, scores),
        by_frequency=coverage.by_frequency(by_word, texts, shared.counts),
        by_part_of_speech=coverage.by_part_of_speech(by_word, parts) if parts else [],
        word_perplexity=coverage.word_perplexity(total_bits, sum(len(words(text)) for text in texts)),
        tokens=held_out.tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        parameters=model.parameters,
        embedding_parameters=model.embedding_parameters,
        train_seconds=end.seconds,
        characters_per_second=end.characters_seen / end.seconds,
        characters_seen=end.characters_seen,
        updates=end.updates,
        multiply_adds_per_character=multiply_adds(spec, model.multiply_adds, read, held_out),
        coverage=coverage.coverage(tokenizer, train, list(zip(test, encodings, strict=True))),
        history=end.history,
        **further,
    )


def held_out_figures(
    vocabulary: Vocabulary, test: Sequence[Document], scores: Sequence[DocumentScores]
) -> dict[str, Any]:
    """Return the figures that cells and rows have of the held-out documents.

    The perplexity per token is 2^(bits / tokens) of the network's choices, without spelling and bits outside the
    network.
    """
    tokens = stream(vocabulary, [document.encoding for document in scores]).tokens
    network_bits = sum(float(document.network_bits.sum()) for document in scores)
    return {
        "bits_per_character": ledger(scores, characters(test)),
        "bits_per_byte": sum(document.total for document in scores) / utf8_bytes(d.text for d in test),
        "perplexity_per_token": float(2.0 ** (network_bits / tokens)),
        "documents": document_bits(test, scores),
    }


def multiply_adds(spec: CellSpec, per_event: int, read: Stream, held_out: Stream) -> MultiplyAdds:
    """Return the multiply-adds per character of the training text and of the held-out text."""
    return MultiplyAdds(
        train=spec.kind().training_passes * per_event * (read.tokens / read.characters),
        score=per_event * (held_out.tokens / held_out.characters),
    )


def document_bits(test: Sequence[Document], scores: Sequence[DocumentScores]) -> list[DocumentBits]:
    """Return the bits of each held-out document, and the bits of its pieces if there is only one."""
    documents = [
        DocumentBits(name=document.name, characters=document.characters, bits=of_document.total)
        for document, of_document in zip(test, scores, strict=True)
    ]
    if len(documents) == 1:
        per_character, end = scores[0].by_character()
        documents[0].units = _shares(pieces_of(per_character))
        documents[0].units[-1].bits += end
    return documents


def noise_costs(
    texts: Sequence[Noisy], tokenizer: Tokenizer, clean: Sequence[DocumentScores], score: Score
) -> list[Noise]:
    """Return the cost of each noisy text beside the ``clean`` one, except of texts that the tokenizer refuses.

    ``score`` gets all texts at once that the tokenizer can encode.
    """
    read, documents, costs = list[Noisy](), list[Document](), list[Noise]()
    for noisy in texts:
        with suppress(InputError):
            for document in noisy.documents:
                tokenizer.encode(document)
            documents += noisy.documents
            read.append(noisy)
    scores = iter(score(documents) if documents else [])
    for noisy in read:
        bits = [document.by_character()[0] for document in islice(scores, len(clean))]  # (characters,) of each
        # Later text changes no bits, so a noisy text that ends early is compared with the clean beginning.
        clean_bits = [whole.by_character()[0][: len(part)] for whole, part in zip(clean, bits, strict=True)]
        extra = [part - unchanged for part, unchanged in zip(bits, clean_bits, strict=True)]
        cost = Noise(
            name=noisy.name,
            letters=noisy.letters,
            changed=noisy.changed,
            characters=characters(noisy.documents),
            bits=float(sum(part.sum() for part in bits)),
            clean_bits=float(sum(part.sum() for part in clean_bits)),
            documents=_shares(extra if len(extra) > 1 else pieces_of(extra[0])),
        )
        costs.append(cost)
    return costs


def _shares(parts: Sequence[Floats]) -> list[Share]:
    """Characters and bits of each part of a text, from the bits of each character."""
    return [Share(characters=len(part), bits=float(part.sum())) for part in parts]
