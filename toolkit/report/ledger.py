"""The ledger: the bits of each column by part, by frequency band, by part of speech and by word."""

from typing import Any

from toolkit.report.charts import Rows, Spec, chart
from toolkit.report.columns import BAND_COLOURS, BAND_NAMES, PART_COLOURS, PART_NAMES, Results, pos_name
from toolkit.report.verdict import lane
from toolkit.results.bits import BANDS, PARTS, THE_TEXT, WordBits

LEAST_CHARTED_SHARE = 0.002  # of the characters; a part of speech below this stands in the table only
DARKEST_QUANTILE = 0.8  # of the differences from the best column: the darkest shade begins there
Pairs = list[tuple[int, float]]  # characters and bits of each column


def ledger(results: Results) -> dict[str, Any]:
    """Return the parts, the leads in bands and parts of speech, and the data about words."""
    words = word_table(results.comparison.words, list(results.colours))
    if not results.columns:
        return {"data": {"words": words}}
    by_band = zip(BAND_NAMES.values(), *(column.bands for column in results.columns), strict=True)
    by_pos = _parts_of_speech(results)
    characters = sum(pairs[0][0] for pairs in by_pos.values())
    charted = {pos_name(p): pairs for p, pairs in by_pos.items() if pairs[0][0] >= LEAST_CHARTED_SHARE * characters}
    leads = {(lead.over, lead.at): lead for lead in results.comparison.leads}
    specs = {
        "ledger": _bill(results),
        "band-rates": _rates(results, {band: list(pairs) for band, *pairs in by_band}, "band"),
        "band-shares": _band_shares(results),
    }
    return {
        "parts": [(PART_NAMES[part], PART_COLOURS[part]) for part in PARTS],
        "bands": [(BAND_NAMES[band], BAND_COLOURS[band]) for band in BANDS],
        "band_leads": [leads.get(("band", band)) for band in BANDS],
        "parts_of_speech": [
            (pos, pos_name(pos), pairs, leads.get(("part of speech", pos))) for pos, pairs in by_pos.items()
        ],
        "characters": characters or 1,
        "words": words,
        "charts": specs | ({"parts-of-speech": _rates(results, charted, "part of speech")} if charted else {}),
        "data": {"words": words},
    }


def _parts_of_speech(results: Results) -> dict[str, Pairs]:
    """Return each part of speech with all columns' characters and bits, the most characters first, non-words last."""
    by_column = [column.parts_of_speech for column in results.columns]
    pairs = {pos: [by_pos[pos] for by_pos in by_column] for pos in by_column[0]}
    return dict(sorted(pairs.items(), key=lambda item: (item[0] == BANDS[-1], -item[1][0][0])))


def _bill(results: Results) -> Spec:
    rows: Rows = []
    for column in results.columns:
        whole = {"column": column.name, "lane": lane(column.name, column.total), "total": column.total}
        parts = [{"part": PART_NAMES[part], "bits": column.part(part), "rank": i} for i, part in enumerate(PARTS)]
        rows += [whole | part for part in parts]
    lines = results.compressor_lines
    end = 1.03 * max([column.total for column in results.columns] + [line["bits"] for line in lines])
    colours = {PART_NAMES[part]: PART_COLOURS[part] for part in PARTS}
    order = list(dict.fromkeys(row["lane"] for row in rows))
    return chart("bill", {"order": order, "colours": colours, "end": end}, parts=rows, compressors=lines)


def _rates(results: Results, by_label: dict[str, Pairs], what: str) -> Spec:
    """Chart bits per character within each label: dots on a line, or of many columns a field of shades.

    One bad column does not flatten all differences, because the darkest shade begins at a quantile.
    """
    rows: Rows = []
    for label, pairs in by_label.items():
        rates = [(name, n, bits / n) for name, (n, bits) in zip(results.colours, pairs, strict=True) if n]
        best = min((rate for *_, rate in rates), default=0.0)
        for name, n, rate in rates:
            row = {"label": label, "column": name, "bits": rate, "characters": n, "apart": rate - best}
            rows.append(row | {"text": f"+{rate - best:.2f}" if rate > best else f"{rate:.2f}"})
    arguments: dict[str, Any] = {"order": list(by_label), "colours": results.colours, "what": what}
    if not results.many:
        return chart("rates", arguments, rates=rows)
    apart = sorted(row["apart"] for row in rows)
    arguments["darkest"] = apart[int(DARKEST_QUANTILE * (len(apart) - 1))] or apart[-1] or 1
    return chart("shaded_rates", arguments, rates=rows)


def _band_shares(results: Results) -> Spec:
    lanes = {THE_TEXT: ("of its characters", [float(characters) for characters, _ in results.columns[0].bands])}
    lanes |= {column.name: ("of its bits", [bits for _, bits in column.bands]) for column in results.columns}
    rows: Rows = [
        {"lane": name, "band": BAND_NAMES[band], "share": amount / (sum(amounts) or 1), "rank": rank, "of": whole}
        for name, (whole, amounts) in lanes.items()
        for rank, (band, amount) in enumerate(zip(BANDS, amounts, strict=True))
    ]
    colours = {BAND_NAMES[band]: colour for band, colour in BAND_COLOURS.items()}
    return chart("shares", {"order": list(lanes), "colours": colours}, parts=rows)


def word_table(words: WordBits, columns: list[str]) -> dict[str, Any] | None:
    """Return the data of the tables of words that a script makes; None without two columns to compare."""
    names = [name for name in columns if name in words.bits]
    if len(names) < 2 or not words.words:
        return None
    return {
        "columns": names,
        "words": [[word.text, word.count, BAND_NAMES.get(word.band, word.band)] for word in words.words],
        "bits": [[round(bits, 2) for bits in words.bits[name]] for name in names],
    }
