"""What folds say together: every document is held out once, and the training text differs from fold to fold.

The bits per character of column k in document d, which fold f holds out, are μ_k, plus what all columns share there,
plus an effect of column and document, plus one of column and fold: of the training text, of what the network drew, and
of the tokenizer that was fitted. So folds are to a column what seeds are (statistics.py), except that their training
texts overlap. Their variance is therefore taken 1/K + n/m times and not 1/K times, where a fold holds out n characters
and trains on m (Nadeau & Bengio 2003). That is an approximation: no estimate without a bias is possible from folds
(Bengio & Grandvalet 2004). Where what is learnt from a text simply adds up over its documents, intervals are
too narrow; reports/TOOLKIT.md, "Intervals over folds", says by how much.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from statistics import fmean

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.contrasts import contrast
from toolkit.evaluation.statistics import Columns, Estimate
from toolkit.evaluation.undertraining import AFTER, Training, training, undertrained
from toolkit.evaluation.variance import SeedVariance, jackknife_weights
from toolkit.evaluation.verdict import (
    could_be_told,
    disagreement,
    either,
    in_words,
    nothing_of_that_size,
    p_in_words,
)
from toolkit.events.distribution import Floats
from toolkit.results.answer import Answer
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import GROUNDS, Contrast, fewer_first
from toolkit.results.folds import FoldedColumn, FoldedDocument, FoldFacts, Folds
from toolkit.results.text import amount, from_to, plural

Whole = npt.NDArray[np.int64]


@dataclass(frozen=True)
class FoldedColumns(Columns):
    """The bits (1, documents) of several columns, the mean over seeds, in documents each held out in one of the folds.

    ``folds`` (documents,) are numbers from 0; ``overlap`` is n/m, by which the folds' training texts depend on each
    other.
    """

    folds: Whole = field(default_factory=lambda: np.zeros(0, np.int64))
    overlap: float = 0.0

    @cached_property
    def seed_variance(self) -> SeedVariance:
        """The variance of one fold's effect on a column, pooled over columns."""
        return fold_variance(self.means, self.characters, self.folds)

    @cached_property
    def inverse_seeds(self) -> Floats:
        """By how much of that variance a column's bits vary: Σ (n_f / N)² + n/m, the same for all columns."""
        shares = np.bincount(self.folds, self.characters) / self.characters.sum()
        return np.full(len(self.bits), (shares**2).sum() + self.overlap)

    @property
    def enumerable(self) -> bool:
        """Never: that folds do not differ is not known, even where their variance is estimated as 0."""
        return False


def fold_variance(bits: Floats, characters: Floats, folds: Whole) -> SeedVariance:
    """The variance of a fold's effect on the bits per character of a column, from bits (columns, documents).

    With c_kf a column's ratio of sums in a fold, less the mean of all columns there, Σ (c_kf − c_k)² estimates
    (C − 1)(K − 1) φ² plus what documents add, for C columns and K folds. The jackknife of each fold estimates that; φ²
    is what is left, or 0.
    """
    centred = bits - bits.mean(axis=0)
    number = int(folds.max()) + 1
    rates = np.zeros((len(bits), number))
    of_documents = 0.0
    for fold in range(number):
        inside = folds == fold
        own, lengths = centred[:, inside], characters[inside]
        rates[:, fold] = own.sum(axis=1) / lengths.sum()
        residuals = own - rates[:, fold, None] * lengths
        of_documents += float((jackknife_weights(lengths) * residuals**2).sum()) * (number - 1) / number
    between = float(((rates - rates.mean(axis=1, keepdims=True)) ** 2).sum())
    free = (len(bits) - 1) * (number - 1)
    return SeedVariance(max(0.0, (between - of_documents) / free), free) if free else SeedVariance(0.0, 0)


