"""The verdict: all columns by what they need, and how sure their differences are."""

import math
from statistics import fmean
from typing import Any

import altair as alt

from toolkit.report import prose
from toolkit.report.charts import ON_ONE_LINE, PER_CHARACTER, TWO_LINES, Spec, compressor_lines, finished, inline
from toolkit.report.columns import ColumnResult
from toolkit.report.names import compressor, shown_compressors
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast, sentence
from toolkit.results.numbers import decimals
from toolkit.results.rows import MIXTURE

FAR = 1.0  # a compressor is drawn if it is no farther from the columns than they are from each other
ALONE = 0.05  # bits per character that the scale shows on either side of one dot alone
MIXED = "#777"  # the colour of what several columns make
VERDICTS = 3  # shown at first; the others on request
STANDS = {True: "beats, or is beaten", False: "cannot be told from the best column", None: "not compared with columns"}


def ranked(comparison: Comparison, columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """A line of the chart per column, with the interval of its difference from the best, and per row made of cells."""
    best = prose.best_of(columns)
    lines: list[dict[str, Any]] = []
    for column in columns:
        line = {"name": column.name, "bits": column.total, "low": None, "high": None, "colour": column.colour}
        line["lane"] = lane(column.name, column.total)
        contrast = comparison.contrast(column.name, best.name) if column is not best else None
        if contrast:
            line |= {"low": best.total + contrast.low, "high": best.total + contrast.high}
        lines.append(line | {"stands": STANDS[contrast.settled if contrast else True]})
    colours = {column.name: column.colour for column in columns}
    for title, (first, *others) in comparison.rows_by_title.items():
        if first.column not in colours and first.kind != MIXTURE:
            continue
        bits = fmean(row.bits_per_character.total for row in (first, *others))
        made = lane(title, bits) if first.kind == MIXTURE else lane(first.column, bits, first.kind)
        lines.append(
            {"name": title, "lane": made, "bits": bits, "low": None, "high": None}
            | {"stands": STANDS[None], "colour": colours.get(first.column, MIXED)}
        )
    return sorted(lines, key=lambda line: line["bits"])


def lane(name: str, bits: float, kind: str = "") -> str:
    """A label in two lines, since one is too long for a phone where something is made of a column.

    >>> lane("char", 1.9876, "ensemble")
    'char\\n1.988, ensemble'
    """
    return f"{name}\n{decimals(bits)}{', ' if kind else ''}{kind}"


def ranking(comparison: Comparison, columns: list[ColumnResult]) -> Spec:
    """A dot per column and row, the fewest bits first; a line is the interval of a difference from the best column."""
    rows = ranked(comparison, columns)
    tips = [
        alt.Tooltip("name:N", title="column"),
        alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f"),
        alt.Tooltip("stands:N", title="against the best"),
    ]
    colour = alt.Color("colour:N", scale=None, legend=None)
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("lane:N", sort=[row["lane"] for row in rows], title=None, axis=TWO_LINES), tooltip=tips, color=colour
    )
    ends: list[float] = [row[end] for row in rows for end in ("bits", "low", "high") if row[end] is not None]
    low, high = min(ends), max(ends)
    drawn, far = marks(comparison, low, high)
    extent = {} if high > low else {"domain": around(low, comparison)}
    bits = alt.X(
        "bits:Q",
        title=[PER_CHARACTER, *(f"{name} →" for name in far)],
        scale=alt.Scale(zero=False, padding=16, **extent),
        axis=alt.Axis(tickCount=6),
    )
    interval = base.mark_rule(strokeWidth=2.5).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))
    layers = [interval]
    for stands, filled in ((STANDS[True], True), (STANDS[False], False), (STANDS[None], True)):
        if stands not in {row["stands"] for row in rows}:
            continue
        made = stands == STANDS[None]
        shape = base.mark_point(
            filled=filled, size=60 if made else 120, opacity=1, strokeWidth=2.5, shape="diamond" if made else "circle"
        )
        layers.append(shape.transform_filter(alt.FieldEqualPredicate(field="stands", equal=stands)).encode(x=bits))
    return finished(alt.layer(*layers, *drawn), height=max(60, 38 * len(rows)))


