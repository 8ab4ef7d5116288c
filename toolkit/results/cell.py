"""One column trained with one seed: what it measured, or why it failed."""

from typing import Any, Literal

from pydantic import Field

from toolkit.errors import PASSING
from toolkit.results.bits import BANDS, PARTS, Band, BitsPerCharacter, ClassBits, DocumentBits, PartOfSpeech
from toolkit.results.generated import Generated
from toolkit.results.noise import Noise
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
    """Multiplications with an addition that a model's products take per character of text.

    ``train``: of the training text, gradients included, and with ``network.cutoff`` as if all tokens were told apart
    everywhere; ``score``: of the held-out text.
    """

    train: float
    score: float


class CellCoverage(Record):
    """How a tokenizer cuts this corpus.

    ``tokens_per_word``: events of the held-out text for each of its neutral words; ``whole_word_share``: of these words
    the share that is one token; ``renyi_efficiency``: metrics/coverage.py. ``characters_per_word_token``: mean
    length of held-out tokens with a letter or digit, without the space before them; None if there are none.
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


class Verified(Record):
    """Outcome of compressing and decompressing held-out text with the cell's probabilities."""

    characters: int
    bits: float
    bytes: int


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
    """What a run brings along: the bytes of its tokenizer, and of its model's weights or counts."""

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
    """One column trained with one seed. A failed cell has only the keys from column to reason.

    ``matched`` is what ``--match`` made equal in it (resources.py). Tokens seen are as many as the characters seen have
    on average.
    """

    status: Literal["done"] = "done"
    reason: None = None
    bits_per_character: BitsPerCharacter
    bits_per_byte: float
    class_bits: list[ClassBits]
    by_frequency: list[Band] = Field(min_length=len(BANDS))
    by_part_of_speech: list[PartOfSpeech]  # empty if no tagger for the language is installed
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
    generated: Generated | None  # of the column's smallest seed, with all training text and in the first fold
    history: list[HistoryRow]
    matched: Match | None = None
    fold: int | None = None  # in which its held-out documents are, if all are held out in turn
    run_bytes: RunBytes
    noise: list[Noise]

    @property
    def counted(self) -> bool:
        """Whether its model is counted, not trained: then it is the same for every seed."""
        return not self.history

    def numbers(self) -> dict[str, Any]:
        """Its main numbers by name, in one flat record; the measures of its samples, if it has any, are the last."""
        bits = {f"bits_per_character_{name}": getattr(self.bits_per_character, name) for name in ("total", *PARTS)}
        bits |= {"bits_per_byte": self.bits_per_byte}
        bits |= {noise.key: noise.extra for noise in self.noise}
        measured = self.generated.measures if self.generated else {}
        measures = {name: measure.value for name, measure in measured.items()}
        verified = {"verified": self.verified is not None, "run": self.run}
        return (
            {name: getattr(self, name) for name in IDENTITY}
            | bits
            | {name: getattr(self, name) for name in NUMBERS}
            | verified
            | measures
        )


class FailedCell(OneCell):
    """A cell that ended without a result."""

    status: Literal["failed"] = "failed"
    reason: str

    @property
    def title(self) -> str:
        """Which cell it is, as a subject: of how much of the training text, too, if not of all."""
        part = "" if self.fraction == 1 else f" of {self.fraction:g} of the training text,"
        return f"{self.column}, seed {self.seed},{part}"

    @property
    def sentence(self) -> str:
        """Which cell it is, and why it has no result."""
        return f"{self.title} has no result: {self.reason}"

    @property
    def may_succeed(self) -> bool:
        """Whether it may have a result the next time, with all the same settings."""
        return self.reason in PASSING
