"""The contrasts of a comparison, from what its comparison.json has: anyone can compute them again."""

from collections.abc import Mapping, Sequence

from toolkit.evaluation.leads import leads
from toolkit.evaluation.noise import noise_contrasts
from toolkit.evaluation.scaling import scaling
from toolkit.evaluation.sweeps import sweep_of
from toolkit.evaluation.undertraining import training, warnings_of_all
from toolkit.evaluation.units import bits_over_units, characters_of_units
from toolkit.evaluation.verdict import Subject, contrasts
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast
from toolkit.results.rows import Row, RowKind
from toolkit.results.units import unit_of

Measured = Mapping[str, Sequence[Cell | Row]]  # one or several by name, compared over the same units


def concluded(comparison: Comparison) -> Comparison:
    """The comparison with all that its cells say together, and with warnings of what that does not say."""
    compared = comparison.model_copy(
        update={
            "contrasts": contrasts_of(comparison),
            "leads": leads(comparison),
            "noise": noise_contrasts(comparison),
            "scaling": scaling(comparison),
        }
    )
    compared = compared.model_copy(update={"sweeps": [sweep_of(compared, sweep) for sweep in compared.sweeps]})
    return compared.model_copy(update={"warnings": warnings_of_all(compared)})


def contrasts_of(comparison: Comparison) -> list[Contrast]:
    """All pairs of finished columns, over the held-out documents and each column's finished seeds; then all pairs of
    rows of the same kind: like is compared with like."""
    kinds: dict[RowKind, dict[str, list[Row]]] = {}
    for title, rows in comparison.rows_by_title.items():
        kinds.setdefault(rows[0].kind, {})[title] = rows
    compared = all_pairs(comparison, comparison.by_column, None)
    return compared + [c for kind, of_kind in kinds.items() for c in all_pairs(comparison, of_kind, kind)]


def all_pairs(comparison: Comparison, measured: Measured, kind: RowKind | None) -> list[Contrast]:
    """Contrasts between all pairs of names, each with one or several cells or rows."""
    if len(measured) < 2:
        return []
    bits = {name: bits_over_units(of_name) for name, of_name in measured.items()}
    (first, *_), *_ = measured.values()
    return contrasts(bits, characters_of_units(first), Subject(unit_of(comparison), kind, training(comparison)))
