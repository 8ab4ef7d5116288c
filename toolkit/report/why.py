"""Charts of a comparison, one per question: who leads, in which documents, on which words, and how firmly."""

import math
from collections.abc import Iterable, Mapping
from statistics import fmean

import numpy as np

from toolkit.report.charts import Chart, Mark, axis, lanes_chart, lines_chart
from toolkit.report.columns import (
    BAND_NAMES,
    MIXTURE_COLOUR,
    NAMES,
    PART_COLOURS,
    PART_NAMES,
    ColumnResult,
    Results,
    is_main,
    made_rows,
)
from toolkit.results.bits import BANDS, PARTS
from toolkit.results.cell import MIXTURE
from toolkit.results.conclusions import Contrast, Difference, Sweep, find
from toolkit.results.corpus import SEGMENT, Coverage
from toolkit.results.record import grouped
from toolkit.results.text import cut, decimals, percent, rounded_count, signed, thinned
from toolkit.results.units import joined, units

BITS = "bits per character"
NEAREST_COLUMNS = 12  # compared with the best one in the chart of documents
CHARTED_DOCUMENTS = 100  # the longest
NAME_CHARACTERS = 40
ROOM = 0.15  # of the largest difference, to the left of no difference
CURVE_POINTS = 80
CHECKS_OF_CELL, CHECKS = 100, 900  # of training, in the chart of one cell and of all
LEAST_CHARTED_SHARE = 0.002  # of the characters; a part of speech below this stands in the table only
VALUE_CHARACTERS = 40
Pairs = list[tuple[int, float]]  # characters and bits of each column


def ranking(results: Results) -> Chart:
    """Chart the columns with the interval of their difference from the best one, and everything made of them.

    With folds these are the columns with a result in every fold and their totals over all folds, and each fold is a
    small dot.
    """
    comparison = results.comparison
    totals, contrasts = comparison.answering
    columns = [column for column in results.columns if column.name in totals]
    folds = comparison.folds.folds if comparison.folds else []
    least = totals[columns[0].name]
    lanes: list[Mark] = []
    for column in columns:
        total = totals[column.name]
        lane: Mark = {"label": column.name, "total": decimals(total, 2), "bits": total, "dots": []}
        if column is not columns[0]:
            contrast = find(contrasts, column.name, columns[0].name)
            lane["band"] = (least + contrast.low, least + contrast.high, None, column.colour)
        marks = [(f"fold {fold.number}", fold.bits_per_character[column.name], 4) for fold in folds]
        lane["dots"] = [_dot(name, bits, column.colour, r=r) for name, bits, r in marks]
        lane["dots"].append(_dot(column.name, total, column.colour))
        lanes.append(lane)
    by_label = {lane["label"]: lane for lane in lanes}
    for line in [] if folds else made_rows(results):
        row, bits = line["first"], line["bits"]
        if row.kind == MIXTURE:
            mixture = {"label": row.title, "total": decimals(bits, 2), "bits": bits}
            lanes.append(mixture | {"dots": [_dot(row.title, bits, MIXTURE_COLOUR)]})
        elif row.column in by_label:
            by_label[row.column]["dots"].append(_dot(row.title, bits, results.colours[row.column], hollow=True))
    ends = _values(lanes)
    ends += [end for lane in lanes for end in lane.get("band", ())[:2]]
    width = max(ends) - min(ends)
    compressors = [] if folds else list(filter(is_main, results.compressors))  # these are of one split
    lines: list[Mark] = [
        {"x": b.bits_per_character, "label": f"{b.label}, adapting {decimals(b.bits_per_character, 2)}"}
        for b in compressors
        if -width <= b.bits_per_character - min(ends) <= 2 * width
    ]
    x = axis([*ends, *(line["x"] for line in lines)], f"{BITS}; fewer is better")
    ranked = sorted(lanes, key=lambda lane: lane["bits"])
    return lanes_chart("How many bits does each model need?", x, ranked, lines=lines)


def _dot(name: str, value: float, colour: str, shown: str = "", *, hollow: bool = False, r: int = 7) -> Mark:
    return {
        "name": name,
        "x": value,
        "colour": colour,
        "shown": shown or decimals(value),
        "hollow": hollow,
        "r": r,
    }


def documents(results: Results) -> Chart | None:
    """Chart the differences from the best column in each document; None without two columns."""
    best, nearest = results.best, results.columns[1 : NEAREST_COLUMNS + 1]
    if not nearest:
        return None
    lanes, values = [], [0.0]
    for column in nearest:
        spoken = [
            (name.replace("_", " "), characters, extra)
            for name, characters, extra in document_differences(results, column)
        ]
        longest = sorted(spoken, key=lambda unit: -unit[1])[:CHARTED_DOCUMENTS]
        whole = results.comparison.contrast(column.name, best.name)
        lane: Mark = {"label": "", "total": ""}
        lane["band"] = (whole.low, whole.high, whole.difference, column.colour)
        lane["dots"] = [_dot(name, extra, column.colour, signed(extra), r=5) for name, _, extra in longest]
        values += [whole.low, whole.high, *(extra for _, _, extra in longest)]
        extremes = sorted(longest, key=lambda unit: unit[2])
        if len(nearest) == 1:
            ends = (extremes[0], extremes[-1])
            lane["names"] = [{"x": extra, "text": cut(name, NAME_CHARACTERS)} for name, _, extra in ends]
        else:
            lane |= {"label": column.name, "total": signed(whole.difference)}
            lane["extremes"] = [extremes[0][0], extremes[-1][0]]
        lanes.append(lane)
    other = nearest[0].name if len(nearest) == 1 else "the other model"
    x = axis([*values, -ROOM * max(values)], f"{BITS}, {other} minus {best.name}", signed=True)
    title = f"Is it so in every {results.comparison.unit}?"
    return lanes_chart(title, x, lanes, zero=0, ends=(f"{other} better", f"{best.name} better"))


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


