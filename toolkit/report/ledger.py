"""The ledger: the bits of each column by part, by frequency band and by part of speech."""

from typing import Any

from toolkit.report.charts import Rows, Spec, chart
from toolkit.report.columns import BAND_NAMES, PART_COLOURS, PART_NAMES, Results, pos_name
from toolkit.report.verdict import lane
from toolkit.results.bits import BANDS, PARTS

LEAST_CHARTED_SHARE = 0.002  # of the characters; a part of speech below this stands in the table only
Pairs = list[tuple[int, float]]  # characters and bits of each column


def ledger(results: Results) -> dict[str, Any]:
    """Return the parts, and the leads in bands and parts of speech."""
    if not results.columns:
        return {}
    by_band = zip(BAND_NAMES.values(), *(column.bands for column in results.columns), strict=True)
    by_pos = _parts_of_speech(results)
    characters = sum(pairs[0][0] for pairs in by_pos.values())
    charted = {
        pos_name(p): pairs for p, pairs in by_pos.items() if pairs[0][0] >= LEAST_CHARTED_SHARE * characters
    }
    leads = {(lead.over, lead.at): lead for lead in results.comparison.leads}
    specs = {
        "ledger": _bill(results),
        "band-rates": _rates(results, {band: list(pairs) for band, *pairs in by_band}, "band"),
    }
    return {
        "parts": [(PART_NAMES[part], PART_COLOURS[part]) for part in PARTS],
        "bands": [BAND_NAMES[band] for band in BANDS],
        "band_leads": [leads.get(("band", band)) for band in BANDS],
        "parts_of_speech": [
            (pos, pos_name(pos), pairs, leads.get(("part of speech", pos))) for pos, pairs in by_pos.items()
        ],
        "characters": characters or 1,
        "charts": specs | ({"parts-of-speech": _rates(results, charted, "part of speech")} if charted else {}),
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
    rows: Rows = [
        {"label": label, "column": name, "bits": bits / n, "characters": n}
        for label, pairs in by_label.items()
        for name, (n, bits) in zip(results.colours, pairs, strict=True)
        if n
    ]
    return chart("rates", {"order": list(by_label), "colours": results.colours, "what": what}, rates=rows)
