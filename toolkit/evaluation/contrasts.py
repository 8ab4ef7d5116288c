"""The contrasts of a comparison, from what its comparison.json has: anyone can compute them again."""

from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.evaluation.statistics import Columns, Estimate
from toolkit.evaluation.undertraining import training
from toolkit.evaluation.units import PIECES, bits_over_units, characters_of_units, in_units
from toolkit.evaluation.verdict import Subject, verdict
from toolkit.events.distribution import Floats
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast
from toolkit.results.grouping import grouped
from toolkit.results.rows import Row, RowKind
from toolkit.results.units import unit_of

Measured = Mapping[str, Sequence[Cell | Row]]  # one or several by name, compared over the same units


def contrasts_of(comparison: Comparison) -> list[Contrast]:
    """All pairs of finished columns, over the held-out documents and each column's finished seeds; then all pairs of
    rows of the same kind: like is compared with like."""
    kinds = grouped(comparison.rows_by_title.items(), lambda titled: titled[1][0].kind)
    compared = all_pairs(comparison, comparison.by_column, None)
    return compared + [c for kind, of_kind in kinds.items() for c in all_pairs(comparison, dict(of_kind), kind)]


def all_pairs(comparison: Comparison, measured: Measured, kind: RowKind | None) -> list[Contrast]:
    """Contrasts between all pairs of names, each with one or several cells or rows."""
    if len(measured) < 2:
        return []
    bits = {name: bits_over_units(of_name) for name, of_name in measured.items()}
    (first, *_), *_ = measured.values()
    return contrasts(bits, characters_of_units(first), Subject(unit_of(comparison), kind, training(comparison)))


def contrasts(
    columns: Mapping[str, Floats],
    characters: npt.NDArray[np.integer] | Floats,
    subject: Subject | None = None,
    seed: int = 0,
) -> list[Contrast]:
    """All pairs of columns in the mapping's order, a before b, with intervals and p that hold for all of them together.

    ``columns`` maps a name to bits (seeds, documents), ``characters`` is (documents,). If the subject's unit is a
    segment, these are the pieces of a single document, which are joined to segments. ``seed`` is for drawing. Raises
    InputError if there is only one document or piece.
    """
    subject = subject or Subject()
    documents = len(characters)
    if documents < 2:
        raise InputError(
            f"Comparing columns needs at least 2 held-out documents, not {documents}; "
            f"give more, preferably 10, or cut it into {PIECES} pieces."
        )
    for name, bits in columns.items():
        if bits.ndim != 2 or bits.shape[1] != documents or not len(bits):
            raise InputError(
                f"Bits of {name!r} have shape {bits.shape}; give (seeds, {documents}) with at least one seed."
            )
    if len(columns) < 2:
        return []
    measured = Columns(list(columns.values()), np.asarray(characters, np.float64))
    differences = in_units(measured, subject.unit).contrasts(seed)
    pairs = combinations(columns, 2)
    return [contrast(a, b, one, verdict(a, b, one, subject)) for (a, b), one in zip(pairs, differences, strict=True)]


def contrast(a: str, b: str, difference: Estimate, in_words: str) -> Contrast:
    """One difference, as the result has it, with its verdict."""
    return Contrast(
        a=a,
        b=b,
        difference=difference.estimate,
        low=difference.estimate - difference.half_width,
        high=difference.estimate + difference.half_width,
        p=difference.p,
        smallest_detectable=difference.smallest_detectable,
        verdict=in_words,
    )
