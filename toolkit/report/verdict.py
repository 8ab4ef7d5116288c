"""The verdict: the columns by their bits, and their differences over text, folds, settings, fractions and noise."""

from statistics import fmean
from typing import Any

import numpy as np

from toolkit.report.charts import Rows, Spec, chart
from toolkit.report.columns import ColumnResult, Results, made_rows
from toolkit.results.cell import MIXTURE
from toolkit.results.conclusions import Contrast
from toolkit.results.corpus import SEGMENT
from toolkit.results.record import grouped
from toolkit.results.text import cut, decimals
from toolkit.results.units import joined, units

MIXTURE_COLOUR = "#777"
VERDICTS_AT_FIRST = 3
NEAREST_COLUMNS = 12  # compared with the best one in the charts of documents and folds
CHARTED_DOCUMENTS = 400  # the longest
VALUE_CHARACTERS = 40
Facts = dict[str, Any]


def verdict(results: Results) -> Facts:
    """Return the contrasts in words and as a matrix, and the chart of all columns."""
    if not results.columns:
        return {}
    contrasts = results.comparison.column_contrasts
    pairs = {(pair.a, pair.b): pair for contrast in contrasts for pair in (contrast, contrast.turned)}
    leading = _leading(contrasts, results.best.name)
    dots, marks = ranked_dots(results), _row_marks(results)
    kinds = list(dict.fromkeys(mark["kind"] for mark in marks))
    return {
        "leading": leading,
        "complete": len(leading) == len(contrasts),
        "matrix": [
            (row, [pairs.get((row.name, column.name)) for column in results.ranked]) for row in results.ranked
        ],
        "hollow": any(dot["hollow"] for dot in dots),
        "kinds": kinds,
        "charts": {"ranking": _ranking(results, dots, marks, kinds)},
    }


def _leading(contrasts: list[Contrast], best: str) -> list[Contrast]:
    """Return all contrasts if there are few, or only the best column's; its nearest rival comes first."""
    few = len(contrasts) <= VERDICTS_AT_FIRST
    leading = [contrast for contrast in contrasts if few or best in (contrast.a, contrast.b)]
    return sorted(leading, key=lambda contrast: (best not in (contrast.a, contrast.b), abs(contrast.difference)))


def lane(name: str, bits: float) -> str:
    """Return a label in two lines, since one is too long for a phone."""
    return f"{name}\n{decimals(bits)}"


def ranked_dots(results: Results) -> Rows:
    """Return a dot per column with the interval of its difference from the best, the fewest bits first."""
    dots: Rows = []
    for column in results.ranked:
        dot = {"name": column.name, "lane": lane(column.name, column.total), "bits": column.total, "low": None}
        dot |= {"high": None, "colour": column.colour, "hollow": False, "stands": "best"}
        if column is not results.best:
            contrast = results.comparison.contrast(column.name, results.best.name)
            level = results.best.total
            stands = "significant difference" if contrast.significant else "no significant difference"
            dot |= {"low": level + contrast.low, "high": level + contrast.high, "stands": stands}
            dot["hollow"] = not contrast.significant
        dots.append(dot)
    return dots


def _row_marks(results: Results) -> Rows:
    lanes = {column.name: lane(column.name, column.total) for column in results.columns}
    marks: Rows = []
    for line in made_rows(results):
        row, bits = line["first"], line["bits"]
        place = lane(row.title, bits) if row.kind == MIXTURE else lanes.get(row.column)
        mark = {"name": row.title, "lane": place, "bits": bits, "kind": row.kind, "stands": "not compared"}
        marks.append(mark | {"colour": results.colours.get(row.column, MIXTURE_COLOUR)})
    return [mark for mark in marks if mark["lane"]]


def _ranking(results: Results, dots: Rows, marks: Rows, kinds: list[str]) -> Spec:
    """Chart the columns, and the compressors no farther from them than they are from each other."""
    ends = [row[end] for row in (*dots, *marks) for end in ("bits", "low", "high") if row.get(end) is not None]
    low, high = min(ends), max(ends)
    compressors = [row for row in results.compressor_lines if row["bits"] <= 2 * high - low or low == high]
    ends += [row["bits"] for row in compressors]
    in_lanes = [*dots, *(mark for mark in marks if mark["kind"] == MIXTURE)]
    lanes = [row["lane"] for row in sorted(in_lanes, key=lambda row: row["bits"])]
    arguments = {"order": lanes, "middle": (min(ends) + max(ends)) / 2, "kinds": kinds}
    arguments["hollows"] = sorted({dot["hollow"] for dot in dots})  # an empty layer would have no text
    return chart("ranking", arguments, dots=dots, marks=marks, compressors=compressors)


def documents(results: Results) -> Facts | None:
    """Return the differences from the best column in each document; None without two columns."""
    if len(results.columns) < 2:
        return None
    best, nearest = results.best, results.ranked[1 : NEAREST_COLUMNS + 1]
    differences = [(column, document_differences(results, column)) for column in nearest]
    dots = [
        {"column": column.name, "label": name, "characters": characters, "difference": difference}
        for column, documents in differences
        for name, characters, difference in sorted(documents, key=lambda document: -document[1])[
            :CHARTED_DOCUMENTS
        ]
    ]
    whole = [results.comparison.contrast(column.name, best.name) for column in nearest]
    return {
        "differences": differences,
        "nearest": NEAREST_COLUMNS if len(results.columns) > NEAREST_COLUMNS + 1 else None,
        "longest": CHARTED_DOCUMENTS if len(differences[0][1]) > CHARTED_DOCUMENTS else None,
        "charts": {"documents": _from_best(results, best.name, dots, whole, "document")},
    }


