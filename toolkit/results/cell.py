"""One column trained with one seed: its measurements, or why it failed."""

from typing import Any, Literal

from pydantic import Field

from toolkit.errors import PASSING
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


class ClassCoverage(Record):
    """How many words one placeholder stands for, with examples from training or, if it has none, held-out ones."""

    name: str = Field(alias="class")
    train_types: int
    train_tokens: int
    test_tokens: int
    examples: list[str]


class MultiplyAdds(Record):
    """Multiplications with an addition in a model's products, per character of text.

    ``train``: of the training text, gradients included, and with ``network.cutoff`` as if the softmax were full;
    ``score``: of the held-out text.
    """

    train: float
    score: float


class CellCoverage(Record):
    """How a tokenizer cuts this corpus.

    ``tokens_per_word``: events of the held-out text for each of its neutral words; ``whole_word_share``: the share of
    these words that is one token; ``renyi_efficiency``: evaluation/metrics. ``characters_per_word_token``: mean length
    of held-out tokens with a letter or digit, without the space before them; None if there are none.
    """

    characters_per_token: float
    tokens_per_word: float
    whole_word_share: float
    renyi_efficiency: float
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


IDENTITY = ("column", "tokenizer", "strategy", "model", "seed", "fraction")  # which cell it is
NUMBERS = (
    "perplexity_per_token", "word_perplexity", "tokens", "vocabulary_size", "parameters", "embedding_parameters",
    "updates", "characters_seen", "characters_per_second", "train_seconds",
)  # fmt: skip


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

    ``digest`` is that of its spec. ``matched`` is what ``--match`` made equal in it. ``by_part_of_speech`` is empty
    without a tagger for the language. ``generated`` is given for the column's smallest seed, at the whole training text
    and in the first fold. ``fold`` is the number of the fold that holds its documents out, if all are held out in turn.
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
    tokens_seen: int
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
        parts = {f"bits_per_character_{name}": getattr(self.bits_per_character, name) for name in ("total", *PARTS)}
        measures = self.generated.measures if self.generated else {}
        return (
            {name: getattr(self, name) for name in IDENTITY}
            | parts
            | {"bits_per_byte": self.bits_per_byte}
            | {noise.key: noise.extra for noise in self.noise}
            | {name: getattr(self, name) for name in NUMBERS}
            | {"verified": self.verified is not None, "run": self.run}
            | {name: measure.value for name, measure in measures.items()}
        )


class FailedCell(OneCell):
    """A cell that ended without a result."""

    status: Literal["failed"] = "failed"
    reason: str

    @property
    def may_succeed(self) -> bool:
        """Whether the same settings may give a result the next time."""
        return self.reason in PASSING
