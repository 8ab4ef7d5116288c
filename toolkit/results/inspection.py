"""Records of ``toolkit inspect``: a corpus and its columns before training."""

from typing import Literal

from pydantic import Field

from toolkit.results.bits import BitsPerCharacter
from toolkit.results.cell import Baseline, CellCoverage, MultiplyAdds
from toolkit.results.conclusions import Warning
from toolkit.results.corpus import BLOCK, CorpusFacts
from toolkit.results.record import InFolder, Record, say
from toolkit.results.text import count, decimals, duration, percent, plural

INSPECTION = "inspect.json"


class TextCounts(Record):
    """Counts of a text. Tokens are words and punctuation marks."""

    documents: int
    characters: int
    words: int
    tokens: int
    types: int
    hapaxes: int


class TrainingCost(Record):
    """The expected training, on two cores, without the checks on validation text. An n-gram makes no updates."""

    seconds: float
    characters: int
    updates: int = 0


class Shortfall(Record):
    """A vocabulary that misses its ``target``: the tokens asked for, or in a given file.

    Of the tokenizer's tokens, ``seen`` occur in training, and ``unseen`` do not.
    """

    target: int
    seen: int
    unseen: int


class InspectedColumn(Record):
    """A column before training.

    ``ngram`` has the bits that an n-gram of the column's events needs for the held-out text.
    """

    column: str
    tokenizer: str
    strategy: str | None
    model: str
    train_tokens: int
    test_tokens: int
    vocabulary_size: int
    shortfall: Shortfall | None = None
    coverage: CellCoverage
    parameters: int
    embedding_parameters: int
    multiply_adds_per_character: MultiplyAdds
    training: TrainingCost
    ngram: BitsPerCharacter
    ngram_order: int

    @property
    def ngram_name(self) -> str:
        """The column with an n-gram as its model."""
        return self.column if self.model == "ngram" else f"{self.column.removesuffix(f'@{self.model}')}@ngram"


class Inspection(InFolder):
    """All facts of an inspection. All of it, with tags, fits and compressors, took ``seconds``.

    ``text`` is by part: "corpus", "train", "valid" and "test".
    """

    version: Literal[1] = Field(alias="schema", default=1)
    seconds: float
    corpus: CorpusFacts
    warnings: list[Warning]
    text: dict[str, TextCounts]
    columns: list[InspectedColumn]
    baselines: list[Baseline]

    @property
    def floor(self) -> InspectedColumn:
        """The column whose n-gram needs the fewest bits."""
        return min(self.columns, key=lambda column: column.ngram.total)

    @property
    def title(self) -> str:
        """The corpus and its size."""
        whole = self.text["corpus"]
        return (
            f"{self.corpus.name}: {count(whole.characters)} characters in {plural(whole.documents, 'document')}"
        )

    @property
    def has_documents(self) -> bool:
        """Whether the training text is several documents, so that one can be left out."""
        return self.corpus.unit != BLOCK and self.corpus.train_documents > 1

    @property
    def headline(self) -> str:
        """The share of unseen tokens in words."""
        return say("unseen", self.corpus.coverage, self.has_documents)

    @property
    def sentences(self) -> list[str]:
        """The warnings, why vocabularies miss their target, and the headline."""
        return [
            *(warning.sentence for warning in self.warnings),
            *(say("shortfall", c.column, c.shortfall) for c in self.columns if c.shortfall),
            self.headline,
        ]

    def table(self) -> list[list[str]]:
        """Return a heading, and a line per column and compressor."""
        lines = [
            ["", "vocabulary", "characters\nper token", "spelled", "parameters", "training", "bits as\nn-gram"]
        ]
        for column in self.columns:
            sizes = [count(column.vocabulary_size), decimals(column.coverage.characters_per_token, 2)]
            costs = [count(column.parameters), duration(column.training.seconds)]
            spelled = percent(column.coverage.replaced_token_share_test)
            lines.append([column.column, *sizes, spelled, *costs, decimals(column.ngram.total)])
        return lines + [[b.title, *[""] * 5, decimals(b.bits_per_character)] for b in self.baselines]
