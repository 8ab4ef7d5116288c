"""What a comparison measured, as data: saved in comparison.json, the only file that the report reads.

Keys and their meaning are fixed by the interface (schema 2). Bits are base 2, sums unless a name says
``per_character`` or ``per_byte``; shares lie in [0, 1]; seconds are wall-clock seconds. What schema 1 did not have is
None, or empty, in a file that an older version wrote.
"""

import gzip
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from toolkit.errors import InputError
from toolkit.files import write_file
from toolkit.notebook import shown

if TYPE_CHECKING:
    from pandas import DataFrame

BANDS = ("0", "1", "2-9", "10-99", "100+", "not a word")
PARTS = ("words", "classes", "spelling", "spacing", "document_ends")
NO_CLASS = "no class"  # in class_bits
PAGE = "index.html"  # in a comparison's folder
SENTENCES = 3  # up to this many contrasts are all told; otherwise, those of the best column


class Record(BaseModel):
    """A part of the result: no unknown keys, values as they were measured."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class SplitNames(Record):
    """Names of the documents in each part."""

    train: list[str]
    valid: list[str]
    test: list[str]


class Coverage(Record):
    """Facts about the corpus's own words; no model is involved. Tokens are words and punctuation marks."""

    tokens: int
    types: int
    hapax_types: int
    hapax_type_share: float
    hapax_token_share: float
    good_turing: float
    leave_one_out: float
    test_tokens: int
    unseen_token_share: float
    unseen_character_share: float
    pandemonium_train: int
    pandemonium_test: int
    curve: list[tuple[int, float]]


class Overlap(Record):
    """A document of one part of the split, "valid" or "test", that shares much with one of an earlier part.

    ``spans`` and ``shingles`` are the shares of its runs of 13 and of 5 words that the other document has.
    """

    document: str
    part: str
    other: str
    other_part: str
    spans: float
    shingles: float


class CorpusFacts(Record):
    """Which text was compared, and how it was split.

    ``notes`` are sentences that a reader must see, ``overlaps`` what a held-out text has in common with training.
    ``unit`` is what a held-out document is called. An older version did not record ``train_characters``.
    """

    name: str
    sha256: str
    language: str
    documents: int
    characters: int
    test_characters: int
    test_bytes: int | None = None  # of the held-out text in UTF-8
    train_characters: int | None = None
    unit: str = "held-out document"
    split: SplitNames
    coverage: Coverage
    notes: list[str] = []
    overlaps: list[Overlap] = []


class BitsPerCharacter(Record):
    """The ledger by mechanism: five parts that sum to the total."""

    total: float
    words: float
    classes: float
    spelling: float
    spacing: float
    document_ends: float

    def decimals(self) -> list[str]:
        """The total and the parts, with four decimals."""
        return [f"{getattr(self, name):.4f}" for name in ("total", *PARTS)]


class Share(Record):
    """What some of the text pays: characters and bits of a document, a segment, or some words of one."""

    characters: int
    bits: float


class Band(Record):
    """The ledger by the text: bits of the neutral words of one frequency band, and its share of each document."""

    band: str
    characters: int
    bits: float
    documents: list[Share] = []


class PartOfSpeech(Record):
    """The ledger by the text: bits of the neutral words of one coarse part of speech, or of what is not a word."""

    pos: str
    characters: int
    bits: float
    documents: list[Share] = []


class DocumentBits(Record):
    """One held-out document; if it is the only one, with the bits of its pieces, which columns are compared over."""

    name: str
    characters: int
    bits: float
    units: list[Share] | None = None


class ClassCoverage(Record):
    """How many words one placeholder stands for, with examples from training or, if it has none, held-out ones."""

    name: str = Field(alias="class")
    train_types: int
    train_tokens: int
    test_tokens: int
    examples: list[str]


class ClassBits(Record):
    """What one placeholder cost in the held-out text: how often it stood there, to announce it, and to spell behind it.

    The class ``NO_CLASS`` is the flag that says, before every other token, that no word was left out.
    """

    name: str = Field(alias="class")
    count: int
    announced: float
    spelled: float


