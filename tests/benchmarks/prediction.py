"""Fit the prediction of bits to comparisons of many corpora, and try it on corpora that it was not fitted on.

    python -m tests.benchmarks.prediction_corpora CORPORA --corpora ../shared/corpora --handbook HANDBOOK
    for corpus in CORPORA/*; do
        toolkit compare --tokenizers char,word,bpe --corpus $corpus --out COMPARED/$(basename $corpus) \
            --set samples.characters=300
        toolkit inspect $corpus --tokenizers char,word,bpe --out INSPECTED/$(basename $corpus)
    done
    python -m tests.benchmarks.prediction --add COMPARED INSPECTED
    python -m tests.benchmarks.prediction --save

prediction.csv, beside this file, has what was counted and measured of each corpus and column; ``--add`` puts the
columns of comparisons into it. Every text in turn is left out with all its slices, the others are fitted, and the
slices left out are predicted: the table in Markdown has these predictions. With ``--save`` the fit to all corpora is
what the toolkit predicts with.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import combinations, groupby
from pathlib import Path
from statistics import fmean

import numpy as np
from scipy.stats import t

from tests.benchmarks.prediction_corpora import source
from toolkit.events.distribution import Floats
from toolkit.inspection.prediction import ColumnCounts, Corpus, Fit
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import INSPECTION, Inspection
from toolkit.training.recipes import recipe_name

FIT = Path("toolkit/inspection/prediction.json")
TABLE = Path(__file__).with_suffix(".csv")
RIDGE = 1.0  # the penalty on standardised coefficients, worth as much as one observation; not tuned


@dataclass(frozen=True)
class Row:
    """A column of a corpus: what was counted of it, and the bits per character that its networks came to."""

    corpus: str
    column: str
    characters: int
    tokens: int
    one_hot: bool
    unseen: float
    ngram_bits: float
    measured_bits: float

    @classmethod
    def of(cls, line: Mapping[str, str]) -> "Row":
        """The row of a line of the table."""
        return cls(
            corpus=line["corpus"],
            column=line["column"],
            characters=int(line["characters"]),
            tokens=int(line["tokens"]),
            one_hot=line["one_hot"] == "True",
            unseen=float(line["unseen"]),
            ngram_bits=float(line["ngram_bits"]),
            measured_bits=float(line["measured_bits"]),
        )

    @property
    def counted(self) -> ColumnCounts:
        """What the prediction takes of it."""
        return ColumnCounts(self.characters, self.tokens, self.one_hot, self.unseen, self.ngram_bits)

    @property
    def gap(self) -> float:
        """The network's bits above the n-gram's."""
        return self.measured_bits - self.ngram_bits


def compared(folder: Path, inspected: Path) -> Iterator[Row]:
    """The rows of a comparison and of the inspection of its corpus."""
    comparison, inspection = Comparison.load(folder / "comparison.json"), Inspection.load(inspected / INSPECTION)
    for column in inspection.columns:
        if cells := comparison.by_column.get(column.column):
            counted = ColumnCounts.of(inspection, column)
            measured = fmean(cell.bits_per_character.total for cell in cells)
            yield Row(folder.name, column.column, **asdict(counted), measured_bits=measured)


def read_rows() -> list[Row]:
    """The table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [Row.of(line) for line in csv.DictReader(file)]


def write_rows(rows: Iterable[Row]) -> None:
    """Write the table, the smallest corpus first."""
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in sorted(rows, key=lambda row: row.characters))


def fitted(rows: Sequence[Row]) -> Fit:
    """The fit to these rows; how far off it is on others is not known yet."""
    matrix, target = np.array([row.counted.features for row in rows]), np.array([row.gap for row in rows])
    intercept, coefficients, means, scales = ridge(matrix, target)
    return Fit(
        intercept=intercept, coefficients=coefficients.tolist(), means=means.tolist(), scales=scales.tolist(),
        columns=list(dict.fromkeys(row.column for row in rows)), recipes=recipes(rows),
        lowest=matrix.min(axis=0).tolist(), highest=matrix.max(axis=0).tolist(), texts=len(texts(rows)),
        off=np.nan, off_between=np.nan, right=np.nan, best="", constant=np.nan, quantile=np.nan,
        corpora=[Corpus(name=name, characters=characters) for name, characters in sizes(rows).items()],
    )  # fmt: skip


def ridge(matrix: Floats, target: Floats) -> tuple[float, Floats, Floats, Floats]:
    """Intercept, coefficients, means and scales (features,) of the ridge regression of a target (rows,) on features."""
    means, scales = matrix.mean(axis=0), matrix.std(axis=0)
    standard = (matrix - means) / scales
    penalty = RIDGE * np.eye(matrix.shape[1])
    coefficients = np.linalg.solve(standard.T @ standard + penalty, standard.T @ (target - target.mean()))
    return float(target.mean()), coefficients, means, scales


def recipes(rows: Iterable[Row]) -> list[str]:
    """The recipes of the networks."""
    return sorted({recipe_name(row.characters) for row in rows})


def texts(rows: Iterable[Row]) -> set[str]:
    """The texts that the corpora are taken from."""
    return {source(row.corpus) for row in rows}