def folds_of(comparisons: Sequence[Comparison], folders: Sequence[str]) -> Folds:
    """What comparisons of all folds, in their order, say together; ``folders`` are where they are.

    Only columns with a result in every fold are in it.
    """
    names = [name for name in comparisons[0].columns if all(name in one.columns for one in comparisons)]
    columns = [folded(name, [one.by_column[name] for one in comparisons]) for name in names]
    facts = [fold_facts(number, *of_fold) for number, of_fold in enumerate(zip(comparisons, folders, strict=True), 1)]
    told = failures(comparisons), warnings(comparisons)
    if len(columns) < 2:
        return Folds(folds=facts, columns=columns, deviation=0.0, contrasts=[], failed=told[0], warnings=told[1])
    measured = measured_in(columns, facts)
    numbers = [len(one.by_column[name]) for one in comparisons for name in names]
    return Folds(
        folds=facts,
        columns=columns,
        deviation=measured.seed_variance.of_one**0.5,
        contrasts=contrasts(columns, measured, (min(numbers), max(numbers)), [training(one) for one in comparisons]),
        failed=told[0],
        warnings=told[1],
    )


def measured_in(columns: Sequence[FoldedColumn], folds: Sequence[FoldFacts]) -> FoldedColumns:
    """What the columns, two or more, are compared by: anyone can compute their contrasts from comparison.json."""
    documents = columns[0].documents
    return FoldedColumns(
        [np.array([[document.bits for document in column.documents]]) for column in columns],
        np.array([document.characters for document in documents], float),
        folds=np.array([document.fold - 1 for document in documents]),
        overlap=fmean(fold.characters / fold.train_characters for fold in folds),
    )


def failures(comparisons: Sequence[Comparison]) -> list[str]:
    """A sentence for each cell without a result, in whatever fold."""
    return [f"Fold {number}: {why}" for number, one in enumerate(comparisons, 1) for why in one.failures]


def warnings(comparisons: Sequence[Comparison]) -> list[str]:
    """What not only the first fold warns of, each sentence once, with the folds."""
    told: dict[str, list[int]] = {}
    for number, one in enumerate(comparisons, 1):
        for sentence in one.warnings:
            told.setdefault(sentence, []).append(number)
    return [
        f"Fold{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}: {sentence}"
        for sentence, numbers in told.items()
        if numbers != [1]
    ]


def fold_facts(number: int, comparison: Comparison, folder: str) -> FoldFacts:
    """What a fold has held out, and what that took."""
    corpus = comparison.corpus
    return FoldFacts(
        number=number,
        folder=folder,
        documents=len(corpus.split.test),
        characters=corpus.test_characters,
        train_characters=corpus.train_characters or corpus.characters - corpus.test_characters,
        bits_per_character=comparison.totals,
    )


def folded(name: str, folds: Sequence[Sequence[Cell]]) -> FoldedColumn:
    """A column's cells of all folds as one: its bits of all documents."""
    documents = [
        FoldedDocument(
            name=of_seeds[0].name,
            fold=number,
            characters=of_seeds[0].characters,
            bits=fmean(document.bits for document in of_seeds),
        )
        for number, cells in enumerate(folds, 1)
        for of_seeds in zip(*(cell.documents for cell in cells), strict=True)
    ]
    bits, characters = sum(one.bits for one in documents), sum(one.characters for one in documents)
    return FoldedColumn(
        column=name, seeds=min(map(len, folds)), bits_per_character=bits / characters, documents=documents
    )


def contrasts(
    columns: Sequence[FoldedColumn],
    measured: FoldedColumns,
    seeds: tuple[int, int],
    of: Sequence[Mapping[str, Training]],
) -> list[Contrast]:
    """All pairs of columns over all documents, a before b.

    ``seeds`` are the fewest and the most of a column in a fold; ``of`` says, by fold, how far each was trained.
    """
    names = [column.column for column in columns]
    pairs = zip(combinations(names, 2), measured.contrasts(), strict=True)
    return [contrast(a, b, one, verdict_over_folds(a, b, one, seeds, of)) for (a, b), one in pairs]


