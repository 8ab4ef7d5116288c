"""The verdict: all columns by what they need, and how sure their differences are."""

import math
from statistics import fmean
from typing import Any

import altair as alt

from toolkit.report import prose
from toolkit.report.charts import (
    PER_CHARACTER,
    TICKS,
    TWO_LINES,
    Spec,
    compressor_lines,
    finished,
    inline,
    lane,
)
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.names import compressor, shown_compressors
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast, about_models, sentence
from toolkit.results.rows import MIXTURE, RowKind
from toolkit.results.text import decimals

FAR = 1.0  # a compressor is drawn if it is no farther from the columns than they are from each other
ALONE = 0.05  # bits per character that the scale shows on either side of one dot alone
MIXED = "#777"  # the colour of what several columns make
VERDICTS = 3  # shown at first; the others on request
BELOW = 9  # px from the centre of a lane down to what is made of its column; its dot is half as far above the centre
SHAPES: dict[RowKind, tuple[str, str, str]] = {  # in the chart, in the caption, and what it is
    "ensemble": ("diamond", "◆", "the ensemble of a column’s seeds"),
    "adapting": ("triangle-right", "▶", "a column that goes on learning"),
    "adapting ensemble": ("square", "■", "the ensemble of a column’s seeds that go on learning"),
    MIXTURE: ("cross", "✚", "a mixture of columns, in a line of its own"),
}
STANDS = {True: "beats, or is beaten", False: "cannot be told from the best column", None: "not compared with columns"}


def ranked(results: Results) -> list[dict[str, Any]]:
    """A dot of the chart per column, with the interval of its difference from the best, the fewest bits first."""
    best = results.best
    lines: list[dict[str, Any]] = []
    for column in results.columns:
        line = {"name": column.name, "bits": column.total, "low": None, "high": None, "colour": column.colour}
        line["lane"] = lane(column.name, column.total)
        contrast = results.comparison.contrast(column.name, best.name) if column is not best else None
        if contrast:
            line |= {"low": best.total + contrast.low, "high": best.total + contrast.high}
        lines.append(line | {"stands": STANDS[contrast.settled if contrast else True]})
    return sorted(lines, key=lambda line: line["bits"])


def made(results: Results) -> list[dict[str, Any]]:
    """A mark of the chart per row made of cells: in the line of its column, and a mixture's in one of its own."""
    of = {column.name: column for column in results.columns}
    marks: list[dict[str, Any]] = []
    for title, (first, *others) in results.comparison.rows_by_title.items():
        bits = fmean(row.bits_per_character.total for row in (first, *others))
        mark = {"name": title, "bits": bits, "kind": first.kind, "stands": STANDS[None]}
        if first.kind == MIXTURE:
            marks.append(mark | {"lane": lane(title, bits), "colour": MIXED})
        elif first.column in of:
            column = of[first.column]
            marks.append(mark | {"lane": lane(column.name, column.total), "colour": column.colour})
    return marks


def ranking(results: Results) -> Spec:
    """A line per column with its dot, the fewest bits first, and below the dot what is made of the column."""
    rows, others = ranked(results), made(results)
    own_line = [mark for mark in others if mark["kind"] == MIXTURE]
    lanes = [one["lane"] for one in sorted([*rows, *own_line], key=lambda one: one["bits"])]
    ends: list[float] = [one[end] for one in rows for end in ("bits", "low", "high") if one[end] is not None]
    ends += [mark["bits"] for mark in others]
    low, high = min(ends), max(ends)
    drawn, far = marks(results.comparison, low, high)
    extent = {} if high > low else {"domain": around(low, results.comparison)}
    bits = alt.X(
        "bits:Q", title=PER_CHARACTER, scale=alt.Scale(zero=False, padding=16, **extent), axis=alt.Axis(tickCount=TICKS)
    )
    lines = alt.Y("lane:N", sort=lanes, title=None, axis=TWO_LINES)
    layers = [*dots(rows, bits, lines, apart=len(others) > len(own_line)), *below(others, bits, lines)]
    return finished(alt.layer(*layers, *drawn, *beyond(far, len(drawn))), height=max(60, 38 * len(lanes)))


