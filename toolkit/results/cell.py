"""One column trained with one seed: its measurements, or why it failed."""

from typing import Any, Literal

from pydantic import Field

from toolkit.errors import PASSING
from toolkit.results import bits
from toolkit.results.generated import Generated
from toolkit.results.record import Record

Match = Literal["params", "flops", "chars"]  # what --match can make equal
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
    """Multiplications with an addition in a model's products, per character of training (with gradients) and scoring.

    With ``network.cutoff``, training is counted as if the softmax were full.
    """

    train: float
    score: float


class CellCoverage(Record):
    """How a tokenizer cuts this corpus: events, their lengths, and the share of tokens that placeholders replace.

    ``tokens_per_word`` counts the held-out text's neutral words. ``characters_per_word_token`` is the mean length of
    held-out tokens with a letter or digit, without the space before them.
    """

    characters_per_token: float
    tokens_per_word: float
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
    bits_per_character: bits.BitsPerCharacter
    bits_per_byte: float
    class_bits: list[bits.ClassBits]
    by_frequency: list[bits.Band] = Field(min_length=len(bits.BANDS))
    by_part_of_speech: list[bits.PartOfSpeech]
    documents: list[bits.DocumentBits]
    perplexity_per_token: float
    word_perplexity: float
    tokens: int
    vocabulary_size: int
    parameters: int
    embedding_parameters: int
    train_seconds: float
    characters_per_second: float
    characters_seen: int
    tokens_seen: int
    updates: int
    multiply_adds_per_character: MultiplyAdds
    verified: bits.Verified | None
    coverage: CellCoverage
    generated: Generated | None
    history: list[HistoryRow]
    matched: Match | None = None
    fold: int | None = None
    run_bytes: RunBytes
    noise: list[bits.Noise]

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
        parts = ("total", *bits.PARTS)
        return (
            {name: getattr(self, name) for name in IDENTITY}
            | {f"bits_per_character_{name}": getattr(self.bits_per_character, name) for name in parts}
            | {"bits_per_byte": self.bits_per_byte}
            | {noise.key: noise.extra for noise in self.noise}
            | {name: getattr(self, name) for name in NUMBERS}
            | {"verified": self.verified is not None, "run": self.run}
            | {name: measure.value for name, measure in (self.generated.measures if self.generated else {}).items()}
        )


class FailedCell(OneCell):
    """A cell that ended without a result."""

    status: Literal["failed"] = "failed"
    reason: str

    @property
    def may_succeed(self) -> bool:
        """Whether the same settings may give a result the next time."""
        return self.reason in PASSING
