"""The ledger: the bits of each column by part, by frequency band, by part of speech and by word."""

from collections.abc import Sequence
from typing import Any

from toolkit.report import charts
from toolkit.report.charts import Rows, lane
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.names import BAND_COLOURS, BAND_NAMES, PART_COLOURS, PART_NAMES, pos_name
from toolkit.report.table import PRICES
from toolkit.results.bits import BANDS, PARTS, THE_TEXT
from toolkit.results.conclusions import Difference
from toolkit.results.words import WordBits

LEAST_CHARTED_SHARE = 0.002  # of the characters; a part of speech below this stands in the table only
Pairs = list[tuple[int, float]]  # characters and bits of each column


def ledger(results: Results) -> dict[str, Any]:
    """Return the facts, charts and data of the section."""
    columns, comparison = results.columns, results.comparison
    words = word_table(comparison.words, list(results.colours))
    if not columns:
        return {"data": {"words": words}}
    by_band = list(zip(BANDS, *(column.bands for column in columns), strict=True))
    by_pos = parts_of_speech(columns)
    characters = sum(pairs[0][0] for _, pairs in by_pos)
    charted = [(pos_name(pos), pairs) for pos, pairs in by_pos if pairs[0][0] >= LEAST_CHARTED_SHARE * characters]
    bands = [(BAND_NAMES[band], pairs) for band, *pairs in by_band]
    return {
        "parts": [(PART_NAMES[part], PART_COLOURS[part]) for part in PARTS],
        "prices": PRICES,
        "bands": [(BAND_NAMES[band], BAND_COLOURS[band]) for band in BANDS],
        "band_leads": [lead(results, "band", band) for band in BANDS],
        "parts_of_speech": [
            {"pos": pos, "pairs": pairs, "lead": lead(results, "part of speech", pos), "name": pos_name(pos)}
            for pos, pairs in by_pos
        ],
        "characters": characters,
        "words": words,
        "charts": {
            "ledger": bill(results),
            "band-rates": rates(results, bands, "band"),
            "band-shares": band_shares(columns),
            "parts-of-speech": rates(results, charted, "part of speech") if charted else None,
        },
        "data": {"words": words},
    }


def parts_of_speech(columns: Sequence[ColumnResult]) -> list[tuple[str, Pairs]]:
    """Return the characters and bits of each column by part of speech, the most characters first, non-words last."""
    by_column = [column.parts_of_speech for column in columns]
    pairs = {pos: [by_pos[pos] for by_pos in by_column] for pos in by_column[0]}
    return sorted(pairs.items(), key=lambda item: (item[0] == BANDS[-1], -item[1][0][0]))


def lead(results: Results, over: str, at: str) -> Difference | None:
    """Return the difference between the two best columns in a band or part of speech, if it was computed."""
    leads = results.comparison.leads
    return next((lead for lead in leads if (lead.over, lead.at) == (over, at)), None)


def bill(results: Results) -> charts.Spec:
    """Chart the five parts of each column's bits."""
    lanes = {column.name: lane(column.name, column.total) for column in results.columns}
    rows = [
        {
            "column": column.name,
            "lane": lanes[column.name],
            "part": PART_NAMES[part],
            "bits": column.part(part),
            "rank": rank,
            "total": column.total,
        }
        for column in results.columns
        for rank, part in enumerate(PARTS)
    ]
    colours = {PART_NAMES[part]: PART_COLOURS[part] for part in PARTS}
    return charts.bill(rows, list(lanes.values()), colours, results.compressors)


def rates(results: Results, by_label: list[tuple[str, Pairs]], what: str) -> charts.Spec:
    """Chart the bits per character of each column within each label."""
    rows: Rows = [
        {"label": label, "column": column.name, "bits": bits / characters, "characters": characters}
        for label, pairs in by_label
        for column, (characters, bits) in zip(results.columns, pairs, strict=True)
        if characters
    ]
    return charts.rates(rows, [label for label, _ in by_label], results.colours, what, shaded=results.many)


def band_shares(columns: Sequence[ColumnResult]) -> charts.Spec:
    """Chart each band's share of the bits of each column, and of the characters of the text."""
    lanes = {THE_TEXT: [float(characters) for characters, _ in columns[0].bands]}
    lanes |= {column.name: [bits for _, bits in column.bands] for column in columns}
    rows = [
        {
            "lane": name,
            "band": BAND_NAMES[band],
            "share": amount / (sum(amounts) or 1),
            "rank": rank,
            "of": "of its characters" if name == THE_TEXT else "of its bits",
        }
        for name, amounts in lanes.items()
        for rank, (band, amount) in enumerate(zip(BANDS, amounts, strict=True))
    ]
    return charts.shares(rows, list(lanes), {BAND_NAMES[band]: colour for band, colour in BAND_COLOURS.items()})


def word_table(words: WordBits, columns: list[str]) -> dict[str, Any] | None:
    """Return the data from which the page's script makes tables of words; None without two columns to compare.

    ``intervals`` has half-widths by the places of two columns, the smaller first, and by the place of the word.
    """
    names = [name for name in columns if name in words.bits]
    if len(names) < 2 or not words.words:
        return None
    intervals = {
        ",".join(map(str, sorted((names.index(pair.a), names.index(pair.b))))): {
            word: round(half, 2) for word, half in zip(pair.words, pair.half_widths, strict=True)
        }
        for pair in words.intervals
        if pair.a in names and pair.b in names
    }
    return {
        "columns": names,
        "each_way": words.each_way,
        "words": [[word.text, word.count, BAND_NAMES.get(word.band, word.band)] for word in words.words],
        "bits": [[round(bits, 2) for bits in words.bits[name]] for name in names],
        "intervals": intervals,
    }
