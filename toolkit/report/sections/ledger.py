"""The ledger: where each column's bits went."""

from typing import Any

import altair as alt

from toolkit.report import table
from toolkit.report.charts import (
    ON_ONE_LINE,
    PER_CHARACTER,
    TICKS,
    TWO_LINES,
    Spec,
    by_column,
    compressor_lines,
    finished,
    inline,
    lane,
)
from toolkit.report.columns import ColumnResult, Rates, Results, parts_of_speech
from toolkit.report.names import (
    BAND_COLOURS,
    BAND_NAMES,
    PART_COLOURS,
    PART_MEANINGS,
    PART_NAMES,
    pos_name,
    shown_compressors,
)
from toolkit.report.section import Section
from toolkit.results.bits import BANDS, PARTS, THE_TEXT
from toolkit.results.comparison import Comparison
from toolkit.results.text import ABSENT, amount
from toolkit.results.words import WordBits

DARKEST = 0.8  # the share of the differences from the best column that are lighter than the darkest shade
WHERE_THEY_FIT = "bandwidth('x') < 34 ? 0 : 11"  # px of a shade, and of its number
BOLD_IF_BEST = "datum.apart ? 400 : 700"  # of a field's rows: its number is no difference
NAMED_LEFT = 0.4  # of the chart's width: beyond it, a compressor's name stands on the left of its line
LEAST_SHARE = 0.002  # of the characters; a part of speech below this appears in the table only


def ledger(results: Results) -> Spec:
    """Stacked bars of the five parts, the total beside the name, and the baselines as marks."""
    columns = results.columns
    lanes = {c.name: lane(c.name, c.total) for c in columns}
    rows = [
        {
            "column": c.name, "lane": lanes[c.name], "part": PART_NAMES[part], "bits": c.part(part), "rank": i,
            "total": c.total,
        }
        for c in columns
        for i, part in enumerate(PARTS)
    ]  # fmt: skip
    compressors = shown_compressors(results.comparison)
    totals = [column.total for column in columns] + [one.bits_per_character for one in compressors]
    longest = max(totals) * 1.03
    y = alt.Y("lane:N", sort=list(lanes.values()), title=None, axis=TWO_LINES)
    scale, axis = alt.Scale(domain=[0, longest], nice=False), alt.Axis(tickCount=TICKS)
    x = alt.X("bits:Q", title=PER_CHARACTER, scale=scale, axis=axis)
    colours = alt.Scale(domain=[PART_NAMES[p] for p in PARTS], range=[PART_COLOURS[p] for p in PARTS])
    bars = (
        alt.Chart(inline(rows))
        .mark_bar()
        .encode(
            y=y,
            x=x,
            color=alt.Color("part:N", scale=colours, legend=None),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("column:N"),
                alt.Tooltip("part:N"),
                alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".4f"),
                alt.Tooltip("total:Q", title="of a total of", format=".3f"),
            ],
        )
    )
    return finished(alt.layer(bars, *compressor_lines(compressors, NAMED_LEFT * longest)), height=44 * len(columns))


def band_rates(columns: list[ColumnResult]) -> Spec:
    """Dots: bits per character within each frequency band, a row per band."""
    by_band = zip(BANDS, *(column.bands for column in columns), strict=True)
    return _rates(columns, [(BAND_NAMES[band], pairs) for band, *pairs in by_band], "band")


def part_of_speech_rates(columns: list[ColumnResult]) -> Spec | None:
    """Dots: bits per character within each part of speech, a row each; None without a tagger."""
    rates = [(pos_name(pos), pairs) for pos, pairs in parts_of_speech(columns)]
    least = LEAST_SHARE * sum(pairs[0][0] for _, pairs in rates)
    return _rates(columns, [rate for rate in rates if rate[1][0][0] >= least], "part of speech") if rates else None


def _rates(columns: list[ColumnResult], rates: Rates, what: str) -> Spec:
    """Bits per character within each label: dots on a line, or a field of shades if there are many columns."""
    rows = [
        {"label": label, "column": column.name, "bits": bits / characters, "characters": characters}
        for label, pairs in rates
        for column, (characters, bits) in zip(columns, pairs, strict=True)
        if characters
    ]
    labels = [label for label, _ in rates]
    return _dots(columns, rows, labels, what) if len(columns) <= ON_ONE_LINE else _field(columns, rows, labels, what)


