"""All results of a comparison: saved in comparison.json, the only file that the report reads."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol

from pydantic import Field

from toolkit.config import flat, typed
from toolkit.environment import VERSION
from toolkit.plugins import Registry
from toolkit.results.bits import PARTS, Passage
from toolkit.results.cell import Baseline, Cell, FailedCell, Match, Row, mean_total, ppmd
from toolkit.results.conclusions import Answer, Contrast, Difference, Folds, Sweep, Warning, find
from toolkit.results.corpus import DOCUMENT, SEGMENT, CorpusFacts, Unit
from toolkit.results.generated import Generated, MeasureFacts
from toolkit.results.record import InFolder, environment, grouped, say
from toolkit.results.text import count, decimals, duration, plural, rounded_count

if TYPE_CHECKING:
    from pandas import DataFrame


class Figure(Protocol):
    """A chart by itself, which a notebook shows."""

    def save(self, path: str | Path, width: float = ...) -> None:
        """Write a file that ends in ``.svg``, ``.pdf`` or ``.png``."""


# The room of the page is above this one, so it is imported by name, as plug-ins are.
DRAWINGS = Registry[Figure]("drawing", "toolkit.drawings", {"figure": "toolkit.report.page:figure"})
FOUND = "comparison.json"  # in a comparison's folder
PACKED = f"{FOUND}.gz"  # of a published comparison
SEVERAL = "joined"  # the key of a joined comparison's machines, if its parts' differ


class Comparison(InFolder):
    """All results of a comparison. In a notebook it shows a table, its answer and a link to its page.

    ``scaling`` is for several fractions, and ``folds`` is given if every document is held out once.
    ``author_passages`` are of the held-out text, for the blind test.
    """

    version: Literal[3] = Field(alias="schema", default=3)
    corpus: CorpusFacts
    warnings: list[Warning] = []
    cells: list[Annotated[Cell | FailedCell, Field(discriminator="status")]]
    rows: list[Row]
    baselines: list[Baseline]
    contrasts: list[Contrast] = []
    leads: list[Difference] = []
    scaling: list[Difference] = []
    sweeps: list[Sweep]
    noise: list[Difference] = []
    folds: Folds | None = None
    answer: Answer = Answer()
    measures: dict[str, MeasureFacts]
    passages: list[Passage]
    author_passages: list[str]

    def __eq__(self, other: object) -> bool:
        """Compare the results, not their folders."""
        return isinstance(other, Comparison) and {**vars(self), "folder": other.folder} == vars(other)

    @property
    def done(self) -> list[Cell]:
        """The cells that have a result, in the order of columns, fractions and seeds."""
        return [cell for cell in self.cells if isinstance(cell, Cell)]

    @property
    def failed(self) -> list[FailedCell]:
        """The cells without a result."""
        return [cell for cell in self.cells if isinstance(cell, FailedCell)]

    @property
    def full(self) -> list[Cell]:
        """The cells trained on all training documents."""
        return [cell for cell in self.done if cell.fraction == 1]

    @property
    def columns(self) -> list[str]:
        """Names of the columns that have a result, in the requested order."""
        return list(dict.fromkeys(cell.column for cell in self.full))

    @property
    def by_column(self) -> dict[str, list[Cell]]:
        """The cells of all training documents by column, in the order of columns and seeds."""
        return grouped(self.full, lambda cell: cell.column)

    @property
    def generated(self) -> dict[str, Generated]:
        """By column, the samples of the smallest seed that has any; columns without samples are left out."""
        written = {
            name: [cell.generated for cell in cells if cell.generated] for name, cells in self.by_column.items()
        }
        return {name: samples[0] for name, samples in written.items() if samples}

    @property
    def rows_by_title(self) -> dict[str, list[Row]]:
        """The rows by title: one row, or one per seed."""
        return grouped(self.rows, lambda row: row.title)

    @property
    def totals(self) -> dict[str, float]:
        """Bits per character by column, the mean over its seeds."""
        return {name: mean_total(cells) for name, cells in self.by_column.items()}

    @property
    def unit(self) -> Unit:
        """The kind of the units that columns are compared over."""
        return SEGMENT if len(self.corpus.split.test) == 1 else self.corpus.unit

    @property
    def column_contrasts(self) -> list[Contrast]:
        """The contrasts between columns; all others are between rows of one kind."""
        return [contrast for contrast in self.contrasts if contrast.kind == "columns"]

    @typed
    def contrast(self, a: str, b: str) -> Contrast:
        """Return column ``a`` minus column ``b``, whichever comes first. Raises InputError for other names."""
        return find(self.contrasts, a, b)

    @property
    def answering(self) -> tuple[dict[str, float], list[Contrast]]:
        """The totals and the contrasts behind the answer: over all folds, or of the only split."""
        return (
            (self.totals, self.column_contrasts)
            if self.folds is None
            else (self.folds.totals, self.folds.contrasts)
        )

    @property
    def answer_contrast(self) -> Contrast | None:
        """The best column minus the runner-up or, without one, minus the next column; None with a single column."""
        names = [self.answer.column, self.answer.runner_up] if self.answer.column else self.answer.tied[:2]
        return find(self.answering[1], *map(str, names)) if len(names) == 2 else None

    @property
    def headline(self) -> str:
        """The answer in a sentence or two. Little training or held-out text is said first."""
        return say("headline", self)

    @property
    def quick(self) -> bool:
        """Whether it is a first look (``--quick``)."""
        return bool(self.settings.get("quick"))

    @property
    def unsettled_seconds(self) -> float | None:
        """The training time of the answer's columns if it is too short to settle their order, else None."""
        contrast = self.answer_contrast
        if contrast is None or not (self.quick or contrast.undertrained):
            return None
        pairs = [self.by_column.get(name, []) for name in (contrast.a, str(contrast.b))]
        networks = [cells for cells in pairs if cells and not cells[0].counted]
        return max((fmean(cell.train_seconds for cell in cells) for cells in networks), default=None)

    @property
    def further_warnings(self) -> list[Warning]:
        """The warnings that the headline does not say already."""
        contrast = self.answer_contrast
        if contrast is None:
            return self.warnings
        said = {
            "few_units": contrast.outcome == "too few units",
            "short_training": True,
            "budget_ended": self.quick,
        }
        pair = {contrast.a, contrast.b} if self.unsettled_seconds is not None else set()
        return [
            warning
            for warning in self.warnings
            if not (said.get(warning.kind) and pair.issuperset(warning.columns))
        ]

    @property
    def machines(self) -> list[dict[str, Any]]:
        """The machines that computed it: several only where comparisons of several were joined."""
        several: list[dict[str, Any]] = self.machine.get(SEVERAL, [self.machine])
        return several

    @property
    def title(self) -> str:
        """The corpus and its held-out part."""
        corpus, noun = self.corpus, DOCUMENT if self.corpus.unit == SEGMENT else self.corpus.unit
        texts = f"{corpus.name}: {plural(corpus.documents, noun)}, {count(corpus.characters)} characters"
        if self.folds:
            return f"{texts}; each held out once, in {len(self.folds.folds)} folds"
        return f"{texts}; {plural(len(corpus.split.test), noun)} held out"

    def table(self) -> list[list[str]]:
        """Return the main numbers as text: a heading, a line per column and row title (means over seeds), and PPMd.

        With folds, bits/char are of all folds, and everything else is of the first fold.
        """
        lines = [["model", "bits/char", "words", "class", "spelling", "other", "parameters", "training"]]
        for name, cells in self.by_column.items():
            seconds = fmean(cell.train_seconds for cell in cells)
            size = rounded_count(cells[0].parameters)
            lines.append([name, *_bits(cells), size, "" if cells[0].counted else duration(seconds)])
        for title, rows in self.rows_by_title.items():
            lines.append([title, *_bits(rows), "", ""])
        if peer := ppmd(self.baselines):
            lines.append([peer.label, decimals(peer.bits_per_character), *[""] * 6])
        if self.folds:
            for line in lines:
                line.insert(1, "bits/char" if line is lines[0] else decimals(self.folds.totals.get(line[0])))
            lines[0][2] = "first fold"
        return lines

    def to_latex(self) -> str:
        """Return the table for LaTeX with the package booktabs: the best models bold, intervals, and a caption."""
        label = re.sub(r"\W+", "-", self.folder.name if self.folder else self.corpus.name, flags=re.ASCII)
        return environment().get_template("table.tex.j2").render(comparison=self, label=label)

    def to_markdown(self) -> str:
        """Return the same table, with its caption, in Markdown."""
        return environment().get_template("table.md.j2").render(comparison=self)

    @staticmethod
    def cite() -> str:
        """Return a BibTeX entry for this version of the toolkit."""
        return environment().get_template("citation.j2").render(version=VERSION)

    @typed
    def figure(self, name: str) -> Figure:
        """Return a chart of the page, such as "documents", to be saved as SVG, PDF or PNG.

        Raises InputError for an unknown name; the message lists the charts of this comparison.
        """
        return DRAWINGS.make("figure", comparison=self, name=name)

    def to_frame(self) -> "DataFrame":
        """Return a pandas DataFrame with a row per finished cell: ``Cell.numbers``."""
        from pandas import DataFrame

        return DataFrame([cell.numbers() for cell in self.done])


