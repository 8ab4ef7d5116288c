"""All that a comparison measured: saved in comparison.json, the only file that the report reads."""

import gzip
import zlib
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, field_validator

from toolkit.errors import InputError, misfit, pip_install
from toolkit.files import write_file
from toolkit.notebook import shown
from toolkit.results.answer import Answer
from toolkit.results.bits import PARTS
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.contrasts import Contrast, Lead, find, sentence
from toolkit.results.corpus import CorpusFacts
from toolkit.results.folds import Folds
from toolkit.results.generated import Generated, MeasureFacts
from toolkit.results.grouping import grouped
from toolkit.results.in_folder import InFolder
from toolkit.results.noise import NoiseContrast
from toolkit.results.rows import MIXTURE, Baseline, Row
from toolkit.results.scaling import Scaling
from toolkit.results.sweeps import Sweep
from toolkit.results.text import plural
from toolkit.results.words import Passage, WordBits

if TYPE_CHECKING:
    from pandas import DataFrame

FOUND = "comparison.json"  # in a comparison's folder
PACKED = f"{FOUND}.gz"  # of a published comparison
SEVERAL = "joined"  # what a joined comparison's ``machine`` has instead of one, if its parts' differ
TABLES = ("network", "train", "samples")  # of settings; a column has the first two, and options of any other name
SENTENCES = 3  # up to this many contrasts are all told; otherwise, those of the best column