def _rate_tips(what: str) -> list[Any]:
    return [
        alt.Tooltip("column:N"),
        alt.Tooltip("label:N", title=what),
        alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f"),
        alt.Tooltip("characters:Q", title="characters", format=","),
    ]


def _dots(columns: list[ColumnResult], rows: list[dict[str, Any]], labels: list[str], what: str) -> Spec:
    base = alt.Chart(inline(rows)).encode(y=alt.Y("label:N", sort=labels, title=None))
    span = base.mark_rule(strokeWidth=1, style="span").encode(
        x=alt.X("min(bits):Q", scale=alt.Scale(zero=True)), x2=alt.X2("max(bits):Q")
    )
    dots = base.mark_circle(size=110, opacity=0.95).encode(
        x=alt.X("bits:Q", title=[PER_CHARACTER, f"within the {what}"], axis=alt.Axis(tickCount=TICKS)),
        color=by_column(columns),
        tooltip=_rate_tips(what),
    )
    return finished(alt.layer(span, dots), height=34 * len(labels))


def _field(columns: list[ColumnResult], rows: list[dict[str, Any]], labels: list[str], what: str) -> Spec:
    """A row per label, shaded by how far each column is from the best one there.

    The darkest shade begins at ``DARKEST`` of the differences, so that one bad column does not flatten the others.
    Numbers are drawn where a shade is wide enough for them, which the page's width decides.
    """
    best = {label: min(row["bits"] for row in rows if row["label"] == label) for label in {r["label"] for r in rows}}
    rows = [{**row, "apart": row["bits"] - best[row["label"]]} for row in rows]
    rows = [{**row, "said": f"+{row['apart']:.2f}" if row["apart"] else f"{row['bits']:.2f}"} for row in rows]
    apart = sorted(row["apart"] for row in rows)
    darkest = apart[int(DARKEST * (len(apart) - 1))] or apart[-1] or 1
    axis = alt.Axis(orient="top", labelAngle=-40, labelAlign="left", ticks=False, domain=False, labelLimit=110)
    base = alt.Chart(inline(rows)).encode(
        y=alt.Y("label:N", sort=labels, title=None),
        x=alt.X("column:N", sort=[column.name for column in columns], title=None, axis=axis),
        tooltip=[*_rate_tips(what), alt.Tooltip("apart:Q", title="more than the best column", format=".3f")],
    )
    scale = alt.Scale(domain=[0, darkest], range="heatmap", interpolate="rgb", clamp=True)
    shades = base.mark_rect().encode(color=alt.Color("apart:Q", scale=scale, legend=None))
    numbers = base.mark_text(
        style="in-field", fontSize=alt.ExprRef(WHERE_THEY_FIT), fontWeight=alt.ExprRef(BOLD_IF_BEST)
    ).encode(text=alt.Text("said:N"))
    return finished(alt.layer(shades, numbers), height=26 * len(labels))


def band_shares(columns: list[ColumnResult]) -> Spec:
    """Stacked bars: each band's share of a column's bits, below its share of the text's characters."""
    lanes = {THE_TEXT: [float(characters) for characters, _ in columns[0].bands]}
    lanes |= {column.name: [bits for _, bits in column.bands] for column in columns}
    rows = [
        {
            "lane": lane,
            "band": BAND_NAMES[band],
            "share": amounts[i] / (sum(amounts) or 1),
            "rank": i,
            "of": "of its characters" if lane == THE_TEXT else "of its bits",
        }
        for lane, amounts in lanes.items()
        for i, band in enumerate(BANDS)
    ]
    scale = alt.Scale(domain=list(BAND_NAMES.values()), range=[BAND_COLOURS[band] for band in BANDS])
    chart = (
        alt.Chart(inline(rows))
        .mark_bar()
        .encode(
            y=alt.Y("lane:N", sort=list(lanes), title=None),
            x=alt.X(
                "share:Q", title=["share of bits", "(first bar: share of characters)"],
                axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1]),
            ),
            color=alt.Color("band:N", scale=scale, legend=None),
            order=alt.Order("rank:Q"),
            tooltip=[
                alt.Tooltip("lane:N", title="lane"),
                alt.Tooltip("band:N", title="words"),
                alt.Tooltip("share:Q", title="share", format=".1%"),
                alt.Tooltip("of:N", title="share of what"),
            ],
        )
    )  # fmt: skip
    return finished(chart, height=34 * len(lanes))


