"""Noise: what typing errors and missing capitals in the held-out text cost each column."""

from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

import altair as alt

from toolkit.report.charts import PER_CHARACTER, TICKS, Spec, by_column, finished, inline, interval_tips, zero_line
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.section import Section
from toolkit.results.comparison import Comparison
from toolkit.results.noise import Noise, NoiseContrast
from toolkit.results.text import amount, signed
from toolkit.results.units import unit_of

DECIMALS = 3  # of what noise costs, at least


@dataclass(frozen=True)
class Line:
    """What one kind of noise costs a column: extra bits per character and per letter, mean over seeds.

    ``contrast`` has the interval, and is None where there are too few documents for one.
    """

    column: ColumnResult
    extra: float
    clean: float
    per_letter: float | None
    contrast: NoiseContrast | None

    @property
    def shown(self) -> str:
        """The extra bits per character with half of their interval."""
        if self.contrast is None:
            return signed(self.extra)
        sign = "+" if self.extra > 0 else ""
        return sign + amount(self.extra, self.contrast.high - self.contrast.difference, DECIMALS)


@dataclass(frozen=True)
class NoiseKind:
    """One kind of noise: how much of it there is, and what it costs each column; or why a column has no number."""

    noise: Noise
    lines: list[Line]  # in the columns' order
    refused: dict[str, str]  # by column
    against: list[NoiseContrast]  # each other column minus the one that loses the least

    @property
    def ranked(self) -> list[Line]:
        """The column that loses the least first."""
        return sorted(self.lines, key=lambda line: line.extra)


def kinds(results: Results) -> list[NoiseKind]:
    """The kinds of noise, with which every column was measured."""
    columns = results.columns
    names = dict.fromkeys(noise.name for column in columns for noise in column.first.noise)
    return [
        _kind(
            results.comparison,
            columns,
            [[noise for cell in column.cells for noise in cell.noise if noise.name == name] for column in columns],
        )
        for name in names
    ]


def _kind(comparison: Comparison, columns: list[ColumnResult], measured: list[list[Noise]]) -> NoiseKind:
    """One kind of noise, measured in each of the columns' cells."""
    first = measured[0][0]
    pairs = list(zip(columns, measured, strict=True))
    refused = {column.name: noise.refused for column, of in pairs for noise in of if noise.refused is not None}
    lines = [
        _line(column, of, _contrast(comparison, first.name, column.name, None))
        for column, of in pairs
        if column.name not in refused
    ]
    kind = NoiseKind(first, lines, refused, [])
    least, *others = [line.column.name for line in kind.ranked] or [""]
    against = (_contrast(comparison, first.name, other, least) for other in others)
    return replace(kind, against=[contrast for contrast in against if contrast])


def _line(column: ColumnResult, noises: list[Noise], contrast: NoiseContrast | None) -> Line:
    first = noises[0]
    extra = fmean(noise.extra or 0.0 for noise in noises)
    clean = fmean((noise.clean_bits or 0.0) / noise.characters for noise in noises)
    per_letter = extra * first.characters / first.changed if first.changed else None
    return Line(column, extra, clean, per_letter, contrast)


def _contrast(comparison: Comparison, name: str, a: str, b: str | None) -> NoiseContrast | None:
    """The extra bits of a minus those of b, whichever way round it was measured."""
    for contrast in comparison.noise:
        if contrast.noise == name and (contrast.a, contrast.b) == (a, b):
            return contrast
        if contrast.noise == name and (contrast.a, contrast.b) == (b, a):
            turned = {"a": a, "b": b, "difference": -contrast.difference, "low": -contrast.high, "high": -contrast.low}
            return contrast.model_copy(update=turned)
    return None


def sentence(kind: NoiseKind) -> str:
    """Which column loses the least and which the most, and whether that is more than chance."""
    if not kind.noise.changed:
        return "the text has no letter to change."
    if not kind.lines:
        return "no column has a number."
    if len(kind.lines) == 1:
        return f"{kind.lines[0].column.name} pays {kind.lines[0].shown} bits per character."
    least, most = kind.ranked[0], kind.ranked[-1]
    extremes = (
        f"{least.column.name} loses the least ({least.shown} bits per character), {most.column.name} the most "
        f"({most.shown}): "
    )
    apart = next((contrast for contrast in kind.against if contrast.a == most.column.name), None)
    if apart is None:
        return extremes + "there is no interval of the difference."
    told = "" if apart.settled else ", which cannot be told from zero"
    size = amount(apart.difference, apart.high - apart.difference, DECIMALS)
    return extremes + f"a difference of {size}{told}."


def chart(kind: NoiseKind) -> Spec:
    """A dot per column with its 95 % interval: extra bits per character."""
    rows = [
        {
            "column": line.column.name, "extra": line.extra, "clean": line.clean,
            "low": line.contrast.low if line.contrast else line.extra,
            "high": line.contrast.high if line.contrast else line.extra,
        }
        for line in kind.lines
    ]  # fmt: skip
    tips = [
        alt.Tooltip("column:N"),
        alt.Tooltip("extra:Q", title=f"extra {PER_CHARACTER}", format="+.3f"),
        *interval_tips(),
        alt.Tooltip("clean:Q", title="without noise", format=".3f"),
    ]
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("column:N", sort=[row["column"] for row in rows], title=None), tooltip=tips
    )
    x = alt.X("low:Q", title=f"extra {PER_CHARACTER}", axis=alt.Axis(tickCount=TICKS), scale=alt.Scale(padding=12))
    interval = base.mark_rule(strokeWidth=2.5, style="interval").encode(x=x, x2=alt.X2("high:Q"))
    colours = by_column([line.column for line in kind.lines])
    dots = base.mark_circle(size=110, opacity=1).encode(x=alt.X("extra:Q"), color=colours)
    return finished(alt.layer(zero_line(), interval, dots), height=34 * len(rows))


def _table(of_noise: list[NoiseKind], columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """For each column what it pays without noise, and its line in each kind, None where its tokenizer refused."""
    rows = []
    for column in columns:
        lines = [next((line for line in kind.lines if line.column is column), None) for kind in of_noise]
        clean = next((line.clean for line in lines if line), None)
        rows.append({"column": column, "clean": clean, "lines": lines})
    return rows


def _shows(results: Results) -> dict[str, Any]:
    of_noise = kinds(results)
    return {
        "noises": [(f"noise-{i}", kind, sentence(kind)) for i, kind in enumerate(of_noise)],
        "noise_table": _table(of_noise, results.columns),
        "noise_unit": unit_of(results.comparison),
        "noisy_share": of_noise[0].noise.characters / results.comparison.corpus.test_characters if of_noise else None,
    }


def _charts(results: Results) -> dict[str, Spec | None]:
    return {f"noise-{i}": chart(kind) for i, kind in enumerate(kinds(results)) if kind.lines}


SECTION = Section("Noise", _shows, _charts)
