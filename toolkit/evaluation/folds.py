"""Folds: every document is held out once, and the training text differs from fold to fold.

Fold f holds out document d. The bits per character of column k in it are μ_k plus three effects: of the document on
all columns, of column and document, and of column and fold. The last one comes from the training text, from random
draws in the network and from the fitted tokenizer. So folds are to a column what seeds are
(statistics.py), except that their training texts overlap. Their variance therefore counts 1/K + n/m times instead of
1/K times, for n held-out and m training characters of a fold (Nadeau & Bengio 2003). That is an approximation: no
unbiased estimate is possible from folds (Bengio & Grandvalet 2004). Where learning simply adds up over documents,
intervals are too narrow (tests/benchmarks/intervals.py measures by how much).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from statistics import fmean

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.contrasts import contrast, training
from toolkit.evaluation.statistics import Columns, SeedVariance, jackknife_weights
from toolkit.events.distribution import Floats
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Contrast, FoldFacts, Folds

ABOUT_ONE_SPLIT = ("few_units", "one_document")  # kinds of warnings that all folds together do away with
Whole = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class FoldedColumns(Columns):
    """The bits (1, documents) of several columns, means over seeds, in documents each held out in one of the folds.

    ``folds`` (documents,) are numbers from 0. ``overlap`` is n/m: the folds' training texts depend on each other.
    """

    folds: Whole
    overlap: float

    @cached_property
    def seed_variance(self) -> SeedVariance:
        """The variance of one fold's effect on a column, pooled over columns."""
        return fold_variance(self.means, self.characters, self.folds)

    @cached_property
    def inverse_seeds(self) -> Floats:
        """The share of that variance in a column's bits: Σ (n_f / N)² + n/m, the same for all columns."""
        shares = np.bincount(self.folds, self.characters) / self.characters.sum()
        return np.full(len(self.bits), (shares**2).sum() + self.overlap)

    @property
    def enumerable(self) -> bool:
        """Never: folds may differ even where their variance is estimated as 0."""
        return False


def fold_variance(bits: Floats, characters: Floats, folds: Whole) -> SeedVariance:
    """Return the variance φ² of a fold's effect on the bits per character of a column, from bits (columns, documents).

    Let c_kf be a column's ratio of sums in a fold, less the mean of all columns there. With C columns and K folds,
    Σ (c_kf − c_k)² estimates (C − 1)(K − 1) φ² plus the contribution of documents. The jackknife of each fold estimates
    that contribution; φ² is the rest, or 0.
    """
    centred = bits - bits.mean(axis=0)
    number = int(folds.max()) + 1
    rates = np.zeros((len(bits), number))
    of_documents = 0.0
    for fold in range(number):
        inside = folds == fold
        inner, lengths = centred[:, inside], characters[inside]
        rates[:, fold] = inner.sum(axis=1) / lengths.sum()
        residuals = inner - rates[:, fold, None] * lengths
        of_documents += float((jackknife_weights(lengths) * residuals**2).sum()) * (number - 1) / number
    between = float(((rates - rates.mean(axis=1, keepdims=True)) ** 2).sum())
    free = (len(bits) - 1) * (number - 1)
    return SeedVariance(max(0.0, (between - of_documents) / free), free) if free else SeedVariance(0.0, 0)


def folds_of(comparisons: Sequence[Comparison], folders: Sequence[str]) -> Folds:
    """Return what comparisons of all folds, in order, say together; ``folders`` are their folders.

    Only columns with a result in every fold are in it.
    """
    names = [name for name in comparisons[0].columns if all(name in fold.columns for fold in comparisons)]
    facts = [
        FoldFacts(
            number=number,
            folder=folder,
            documents=len(fold.corpus.split.test),
            characters=fold.corpus.test_characters,
            bits_per_character=fold.totals,
        )
        for number, (fold, folder) in enumerate(zip(comparisons, folders, strict=True), 1)
    ]
    totals, deviation, contrasts = dict[str, float](), 0.0, list[Contrast]()
    if names:
        measured = columns_over_folds(comparisons, names)
        length = sum(measured.characters.tolist())
        totals = {name: sum(bits[0].tolist()) / length for name, bits in zip(names, measured.bits, strict=True)}
    if len(names) > 1:
        states = [training(fold) for fold in comparisons]
        pairs = zip(combinations(names, 2), measured.contrasts(), strict=True)
        contrasts = [contrast(a, b, estimate, states, over="folds") for (a, b), estimate in pairs]
        deviation = measured.seed_variance.of_one**0.5
    first, *later = (fold.warnings for fold in comparisons)
    warnings = [w for of_fold in later for w in of_fold if w not in first and w.kind not in ABOUT_ONE_SPLIT]
    warnings = [warning for place, warning in enumerate(warnings) if warning not in warnings[:place]]
    return Folds(folds=facts, totals=totals, deviation=deviation, contrasts=contrasts, warnings=warnings)


def columns_over_folds(comparisons: Sequence[Comparison], names: Sequence[str]) -> FoldedColumns:
    """Return columns, one or more, over the held-out documents of all folds."""
    bits = [
        [
            fmean(document.bits for document in of_seeds)
            for fold in comparisons
            for of_seeds in zip(*(cell.documents for cell in fold.by_column[name]), strict=True)
        ]
        for name in names
    ]
    held_out = [fold.by_column[names[0]][0].documents for fold in comparisons]
    return FoldedColumns(
        [np.array([of_column]) for of_column in bits],
        np.array([document.characters for documents in held_out for document in documents], float),
        folds=np.repeat(np.arange(len(held_out)), list(map(len, held_out))),
        overlap=fmean(fold.corpus.test_characters / fold.corpus.train_characters for fold in comparisons),
    )