def sizes(rows: Iterable[Row]) -> dict[str, int]:
    """The training characters of each corpus."""
    return {row.corpus: row.characters for row in rows}


def left_out(rows: Sequence[Row]) -> dict[Row, float]:
    """Each row's bits, predicted from the corpora of other texts."""
    fits = {text: fitted([row for row in rows if source(row.corpus) != text]) for text in texts(rows)}
    return {row: row.ngram_bits + fits[source(row.corpus)].gap(row.counted.features) for row in rows}


@dataclass(frozen=True)
class Trial:
    """A corpus with its rows and what was predicted of them."""

    name: str
    rows: Sequence[Row]
    predicted: Mapping[Row, float]

    @property
    def off(self) -> dict[Row, float]:
        """How much too high each prediction is."""
        return {row: self.predicted[row] - row.measured_bits for row in self.rows}

    @property
    def foretold(self) -> str:
        """The column that should be best."""
        return min(self.rows, key=lambda row: self.predicted[row]).column

    @property
    def best(self) -> str:
        """The column that is best."""
        return min(self.rows, key=lambda row: row.measured_bits).column

    @property
    def ordered(self) -> list[bool]:
        """Of each pair of columns, whether it was put in order."""
        pairs = combinations(self.rows, 2)
        return [(self.predicted[a] < self.predicted[b]) == (a.measured_bits < b.measured_bits) for a, b in pairs]

    def line(self) -> str:
        """The corpus's line of the table."""
        numbers = [f"{self.predicted[row]:.3f}, {row.measured_bits:.3f}, {off:+.3f}" for row, off in self.off.items()]
        right = "as predicted" if self.best == self.foretold else f"predicted `{self.foretold}`"
        size = f"{self.rows[0].characters:,}"
        return f"| {self.name} | {size} | {' | '.join(numbers)} | `{self.best}`, {right} |".replace("-0.", "−0.")


def trials(rows: Sequence[Row]) -> list[Trial]:
    """Each corpus, predicted from the corpora of other texts."""
    predicted = left_out(rows)
    by_corpus = groupby(sorted(rows, key=lambda row: (row.characters, row.corpus)), key=lambda row: row.corpus)
    return [Trial(name, list(of_corpus), predicted) for name, of_corpus in by_corpus]


def root_mean_square(errors: Iterable[float]) -> float:
    """The root of the mean of the squares."""
    return float(np.sqrt(np.mean(np.square(list(errors)))))


def tried(fit: Fit, made: Sequence[Trial]) -> Fit:
    """The fit with how far off predictions were on corpora not fitted on."""
    off = [list(trial.off.values()) for trial in made]
    best, times = Counter(trial.best for trial in made).most_common(1)[0]
    return fit.model_copy(
        update={
            "off": root_mean_square(error for errors in off for error in errors),
            "off_between": root_mean_square(a - b for errors in off for a, b in combinations(errors, 2)),
            "right": fmean(trial.best == trial.foretold for trial in made),
            "best": best,
            "constant": times / len(made),
            "quantile": float(t.ppf(0.975, fit.texts - 1)),
        }
    )


def table(made: Sequence[Trial]) -> list[str]:
    """The lines of the table: a corpus each, the smallest first."""
    names = [row.column for row in made[0].rows]
    heading = ["corpus", "training characters", *(f"`{name}`: predicted, measured, off by" for name in names), "best"]
    ruler = "| --- |" + " ---: |" * (len(heading) - 2) + " --- |"
    return ["| " + " | ".join(heading) + " |", ruler, *(trial.line() for trial in made)]


def summary(fit: Fit, made: Sequence[Trial]) -> str:
    """What the table comes to."""
    off = [error for trial in made for error in trial.off.values()]
    ordered = [right for trial in made for right in trial.ordered]
    alone = root_mean_square(row.gap for trial in made for row in trial.rows)
    return (
        f"Off by {fit.off:.3f} bits per character (root of the mean square; the n-gram's bits alone: {alone:.3f}), "
        f"differences between columns by {fit.off_between:.3f}; within 0.05 in "
        f"{sum(abs(error) <= 0.05 for error in off)} of {len(off)}; the best column was named in "
        f"{round(fit.right * len(made))} of {len(made)} corpora (always naming {fit.best}: "
        f"{round(fit.constant * len(made))}), and {sum(ordered)} of {len(ordered)} pairs of columns "
        f"were put in order."
    )


def main() -> None:
    """Add comparisons to the table, or print the predictions and what they come to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--add", nargs=2, type=Path, metavar=("COMPARED", "INSPECTED"))
    parser.add_argument("--save", action="store_true", help=f"write {FIT}")
    arguments = parser.parse_args()
    rows = read_rows() if TABLE.is_file() else []
    if arguments.add:
        all_compared, inspected = arguments.add
        new = [row for path in sorted(all_compared.iterdir()) for row in compared(path, inspected / path.name)]
        anew = {(row.corpus, row.column): row for row in new}
        rows = [anew.pop((row.corpus, row.column), row) for row in rows]  # columns keep their order
        rows += anew.values()
        write_rows(rows)
    made = trials(rows)
    fit = tried(fitted(rows), made)
    print("\n".join([*table(made), "", summary(fit, made)]))
    if arguments.save:
        FIT.write_text(fit.model_dump_json(indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