def _bits(paying: Sequence[Cell | Row]) -> list[str]:
    """The total, words, classes (or a dash without any), spelling and everything else."""
    parts = {part: fmean(getattr(cell.bits_per_character, part) for cell in paying) for part in PARTS}
    other = parts["spacing"] + parts["document_ends"]
    words = parts["words"], parts["classes"] or None, parts["spelling"]
    return [*map(decimals, (mean_total(paying), *words, other))]


TOLERANCE = 0.03  # the largest matched amount may exceed the smallest by this share
COMMON = ("recipe", "network", "train")  # the groups of settings that the comparison sets for all columns


RESOURCES: Mapping[Match, str] = {
    "chars": "characters read",
    "params": "parameters without the embedding",
    "flops": "multiply–adds in training",
}
BY_LENGTH: tuple[Match, ...] = ("flops", "chars")  # made equal by how long each column is trained


def amount(match: Match, cells: Sequence[Cell]) -> float:
    """Return the mean amount of a resource that a column's seeds had."""
    amounts: Mapping[Match, Callable[[Cell], float]] = {
        "chars": lambda cell: cell.characters_seen,
        "params": lambda cell: cell.parameters - cell.embedding_parameters,
        "flops": lambda cell: cell.multiply_adds_per_character.train * cell.characters_seen,
    }
    return fmean(map(amounts[match], cells))