def document_differences(results: Results, column: ColumnResult) -> list[tuple[str, int, float]]:
    """Return name, characters and difference from the best column, mean over seeds, of each document or segment."""
    held_out = results.best.first.documents
    characters = np.array([unit.characters for unit in units(held_out)], float)
    bits, best = (
        np.mean([[unit.bits for unit in units(cell.documents)] for cell in cells], axis=0)
        for cells in (column.cells, results.best.cells)
    )
    apart = bits - best
    names = [document.name for document in held_out]
    if results.comparison.unit == SEGMENT:
        characters, apart = joined(characters), joined(apart)
        names = [f"segment {i}" for i, _ in enumerate(characters, 1)]
    return list(zip(names, characters.astype(int).tolist(), (apart / characters).tolist(), strict=True))


def _from_best(results: Results, best: str, dots: Rows, contrasts: list[Contrast], unit: str) -> Spec:
    whole = [{"column": c.a, "difference": c.difference, "low": c.low, "high": c.high} for c in contrasts]
    arguments = {"best": best, "order": [c.a for c in contrasts], "colours": results.colours, "unit": unit}
    return chart("from_best", arguments, dots=dots, whole=whole)


def folds(results: Results) -> Facts | None:
    """Return the columns over all folds, and their differences from the best; None without folds."""
    if (folds := results.comparison.folds) is None:
        return None
    ranked = sorted(folds.totals, key=folds.totals.__getitem__)
    best = ranked[0] if ranked else ""
    behind = [pair for contrast in folds.contrasts for pair in (contrast, contrast.turned) if pair.b == best]
    nearest = sorted(behind, key=lambda contrast: contrast.difference)[:NEAREST_COLUMNS]
    dots = [
        {"column": contrast.a, "label": fold.number, "difference": bits[contrast.a] - bits[best]}
        for contrast in nearest
        for fold in folds.folds
        for bits in [fold.bits_per_character]
    ]
    columns = {column.name: column for column in results.columns}
    return {
        "folds": folds,
        "ranked": [columns[name] for name in ranked],
        "nearest": NEAREST_COLUMNS if len(behind) > NEAREST_COLUMNS else None,
        "leading": _leading(folds.contrasts, best)[:VERDICTS_AT_FIRST],
        "charts": {"folds": _from_best(results, best, dots, nearest, "fold")} if nearest else {},
    }


def sweeps(results: Results) -> Facts | None:
    """Return each sweep with its values, their columns, and the contrasts with the one that needs the fewest bits."""
    sweeps = []
    for sweep in results.comparison.sweeps:
        names = [value.column for value in sweep.values]
        columns = {column.name: column for column in results.ranked if column.name in names}
        best = next(iter(columns), "")
        against = {name: results.comparison.contrast(name, best) for name in columns if name != best}
        lines = [
            (
                cut(value.text, VALUE_CHARACTERS),
                value.column,
                columns.get(value.column),
                against.get(value.column),
            )
            for value in sweep.values
        ]
        sweeps.append((sweep, lines))
    return {"sweeps": sweeps} if sweeps else None


def scaling(results: Results) -> Facts | None:
    """Return the pairs of columns at all fractions, the best column's first, and the chart; None with one fraction."""
    comparison = results.comparison
    if not (fractions := comparison.corpus.fractions):
        return None
    sizes = {fraction.fraction: fraction.characters for fraction in fractions}
    cells: Rows = []
    for cell in comparison.done:
        bits = round(cell.bits_per_character.total, 4)
        cells.append({"column": cell.column, "seed": cell.seed, "characters": sizes[cell.fraction], "bits": bits})
    by_pair = list(grouped(comparison.scaling, lambda difference: (difference.a, difference.b)).values())
    return {
        "pairs": sorted(
            by_pair, key=lambda differences: results.best.name not in (differences[0].a, differences[0].b)
        ),
        "charts": {"scaling": chart("scaling", {"colours": results.colours}, cells=cells)},
    }


def noise(results: Results) -> Facts:
    """Return the extra bits of each kind of noise by column, if its tokenizer accepts the noisy text."""
    kinds: list[Facts] = []
    specs: dict[str, Spec] = {}
    for name, noise in {noise.name: noise for column in results.columns for noise in column.first.noise}.items():
        intervals = {lead.a: lead for lead in results.comparison.noise if lead.at == name and lead.b is None}
        rows: Rows = []
        for column in results.columns:
            noises = [noise for cell in column.cells for noise in cell.noise if noise.name == name]
            if len(noises) == len(column.cells):
                extra = fmean(noise.extra for noise in noises)
                interval = intervals.get(column.name)
                row = {"column": column.name, "extra": extra, "low": extra, "high": extra}
                row["clean"] = fmean(noise.clean_bits / noise.characters for noise in noises)
                rows.append(row | ({"low": interval.low, "high": interval.high} if interval else {}))
        if rows:
            arguments = {"order": [row["column"] for row in rows], "colours": results.colours}
            specs[f"noise-{len(kinds)}"] = chart("noise", arguments, columns=rows)
            kinds.append({"noise": noise, "rows": rows, "ranked": sorted(rows, key=lambda row: row["extra"])})
    return {"kinds": kinds, "charts": specs}
