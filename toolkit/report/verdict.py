"""The verdict: all columns by their bits, and their differences over text, documents and folds."""

import math
from typing import Any

import numpy as np

from toolkit.report import charts
from toolkit.report.charts import Rows, Spec, lane
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.table import made_rows
from toolkit.results.conclusions import Contrast
from toolkit.results.corpus import SEGMENT
from toolkit.results.rows import MIXTURE
from toolkit.results.text import decimals
from toolkit.results.units import joined, unit_of, units

FAR_RATIO = 1.0  # a compressor is drawn if it is no farther from the columns than they are from each other
LONE_DOT_MARGIN = 0.05  # bits per character on either side of one dot alone
MIXTURE_COLOUR = "#777"
VERDICTS_AT_FIRST = 3
NEAREST_COLUMNS = 12  # compared with the best one in the charts of documents and folds
CHARTED_DOCUMENTS = 400  # the longest
DocumentDifference = tuple[str, int, float]  # name, characters, bits per character


def verdict(results: Results) -> dict[str, Any]:
    """Return the facts and the chart of the section."""
    comparison = results.comparison
    if not results.columns:
        return {"leading": [], "matrix": []}
    leading = leading_contrasts(comparison.column_contrasts, results.best.name)
    complete = len(leading) == len(comparison.column_contrasts)
    dots, marks = ranked_dots(results), made_marks(results)
    return {
        "leading": leading,
        "complete": complete,
        "matrix": [] if complete else matrix(results),
        "hollow": any(dot["hollow"] for dot in dots),
        "kinds": [kind for kind in charts.SHAPES if kind in {mark["kind"] for mark in marks}],
        "charts": {"ranking": ranking(results, dots, marks)},
    }


def leading_contrasts(contrasts: list[Contrast], best: str) -> list[Contrast]:
    """Return all contrasts if there are few, otherwise those of the best column, its nearest rival first."""
    few = len(contrasts) <= VERDICTS_AT_FIRST
    chosen = [contrast for contrast in contrasts if few or best in (contrast.a, contrast.b)]
    return sorted(chosen, key=lambda contrast: (best not in (contrast.a, contrast.b), abs(contrast.difference)))


def ranked_dots(results: Results) -> Rows:
    """Return a dot per column with the interval of its difference from the best, the fewest bits first."""
    best = results.best
    dots: Rows = []
    for column in results.ranked:
        dot = {"name": column.name, "bits": column.total, "low": None, "high": None, "colour": column.colour}
        hollow, stands = False, "best"
        if column is not best:
            contrast = results.comparison.contrast(column.name, best.name)
            hollow = not contrast.significant
            stands = "no significant difference" if hollow else "significantly different"
            dot |= {"low": best.total + contrast.low, "high": best.total + contrast.high}
        dots.append(dot | {"lane": lane(column.name, column.total), "hollow": hollow, "stands": stands})
    return dots


def made_marks(results: Results) -> Rows:
    """Return a mark per row made of cells: in the lane of its column, and a mixture's in its own."""
    totals = {column.name: column.total for column in results.columns}
    marks: Rows = []
    for made in made_rows(results):
        row, bits = made["first"], made["bits"]
        mark = {"name": row.title, "bits": bits, "kind": row.kind, "stands": "not compared"}
        if row.kind == MIXTURE:
            marks.append(mark | {"lane": lane(row.title, bits), "colour": MIXTURE_COLOUR})
        elif row.column in totals:
            marks.append(mark | {"lane": lane(row.column, totals[row.column]), "colour": made["colour"]})
    return marks


def ranking(results: Results, dots: Rows, marks: Rows) -> Spec:
    """Chart the columns and the compressors near them; farther ones are only named, at the right end."""
    lanes = [*dots, *(mark for mark in marks if mark["kind"] == MIXTURE)]
    ends = [dot[end] for dot in dots for end in ("bits", "low", "high") if dot[end] is not None]
    ends += [mark["bits"] for mark in marks]
    low, high = min(ends), max(ends)
    farthest = high + FAR_RATIO * (high - low) if high > low else math.inf
    near = [row for row in results.compressors if row["bits"] <= farthest]
    far = [f"{row['name']} {decimals(row['bits'])}" for row in results.compressors if row["bits"] > farthest]
    alone = [low - LONE_DOT_MARGIN, low + LONE_DOT_MARGIN, *(row["bits"] for row in near)]
    domain = [min(alone), max(alone)] if high == low else None
    order = [row["lane"] for row in sorted(lanes, key=lambda row: row["bits"])]
    return charts.ranking(dots, marks, order, near, far, domain)