def dots(rows: list[dict[str, Any]], bits: alt.X, lines: alt.Y, *, apart: bool) -> list[Any]:
    """A dot per column, hollow if it cannot be told from the best, on its interval; ``apart``: above the centre."""
    base = alt.Chart(inline(rows)).encode(y=lines, tooltip=tips(), color=alt.Color("colour:N", scale=None, legend=None))
    up: dict[str, Any] = {"yOffset": -BELOW / 2} if apart else {}
    layers = [base.mark_rule(strokeWidth=2.5, **up).encode(x=alt.X("low:Q"), x2=alt.X2("high:Q"))]
    for stands, filled in ((STANDS[True], True), (STANDS[False], False)):
        if stands in {row["stands"] for row in rows}:
            dot = base.mark_point(filled=filled, size=120, opacity=1, strokeWidth=2.5, shape="circle", **up)
            layers.append(dot.transform_filter(alt.FieldEqualPredicate(field="stands", equal=stands)).encode(x=bits))
    return layers


def below(others: list[dict[str, Any]], bits: alt.X, lines: alt.Y) -> list[Any]:
    """The marks of what is made of cells, a layer for each kind that there is."""
    layers = []
    for kind, (shape, *_) in SHAPES.items():
        if rows := [mark for mark in others if mark["kind"] == kind]:
            down: dict[str, Any] = {} if kind == MIXTURE else {"yOffset": BELOW}
            mark = alt.Chart(inline(rows)).mark_point(filled=True, size=60, opacity=1, shape=shape, **down)
            colour = alt.Color("colour:N", scale=None, legend=None)
            layers.append(mark.encode(x=bits, y=lines, tooltip=tips(), color=colour))
    return layers


def tips() -> list[Any]:
    """What pointing at a mark shows."""
    return [
        alt.Tooltip("name:N", title="column"),
        alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f"),
        alt.Tooltip("stands:N", title="against the best"),
    ]


def beyond(names: list[str], near: int) -> list[Any]:
    """The compressors that are far above the dots: at the right end, above the names of those that are drawn.

    ``near`` is how many layers those have: a line and a name each.
    """
    if not names:
        return []
    text = alt.Chart(inline([{"label": f"{', '.join(names)} →"}])).mark_text(align="right", style="baseline-label")
    up = alt.YValue(-8 - 15 * (near // 2))
    return [text.encode(x=alt.XValue("width"), y=up, text=alt.Text("label:N"))]


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


def matrix(comparison: Comparison, ranked: list[ColumnResult]) -> list[tuple[ColumnResult, list[Contrast | None]]]:
    """A row per column: its contrast with each ranked column, and None for itself."""
    by_pair = {(one.a, one.b): one for contrast in comparison.contrasts for one in (contrast, contrast.turned)}
    return [(row, [by_pair.get((row.name, column.name)) for column in ranked]) for row in ranked]


def _verdict(results: Results) -> dict[str, Any]:
    comparison, columns = results.comparison, results.columns
    leading = leading_contrasts(comparison)
    of_all = len(leading) == len(comparison.column_contrasts)
    few = len(leading) <= VERDICTS  # told with all that they rest on; of more, that is said once
    told = [contrast.verdict if few else contrast.in_short for contrast in leading]
    return {
        "best": results.best if columns else None,
        "ranked": results.ranked,
        "of_all": of_all,
        "matrix": [] if of_all else matrix(comparison, results.ranked),
        "standing": prose.standing(results) if columns else [],
        "verdicts": [sentence(one, comparison.about) for one in told],
        "grounds": "" if few else grounds(columns),
        "hollow": any(row["stands"] == STANDS[False] for row in ranked(results)) if columns else False,
        "made": [SHAPES[kind][1:] for kind in SHAPES if kind in {mark["kind"] for mark in made(results)}],
    }


def grounds(columns: list[ColumnResult]) -> str:
    """What all verdicts rest on, and what they are about: with one seed, the trained models alone."""
    return (
        "All intervals are of 95 % and wide enough for all differences together, and p is adjusted for all of them. "
        f"They are {about_models([len(column.cells) for column in columns if not column.cells[0].counted])}."
    )


def _shows(results: Results) -> dict[str, Any]:
    return {"verdict": _verdict(results), "contrasts": results.comparison.contrasts}


def _charts(results: Results) -> dict[str, Spec | None]:
    return {"ranking": ranking(results) if results.columns else None}


SECTION = Section("Verdict", _shows, _charts)