class MultiplyAdds(Record):
    """Multiplications with an addition that a model's products take per character of text.

    ``train``: of the training text, gradients included; ``score``: of the held-out text.
    """

    train: float
    score: float


class CellCoverage(Record):
    """How a tokenizer cuts this corpus.

    ``tokens_per_word``: events of the held-out text for each of its neutral words; ``whole_word_share``: of these words
    the share that is one token; ``renyi_efficiency``: metrics/tokenization.py.
    """

    characters_per_token: float
    tokens_per_word: float | None = None
    whole_word_share: float | None = None
    renyi_efficiency: float | None = None
    replaced_token_share_train: float
    replaced_token_share_test: float
    replaced_character_share_test: float
    classes: list[ClassCoverage]


class Fill(Record):
    """A word that replaces a placeholder: ``text[start:end]``, and the class of the placeholder."""

    start: int
    end: int
    name: str = Field(alias="class")


class Filled(Record):
    """A generated text, and where in it words replace placeholders."""

    text: str
    fills: list[Fill]


class Sample(Record):
    """One generated text; the prompt is not part of it.

    In ``text`` placeholders are replaced by words seen in training; ``spelled`` has the same tokens with words from the
    speller. It is None if no placeholder was drawn, because the two texts would be the same.
    """

    prompt: str
    seed: int
    temperature: float
    text: str
    fills: list[Fill] = []
    spelled: Filled | None = None


class MeasureFacts(Record):
    """The description of a measure; ``Measure`` explains each key."""

    label: str
    unit: str
    direction: Literal["author", "less", "more"]
    least: float
    most: float | None
    definition: str
    trap: str
    source: str


class MeasureValue(Record):
    """A measure of generated text: over all samples, its interval over them, and for held-out text of equal length."""

    value: float
    low: float | None
    high: float | None
    author: float


class Generated(Record):
    """What a cell wrote, and how often the samples have the word "pandemonium", for both ways to fill placeholders."""

    temperature: float
    characters: int
    samples: list[Sample]
    pandemonium_seen: int
    pandemonium_spelled: int
    measures: dict[str, MeasureValue]


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


class Cell(Record):
    """One column trained with one seed. A failed cell has only the keys from column to reason."""

    column: str
    tokenizer: str
    strategy: str | None
    model: str = "lstm"
    seed: int
    fraction: float
    run: str
    status: Literal["done"] = "done"
    reason: None = None
    bits_per_character: BitsPerCharacter
    bits_per_byte: float | None = None
    class_bits: list[ClassBits] = []
    by_frequency: list[Band]
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
    updates: int
    multiply_adds_per_character: MultiplyAdds | None = None
    verified: Verified | None
    coverage: CellCoverage
    generated: Generated
    history: list[HistoryRow]
    run_bytes: RunBytes | None = None  # None in a cell of an older version

    @property
    def is_current(self) -> bool:
        """Whether it has all that is measured now; one of an older version does not."""
        return self.bits_per_byte is not None

    def numbers(self) -> dict[str, Any]:
        """Its main numbers by name, in one flat record; the measures of its samples are the last."""
        bits = {f"bits_per_character_{name}": getattr(self.bits_per_character, name) for name in ("total", *PARTS)}
        bits |= {"bits_per_byte": self.bits_per_byte}
        measures = {name: measured.value for name, measured in self.generated.measures.items()}
        verified = {"verified": self.verified is not None, "run": self.run}
        return (
            {name: getattr(self, name) for name in IDENTITY}
            | bits
            | {name: getattr(self, name) for name in NUMBERS}
            | verified
            | measures
        )


class FailedCell(Record):
    """A cell that ended without a result."""

    column: str
    tokenizer: str
    strategy: str | None
    model: str = "lstm"
    seed: int
    fraction: float
    run: str
    status: Literal["failed"] = "failed"
    reason: str


RowKind = Literal["ensemble", "adapting", "adapting ensemble"]


