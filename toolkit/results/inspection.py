"""Records of ``toolkit inspect`` and ``toolkit tokenize``: a corpus and its columns before training."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from toolkit.notebook import shown
from toolkit.results.bits import BitsPerCharacter
from toolkit.results.cell import CellCoverage, MultiplyAdds
from toolkit.results.conclusions import ScalingCurve
from toolkit.results.corpus import Coverage, Overlap, SplitNames
from toolkit.results.record import InFolder, Record
from toolkit.results.rows import Baseline
from toolkit.results.sentences import say
from toolkit.results.text import count, decimals, plural

INSPECTION = "inspect.json"
Unit = Literal["words", "byte pairs", "characters"]
Reason = Literal["no_tokens", "one_document", "blocks", "too_short", "no_growth", "nothing_new"]
TextAdvice = Literal[
    "characters_as_words", "near_duplicates", "spelled_words", "rarity_mismatch", "document_vocabulary"
]
ModelAdvice = Literal["more_text", "adapting_compressor", "floor", "large_vocabulary", "long_training", "few_documents"]


class TextCounts(Record):
    """Counts of a text. Tokens are words and punctuation marks."""

    documents: int
    characters: int
    words: int
    tokens: int
    types: int
    hapaxes: int
    hapax_type_share: float | None
    hapax_token_share: float | None


class Forecasts(Record):
    """The share of unseen held-out tokens, and its forecasts by the training text. ``growth`` is rate times repeats."""

    unseen: float
    good_turing: float | None
    leave_one_out: float | None
    growth: float | None
    new_type_rate: float | None
    repeats: float | None
    missing: dict[str, Reason]


class Heaps(Record):
    """V(n) = K · n^β types in the first n tokens, fitted to ``points`` (n, V). A parabola gives ``end_exponent``."""

    K: float
    beta: float
    first: int
    last: int
    r_squared: float
    end_exponent: float
    points: list[tuple[int, int]]


class Zipf(Record):
    """count = constant · rank^slope, fitted from rank ``first`` to ``last`` of ``points`` (rank, count)."""

    slope: float
    constant: float
    first: int
    last: int
    r_squared: float
    points: list[tuple[int, int]]


class Curve(Record):
    """``points`` (k, share): the share of held-out characters in the k most frequent units of the training text."""

    unit: Unit
    points: list[tuple[int, float]]


class UnseenWord(Record):
    """A held-out word that training lacks: its counts and the context of its first occurrence."""

    word: str
    count: int
    documents: int
    pos: str | None
    left: str
    right: str
    document: str


class UnseenOfPart(Record):
    """Held-out words and types of a part of speech, and how many of them training lacks."""

    pos: str
    words: int
    unseen: int
    types: int
    unseen_types: int


class Uncovered(Record):
    """The held-out words that training lacks. Without a tagger, ``untagged`` says why."""

    words: int
    unseen: int
    unseen_types: int
    examples: list[UnseenWord]
    by_part_of_speech: list[UnseenOfPart]
    untagged: str | None


class TrainingCost(Record):
    """The longest training on this machine, without the checks on validation text. An n-gram makes no updates.

    ``memory_bytes`` is the growth of the peak of resident memory since before the network was made.
    """

    seconds: float
    characters: int
    updates: int = 0
    characters_per_second: float
    measured_seconds: float
    measured_updates: int = 0
    memory_bytes: int | None = None
    process_bytes: int | None = None


class NGramFloor(Record):
    """Bits that an n-gram of the column's events needs for the held-out text, and the seconds to count it."""

    order: int
    seconds: float
    bits_per_character: BitsPerCharacter


class MoreText(Record):
    """``points`` (n, bits per character) of the column's n-gram after n characters of training text."""

    points: list[tuple[int, float]]
    scored_characters: int
    curve: ScalingCurve | None