def match_of(comparison: Comparison) -> Match | None:
    """Return what ``--match`` made equal, or None."""
    return next((cell.matched for cell in comparison.full if cell.matched), None)


def excess(comparison: Comparison) -> float | None:
    """Return the largest matched amount divided by the smallest, minus 1; None without two matched columns."""
    columns = [cells for cells in comparison.by_column.values() if cells[0].matched]
    if (match := match_of(comparison)) is None or len(columns) < 2:
        return None
    amounts = [amount(match, cells) for cells in columns]
    return max(amounts) / min(amounts) - 1


def differing(comparison: Comparison) -> dict[str, dict[str, Any]]:
    """Return the value by column for each setting that differs between columns with a result, by its dotted key.

    None if a column has no such option, or its default, or is counted and so has no network. The tokenizer's name is no
    setting.
    """
    common = flat({group: comparison.settings[group] for group in COMMON if group in comparison.settings})
    settings = {}
    networks = {name for name, cells in comparison.by_column.items() if not cells[0].counted}
    options = {name: flat(comparison.settings.get("columns", {}).get(name, {})) for name in comparison.columns}
    for key in dict.fromkeys(key for table in options.values() for key in table if key != "tokenizer"):
        setting = {
            name: table.get(key, common.get(key) if name in networks else None) for name, table in options.items()
        }
        compared = {repr(value) for value in setting.values() if value is not None or key not in common}
        if len(compared) > 1:
            settings[key] = setting
    return settings
