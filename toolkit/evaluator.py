"""Runs and a corpus -> a cell: what one trained tokenizer pays, covers and writes."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from toolkit.columns import Column
from toolkit.config import CompareSettings, SampleSettings
from toolkit.corpus import Document, Split
from toolkit.metrics.generated import measure_against
from toolkit.metrics.likelihood import by_frequency, word_perplexity
from toolkit.metrics.neutral import training_counts, words
from toolkit.metrics.reference import Reference
from toolkit.network import Network
from toolkit.results import Cell, CellCoverage, ClassCoverage, DocumentBits, Generated, Passage, Sample
from toolkit.sampling import generate
from toolkit.scoring import DocumentScores, ledger, score
from toolkit.segmentation import unmarked
from toolkit.tokenizers import Encoding, Tokenizer
from toolkit.trainer import Trained, beginning

EXAMPLES = 8  # of a class's words
PROMPT_CHARACTERS = 60  # at most, of the first held-out document, where no prompt is given
PASSAGE_CHARACTERS = 1000
SEGMENTS = 20  # a lone held-out document is cut into so many for the statistics


class Ground:
    """What all cells of a comparison stand on: the split, and what is computed from it once."""

    def __init__(self, split: Split, language: str) -> None:
        self.split, self.language = split, language

    @cached_property
    def counts(self) -> Counter[str]:
        """Neutral words of the training text."""
        return training_counts(self.split.train)

    @cached_property
    def reference(self) -> Reference:
        """The training text as samples are measured against it."""
        return Reference("\n\n".join(document.text for document in self.split.train), self.language)

    @cached_property
    def held_out(self) -> str:
        """The held-out text as samples are measured against it."""
        return "\n\n".join(document.text for document in self.split.test)

    def prompt(self, settings: SampleSettings) -> str:
        """The prompt given, or the beginning of the first held-out document."""
        return settings.prompt or beginning(self.split.test[0].text, PROMPT_CHARACTERS)


@dataclass(frozen=True)
class Evaluation:
    """A cell and the scores behind it."""

    cell: Cell
    scores: list[DocumentScores]


def evaluate(
    column: Column,
    seed: int,
    run: str,
    ground: Ground,
    tokenizer: Tokenizer,
    trained: Trained,
    settings: CompareSettings,
) -> Evaluation:
    """Score the held-out documents, generate, measure: everything that is said of one trained network."""
    test = ground.split.test
    train_encodings = [tokenizer.encode(document) for document in ground.split.train]
    encodings = [tokenizer.encode(document) for document in test]
    scores = score(trained.network, tokenizer, encodings)
    total_bits = sum(document.total for document in scores)
    tokens = sum(len(tokenizer.vocabulary.fed(encoding).ids) for encoding in encodings)
    cell = Cell(
        column=column.name,
        tokenizer=column.tokenizer,
        strategy=column.strategy,
        seed=seed,
        fraction=1.0,
        run=run,
        bits_per_character=ledger(scores),
        by_frequency=by_frequency(
            [document.by_character() for document in scores], [document.text for document in test], ground.counts
        ),
        documents=[
            DocumentBits(name=document.name, characters=paid.characters, bits=paid.total)
            for document, paid in zip(test, scores, strict=True)
        ],
        perplexity_per_token=2.0 ** (sum(float(document.network_bits.sum()) for document in scores) / tokens),
        word_perplexity=word_perplexity(total_bits, sum(len(words(document.text)) for document in test)),
        tokens=tokens,
        vocabulary_size=len(tokenizer.vocabulary),
        parameters=trained.network.parameters,
        embedding_parameters=trained.network.embedding_parameters,
        train_seconds=trained.seconds,
        characters_per_second=trained.characters_seen / trained.seconds,
        characters_seen=trained.characters_seen,
        updates=trained.updates,
        verified=None,
        coverage=coverage(tokenizer, train_encodings, encodings),
        generated=write(ground, tokenizer, trained.network, seed, settings.samples),
        history=trained.history,
    )
    return Evaluation(cell, scores)


def write(ground: Ground, tokenizer: Tokenizer, network: Network, seed: int, settings: SampleSettings) -> Generated:
    """Samples of a network, and their measures."""
    prompt = ground.prompt(settings)
    seeds = [1000 * seed + i for i in range(settings.count)]
    texts = generate(network, tokenizer, prompt, settings.characters, seeds=seeds, temperature=settings.temperature)
    return Generated(
        temperature=settings.temperature,
        characters=sum(map(len, texts)),
        samples=[
            Sample(prompt=prompt, seed=seed, temperature=settings.temperature, text=text)
            for seed, text in zip(seeds, texts, strict=True)
        ],
        measures=measure_against(texts, ground.held_out, ground.reference),
    )


def coverage(tokenizer: Tokenizer, train: Sequence[Encoding], test: Sequence[Encoding]) -> CellCoverage:
    """How the tokenizer cuts the corpus. A replaced token is one behind which a surface is spelled.

    Its share is of the tokens that cover text: document ends and marks do not count.
    """
    train_surfaces, test_surfaces = surfaces_by_class(tokenizer, train), surfaces_by_class(tokenizer, test)
    replaced_characters = sum(
        int(np.diff(encoding.offsets)[list(encoding.surfaces)].sum()) for encoding in test if encoding.surfaces
    )
    characters = sum(int(encoding.offsets[-1]) for encoding in test)
    return CellCoverage(
        characters_per_token=characters / sum(len(encoding.ids) for encoding in test),
        replaced_token_share_train=replaced_share(train),
        replaced_token_share_test=replaced_share(test),
        replaced_character_share_test=replaced_characters / characters,
        classes=[
            ClassCoverage(
                name=name,
                train_types=len(train_surfaces[name]),
                train_tokens=train_surfaces[name].total(),
                test_tokens=test_surfaces[name].total(),
                examples=examples(train_surfaces[name] or test_surfaces[name]),
            )
            for name in sorted(train_surfaces.keys() | test_surfaces.keys())
            if train_surfaces[name] or test_surfaces[name]
        ],
    )


def examples(surfaces: Counter[str]) -> list[str]:
    """Some of a class's words, evenly spaced over the alphabet, without their marks."""
    texts = sorted({unmarked(surface)[1] for surface in surfaces})
    places = np.linspace(0, len(texts) - 1, min(EXAMPLES, len(texts))).round().astype(int)
    return [texts[place] for place in places]


