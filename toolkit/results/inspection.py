"""What a corpus says before anything is trained: saved in inspect.json, the only file that its page is made from."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from toolkit.files import write_file
from toolkit.notebook import shown
from toolkit.results.bits import BitsPerCharacter
from toolkit.results.cell import CellCoverage, MultiplyAdds
from toolkit.results.conclusions import HeldBack, ScalingCurve
from toolkit.results.corpus import Coverage, Overlap, SplitNames
from toolkit.results.record import InFolder, Record
from toolkit.results.rows import Baseline
from toolkit.results.text import plural

INSPECTION = "inspect.json"  # in an inspection's folder


class TextCounts(Record):
    """How much text there is. Tokens are words and punctuation marks; types and hapaxes are counted over them.

    ``hapax_type_share`` V1/V and ``hapax_token_share`` V1/N are None in a text without tokens.
    """

    documents: int
    characters: int
    words: int
    tokens: int
    types: int
    hapaxes: int
    hapax_type_share: float | None
    hapax_token_share: float | None


class Forecasts(Record):
    """The share of held-out tokens that training does not have: what training alone forecasts, and what it is.

    ``missing`` says for each forecast that is None why there is none. ``growth`` is ``new_type_rate``, the new types
    per token at the end of the training text, times ``repeats``, how often a document has a type that no other has.
    """

    unseen: float
    good_turing: float | None
    leave_one_out: float | None
    growth: float | None
    new_type_rate: float | None
    repeats: float | None
    missing: dict[str, str]


class Heaps(Record):
    """V(n) = K · n^β, fitted to ``points`` (n, V) of the training text in reading order, with n from first to last.

    ``end_exponent`` is d log V / d log n at the end, of a parabola through the same points: the curve bends.
    """

    K: float
    beta: float
    first: int
    last: int
    r_squared: float
    end_exponent: float
    points: list[tuple[int, int]]


class Zipf(Record):
    """count = C · rank^slope, fitted to ``points`` (rank, count) of the training text from rank first to last."""

    slope: float
    constant: float
    first: int
    last: int
    r_squared: float
    points: list[tuple[int, int]]


class Curve(Record):
    """The share of held-out characters that lie in the k most frequent units of the training text, by k."""

    unit: Literal["words", "byte pairs", "characters"]
    points: list[tuple[int, float]]


class UnseenWord(Record):
    """A held-out word that training does not have, how often and in how many documents, with its first context."""

    word: str
    count: int
    documents: int
    pos: str | None
    left: str
    right: str
    document: str


class UnseenOfPart(Record):
    """How many held-out words of a part of speech, and how many types of them, there are, and training lacks."""

    pos: str
    words: int
    unseen: int
    types: int
    unseen_types: int


class Uncovered(Record):
    """The held-out words that training does not have; ``untagged`` says why there are no parts of speech."""

    words: int
    unseen: int
    unseen_types: int
    examples: list[UnseenWord]
    by_part_of_speech: list[UnseenOfPart]
    untagged: str | None


class TrainingCost(Record):
    """What training takes on this machine.

    ``seconds`` is what the recipe takes at most, without its checks on validation documents: ``updates`` of them, which
    read ``characters``, at the rate measured in ``measured_updates`` that took ``measured_seconds``. ``memory_bytes``
    is how much the peak of the process's resident memory grew from before the network was made, ``process_bytes`` that
    peak; None where it cannot be measured. What is counted makes no updates: it was measured whole.
    """

    seconds: float
    characters: int
    updates: int
    characters_per_second: float
    measured_seconds: float
    measured_updates: int
    memory_bytes: int | None
    process_bytes: int | None


class NGramFloor(Record):
    """What the column's events cost an n-gram of this order, counted in so many seconds."""

    order: int
    seconds: float
    bits_per_character: BitsPerCharacter