class Row(Record):
    """A model made of the finished cells of one column with these seeds.

    Ensemble: the mean of their probabilities, event by event. Adapting: a model that keeps learning, at a rate, from
    what it has paid for, from one held-out document to the next.
    """

    column: str
    kind: RowKind
    seeds: list[int]
    rate: float | None
    bits_per_character: BitsPerCharacter
    bits_per_byte: float | None = None
    documents: list[DocumentBits]
    verified: Verified | None

    @property
    def title(self) -> str:
        """Its name in contrasts, whatever its seeds."""
        return f"{self.column} ({self.kind})"


class Baseline(Record):
    """What a compressor needs for the held-out text. Cold: nothing seen before; primed: after the training text."""

    name: str
    variant: Literal["cold", "primed"]
    bits_per_character: float
    bits_per_byte: float | None = None


class Contrast(Record):
    """Column a minus column b in bits per character, and the verdict in words.

    The 95 % intervals of all contrasts hold together, and p is adjusted for all of them.
    """

    a: str
    b: str
    difference: float
    low: float
    high: float
    p: float
    smallest_detectable: float
    verdict: str

    @property
    def settled(self) -> bool:
        """Whether one beats the other: the interval excludes 0, and p is at most 0.05."""
        return not self.low <= 0 <= self.high and self.p <= 0.05


class Lead(Record):
    """The column ``a`` with the fewest bits per character of the words with one label, minus the next one, ``b``.

    ``by`` is "band" or "part of speech"; ``low`` and ``high`` are a 95 % interval.
    """

    by: str
    label: str
    a: str
    b: str
    difference: float
    low: float
    high: float


class Passage(Record):
    """The same held-out characters under every cell: ``bits[column][i]`` is paid for ``text[i]`` (first seed)."""

    document: str
    start: int
    text: str
    bits: dict[str, list[float]]


class WordType(Record):
    """A word of the held-out text: how often it occurs there, and the frequency band of its count in training."""

    text: str
    count: int
    band: str


class WordIntervals(Record):
    """How sure the difference of two columns is for some words, by their places in ``WordBits.words``.

    ``half_widths``: half of the 95 % interval over documents of the difference in bits, each for itself.
    """

    a: str
    b: str
    words: list[int]
    half_widths: list[float]


class WordBits(Record):
    """Held-out words that columns differ over: ``bits[column][i]`` is paid for all of ``words[i]`` (first seed).

    For every two columns it has the ``each_way`` words with the greatest differences, in both directions, and in
    ``intervals`` how sure they are, if there is more than one document.
    """

    each_way: int
    words: list[WordType]
    bits: dict[str, list[float]]
    intervals: list[WordIntervals] = []


