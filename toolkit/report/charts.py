"""The charts, as Vega-Lite: colours, fonts and theme are the page's (script.js), legends are its HTML."""

from functools import cache
from statistics import fmean
from typing import Any

import altair as alt
import vl_convert

from toolkit.report.columns import ColumnResult, compressor
from toolkit.report.numbers import decimals, thinned
from toolkit.report.table import PART_NAMES
from toolkit.results import BANDS, PARTS, Comparison, Contrast

POINTS_PER_CELL = 200
POINTS = 2_400  # over all cells: the browser draws each as a mark, twice
CONTRASTS = 12
# Cool colours: what the model knows. Warm colours: the price of rare words.
PART_COLOURS = {
    "words": "#5b7c99",
    "classes": "#e3a535",
    "spelling": "#c8553d",
    "spacing": "#a9b8c4",
    "document_ends": "#8f7fb8",
}
BAND_COLOURS = dict(zip(BANDS, ("#b23a28", "#dd7838", "#ebb55c", "#8fb3a4", "#5b7c99", "#b4bac0"), strict=True))
BAND_NAMES = {
    "0": "never seen",
    "1": "seen once",
    "2-9": "2–9 times",
    "10-99": "10–99 times",
    "100+": "100 or more",
    "not a word": "not a word",
}
# Coarse tags of Universal Dependencies: https://universaldependencies.org/u/pos
POS_NAMES = {
    "ADJ": "adjectives", "ADP": "prepositions", "ADV": "adverbs", "AUX": "auxiliaries", "CCONJ": "coordinators",
    "DET": "determiners", "INTJ": "interjections", "NOUN": "nouns", "NUM": "numerals", "PART": "particles",
    "PRON": "pronouns", "PROPN": "names", "PUNCT": "punctuation", "SCONJ": "subordinators", "SPACE": "white space",
    "SYM": "symbols", "VERB": "verbs", "X": "other words",
}  # fmt: skip
LEAST_SHARE = 0.002  # of the characters; a part of speech below this appears in the table only
ON_ONE_LINE = 4  # columns whose dots can be distinguished on one line
WIDE: dict[str, Any] = {"width": "container", "autosize": {"type": "fit-x", "contains": "padding"}}
PER_CHARACTER = "bits per character"
TICKS = 6
TWO_LINES = alt.Axis(labelOffset=-7)  # Vega centres the first line of a label, not the label

Spec = dict[str, Any]


@cache
def javascript() -> str:
    """Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) in one script that sets ``vegaEmbed``; nothing is fetched."""
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_vega_lite()))


def _vega_lite() -> str:
    """Altair's version of Vega-Lite, major and minor."""
    return ".".join(str(alt.SCHEMA_VERSION).removeprefix("v").split(".")[:2])


def pos_name(pos: str) -> str:
    """The name of a part of speech, for readers.

    >>> pos_name("PROPN"), pos_name("not a word")
    ('names', 'not a word')
    """
    return POS_NAMES.get(pos, pos)


def _inline(rows: list[dict[str, Any]]) -> Any:
    return alt.Data(values=rows)


def _spec(chart: Any, **size: Any) -> Spec:
    spec: Spec = chart.properties(**WIDE, **size).to_dict()
    spec.pop("config", None)  # the page has its own
    return spec


def _by_column(columns: list[ColumnResult]) -> Any:
    scale = alt.Scale(domain=[column.name for column in columns], range=[column.colour for column in columns])
    return alt.Color("column:N", scale=scale, legend=None)