class Comparison(InFolder):
    """All results of a comparison.

    In a notebook it shows its verdicts, a table and a link to its page.
    """

    version: Literal[2] = Field(alias="schema", default=2)
    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
    corpus: CorpusFacts
    warnings: list[str]  # sentences on what weakens the conclusions
    cells: list[Annotated[Cell | FailedCell, Field(discriminator="status")]]
    rows: list[Row]
    baselines: list[Baseline]
    contrasts: list[Contrast]
    leads: list[Lead]
    scaling: Scaling | None = None  # if there are several fractions
    sweeps: list[Sweep]
    noise: list[NoiseContrast]
    folds: Folds | None = None  # if every document is held out once
    answer: Answer
    measures: dict[str, MeasureFacts]
    passages: list[Passage]
    author_passages: list[str]  # of the held-out text, to be told from samples
    words: WordBits

    @field_validator("settings")
    @classmethod
    def _tables(cls, settings: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError if groups of settings, or the options of columns by name, are not tables."""
        columns = settings.get("columns", {})
        if not isinstance(columns, dict) or not all(isinstance(table, dict) for table in columns.values()):
            raise ValueError("the settings of columns are not tables by name")
        groups = [settings.get(group, {}) for group in TABLES]
        groups += [table.get(group, {}) for table in columns.values() for group in TABLES[:2]]
        if not all(isinstance(group, dict) for group in groups) or not isinstance(settings.get("match"), str | None):
            raise ValueError(f"{', '.join(TABLES)} are not tables of settings, or match is no name")
        return settings

    def __eq__(self, other: object) -> bool:
        """Whether the results are the same, wherever they are."""
        return isinstance(other, Comparison) and self.__dict__ == other.__dict__

    @property
    def done(self) -> list[Cell]:
        """The cells that have a result, in the order of the columns, of the fractions and of the seeds."""
        return [cell for cell in self.cells if isinstance(cell, Cell)]

    @property
    def failed(self) -> list[FailedCell]:
        """The cells without a result."""
        return [cell for cell in self.cells if isinstance(cell, FailedCell)]

    @property
    def full(self) -> list[Cell]:
        """Those trained on all training documents: all that is compared, except by how much text they learn from."""
        return [cell for cell in self.done if cell.fraction == 1]

    @property
    def columns(self) -> list[str]:
        """Names of the columns that have a result, in the requested order."""
        return list(dict.fromkeys(cell.column for cell in self.full))

    @property
    def by_column(self) -> dict[str, list[Cell]]:
        """The cells of all training documents by column, in the order of the columns and of the seeds."""
        return grouped(self.full, lambda cell: cell.column)

    @property
    def generated(self) -> dict[str, Generated]:
        """By column, the samples of the smallest seed that has any; columns without samples are left out."""
        written: dict[str, Generated] = {}
        for cell in self.full:
            if cell.generated is not None:
                written.setdefault(cell.column, cell.generated)
        return written

    @property
    def rows_by_title(self) -> dict[str, list[Row]]:
        """What is made of the columns' cells, by title: one row, or one per seed."""
        return grouped(self.rows, lambda row: row.title)

    @property
    def totals(self) -> dict[str, float]:
        """Bits per character by column, the mean over its seeds."""
        return {name: fmean(cell.bits_per_character.total for cell in cells) for name, cells in self.by_column.items()}

    @property
    def column_contrasts(self) -> list[Contrast]:
        """The contrasts between columns; the others are between rows of one kind."""
        columns = set(self.columns)
        return [contrast for contrast in self.contrasts if {contrast.a, contrast.b} <= columns]

    def contrast(self, a: str, b: str) -> Contrast:
        """Column ``a`` minus column ``b``, whichever comes first. Raises InputError if there is no such contrast."""
        return find(self.contrasts, a, b)

    def leading_contrasts(self, most: int) -> list[Contrast]:
        """All contrasts if there are at most ``most``, otherwise those of the column with the fewest bits."""
        if len(self.column_contrasts) <= most:
            return self.column_contrasts
        totals = self.totals
        best = min(totals, key=lambda column: totals[column])
        return [contrast for contrast in self.column_contrasts if best in (contrast.a, contrast.b)]

    @property
    def leading_over_folds(self) -> list[Contrast]:
        """Contrasts over all documents, each held out once: all if there are few, otherwise the best column's."""
        if self.folds is None or not self.folds.contrasts:
            return []
        best = self.folds.ranked[0].column
        if len(leading := self.folds.contrasts) > SENTENCES:
            leading = [one for one in leading if best in (one.a, one.b)]
        return sorted(leading, key=lambda one: (best not in (one.a, one.b), abs(one.difference)))[:SENTENCES]

    @property
    def machines(self) -> list[dict[str, Any]]:
        """What it was computed on: several machines only where comparisons of several were joined."""
        several: list[dict[str, Any]] = self.machine.get(SEVERAL, [self.machine])
        return several

    @property
    def about(self) -> str:
        """What its cells are: with folds, those of the first. Otherwise empty: there are no others."""
        return "" if self.folds is None else "Fold 1"

    def of_its_cells(self, line: str) -> str:
        """A line about the cells of this comparison: with folds, it says that they are those of the first."""
        return f"{self.about}: {line}" if self.about else line

    @property
    def failures(self) -> list[str]:
        """A sentence for each cell without a result, with the reason."""
        return [cell.sentence for cell in self.failed]

    @property
    def verdicts(self) -> list[str]:
        """The verdicts on folds, on sweeps and on the leading contrasts, a sentence each; the last counts those left
        out. With folds, what is about the first alone begins with "Fold 1".
        """
        leading = self.leading_contrasts(SENTENCES)
        sentences = [sentence(contrast.verdict) for contrast in self.leading_over_folds]
        sentences += [self.of_its_cells(sweep.verdict) for sweep in self.sweeps]
        sentences += [sentence(contrast.verdict, self.about) for contrast in leading]
        if others := len(self.contrasts) - len(leading):
            sentences.append(f"The report has {plural(others, 'more contrast')}.")
        pairs = {frozenset((contrast.a, contrast.b)) for contrast in leading}
        all_crossings = self.scaling.crossings if self.scaling else []
        crossings = [crossing for crossing in all_crossings if frozenset((crossing.a, crossing.b)) in pairs]
        return sentences + [sentence(crossing.verdict, self.about) for crossing in crossings]

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.corpus.name}: bits per character of {self.corpus.test_characters:,} held-out characters"

    def measured(self) -> list[list[str]]:
        """The main numbers, as text: a heading, then a line per finished cell and row."""
        lines = [["column", "seed", "total", "per byte", *PARTS, "parameters", "seconds"]]
        for cell in self.full:
            size = [f"{cell.parameters:,}", f"{cell.train_seconds:.0f}"]
            total, *parts = cell.bits_per_character.decimals()
            lines.append([cell.column, str(cell.seed), total, f"{cell.bits_per_byte:.4f}", *parts, *size])
        for row in self.rows:
            learning = "" if row.rate is None else f" {row.rate:g}"
            seeds = ", ".join(map(str, row.seeds))
            total, *parts = row.bits_per_character.decimals()
            name = f"{row.kind}{learning}" if row.kind == MIXTURE else f"{row.column} ({row.kind}{learning})"
            lines.append([name, seeds, total, f"{row.bits_per_byte:.4f}", *parts, "", ""])
        return [[name.replace("_", " ") for name in lines[0]], *lines[1:]]

    def table(self) -> list[list[str]]:
        """The main numbers, as text: a heading, then a line per finished cell, row and baseline."""
        lines = self.measured()
        for baseline in self.baselines:
            name, bits = f"{baseline.label} {baseline.variant}", f"{baseline.bits_per_character:.4f}"
            lines.append([name, "", bits, f"{baseline.bits_per_byte:.4f}", *[""] * (len(PARTS) + 2)])
        return lines

    def _repr_html_(self) -> str:
        """Verdicts, warnings, the table, notes, what failed and a link to the page, as HTML without scripts."""
        notes = [f"Note: {note}" for note in self.corpus.notes]
        warnings = [f"Warning: {warning}" for warning in self.warnings]
        return shown([*self.verdicts, *warnings, *self.failures, *notes], self.title, self.table(), self.page)

    def to_frame(self) -> "DataFrame":
        """A pandas DataFrame with a row per finished cell: what it is, its bits per character in all and by part,
        perplexities, sizes, training, whether it was verified, and the measures of its samples by name, if it has any.

        Raises InputError if pandas is not installed.
        """
        try:
            from pandas import DataFrame
        except ImportError as error:
            raise InputError(
                f"to_frame needs pandas, which is not installed; run {pip_install('pandas')} first."
            ) from error
        return DataFrame([cell.numbers() for cell in self.done])

    def save(self, path: str | Path) -> None:
        """Write comparison.json."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))

    @classmethod
    def load(cls, path: str | Path) -> "Comparison":
        """Read comparison.json, or comparison.json.gz.

        Raises:
            OSError: It cannot be read.
            InputError: It is damaged, or has the format of another version.
        """
        file = Path(path)
        content = file.read_bytes()
        try:
            comparison = cls.model_validate_json(gzip.decompress(content) if file.suffix == ".gz" else content)
        except (gzip.BadGzipFile, ValueError, EOFError, zlib.error) as error:
            raise misfit(file, error, "repeat the comparison with --fresh, or in another folder with --out") from error
        comparison.folder = file.parent
        return comparison
