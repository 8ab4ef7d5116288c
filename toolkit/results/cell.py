"""Cells: one column trained with one seed; rows of models that are made of finished cells; and compressors."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any, Literal

from pydantic import Field

from toolkit.results.bits import (
    BANDS,
    PARTS,
    Band,
    BitsPerCharacter,
    ClassBits,
    DocumentBits,
    Noise,
    PartOfSpeech,
    Verified,
)
from toolkit.results.generated import Generated
from toolkit.results.record import Record

Match = Literal["params", "flops", "chars"]  # what --match can make equal
RowKind = Literal["ensemble", "adapting", "adapting ensemble", "mixture"]

MIXTURE: RowKind = "mixture"
COMPRESSORS = {"xz": "xz", "ppmd": "PPMd", "ppmd_documents": "PPMd by text"}
ALONE = ("ppmd_documents", "ppmd")  # PPMd as a column is scored, each document by itself, if that was computed
LEARNING = ("ppmd",)  # as a row is scored that keeps learning from one document to the next
IDENTITY = ("column", "tokenizer", "strategy", "model", "seed", "fraction")  # which cell it is
NUMBERS = (
    "perplexity_per_token", "word_perplexity", "tokens", "vocabulary_size", "parameters", "embedding_parameters",
    "updates", "characters_seen", "characters_per_second", "train_seconds",
)  # fmt: skip


class ClassCoverage(Record):
    """How many words one placeholder stands for, with examples from training or, if it has none, held-out ones."""

    name: str = Field(alias="class")
    train_types: int
    train_tokens: int
    test_tokens: int
    examples: list[str]


class MultiplyAdds(Record):
    """Multiplications with an addition per character, in training (with gradients) and in scoring."""

    train: float
    score: float


class HeldOutShares(Record):
    """How a model covers the words and single punctuation marks of the held-out text: shares of their number.

    Whole: one token of the vocabulary covers the word. Pieces: several do. Replaced: a class stands for the word or a
    part of it, which is spelled. Escaped: a part of it is outside the vocabulary and has no class of rare words.
    """

    whole: float
    pieces: float
    replaced: float
    escaped: float


class CellCoverage(Record):
    """How a tokenizer cuts this corpus: events, their lengths, and the share of tokens that placeholders replace.

    ``characters_per_word_token`` is the mean length of held-out tokens with a letter or digit, without the space before
    them. ``tokens_per_word`` are the network's events in the held-out text, without document ends, per neutral word.
    """

    held_out: HeldOutShares
    tokens_per_word: float
    characters_per_token: float
    characters_per_word_token: float | None
    replaced_token_share_train: float
    replaced_token_share_test: float
    replaced_character_share_test: float
    classes: list[ClassCoverage]


class HistoryRow(Record):
    """The state of training at one validation."""

    updates: int
    characters_seen: int
    seconds: float
    train_bits_per_character: float
    valid_bits_per_character: float


class RunBytes(Record):
    """Bytes of the files of a run's tokenizer, and of its model's weights or counts."""

    tokenizer: int
    model: int


class OneCell(Record):
    """Which cell it is, and its run."""

    column: str
    tokenizer: str
    strategy: str | None
    model: str
    seed: int
    fraction: float
    run: str


class Cell(OneCell):
    """One column trained with one seed.

    ``digest`` identifies its spec, and ``fold`` the fold that holds its documents out. ``--match`` made ``matched``
    equal in it. Without a tagger, ``by_part_of_speech`` is empty. ``generated`` is given for the column's smallest
    seed, at the whole training text and in the first fold.
    """

    status: Literal["done"] = "done"
    reason: None = None
    digest: str
    bits_per_character: BitsPerCharacter
    bits_per_byte: float
    class_bits: list[ClassBits]
    by_frequency: list[Band] = Field(min_length=len(BANDS))
    by_part_of_speech: list[PartOfSpeech]
    documents: list[DocumentBits]
    perplexity_per_token: float
    word_perplexity: float
    tokens: int
    vocabulary_size: int
    parameters: int
    embedding_parameters: int
    train_seconds: float
    characters_per_second: float
    characters_seen: int
    updates: int
    multiply_adds_per_character: MultiplyAdds
    verified: Verified | None
    coverage: CellCoverage
    generated: Generated | None
    history: list[HistoryRow]
    matched: Match | None = None
    fold: int | None = None
    run_bytes: RunBytes
    noise: list[Noise]

    def __repr__(self) -> str:
        return f"<Cell {self.column}, seed {self.seed}: {self.bits_per_character.total:.3f} bits per character>"

    __str__ = __repr__

    @property
    def counted(self) -> bool:
        """Whether its model is counted, not trained: then it is the same for every seed."""
        return not self.history

    @property
    def best_check(self) -> HistoryRow:
        """The validation with the fewest bits, whose weights are kept. Raises ValueError for a counted model."""
        return min(self.history, key=lambda row: row.valid_bits_per_character)

    def numbers(self) -> dict[str, Any]:
        """Return its main numbers by name in one flat record; the measures of its samples, if it has any, come last."""
        parts = ("total", *PARTS)
        return (
            {name: getattr(self, name) for name in IDENTITY}
            | {f"bits_per_character_{name}": getattr(self.bits_per_character, name) for name in parts}
            | {"bits_per_byte": self.bits_per_byte}
            | {
                f"extra_bits_per_character_{noise.name.replace('%', 'percent').replace(' ', '_')}": noise.extra
                for noise in self.noise
            }
            | {name: getattr(self, name) for name in NUMBERS}
            | {"verified": self.verified is not None, "run": self.run}
            | {
                name: measure.value
                for name, measure in (self.generated.measures if self.generated else {}).items()
            }
        )


class FailedCell(OneCell):
    """A cell that ended without a result."""

    status: Literal["failed"] = "failed"
    reason: str


class Row(Record):
    """A model made of finished cells with these seeds: of one column or, a mixture, of several.

    Ensemble: the mean of their probabilities, event by event. Adapting: a model that keeps learning, at a rate, from
    the held-out text that it has paid for; a counted column has one such row for all seeds. Mixture: models of
    characters and of words, mixed character by character, whose ``column`` lists all its columns. ``rule`` is the
    update rule of its networks; None if no network learns.
    """

    column: str
    kind: RowKind
    seeds: list[int]
    rate: float | None
    rule: str | None
    bits_per_character: BitsPerCharacter
    bits_per_byte: float
    perplexity_per_token: float = Field(gt=0)  # a mixture's tokens are characters
    documents: list[DocumentBits]
    verified: Verified | None

    @property
    def title(self) -> str:
        """Its name in contrasts, whatever its seeds."""
        return row_title(self.column, self.kind)


def row_title(column: str, kind: RowKind) -> str:
    """Return the name of a row, whatever its seeds. A mixture's does not list its columns.

    >>> row_title("char", "ensemble"), row_title("char + spaced:unk", "mixture")
    ('char (ensemble)', 'mixture')
    """
    return kind if kind == MIXTURE else f"{column} ({kind})"


class Baseline(Record):
    """A compressor's bits for the held-out text. Cold: nothing seen before; primed: after the training text."""

    name: str
    variant: Literal["cold", "primed"]
    bits_per_character: float
    bits_per_byte: float

    @property
    def label(self) -> str:
        """Its name for readers."""
        return COMPRESSORS[self.name]

    @property
    def title(self) -> str:
        """Its name with its variant: "PPMd primed"."""
        return f"{self.label} {self.variant}"


def mean_total(paying: Sequence[Cell | Row]) -> float:
    """Return bits per character, the mean over cells or rows."""
    return fmean(cell.bits_per_character.total for cell in paying)


def ppmd(baselines: Sequence[Baseline], names: Sequence[str] = ALONE) -> Baseline | None:
    """Return PPMd after the training text, by the first of these names that was computed."""
    primed = {baseline.name: baseline for baseline in baselines if baseline.variant == "primed"}
    return next((primed[name] for name in names if name in primed), None)
