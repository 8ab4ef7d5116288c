"""Simulated bits of columns whose true differences are known, and the shares of trials in which intervals hold.

Each trial has columns with the same bits per character (2), in documents as long as the held-out ones of the bundled
tales (9) and of 67 tales by Lovecraft (13), or of lengths drawn with Lovecraft's log-sd; or one document of 20 pieces.
All effects are standard deviations in bits per character. A document has 0.3 for all columns. Column and document
together have 0.03: the same for all documents ("topics"), or falling with the square root of their length ("noise").
Of several seeds each has 0.01, and so have seed and document together. With "seeds" these three are 0.003, 0.006 and
0.003; with "one's seeds" so only for the first column, and the others' seeds have 0.001. With "one's documents" column
and document together have 0.05 for the first column and 0.004 for the others.

With folds, every document is held out once in five folds: 45 documents of equal length, or 67 whose lengths scatter as
Lovecraft's. The training text of a fold has an effect on all documents of that fold. An effect that "differs" is drawn
anew for each fold (0.01). An effect that "adds up" is the mean over the fold's training documents (0.03 each). Two
folds share three quarters of their training documents, and so most of that effect.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from toolkit.evaluation.estimate import Estimate
from toolkit.evaluation.folds import FoldedColumns
from toolkit.evaluation.statistics import Columns
from toolkit.evaluation.units import in_units
from toolkit.results.corpus import DOCUMENT, SEGMENT

LOVECRAFT = (241825, 83819, 71299, 54262, 20608, 20238, 15544, 14833, 14505, 14152, 13663, 10325, 8264)
WEIRD_TALES = (10080, 9882, 9867, 9867, 9849, 9827, 9776, 9752, 9619)
LOG_SD = 1.08  # of the 13 lengths
CORRELATION = 0.45
STEP = 0.02


@dataclass(frozen=True)
class Case:
    """What is simulated: one document if ``documents`` is 1."""

    documents: int
    seeds: int
    columns: int
    effect: str = "topics"

    @property
    def characters(self) -> np.ndarray:
        """The lengths of the documents."""
        known = {1: [5000] * 20, len(LOVECRAFT): LOVECRAFT, len(WEIRD_TALES): WEIRD_TALES}
        drawn = 20_000 * np.exp(LOG_SD * np.random.default_rng(self.documents).normal(size=self.documents))
        return np.array(known.get(self.documents, np.round(drawn)), float)


def bits(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Bits (columns, seeds, documents) of columns without a difference; of a single document, those of its pieces."""
    characters = case.characters
    documents = len(characters)
    normal = rng.normal(size=(case.columns, documents))
    if case.documents == 1:
        for i in range(1, documents):
            normal[:, i] = CORRELATION * normal[:, i - 1] + np.sqrt(1 - CORRELATION**2) * normal[:, i]
    falling = np.sqrt(characters.mean() / characters) if case.effect == "noise" else 1.0
    of_column, of_seed, of_both = (0.003, 0.006, 0.003) if "seeds" in case.effect else (0.03, 0.01, 0.01)
    several, scatter = case.seeds > 1, np.full((case.columns, 1, 1), of_seed)
    if case.effect == "one's seeds":
        scatter[1:] = 0.001
    of_columns = np.full((case.columns, 1), of_column)
    if case.effect == "one's documents":
        of_columns[0], of_columns[1:] = 0.05, 0.004
    rates = 2 + 0.3 * rng.normal(size=documents) + (of_columns * falling * normal)[:, None]
    rates = rates + several * scatter * rng.normal(size=(case.columns, case.seeds, 1))
    return (rates + several * of_both * rng.normal(size=(case.columns, case.seeds, documents))) * characters


def trials(case: Case, number: int, step: float = 0.0) -> Iterator[list[Estimate]]:
    """The contrasts of each trial; each column has ``step`` bits per character more than the one before it."""
    characters = case.characters
    for trial in range(number):
        of_columns = bits(case, np.random.default_rng([trial, case.documents]))
        of_columns += step * np.arange(case.columns)[:, None, None] * characters
        columns = Columns(list(of_columns), characters, thousands=1)
        yield in_units(columns, SEGMENT if case.documents == 1 else DOCUMENT).contrasts(trial)


def held_and_beaten(trials: Iterable[list[Estimate]]) -> tuple[float, float]:
    """Return the shares of trials with all intervals around 0, and of trials in which a column beats another."""
    held, beaten = [], []
    for contrasts in trials:
        held.append(not any(contrast.excludes_zero for contrast in contrasts))
        beaten.append(any(contrast.excludes_zero and contrast.p <= 0.05 for contrast in contrasts))
    return float(np.mean(held)), float(np.mean(beaten))


def simulate(case: Case, number: int) -> tuple[float, float, float]:
    """Return both shares, and the share of contrasts between unequal columns in which interval and p disagree."""
    apart = [contrast for contrasts in trials(case, number // 4, STEP) for contrast in contrasts]
    parted = [contrast.excludes_zero != (contrast.p <= 0.05) for contrast in apart]
    return *held_and_beaten(trials(case, number)), float(np.mean(parted))


FOLDS = 5
OF_DOCUMENT, OF_FOLD = 0.03, 0.01  # standard deviations, in bits per character


@dataclass(frozen=True)
class FoldCase:
    """What is simulated of folds."""

    documents: int
    columns: int
    effect: str  # of the training text: none, differs or adds up

    @property
    def characters(self) -> np.ndarray:
        """The lengths of the documents."""
        spread = LOG_SD * (self.documents == 67)
        logs = spread * np.random.default_rng(self.documents).normal(size=self.documents)
        return np.round(10_000 * np.exp(logs))


def of_training(case: FoldCase, folds: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The effect (columns, folds) of each fold's training text."""
    if case.effect == "none":
        return np.zeros((case.columns, FOLDS))
    if case.effect == "differs":
        return OF_FOLD * rng.normal(size=(case.columns, FOLDS))
    each = OF_DOCUMENT * rng.normal(size=(case.columns, case.documents))
    return np.stack([each[:, folds != fold].mean(axis=1) for fold in range(FOLDS)], axis=1)


def fold_trials(case: FoldCase, number: int) -> Iterator[list[Estimate]]:
    """The contrasts of each trial."""
    characters, folds = case.characters, np.arange(case.documents) % FOLDS
    for trial in range(number):
        rng = np.random.default_rng([trial, case.documents, case.columns])
        rates = 2 + 0.3 * rng.normal(size=case.documents)
        rates = rates + OF_DOCUMENT * rng.normal(size=(case.columns, case.documents))
        rates = rates + of_training(case, folds, rng)[:, folds]
        of_columns = list((rates * characters)[:, None])
        yield FoldedColumns(of_columns, characters, thousands=1, folds=folds, overlap=0.2 / 0.7).contrasts(trial)
