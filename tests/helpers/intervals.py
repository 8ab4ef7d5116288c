"""Simulated bits of columns whose true differences are known, and the shares of trials in which intervals hold.

All columns have 2 bits per character. Effects are standard deviations in bits per character: 0.3 of a document on all
columns, 0.03 of column and document ("noise": falling with the root of the length), 0.01 of one of several seeds, and
0.01 of seed and document. The last three are 0.003, 0.006 and 0.003 with "seeds", and with "one's seeds", where seeds
of later columns have 0.001.

A fold's training text has an effect on all documents of that fold. It "differs" if it is drawn anew for each fold
(0.01). It "adds up" if it is the mean over the fold's training documents (0.03), most of which two folds share.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from toolkit.evaluation.estimate import Estimate
from toolkit.evaluation.folds import FoldedColumns
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.units import in_units

WEIRD_TALES = (10080, 9882, 9867, 9867, 9849, 9827, 9776, 9752, 9619)
LOVECRAFT = (241825, 83819, 71299, 54262, 20608, 20238, 15544, 14833, 14505, 14152, 13663, 10325, 8264)
LENGTHS = {1: [5000] * 20, 9: WEIRD_TALES, 13: LOVECRAFT, 45: [10_000] * 45}  # a single document has 20 pieces


@dataclass(frozen=True)
class Case:
    """What is simulated."""

    documents: int
    seeds: int
    columns: int
    effect: str = "topics"

    @property
    def characters(self) -> np.ndarray:
        """The lengths of the documents; if drawn, with the standard deviation that Lovecraft's logarithms have."""
        drawn = 20_000 * np.exp(1.08 * np.random.default_rng(self.documents).normal(size=self.documents))
        return np.array(LENGTHS.get(self.documents, np.round(drawn)), float)


def bits(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Bits (columns, seeds, documents) of columns without a difference; of a single document, those of its pieces."""
    documents = len(characters := case.characters)
    of_column, of_seed, of_both = (0.003, 0.006, 0.003) if "seeds" in case.effect else (0.03, 0.01, 0.01)
    effects = of_column * rng.normal(size=(case.columns, 1, documents))
    if case.documents == 1:
        effects = effects @ np.linalg.cholesky(0.45 ** np.abs(np.subtract.outer(range(20), range(20)))).T
    if case.effect == "noise":
        effects *= np.sqrt(characters.mean() / characters)
    rates = 2 + 0.3 * rng.normal(size=documents) + effects
    if case.seeds > 1:
        of_seeds = of_seed * rng.normal(size=(case.columns, case.seeds, 1))
        of_seeds[1:] /= 6 if case.effect == "one's seeds" else 1
        rates = rates + of_seeds + of_both * rng.normal(size=(case.columns, case.seeds, documents))
    return rates * characters


def trials(case: Case, number: int, step: float = 0.0) -> Iterator[list[Estimate]]:
    """The contrasts of each trial; each column has ``step`` bits per character more than the one before it."""
    for trial in range(number):
        of_columns = bits(case, np.random.default_rng([trial, case.documents]))
        of_columns += step * np.arange(case.columns)[:, None, None] * case.characters
        columns = Columns(list(of_columns), case.characters, thousands=1)
        yield in_units(columns, "segment" if case.documents == 1 else "document").contrasts(trial)


def fold_trials(case: Case, number: int) -> Iterator[list[Estimate]]:
    """The contrasts of each trial with five folds, whose training text has an effect unless it is "none"."""
    characters, folds = case.characters, np.arange(case.documents) % 5
    for trial in range(number):
        rng = np.random.default_rng([trial, case.documents, case.columns])
        effects = 0.03 * rng.normal(size=(case.columns, case.documents))
        if case.effect == "differs":
            effects += 0.01 * rng.normal(size=(case.columns, 5))[:, folds]
        elif case.effect == "adds up":
            each = 0.03 * rng.normal(size=(case.columns, case.documents))
            effects += np.stack([each[:, folds != fold].mean(axis=1) for fold in folds], axis=1)
        of_columns = list(((2 + 0.3 * rng.normal(size=case.documents) + effects) * characters)[:, None])
        yield FoldedColumns(of_columns, characters, thousands=1, folds=folds, overlap=0.2 / 0.7).contrasts(trial)


def held_and_beaten(trials: Iterable[list[Estimate]]) -> tuple[float, float]:
    """Return the shares of trials with all intervals around 0, and of trials in which a column beats another."""
    held, beaten = [], []
    for contrasts in trials:
        held.append(not any(contrast.excludes_zero for contrast in contrasts))
        beaten.append(any(contrast.excludes_zero and contrast.p <= 0.05 for contrast in contrasts))
    return float(np.mean(held)), float(np.mean(beaten))