def bill(results: Results) -> Chart:
    """Chart the bits of each column by part."""
    lanes = []
    for column in results.columns:
        bars, start = [], 0.0
        for part in PARTS:
            bits, name = column.part(part), PART_NAMES[part]
            bar = {"x": start, "width": bits, "colour": PART_COLOURS[part], "name": name, "shown": decimals(bits)}
            bars.append(bar | {"label": f"{name} {decimals(bits, 2)}"})
            start += bits
        lanes.append({"label": column.name, "total": decimals(start, 2), "bars": bars})
    x = axis([0.0, *(column.total for column in results.columns)], BITS)
    legend = {name: PART_COLOURS[part] for part, name in PART_NAMES.items()}
    return lanes_chart("Where do the bits go?", x, lanes, legend)


def bands(results: Results) -> Chart:
    """Chart the bits of each column for words of each frequency in training."""
    pairs = zip(BAND_NAMES.values(), *(column.bands for column in results.columns), strict=True)
    return _rates(results, {band: list(of_band) for band, *of_band in pairs}, "Which words make the difference?")


def parts_of_speech(results: Results) -> dict[str, Pairs]:
    """Return each part of speech that all columns have, with their characters and bits.

    Those with the most characters come first, and non-words last.
    """
    by_column = [column.parts_of_speech for column in results.columns]
    shared = [pos for pos in by_column[0] if all(pos in by_pos for by_pos in by_column)] if by_column else []
    pairs = {pos: [by_pos[pos] for by_pos in by_column] for pos in shared}

    def place(pos: str) -> tuple[bool, int]:
        characters, _ = pairs[pos][0]
        return pos == BANDS[-1], -characters

    return {pos: pairs[pos] for pos in sorted(pairs, key=place)}


def speech_chart(results: Results) -> Chart | None:
    """Chart the bits of each column for each part of speech; None without a tagger."""
    pairs = parts_of_speech(results)
    characters = sum(of_pos[0][0] for of_pos in pairs.values())
    least = LEAST_CHARTED_SHARE * characters
    charted = {pos_name(pos): of_pos for pos, of_pos in pairs.items() if of_pos[0][0] >= least}
    return _rates(results, charted, "Which parts of speech make the difference?") if charted else None


def pos_name(pos: str) -> str:
    """Return the name of a part of speech; any other text stays."""
    return str(NAMES["parts_of_speech"].get(pos, pos))


def _rates(results: Results, by_label: Mapping[str, Pairs], title: str) -> Chart:
    lanes = []
    for label, pairs in by_label.items():
        dots = [
            _dot(column.name, bits / n, column.colour, decimals(bits / n, 2))
            for column, (n, bits) in zip(results.columns, pairs, strict=True)
            if n
        ]
        if dots:
            lanes.append(_spread(label, dots))
    x = axis([0.0, *_values(lanes)], f"{BITS} of these words")
    return lanes_chart(title, x, lanes, results.colours)


def _spread(label: str, dots: list[Mark]) -> Mark:
    """Return a lane of dots, the best model's on top, with a line from the first to the last."""
    values = [dot["x"] for dot in dots]
    return {"label": label, "dots": dots[::-1], "span": (min(values), max(values))}


def _values(lanes: list[Mark]) -> list[float]:
    return [dot["x"] for lane in lanes for dot in lane["dots"]]


def noise(results: Results) -> tuple[Chart | None, list[Mark]]:
    """Return the chart of the extra bits of each kind of noise, and rows by kind.

    A row is a column whose tokenizer accepts the noisy text, with its interval.
    """
    intervals = {(lead.at, lead.a): lead for lead in results.comparison.noise if lead.b is None}
    kinds: list[Mark] = []
    for name, noise in {noise.name: noise for column in results.columns for noise in column.first.noise}.items():
        rows: dict[str, Mark] = {}
        for column in results.columns:
            noises = [noise for cell in column.cells for noise in cell.noise if noise.name == name]
            if len(noises) == len(column.cells):
                extra = fmean(noise.extra for noise in noises)
                interval = intervals.get((name, column.name))
                clean = fmean(noise.clean_bits / noise.characters for noise in noises)
                rows[column.name] = {"column": column, "extra": extra, "interval": interval, "clean": clean}
        if rows:
            title = f"{name} mistyped" if "letters" in name else name
            kinds.append({"title": title, "noise": noise, "rows": rows})
    lanes = []
    for kind in kinds:
        rows = kind["rows"]
        dots = [_dot(n, row["extra"], row["column"].colour, signed(row["extra"])) for n, row in rows.items()]
        lanes.append(_spread(kind["title"], dots))
    if not lanes:
        return None, []
    x = axis([0.0, *_values(lanes)], f"extra {BITS}", signed=True)
    return lanes_chart("What do typing errors cost?", x, lanes, results.colours, zero=0), kinds