def around(bits: float, comparison: Comparison) -> list[float]:
    """The ends of a scale with one dot alone, and all shown compressors."""
    ends = [bits - ALONE, bits + ALONE, *(one.bits_per_character for one in shown_compressors(comparison))]
    return [min(ends), max(ends)]


def marks(comparison: Comparison, low: float, high: float) -> tuple[list[Any], list[str]]:
    """The lines of the shown compressors, and the names of those far above the dots, the fewest bits first.

    ``low`` and ``high`` are the ends of what else is drawn. One dot alone leaves room for all compressors.
    """
    farthest = high + FAR * (high - low) if high > low else math.inf
    shown = shown_compressors(comparison)
    near = [one for one in shown if one.bits_per_character <= farthest]
    far = [one for one in shown if one.bits_per_character > farthest]
    bits = [low, high, *(one.bits_per_character for one in near)]
    names = [f"{compressor(one)} {decimals(one.bits_per_character)}" for one in far]
    return compressor_lines(near, (min(bits) + max(bits)) / 2), names


def leading_contrasts(comparison: Comparison) -> list[Contrast]:
    """All contrasts if there are few, otherwise those of the best column, the smallest difference first."""
    chosen = comparison.leading_contrasts(VERDICTS)
    if len(chosen) == len(comparison.column_contrasts):
        return chosen
    return sorted(chosen, key=lambda contrast: abs(contrast.difference))


def matrix(
    comparison: Comparison, ranked: list[ColumnResult]
) -> list[tuple[ColumnResult, list[dict[str, Any] | None]]]:
    """A row per column: its difference to each ranked column, and None for itself."""
    by_pair = {(contrast.a, contrast.b): contrast for contrast in comparison.contrasts}

    def entry(a: str, b: str) -> dict[str, Any] | None:
        contrast = by_pair.get((a, b)) or by_pair.get((b, a))
        if contrast is None:
            return None
        sign = 1 if contrast.a == a else -1
        return {"difference": sign * contrast.difference, "settled": contrast.settled, "title": contrast.verdict}

    return [(row, [entry(row.name, column.name) for column in ranked]) for row in ranked]


def _verdict(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    by_total = sorted(columns, key=lambda column: column.total)
    leading = leading_contrasts(comparison)
    few = len(leading) <= VERDICTS  # told with all that they rest on; of more, that is said once
    told = [contrast.verdict if few else in_short(contrast) for contrast in leading]
    return {
        "best": prose.best_of(columns) if columns else None,
        "ranked": by_total,
        "matrix": matrix(comparison, by_total) if len(columns) > ON_ONE_LINE else [],
        "standing": prose.standing(comparison, columns) if columns else [],
        "verdicts": [sentence(one, comparison.about) for one in told],
        "grounds": "" if few else grounds(columns),
    }


def grounds(columns: list[ColumnResult]) -> str:
    """What all verdicts rest on, and what they are about: with one seed, the trained models alone."""
    several = all(len(column.cells) > 1 for column in columns)
    models = "models trained on this training text" if several else "these trained models"
    return (
        "All intervals are of 95 % and wide enough for all differences together, and p is adjusted for all of them. "
        f"They are about {models}, not about the methods."
    )


def in_short(contrast: Contrast) -> str:
    """A verdict without what all of them rest on."""
    return contrast.verdict.partition(" (")[0]


def _shows(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    return {"verdict": _verdict(comparison, columns), "contrasts": comparison.contrasts}


def _charts(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Spec | None]:
    return {"ranking": ranking(comparison, columns) if columns else None}


SECTION = Section("Verdict", _shows, _charts)
