"""The ledger: the bits of each column by part, by frequency band, by part of speech and by word."""

from collections.abc import Sequence
from typing import Any

from toolkit.report import charts
from toolkit.report.charts import Rows, Spec, lane
from toolkit.report.columns import ColumnResult, Results
from toolkit.report.names import BAND_COLOURS, BAND_NAMES, PART_COLOURS, PART_NAMES, pos_name
from toolkit.report.table import PRICES
from toolkit.results.bits import BANDS, PARTS, THE_TEXT
from toolkit.results.words import WordBits

LEAST_CHARTED_SHARE = 0.002  # of the characters; a part of speech below this stands in the table only
Pairs = list[tuple[int, float]]  # characters and bits of each column


def ledger(results: Results) -> dict[str, Any]:
    """Return the parts, the leads in bands and parts of speech, and the data about words."""
    columns = results.columns
    words = word_table(results.comparison.words, list(results.colours))
    if not columns:
        return {"data": {"words": words}}
    bands = [(BAND_NAMES[band], list(pairs)) for band, *pairs in zip(BANDS, *(c.bands for c in columns), strict=True)]
    by_pos = _parts_of_speech(columns)
    characters = sum(pairs[0][0] for _, pairs in by_pos)
    charted = [(pos_name(pos), pairs) for pos, pairs in by_pos if pairs[0][0] >= LEAST_CHARTED_SHARE * characters]
    leads = {(lead.over, lead.at): lead for lead in results.comparison.leads}
    return {
        "parts": [(PART_NAMES[part], PART_COLOURS[part]) for part in PARTS],
        "prices": PRICES,
        "bands": [(BAND_NAMES[band], BAND_COLOURS[band]) for band in BANDS],
        "band_leads": [leads.get(("band", band)) for band in BANDS],
        "parts_of_speech": [(pos, pos_name(pos), pairs, leads.get(("part of speech", pos))) for pos, pairs in by_pos],
        "characters": characters or 1,
        "words": words,
        "charts": {
            "ledger": _bill(results),
            "band-rates": _rates(results, bands, "band"),
            "band-shares": _band_shares(columns),
            "parts-of-speech": _rates(results, charted, "part of speech") if charted else None,
        },
        "data": {"words": words},
    }


def _parts_of_speech(columns: Sequence[ColumnResult]) -> list[tuple[str, Pairs]]:
    """Return each part of speech with all columns' characters and bits, the most characters first, non-words last."""
    by_column = [column.parts_of_speech for column in columns]
    pairs = {pos: [by_pos[pos] for by_pos in by_column] for pos in by_column[0]}
    return sorted(pairs.items(), key=lambda item: (item[0] == BANDS[-1], -item[1][0][0]))


def _bill(results: Results) -> Spec:
    rows: Rows = []
    for column in results.columns:
        whole = {"column": column.name, "lane": lane(column.name, column.total), "total": column.total}
        parts = [{"part": PART_NAMES[part], "bits": column.part(part), "rank": i} for i, part in enumerate(PARTS)]
        rows += [whole | part for part in parts]
    colours = {PART_NAMES[part]: PART_COLOURS[part] for part in PARTS}
    return charts.bill(rows, list(dict.fromkeys(row["lane"] for row in rows)), colours, results.compressors)


def _rates(results: Results, by_label: list[tuple[str, Pairs]], what: str) -> Spec:
    rows: Rows = [
        {"label": label, "column": column.name, "bits": bits / characters, "characters": characters}
        for label, pairs in by_label
        for column, (characters, bits) in zip(results.columns, pairs, strict=True)
        if characters
    ]
    return charts.rates(rows, [label for label, _ in by_label], results.colours, what, shaded=results.many)


def _band_shares(columns: Sequence[ColumnResult]) -> Spec:
    lanes = {THE_TEXT: ("of its characters", [float(characters) for characters, _ in columns[0].bands])}
    lanes |= {column.name: ("of its bits", [bits for _, bits in column.bands]) for column in columns}
    rows: Rows = [
        {"lane": name, "band": BAND_NAMES[band], "share": amount / (sum(amounts) or 1), "rank": rank, "of": whole}
        for name, (whole, amounts) in lanes.items()
        for rank, (band, amount) in enumerate(zip(BANDS, amounts, strict=True))
    ]
    return charts.shares(rows, list(lanes), {BAND_NAMES[band]: colour for band, colour in BAND_COLOURS.items()})


def word_table(words: WordBits, columns: list[str]) -> dict[str, Any] | None:
    """Return the data of the tables of words that a script makes; None without two columns to compare.

    ``intervals`` has half-widths by the places of two columns, the smaller first, and by the place of the word.
    """
    names = [name for name in columns if name in words.bits]
    if len(names) < 2 or not words.words:
        return None
    intervals = {}
    for pair in words.intervals:
        if {pair.a, pair.b} <= set(names):
            half_widths = [round(half, 2) for half in pair.half_widths]
            places = sorted((names.index(pair.a), names.index(pair.b)))
            intervals[",".join(map(str, places))] = dict(zip(pair.words, half_widths, strict=True))
    return {
        "columns": names,
        "each_way": words.each_way,
        "words": [[word.text, word.count, BAND_NAMES.get(word.band, word.band)] for word in words.words],
        "bits": [[round(bits, 2) for bits in words.bits[name]] for name in names],
        "intervals": intervals,
    }