def learning(results: Results) -> Chart | None:
    """Chart the bits of the validation text during training, a line per cell; None for counted columns alone."""
    cells = [(column, cell) for column in results.columns for cell in column.cells if cell.history]
    if not cells:
        return None
    points = min(CHECKS_OF_CELL, max(12, CHECKS // len(cells)))
    legend = {column.name: column.colour for column, _ in cells}
    lines: list[Mark] = []
    for column, cell in cells:
        checks = [(row.characters_seen, row.valid_bits_per_character) for row in thinned(cell.history, points)]
        lines.append({"name": f"{column.name}, seed {cell.seed}", "colour": column.colour, "points": checks})
    bits = sorted(check[1] for line in lines for check in line["points"])
    usual = bits[min(len(bits) - 1, int(0.9 * len(bits)))]  # a steep start may extend beyond the top
    y = axis([bits[0], max(usual, bits[0] + 0.1)], f"{BITS} of the validation text")
    for line in lines:
        line["points"] = [check for check in line["points"] if check[1] <= y.high]
    x = axis(
        [0.0, *(check[0] for line in lines for check in line["points"])],
        "characters of training text read",
        rounded_count,
    )
    return lines_chart("Have they finished learning?", x, y, lines, legend)


def curve(coverage: Coverage, vocabularies: Iterable[tuple[str, str, int, float]]) -> Chart:
    """Chart the share of held-out tokens among the most frequent tokens, and each model at the size of its vocabulary.

    Args:
        coverage: The facts about the corpus.
        vocabularies: Name and colour of each model, the size of its vocabulary, and the share of held-out tokens that
            are one token of it.
    """
    points = thinned(coverage.curve, CURVE_POINTS)
    models = sorted(vocabularies, key=lambda vocabulary: vocabulary[2])
    places = grouped(models, lambda model: (round(10 * math.log10(model[2])), round(20 * model[3])))
    marks: list[Mark] = [
        {
            "x": size,
            "y": share,
            "colour": colour,
            "name": cut(", ".join(model[0] for model in near), NAME_CHARACTERS),
        }
        for near in places.values()
        for _, colour, size, share in near[:1]
    ]
    x = axis(
        [1, points[-1][0], *(mark["x"] for mark in marks)],
        "tokens in the vocabulary, the most frequent first",
        log=True,
    )
    y = axis([0.0, 1.0], "share of the held-out words and marks", lambda share: percent(share, 0))
    line = {"name": "covered", "colour": "var(--ink)", "points": points}
    return lines_chart("How many words does a vocabulary need?", x, y, [line], marks=marks)


def scaling(results: Results) -> Chart:
    """Chart the bits of every cell over its training text, with a line of means per column."""
    sizes = {fraction.fraction: fraction.characters for fraction in results.comparison.corpus.fractions}
    lines: list[Mark] = []
    by_column = grouped(results.comparison.done, lambda cell: cell.column)
    for column in results.columns:
        cells = by_column[column.name]
        dots = [(sizes[cell.fraction], cell.bits_per_character.total) for cell in cells]
        means = {size: fmean(bits for x, bits in dots if x == size) for size, _ in sorted(dots)}
        lines.append({"name": column.name, "colour": column.colour, "points": list(means.items()), "dots": dots})
    dots = [dot for line in lines for dot in line["dots"]]
    x = axis([size for size, _ in dots], "characters of training text", log=True)
    y = axis([bits for _, bits in dots], BITS)
    return lines_chart("Does it hold with less text?", x, y, lines, results.colours)


def fraction_pairs(results: Results) -> list[list[Difference]]:
    """Return the differences between pairs of columns at all fractions, the best column's pairs first."""
    by_pair = grouped(results.comparison.scaling, lambda difference: (difference.a, difference.b)).values()
    return sorted(by_pair, key=lambda pair: results.best.name not in (pair[0].a, pair[0].b))


def sweeps(results: Results) -> list[tuple[Sweep, list[tuple[str, str, ColumnResult | None, Contrast | None]]]]:
    """Return each sweep with its values, their columns, and the contrasts with the one that needs the fewest bits."""
    lines = []
    for sweep in results.comparison.sweeps:
        names = [value.column for value in sweep.values]
        columns = {column.name: column for column in results.columns if column.name in names}
        best = next(iter(columns), "")
        against = {name: results.comparison.contrast(name, best) for name in columns if name != best}
        values = [
            (
                cut(value.text, VALUE_CHARACTERS),
                value.column,
                columns.get(value.column),
                against.get(value.column),
            )
            for value in sweep.values
        ]
        lines.append((sweep, values))
    return lines
