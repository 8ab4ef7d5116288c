"""Whether intervals over folds hold: how often all contain the truth, and how often equal columns are told apart.

    python -m tests.benchmarks.fold_intervals [--trials 1000]

As intervals.py, with every document held out once in five folds: 45 documents of equal length, as the bundled tales, or
67 whose lengths scatter as Lovecraft's. What a column learns from the training text of a fold has an effect on all
documents that the fold holds out. Where it "differs" from fold to fold, as by chance in training, it is drawn anew in
each, with a standard deviation of 0.01 bits per character. Where it "adds up", each document has an effect of its own
on a column that learns from it, and a fold has the mean over its training documents: two folds share three quarters of
them, and so most of their error. There the effect's standard deviation is 0.03 of a document, for 45 of them, and
0.0045 of the mean of all.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.interleaved import table
from tests.benchmarks.intervals import LOG_SD

FOLDS = 5
OF_DOCUMENT, OF_FOLD = 0.03, 0.01  # standard deviations, in bits per character


@dataclass(frozen=True)
class Case:
    """What a line of the table simulates."""

    documents: int
    columns: int
    effect: str  # of the training text: none, differs or adds up

    @property
    def characters(self) -> np.ndarray:
        """The lengths of the documents."""
        spread = LOG_SD * (self.documents == 67)
        return np.round(10_000 * np.exp(spread * np.random.default_rng(self.documents).normal(size=self.documents)))


def of_training(case: Case, folds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The effect (columns, folds) of each fold's training text."""
    if case.effect == "none":
        return np.zeros((case.columns, FOLDS))
    if case.effect == "differs":
        return OF_FOLD * rng.normal(size=(case.columns, FOLDS))
    each = OF_DOCUMENT * rng.normal(size=(case.columns, case.documents))
    return np.stack([each[:, folds != fold].mean(axis=1) for fold in range(FOLDS)], axis=1)


def simulate(case: Case, number: int) -> tuple[float, float]:
    """In so many trials, the shares of those with all intervals around 0, and of those in which a column beats one."""
    from toolkit.evaluation.folds import FoldedColumns

    characters = case.characters
    folds = np.arange(case.documents) % FOLDS
    held, beaten = 0, 0
    for trial in range(number):
        rng = np.random.default_rng([trial, case.documents, case.columns])
        rates = 2 + 0.3 * rng.normal(size=case.documents)
        rates = rates + OF_DOCUMENT * rng.normal(size=(case.columns, case.documents))
        rates = rates + of_training(case, folds, rng)[:, folds]
        overlap = 0.2 / 0.7
        columns = FoldedColumns(
            list((rates * characters)[:, None]), characters, thousands=1, folds=folds, overlap=overlap
        )
        found = columns.contrasts(trial)
        held += not any(one.excludes_zero for one in found)
        beaten += any(one.decided for one in found)
    return held / number, beaten / number


CASES = [
    Case(documents, columns, effect)
    for documents in (45, 67)
    for columns in (2, 9)
    for effect in ("none", "differs", "adds up")
]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    chosen = parser.parse_args()
    rows = []
    for case in CASES:
        shares = [f"{share:.1%}".replace("%", " %") for share in simulate(case, chosen.trials)]
        rows.append([str(case.documents), str(case.columns), case.effect, *shares])
        print(rows[-1], flush=True)
    print(table(["documents", "columns", "effect of the training text", "coverage", "false beats"], rows))


if __name__ == "__main__":
    main()