class Comparison(Record):
    """All results of a comparison.

    In a notebook it shows its verdicts, a table and a link to its page.
    """

    version: Literal[1, 2] = Field(alias="schema", default=2)
    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
    corpus: CorpusFacts
    warnings: list[str] = []  # sentences on what weakens the conclusions
    cells: list[Cell | FailedCell]
    rows: list[Row] = []
    baselines: list[Baseline]
    contrasts: list[Contrast]
    leads: list[Lead] = []
    measures: dict[str, MeasureFacts] = {}
    passages: list[Passage]
    words: WordBits
    _folder: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """The folder that it is in; None if it was neither computed nor loaded from one. Not part of the results."""
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._folder = folder

    def __eq__(self, other: object) -> bool:
        """Whether the results are the same, wherever they are."""
        return isinstance(other, Comparison) and self.__dict__ == other.__dict__

    @property
    def page(self) -> Path | None:
        """The page of the comparison in its folder, if there is one."""
        return self.folder / PAGE if self.folder is not None and (self.folder / PAGE).is_file() else None

    @property
    def done(self) -> list[Cell]:
        """The cells that have a result, in the order of the columns, then of the seeds."""
        return [cell for cell in self.cells if isinstance(cell, Cell)]

    @property
    def columns(self) -> list[str]:
        """Names of the columns that have a result, in the requested order."""
        return list(dict.fromkeys(cell.column for cell in self.done))

    @property
    def by_column(self) -> dict[str, list[Cell]]:
        """The cells that have a result, by column, in the order of the columns and of the seeds."""
        cells: dict[str, list[Cell]] = {}
        for cell in self.done:
            cells.setdefault(cell.column, []).append(cell)
        return cells

    @property
    def column_contrasts(self) -> list[Contrast]:
        """The contrasts between columns; the others are between rows of one kind."""
        columns = set(self.columns)
        return [contrast for contrast in self.contrasts if {contrast.a, contrast.b} <= columns]

    def leading_contrasts(self, most: int) -> list[Contrast]:
        """All contrasts if there are at most ``most``, otherwise those of the column with the fewest bits."""
        if len(self.column_contrasts) <= most:
            return self.column_contrasts
        totals = {name: fmean(c.bits_per_character.total for c in cells) for name, cells in self.by_column.items()}
        best = min(totals, key=lambda column: totals[column])
        return [contrast for contrast in self.column_contrasts if best in (contrast.a, contrast.b)]

    @property
    def verdicts(self) -> list[str]:
        """The verdicts on the leading contrasts, a sentence each; the last one counts the contrasts left out."""
        leading = self.leading_contrasts(SENTENCES)
        sentences = [contrast.verdict[0].upper() + contrast.verdict[1:] + "." for contrast in leading]
        if others := len(self.contrasts) - len(leading):
            sentences.append(f"The report has {others} more contrast{'' if others == 1 else 's'}.")
        return sentences

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.corpus.name}: bits per character of {self.corpus.test_characters:,} held-out characters"

    def table(self) -> list[list[str]]:
        """The main numbers, as text: a heading, then a line per finished cell, row and baseline."""

        def rate(value: float | None) -> str:
            """A number with four decimals; nothing where an older version did not measure it."""
            return "" if value is None else f"{value:.4f}"

        lines = [["column", "seed", "total", "per byte", *PARTS, "parameters", "seconds"]]
        for cell in self.done:
            size = [f"{cell.parameters:,}", f"{cell.train_seconds:.0f}"]
            total, *parts = cell.bits_per_character.decimals()
            lines.append([cell.column, str(cell.seed), total, rate(cell.bits_per_byte), *parts, *size])
        for row in self.rows:
            learning = "" if row.rate is None else f" {row.rate:g}"
            seeds = ", ".join(map(str, row.seeds))
            total, *parts = row.bits_per_character.decimals()
            name = f"{row.column} ({row.kind}{learning})"
            lines.append([name, seeds, total, rate(row.bits_per_byte), *parts, "", ""])
        for baseline in self.baselines:
            name, bits = f"{baseline.name.replace('_', ' ')} {baseline.variant}", rate(baseline.bits_per_character)
            lines.append([name, "", bits, rate(baseline.bits_per_byte), *[""] * (len(PARTS) + 2)])
        return [[name.replace("_", " ") for name in lines[0]], *lines[1:]]

    def _repr_html_(self) -> str:
        """Verdicts, warnings, the table, notes, what failed and a link to the page, as HTML without scripts."""
        failed = (cell for cell in self.cells if isinstance(cell, FailedCell))
        failures = [f"{cell.column}, seed {cell.seed} failed: {cell.reason}" for cell in failed]
        notes = [f"Note: {note}" for note in self.corpus.notes]
        warnings = [f"Warning: {warning}" for warning in self.warnings]
        return shown([*self.verdicts, *warnings, *failures, *notes], self.title, self.table(), self.page)

    def to_frame(self) -> "DataFrame":
        """A pandas DataFrame with a row per finished cell: what it is, its bits per character in all and by part,
        perplexities, sizes, training, whether it was verified, and the measures of its samples by name.

        Raises InputError if pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise InputError(
                "to_frame needs pandas, which is not installed; install it with pip install pandas."
            ) from error
        return DataFrame([cell.numbers() for cell in self.done])

    def save(self, path: str | Path) -> None:
        """Write comparison.json."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))

    @classmethod
    def load(cls, path: str | Path) -> "Comparison":
        """Read comparison.json, or comparison.json.gz. Raises ValueError if it has another schema than 1 or 2."""
        content = Path(path).read_bytes()
        if Path(path).suffix == ".gz":
            content = gzip.decompress(content)
        comparison = cls.model_validate_json(content)
        comparison.folder = Path(path).parent
        return comparison