def surfaces_by_class(tokenizer: Tokenizer, encodings: Sequence[Encoding]) -> dict[str, Counter[str]]:
    """By class, what is spelled in the documents; a class without any has an empty counter."""
    spelled = tokenizer.vocabulary.spelled
    found = {word_class: Counter[str]() for word_class in spelled.values()}
    for encoding in encodings:
        for position, surface in encoding.surfaces.items():
            found[spelled[int(encoding.ids[position])]][surface] += 1
    return found


def replaced_share(encodings: Sequence[Encoding]) -> float:
    """Replaced tokens over all tokens that cover text."""
    covering = sum(int((np.diff(encoding.offsets) > 0).sum()) for encoding in encodings)
    return sum(len(encoding.surfaces) for encoding in encodings) / covering


def score_arrays(scores: Sequence[DocumentScores]) -> dict[str, npt.NDArray[np.generic]]:
    """The scores of all documents as arrays: events end to end, and where each document begins.

    ``starts`` (documents + 1,); ``ids``, ``parts``, ``widths`` (characters that each event covers), ``network_bits``,
    ``spelling_bits`` and ``outside_bits`` (events,).
    """
    return {
        "starts": np.cumsum([0, *(len(document.encoding.ids) for document in scores)]),
        "ids": np.concatenate([document.encoding.ids for document in scores]),
        "parts": np.concatenate([document.encoding.parts for document in scores]),
        "widths": np.concatenate([np.diff(document.encoding.offsets) for document in scores]),
        "network_bits": np.concatenate([document.network_bits for document in scores]),
        "spelling_bits": np.concatenate([document.spelling_bits for document in scores]),
        "outside_bits": np.concatenate([document.outside_bits for document in scores]),
    }


def scores_of(arrays: Mapping[str, npt.NDArray[np.generic]]) -> list[DocumentScores]:
    """The inverse of ``score_arrays``, but for the surfaces."""
    found = []
    for start, end in zip(arrays["starts"][:-1], arrays["starts"][1:], strict=True):
        part = slice(int(start), int(end))
        offsets = np.cumsum([0, *arrays["widths"][part]]).astype(np.int32)
        encoding = Encoding(arrays["ids"][part], offsets, arrays["parts"][part], {})  # type: ignore[arg-type]
        paid = (arrays[name][part] for name in ("network_bits", "spelling_bits", "outside_bits"))
        found.append(DocumentScores(*paid, encoding))  # type: ignore[arg-type, call-arg]
    return found


def statistical_units(scores: Sequence[DocumentScores]) -> tuple[list[float], list[int]]:
    """Bits and characters of the units that columns are compared over: documents, or segments of a lone one."""
    if len(scores) > 1:
        return [document.total for document in scores], [document.characters for document in scores]
    bits, end = scores[0].by_character()
    pieces = np.array_split(bits, min(SEGMENTS, len(bits)))
    totals = [float(piece.sum()) for piece in pieces]
    totals[-1] += end
    return totals, [len(piece) for piece in pieces]


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
        bits={column: found[0].by_character()[0][part].tolist() for column, found in scores.items()},
    )
