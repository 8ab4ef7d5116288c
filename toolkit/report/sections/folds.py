"""Folds: every document held out once, and what that says of the methods."""

from typing import Any

import altair as alt

from toolkit.report.charts import NEAREST, Spec, from_best
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.section import Section
from toolkit.results.contrasts import Contrast
from toolkit.results.folds import Folds


def behind_best(folds: Folds) -> list[Contrast]:
    """The contrasts of the best column, each as another column minus the best, the nearest first."""
    best = folds.ranked[0].column
    turned = [one if one.b == best else one.turned for one in folds.contrasts if best in (one.a, one.b)]
    return sorted(turned, key=lambda one: one.difference)


def chart(folds: Folds, columns: list[ColumnResult]) -> Spec:
    """A dot per fold and column: its bits more than the best column's; the line is the interval over all documents."""
    best, contrasts = folds.ranked[0].column, behind_best(folds)[:NEAREST]
    colours = {column.name: column.colour for column in columns}
    dots = [
        {
            "column": one.a,
            "fold": fold.number,
            "colour": colours.get(one.a),
            "difference": fold.bits_per_character[one.a] - fold.bits_per_character[best],
        }
        for one in contrasts
        for fold in folds.folds
    ]
    whole = [{"column": one.a, "difference": one.difference, "low": one.low, "high": one.high} for one in contrasts]
    return from_best(best, dots, whole, [alt.Tooltip("fold:N")], alt.value(70))


def _shows(results: Results) -> dict[str, Any]:
    folds = results.comparison.folds
    if folds is None:
        return {}
    by_name = {column.name: column for column in results.columns}
    return {
        "folds": folds,
        "folds_nearest": NEAREST if len(folds.columns) > NEAREST + 1 else None,
        "folds_rows": [(by_name[one.column], one) for one in folds.ranked],
        "folds_verdicts": [one.verdict for one in results.comparison.leading_over_folds],
    }


def _charts(results: Results) -> dict[str, Spec | None]:
    folds = results.comparison.folds
    return {"folds": chart(folds, results.columns) if folds and folds.contrasts else None}


SECTION = Section("Folds", _shows, _charts, there=lambda comparison: comparison.folds is not None)
