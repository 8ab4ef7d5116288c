"""Records of inspect.json: facts about a corpus and its columns before training. The page is made from this file."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from toolkit.files import write_file
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
    """Counts of a text. Tokens are words and punctuation marks. A text without tokens has no shares of hapaxes."""

    documents: int
    characters: int
    words: int
    tokens: int
    types: int
    hapaxes: int
    hapax_type_share: float | None
    hapax_token_share: float | None


class Forecasts(Record):
    """The share of unseen held-out tokens, its forecasts by the training text, and reasons for ``missing`` ones.

    ``growth`` is ``new_type_rate`` times ``repeats``: new types per token at the end of the training text, and the mean
    count of the types that only one document has.
    """

    unseen: float
    good_turing: float | None
    leave_one_out: float | None
    growth: float | None
    new_type_rate: float | None
    repeats: float | None
    missing: dict[str, Reason]


class Heaps(Record):
    """V(n) = K · n^β, fitted to ``points`` (n, V): V types in the first n tokens, with n from ``first`` to ``last``.

    ``end_exponent`` is d log V / d log n at the last point, of a parabola through the same points.
    """

    K: float
    beta: float
    first: int
    last: int
    r_squared: float
    end_exponent: float
    points: list[tuple[int, int]]


class Zipf(Record):
    """count = C · rank^slope, fitted from rank ``first`` to ``last`` of ``points`` (rank, count)."""

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
    """Cost of training on this machine: at most ``updates`` in ``seconds``, without the checks on validation text.

    ``memory_bytes`` is the growth of the peak of resident memory since before the network was made, ``process_bytes``
    that peak. An n-gram makes no updates and is measured whole.
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
    """Bits that an n-gram of the column's events needs for the held-out text; ``seconds`` is the time to count it."""

    order: int
    seconds: float
    bits_per_character: BitsPerCharacter


class MoreText(Record):
    """``points`` (n, bits per character) of the column's n-gram after n characters of training text.

    They are measured on the first ``scored_characters`` of the held-out text. A curve needs three points.
    """

    points: list[tuple[int, float]]
    scored_characters: int
    curve: ScalingCurve | None


class InspectedColumn(Record):
    """A column before training.

    ``coverage`` is measured on ``covered_tokens`` of the training tokens, an excerpt if the text is long. A matrix that
    is tied to the embedding is not among ``output_parameters``. Few documents give no ``more_text``.
    """

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
    def counted(self) -> str:
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
    command: str
    created: str
    seconds: float
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
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

    def save(self, path: str | Path) -> None:
        """Write inspect.json."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))

    @classmethod
    def load(cls, path: str | Path) -> "Inspection":
        """Read inspect.json. Raises ValueError for another schema."""
        inspection = cls.model_validate_json(Path(path).read_bytes())
        inspection.folder = Path(path).parent
        return inspection