class InspectedColumn(Record):
    """A column before training. ``coverage`` is of ``covered_tokens`` training tokens: an excerpt of a long text."""

    column: str
    tokenizer: str
    strategy: str | None
    model: str
    train_tokens: int
    covered_tokens: int
    test_tokens: int
    vocabulary_size: int
    coverage: CellCoverage
    parameters: int
    embedding_parameters: int
    output_parameters: int
    multiply_adds_per_character: MultiplyAdds
    training: TrainingCost
    ngram: NGramFloor
    more_text: MoreText | None = None

    @property
    def ngram_name(self) -> str:
        """The column with an n-gram as its model."""
        return self.column if self.model == "ngram" else f"{self.column.removesuffix(f'@{self.model}')}@ngram"

    @property
    def vocabulary_share(self) -> float:
        """The share of the parameters in embedding and output."""
        return (self.embedding_parameters + self.output_parameters) / self.parameters


class Advice(Record):
    """Advice on the ``columns``. Its words are the macro of its kind in advice.j2."""

    kind: TextAdvice | ModelAdvice
    columns: list[str] = []
    value: float | str | dict[str, float] | None = None

    @property
    def sentence(self) -> str:
        """The advice in words."""
        return say("advice.j2", self.kind, columns=self.columns, value=self.value)


class Inspection(InFolder):
    """All facts of an inspection, which took ``seconds``. ``text`` is by part: "corpus", "train", "valid", "test"."""

    version: Literal[1] = Field(alias="schema", default=1)
    seconds: float
    name: str
    sha256: str
    language: str
    unit: str
    notes: list[str]
    split: SplitNames
    text: dict[str, TextCounts]
    coverage: Coverage
    forecasts: Forecasts
    heaps: Heaps | None
    zipf: Zipf | None
    curves: list[Curve]
    uncovered: Uncovered
    columns: list[InspectedColumn]
    baselines: list[Baseline]
    overlaps: list[Overlap]
    advice: list[Advice] = []

    @property
    def title(self) -> str:
        """The corpus and its size."""
        whole = self.text["corpus"]
        return f"{self.name}: {count(whole.characters)} characters in {plural(whole.documents, 'document')}"

    def table(self) -> list[list[str]]:
        """Return the main numbers of the columns as text: a heading, then a line per column."""
        lines = [["column", "vocabulary", "characters per token", "parameters", "seconds", "@ngram"]]
        for column in self.columns:
            sizes = [count(column.vocabulary_size), decimals(column.coverage.characters_per_token, 2)]
            costs = [count(column.parameters), decimals(column.training.seconds, 0)]
            lines.append([column.column, *sizes, *costs, decimals(column.ngram.bits_per_character.total, 4)])
        return lines

    def _repr_html_(self) -> str:
        sentences = [*(advice.sentence for advice in self.advice), *(f"Note: {note}" for note in self.notes)]
        return shown(sentences, self.title, self.table(), self.page)

    @classmethod
    def load(cls, path: str | Path) -> "Inspection":
        """Read inspect.json. Raises ValueError for another schema."""
        inspection = cls.model_validate_json(Path(path).read_bytes())
        inspection.folder = Path(path).parent
        return inspection


class FittedOn(Record):
    """The text that a tokenizer was fitted on: the training documents of a corpus, or the text ``itself``."""

    name: str
    itself: bool
    documents: int
    characters: int


class CutToken(Record):
    """An event: its token, the text that it covers, its part of the ledger, and its class with the word behind it."""

    token: str
    text: str
    start: int
    end: int
    part: str
    name: str | None = Field(alias="class")
    spelled: str | None


class RareWord(Record):
    """A word that a class stands for, with its count."""

    word: str
    name: str = Field(alias="class")
    count: int


class Tokenized(Record):
    """A text cut by a column's tokenizer. The last token is ``<doc>``."""

    column: str
    document: str
    characters: int
    language: str
    fitted_on: FittedOn
    vocabulary_size: int
    tokens: list[CutToken]
    rare: list[RareWord]