class MoreText(Record):
    """What the column's n-gram needs after n characters of training text: ``points`` (n, bits per character).

    They are of the first ``scored_characters`` of the held-out text; ``curve`` goes through them, if there
    are at least three.
    """

    points: list[tuple[int, float]]
    scored_characters: int
    curve: ScalingCurve | None

    @property
    def held_back(self) -> HeldBack | None:
        """How the last point would have been predicted from the others; None if they are too few for a curve."""
        return self.curve.held_back if self.curve else None


class InspectedColumn(Record):
    """A column before training.

    ``train_tokens`` are those of all training documents, ``covered_tokens`` those of the ones that ``coverage`` is
    measured on: an excerpt, if all do not fit.
    ``output_parameters`` are those of the softmax, its matrix only if that is its own.
    """

    column: str
    tokenizer: str
    strategy: str | None
    model: str
    train_tokens: int
    covered_tokens: int
    test_tokens: int
    vocabulary_size: int
    one_hot: bool
    coverage: CellCoverage
    parameters: int
    embedding_parameters: int
    output_parameters: int
    multiply_adds_per_character: MultiplyAdds
    training: TrainingCost
    ngram: NGramFloor
    more_text: MoreText | None = None  # None with too few documents

    @property
    def counted(self) -> str:
        """The column that counts its events: itself, or the one with an n-gram instead of the network."""
        return self.column if self.model == "ngram" else f"{self.column.removesuffix(f'@{self.model}')}@ngram"

    def of_1000_training_tokens(self, number: int) -> float:
        """Of 1,000 training tokens, how many are such as ``coverage`` has counted so many of."""
        return 1000 * number / self.covered_tokens

    @property
    def vocabulary_share(self) -> float:
        """The share of the parameters that are in embedding and output."""
        return (self.embedding_parameters + self.output_parameters) / self.parameters


class Inspection(InFolder):
    """All that was found. In a notebook it shows its advice, a table and a link to its page."""

    version: Literal[1] = Field(alias="schema", default=1)
    command: str
    created: str
    seconds: float  # that the inspection took
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
    name: str
    sha256: str
    language: str
    unit: str
    notes: list[str]
    split: SplitNames
    text: dict[str, TextCounts]  # of "corpus", "train", "valid" and "test"
    coverage: Coverage  # as in comparison.json
    forecasts: Forecasts
    heaps: Heaps | None
    zipf: Zipf | None
    curves: list[Curve]
    uncovered: Uncovered
    columns: list[InspectedColumn]
    baselines: list[Baseline]
    overlaps: list[Overlap]
    advice: list[str]

    @property
    def title(self) -> str:
        """What was inspected."""
        whole = self.text["corpus"]
        return f"{self.name}: {whole.characters:,} characters in {plural(whole.documents, 'document')}"

    @property
    def across(self) -> list[Overlap]:
        """The overlaps between two parts of the split."""
        return [overlap for overlap in self.overlaps if overlap.part != overlap.other_part]

    def table(self) -> list[list[str]]:
        """The main numbers of the columns, as text: a heading, then a line per column."""
        lines = [["column", "vocabulary", "characters per token", "parameters", "seconds", "@ngram"]]
        lines += [
            [
                column.column,
                f"{column.vocabulary_size:,}",
                f"{column.coverage.characters_per_token:.2f}",
                f"{column.parameters:,}",
                f"{column.training.seconds:.0f}",
                f"{column.ngram.bits_per_character.total:.4f}",
            ]
            for column in self.columns
        ]
        return lines

    def _repr_html_(self) -> str:
        """Advice, notes, the table and a link to the page, as HTML without scripts."""
        notes = [f"Note: {note}" for note in self.notes]
        return shown([*self.advice, *notes], self.title, self.table(), self.page)

    def save(self, path: str | Path) -> None:
        """Write inspect.json."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))

    @classmethod
    def load(cls, path: str | Path) -> "Inspection":
        """Read inspect.json. Raises ValueError if it has another schema."""
        inspection = cls.model_validate_json(Path(path).read_bytes())
        inspection.folder = Path(path).parent
        return inspection