def _baseline_marks(comparison: Comparison, longest: float) -> list[Any]:
    """A dashed line per baseline, its label beside it on a separate line above the bars, the lowest value nearest to
    them, so that no line crosses another's label."""
    layers = []
    ranked = sorted(comparison.baselines, key=lambda b: b.bits_per_character)
    for i, baseline in enumerate(ranked):
        bits, name = baseline.bits_per_character, compressor(baseline)
        mark = _inline([{"bits": bits, "name": name, "label": f"{name} {decimals(bits, 2)}"}])
        top = -8 - 15 * i
        right = bits > 0.4 * longest
        tips = [alt.Tooltip("name:N", title="baseline"), alt.Tooltip("bits:Q", title=PER_CHARACTER, format=".3f")]
        base = alt.Chart(mark).encode(x=alt.X("bits:Q"), tooltip=tips)
        layers.append(
            base.mark_rule(strokeDash=[4, 3], strokeWidth=1.5, style="baseline").encode(
                y=alt.YValue(top - 6), y2=alt.Y2Value("height")
            )
        )
        layers.append(
            base.mark_text(align="right" if right else "left", dx=-5 if right else 5, style="baseline-label").encode(
                y=alt.YValue(top), text="label:N"
            )
        )
    return layers


def ledger(comparison: Comparison, columns: list[ColumnResult]) -> Spec:
    """Stacked bars of the five parts, the total beside the name, and the baselines as marks."""
    lanes = {c.name: f"{c.name}\n{decimals(c.total)}" for c in columns}
    rows = [
        {
            "column": c.name, "lane": lanes[c.name], "part": PART_NAMES[part], "bits": c.part(part), "rank": i,
            "total": c.total,
        }
        for c in columns
        for i, part in enumerate(PARTS)
    ]  # fmt: skip
    totals = [column.total for column in columns] + [b.bits_per_character for b in comparison.baselines]
    longest = max(totals) * 1.03
    y = alt.Y("lane:N", sort=list(lanes.values()), title=None, axis=TWO_LINES)
    scale, axis = alt.Scale(domain=[0, longest], nice=False), alt.Axis(tickCount=TICKS)
    x = alt.X("bits:Q", title=PER_CHARACTER, scale=scale, axis=axis)
    colours = alt.Scale(domain=[PART_NAMES[p] for p in PARTS], range=[PART_COLOURS[p] for p in PARTS])
    bars = (
        alt.Chart(_inline(rows))
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
    return _spec(alt.layer(bars, *_baseline_marks(comparison, longest)), height=44 * len(columns))


def band_rates(columns: list[ColumnResult]) -> Spec:
    """Dots: bits per character within each frequency band, a row per band."""
    rates = [(BAND_NAMES[band], [column.band(i) for column in columns]) for i, band in enumerate(BANDS)]
    return _rates(columns, rates, "band")


def part_of_speech_rates(columns: list[ColumnResult]) -> Spec | None:
    """Dots: bits per character within each part of speech, a row each; None without a tagger."""
    rates = [(pos_name(pos), pairs) for pos, pairs in parts_of_speech(columns)]
    least = LEAST_SHARE * sum(pairs[0][0] for _, pairs in rates)
    return _rates(columns, [rate for rate in rates if rate[1][0][0] >= least], "part of speech") if rates else None


def parts_of_speech(columns: list[ColumnResult]) -> "Rates":
    """Each part of speech, with its characters and bits in each column; the most characters first.

    What is not a word comes last.
    """
    names = columns[0].parts_of_speech
    rates = [(name, [column.part_of_speech(i) for column in columns]) for i, name in enumerate(names)]
    return sorted(rates, key=lambda part: (part[0] == BANDS[-1], -part[1][0][0]))


Rates = list[tuple[str, list[tuple[int, float]]]]


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
    base = alt.Chart(_inline(rows)).encode(y=alt.Y("label:N", sort=labels, title=None))
    span = base.mark_rule(strokeWidth=1, style="span").encode(
        x=alt.X("min(bits):Q", scale=alt.Scale(zero=True)), x2="max(bits):Q"
    )
    dots = base.mark_circle(size=110, opacity=0.95).encode(
        x=alt.X("bits:Q", title=f"bits per character, within the {what}", axis=alt.Axis(tickCount=TICKS)),
        color=_by_column(columns),
        tooltip=_rate_tips(what),
    )
    return _spec(alt.layer(span, dots), height=34 * len(labels))


def _field(columns: list[ColumnResult], rows: list[dict[str, Any]], labels: list[str], what: str) -> Spec:
    """A row per label, shaded by how far each column is from the mean of the columns."""
    means = {label: fmean(row["bits"] for row in rows if row["label"] == label) for label in {r["label"] for r in rows}}
    rows = [{**row, "apart": row["bits"] - means[row["label"]]} for row in rows]
    farthest = max((abs(row["apart"]) for row in rows), default=0) or 1
    axis = alt.Axis(orient="top", labelAngle=-40, labelAlign="left", ticks=False, domain=False, labelLimit=110)
    base = alt.Chart(_inline(rows)).encode(
        y=alt.Y("label:N", sort=labels, title=None),
        x=alt.X("column:N", sort=[column.name for column in columns], title=None, axis=axis),
        tooltip=[*_rate_tips(what), alt.Tooltip("apart:Q", title="above the columns’ mean", format="+.3f")],
    )
    scale = alt.Scale(domain=[-farthest, 0, farthest], range="diverging", interpolate="rgb")
    shades = base.mark_rect().encode(color=alt.Color("apart:Q", scale=scale, legend=None))
    numbers = base.mark_text(style="in-field").encode(text=alt.Text("bits:Q", format=".2f"))
    return _spec(alt.layer(shades, numbers), height=26 * len(labels))


THE_TEXT = "the text itself"


def band_shares(columns: list[ColumnResult]) -> Spec:
    """Stacked bars: each band's share of a column's bits, below its share of the text's characters."""
    characters = [columns[0].band(i)[0] for i in range(len(BANDS))]
    lanes = {THE_TEXT: [float(n) for n in characters]}
    lanes |= {column.name: [column.band(i)[1] for i in range(len(BANDS))] for column in columns}
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
        alt.Chart(_inline(rows))
        .mark_bar()
        .encode(
            y=alt.Y("lane:N", sort=list(lanes), title=None),
            x=alt.X(
                "share:Q", title="share of bits (first bar: share of characters)",
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
    return _spec(chart, height=34 * len(lanes))


def turned(contrast: Contrast) -> Contrast:
    """The same contrast with the lower column second, so the difference is not negative."""
    if contrast.difference >= 0:
        return contrast
    return contrast.model_copy(
        update={
            "a": contrast.b,
            "b": contrast.a,
            "difference": -contrast.difference,
            "low": -contrast.high,
            "high": -contrast.low,
        }
    )


def contrasts(chosen: list[Contrast]) -> Spec:
    """A dot with its 95 % interval per contrast; hollow if the interval includes zero."""
    rows = []
    for contrast in map(turned, chosen[:CONTRASTS]):
        settled = not contrast.low <= 0 <= contrast.high
        rows.append(
            {
                "pair": f"{contrast.a}\n− {contrast.b}",
                "difference": contrast.difference,
                "low": contrast.low,
                "high": contrast.high,
                "p": contrast.p,
                "zero": "outside the interval" if settled else "inside the interval: cannot tell",
            }
        )
    tips = [
        alt.Tooltip("pair:N", title="difference"),
        alt.Tooltip("difference:Q", title=PER_CHARACTER, format="+.3f"),
        alt.Tooltip("low:Q", title="95 % interval from", format="+.3f"),
        alt.Tooltip("high:Q", title="to", format="+.3f"),
        alt.Tooltip("p:Q", title="p (Holm)", format=".3g"),
        alt.Tooltip("zero:N", title="zero is"),
    ]
    base = alt.Chart(_inline(rows)).encode(
        y=alt.Y("pair:N", sort=[row["pair"] for row in rows], title=None, axis=TWO_LINES), tooltip=tips
    )
    zero = alt.Chart(_inline([{"x": 0}])).mark_rule(strokeWidth=1.5, style="zero").encode(x="x:Q")
    interval = base.mark_rule(strokeWidth=2.5, style="interval").encode(
        x=alt.X(
            "low:Q",
            title="bits per character, first − second",
            axis=alt.Axis(tickCount=4),
            scale=alt.Scale(padding=12),
        ),
        x2="high:Q",
    )
    outside = alt.FieldOneOfPredicate(field="zero", oneOf=["outside the interval"])
    dots = (
        base.mark_point(filled=True, size=120, opacity=1, style="dot")
        .transform_filter(outside)
        .encode(x="difference:Q")
    )
    hollow = base.mark_point(filled=False, size=110, opacity=1, strokeWidth=2.5, style="dot-hollow").transform_filter(
        alt.LogicalNotPredicate(**{"not": outside})
    ).encode(x="difference:Q")  # fmt: skip
    return _spec(alt.layer(zero, interval, dots, hollow), height=46 * len(rows))


def history(columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """The points of the learning curves, thinned; one data set serves both panels."""
    cells = [(column.name, cell) for column in columns for cell in column.cells]
    most = min(POINTS_PER_CELL, max(20, POINTS // max(1, len(cells))))
    return [
        {
            "column": name,
            "seed": cell.seed,
            "x": row.characters_seen,
            "t": round(row.seconds, 2),
            "v": round(row.valid_bits_per_character, 4),
        }
        for name, cell in cells
        for row in thinned(cell.history, most)
    ]


def _frame(points: list[dict[str, Any]]) -> list[float]:
    """The lowest and highest bits shown of the learning curves: a steep start may extend beyond the top."""
    bits = sorted(point["v"] for point in points)
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]
    pad = 0.06 * (usual - bits[0]) or 0.1
    return [bits[0] - pad, min(bits[-1], usual) + pad]


def learning(columns: list[ColumnResult], x: str, title: str) -> Spec:
    """Valid bits per character over ``x`` ("x" characters seen, "t" seconds), a line per cell; data: "history"."""
    low, high = _frame(history(columns))
    chart = (
        alt.Chart(alt.NamedData("history"))
        .mark_line(clip=True, strokeWidth=1.8, point={"size": 14, "opacity": 0.75}, interpolate="linear")
        .encode(
            x=alt.X(f"{x}:Q", title=title, axis=alt.Axis(format="~s" if x == "x" else ",~f", tickCount=5)),
            y=alt.Y("v:Q", title=PER_CHARACTER, scale=alt.Scale(domain=[low, high], nice=False, zero=False)),
            color=_by_column(columns),
            detail="seed:N",
            tooltip=[
                alt.Tooltip("column:N"),
                alt.Tooltip("seed:N"),
                alt.Tooltip("x:Q", title="characters seen", format=","),
                alt.Tooltip("t:Q", title="seconds", format=",.0f"),
                alt.Tooltip("v:Q", title="valid bits per character", format=".3f"),
            ],
        )
    )
    return _spec(chart, height=260)


def coverage(comparison: Comparison) -> Spec | None:
    """Share of held-out tokens covered by the k most frequent types, k on a log scale."""
    curve = [(types, share) for types, share in comparison.corpus.coverage.curve if types > 0]
    if len(curve) < 2:
        return None
    rows = [{"types": types, "share": round(share, 5)} for types, share in thinned(curve, POINTS_PER_CELL)]
    base = alt.Chart(_inline(rows)).encode(
        x=alt.X(
            "types:Q", title="tokens in the vocabulary (log scale)",
            scale=alt.Scale(type="log", nice=False), axis=alt.Axis(format="~s", values=[10**i for i in range(8)]),
        ),
        y=alt.Y(
            "share:Q", title="share of held-out tokens covered", scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format="%", tickCount=5),
        ),
        tooltip=[
            alt.Tooltip("types:Q", title="vocabulary", format=","),
            alt.Tooltip("share:Q", title="covers", format=".1%"),
        ],
    )  # fmt: skip
    layers = base.mark_line(strokeWidth=2, style="coverage"), base.mark_circle(size=22, opacity=1, style="coverage")
    return _spec(alt.layer(*layers), height=260)