def verdict_over_folds(
    a: str, b: str, difference: Estimate, seeds: tuple[int, int], of: Sequence[Mapping[str, Training]]
) -> str:
    """The verdict in words: of the methods, since the training text and all held-out documents vary."""
    winner, _ = fewer_first(a, b, difference.estimate)
    early = (undertrained(a, b, difference.estimate, fold, settled=difference.decided) for fold in of)
    after = AFTER if any(early) else ""
    several = difference.contrasts > 1
    documents = plural(difference.documents, "document")
    clauses = [
        f"{GROUNDS} over {documents}, each held out once, and over the training texts of {len(of)} folds"
        + f" with {from_to(seeds, 'seed')} each"
        + (f", wide enough for {difference.contrasts} contrasts together" if several else ""),
        p_in_words(difference) + (", adjusted for all of them" if several else ""),
        *([f"{winner} has fewer bits in {difference.fewer} of {documents}"] if difference.estimate else []),
        *disagreement(difference),
        "about the methods on such texts, with this recipe and this much training text",
    ]
    limit = "how training differs from fold to fold" if difference.seed_variance > difference.document_variance else (
        "the number of documents"
    )  # fmt: skip
    told = f"{could_be_told(difference, 'document')}, and {limit} limits it"
    would_tell = nothing_of_that_size(difference, f"{limit} limits") or told
    return in_words(a, b, difference, after, clauses, would_tell, " on such texts")


def answer_over(folds: Folds, first: Answer) -> Answer:
    """The answer over all documents; what to run next is that of fold 1.

    Without two columns in every fold it is fold 1's, which says so unless that has no two columns either.
    """
    if not folds.contrasts:
        if not folds.folds or len(folds.folds[0].bits_per_character) < 2:
            return first
        few = "Nothing can be recommended over all documents: fewer than two columns have a result in every fold."
        return first.model_copy(update={"column": None, "sentence": f"{few} Fold 1 alone: {first.sentence}"})
    best, *others = folds.ranked
    beaten = [one for one in others if folds.contrast(best.column, one.column).settled]
    tied = [one for one in others if one not in beaten]
    names = either([one.column for one in tied]) if tied else ""
    if not beaten and len(tied) == 1 and not folds.contrast(best.column, tied[0].column).difference:
        sentence = (
            f"Nothing can be recommended: `{best.column}` and `{tied[0].column}` need the same over all documents."
        )
        return first.model_copy(update={"column": None, "sentence": sentence})
    if not beaten:
        sentence = (
            f"Nothing can be recommended: `{best.column}` cannot be told from {names} over all documents: it needs "
            f"{ahead(folds, best, tied[0])} less than `{tied[0].column}`, and {in_documents(folds, best, tied[0])}."
        )
        return first.model_copy(update={"column": None, "sentence": sentence})
    nearest = beaten[0]
    or_else = f" (or {names}, which all documents together cannot tell from it)" if tied else ""
    after = f" ({AFTER.strip()})" if AFTER in folds.contrast(best.column, nearest.column).verdict else ""
    sentence = (
        f"Use `{best.column}`{or_else}: it needs {ahead(folds, best, nearest)} less than `{nearest.column}`{after}, "
        f"and {in_documents(folds, best, nearest)}."
    )
    return first.model_copy(update={"column": best.column, "sentence": sentence})


def ahead(folds: Folds, best: FoldedColumn, other: FoldedColumn) -> str:
    """How many bits per character fewer the best column needs than another."""
    over = folds.contrast(best.column, other.column)
    return f"{amount(abs(over.difference), over.half_width)} bits per character"


def in_documents(folds: Folds, best: FoldedColumn, other: FoldedColumn) -> str:
    """In how many documents it needs fewer bits."""
    count = sum(ours.bits < theirs.bits for ours, theirs in zip(best.documents, other.documents, strict=True))
    documents = plural(len(best.documents), "document")
    return f"fewer bits in {count} of {documents}, each held out once in {len(folds.folds)} folds"