def _band_table(columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """For each column and band: bits per character within the band, and the band's share of the column's bits."""
    lines = []
    for column in columns:
        bits = sum(b for _, b in column.bands) or 1
        cells = [{"rate": b / n if n else None, "share": b / bits} for n, b in column.bands]
        lines.append({"column": column, "cells": cells})
    return lines


def _lead(comparison: Comparison, by: str, label: str) -> str:
    """By how many bits per character the best column is ahead of the next one, with its interval."""
    lead = next((lead for lead in comparison.leads if (lead.by, lead.label) == (by, label)), None)
    return amount(-lead.difference, lead.high - lead.difference) if lead else ABSENT


def _part_of_speech_table(results: Results) -> list[dict[str, Any]]:
    """For each part of speech: its share of the text, and each column's bits per character in it.

    The fewest are marked if the interval of their lead over the next excludes zero.
    """
    told = {lead.label for lead in results.comparison.leads if lead.by == "part of speech" and lead.high < 0}
    lines = []
    parts = parts_of_speech(results.columns)
    whole = sum(pairs[0][0] for _, pairs in parts) or 1
    for pos, pairs in parts:
        rates = [bits / characters if characters else None for characters, bits in pairs]
        fewest = min((rate for rate in rates if rate is not None), default=None)
        cells = [{"rate": rate, "best": rate is not None and rate == fewest and pos in told} for rate in rates]
        lead = _lead(results.comparison, "part of speech", pos)
        lines.append({"name": pos_name(pos), "pos": pos, "share": pairs[0][0] / whole, "cells": cells, "lead": lead})
    return lines


def _words(words: WordBits, columns: list[ColumnResult]) -> dict[str, Any] | None:
    """What the page's script makes tables from; None without two columns to compare."""
    known = [column for column in columns if column.name in words.bits]
    if len(known) < 2 or not words.words:
        return None
    return {
        "columns": [column.name for column in known],
        "each_way": words.each_way,
        "words": [[word.text, word.count, BAND_NAMES.get(word.band, word.band)] for word in words.words],
        "bits": [[round(bits, 2) for bits in words.bits[column.name]] for column in known],
        "intervals": _intervals(words, [column.name for column in known]),
    }


def _intervals(words: WordBits, names: list[str]) -> dict[str, dict[int, float]]:
    """Half-widths by the places of two columns, and of the word."""
    pairs = [pair for pair in words.intervals if pair.a in names and pair.b in names]
    return {
        ",".join(map(str, sorted((names.index(pair.a), names.index(pair.b))))): {  # whichever came first in its part
            word: round(half, 2) for word, half in zip(pair.words, pair.half_widths, strict=True)
        }
        for pair in pairs
    }


def _shows(results: Results) -> dict[str, Any]:
    columns = results.columns
    return {
        "parts": [(PART_NAMES[p], PART_COLOURS[p], PART_MEANINGS[p]) for p in PART_NAMES],
        "prices": table.PRICES,
        "price_table": [(c, [quantity.show(quantity.mean(c)) for quantity in table.PRICES]) for c in columns],
        "bands": [(BAND_NAMES[band], BAND_COLOURS[band]) for band in BANDS],
        "band_leads": [_lead(results.comparison, "band", band) for band in BANDS],
        "band_table": _band_table(columns),
        "part_of_speech_table": _part_of_speech_table(results) if columns else [],
        "words": _words(results.comparison.words, columns),
        "words_pair": [column.name for column in results.ranked[:2]],
    }


def _charts(results: Results) -> dict[str, Spec | None]:
    columns = results.columns
    if not columns:
        return {}
    return {
        "ledger": ledger(results),
        "band-rates": band_rates(columns),
        "band-shares": band_shares(columns),
        "parts-of-speech": part_of_speech_rates(columns),
    }


def _data(results: Results) -> dict[str, Any]:
    return {"words": _words(results.comparison.words, results.columns)}


SECTION = Section("Ledger", _shows, _charts, _data)