def matrix(results: Results) -> list[tuple[ColumnResult, list[Contrast | None]]]:
    """Return a row per column: its contrast with each ranked column, and None for itself."""
    pairs = [pair for contrast in results.comparison.contrasts for pair in (contrast, contrast.turned)]
    by_names = {(pair.a, pair.b): pair for pair in pairs}
    return [(row, [by_names.get((row.name, column.name)) for column in results.ranked]) for row in results.ranked]


def documents(results: Results) -> dict[str, Any] | None:
    """Return the facts and the chart of the section; None without two columns."""
    if len(results.columns) < 2:
        return None
    best, others = results.best, results.ranked[1 : NEAREST_COLUMNS + 1]
    unit = unit_of(results.comparison)
    by_column = [(other, document_differences(best, other, unit)) for other in others]
    dots = [
        {"column": other.name, "document": name, "characters": characters, "difference": difference}
        for other, differences in by_column
        for name, characters, difference in sorted(differences, key=lambda d: -d[1])[:CHARTED_DOCUMENTS]
    ]
    whole = [results.comparison.contrast(other.name, best.name) for other in others]
    return {
        "best": best,
        "lines": by_column,
        "unit": unit,
        "nearest": NEAREST_COLUMNS if len(results.columns) > NEAREST_COLUMNS + 1 else None,
        "longest": CHARTED_DOCUMENTS if len(by_column[0][1]) > CHARTED_DOCUMENTS else None,
        "charts": {"documents": from_best(results, best.name, dots, whole, "document")},
    }


def document_differences(best: ColumnResult, other: ColumnResult, unit: str) -> list[DocumentDifference]:
    """Return the difference other − best in each document, mean over seeds; segments of a single one are numbered."""
    bits, best_bits = (
        np.mean([[unit.bits for unit in units(cell.documents)] for cell in column.cells], axis=0)
        for column in (other, best)
    )
    pieces = units(best.first.documents)
    characters, apart = np.array([piece.characters for piece in pieces], float), bits - best_bits
    names = [document.name for document in best.first.documents]
    if unit == SEGMENT:
        characters, apart = joined(characters), joined(apart)
        names = [f"segment {i}" for i, _ in enumerate(characters, 1)]
    return list(zip(names, characters.astype(int).tolist(), (apart / characters).tolist(), strict=True))


def from_best(results: Results, best: str, dots: Rows, whole: list[Contrast], what: str) -> Spec:
    """Chart the differences from the best column, by document or fold and over all of them."""
    rows = [{"column": one.a, "difference": one.difference, "low": one.low, "high": one.high} for one in whole]
    return charts.from_best(
        best, dots, rows, {row["column"]: results.colours.get(row["column"], "") for row in rows}, what
    )


def folds(results: Results) -> dict[str, Any] | None:
    """Return the facts and the chart of the section; None without folds."""
    if (folds := results.comparison.folds) is None:
        return None
    ranked = sorted(folds.columns, key=lambda column: column.bits_per_character)
    best = ranked[0].column if ranked else ""
    turned = [one if one.b == best else one.turned for one in folds.contrasts if best in (one.a, one.b)]
    nearest = sorted(turned, key=lambda one: one.difference)[:NEAREST_COLUMNS]
    dots = [
        {
            "column": one.a,
            "fold": fold.number,
            "difference": fold.bits_per_character[one.a] - fold.bits_per_character[best],
        }
        for one in nearest
        for fold in folds.folds
    ]
    columns = {column.name: column for column in results.columns}
    return {
        "folds": folds,
        "nearest": NEAREST_COLUMNS if len(folds.columns) > NEAREST_COLUMNS + 1 else None,
        "rows": [(columns[row.column], row) for row in ranked],
        "leading": leading_contrasts(folds.contrasts, best)[:VERDICTS_AT_FIRST],
        "charts": {"folds": from_best(results, best, dots, nearest, "fold") if nearest else None},
    }
