"""The page: what each section shows, in one HTML file that loads nothing."""

from dataclasses import dataclass
from typing import Any

from toolkit.report import charts, measures, prose, samples, shading, table
from toolkit.report.columns import ColumnResult, columns, compressor
from toolkit.report.html import environment, flattened, frame
from toolkit.results import BANDS, ClassCoverage, Comparison, Contrast, FailedCell, WordBits

CLASSES = 30  # of one column, those with the most held-out tokens: shown at first, the others on request
MOST_CLASSES = 1_200  # over all columns, shared equally: about 190 bytes of page each
CLASS_WORDS = 12_000  # over all classes: about 12 bytes of page each
SETTINGS = 300
VERDICTS = 3  # shown at first; the others on request
# Characters of a class's name and of an example, documents named per part of the split, characters of a note.
LIMITS = {"class": 40, "example": 28, "documents": 60, "note": 2_000}


def _chart_specs(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, charts.Spec]:
    """The charts that this comparison has data for, by the id of their place on the page."""
    specs: dict[str, charts.Spec | None] = {"coverage": charts.coverage(comparison)}
    if columns:
        specs |= {
            "ledger": charts.ledger(comparison, columns),
            "band-rates": charts.band_rates(columns),
            "band-shares": charts.band_shares(columns),
            "parts-of-speech": charts.part_of_speech_rates(columns),
        }
    if charts.history(columns):
        specs["learning-characters"] = charts.learning(columns, "x", "characters of training text seen")
        specs["learning-seconds"] = charts.learning(columns, "t", "seconds of training")
    chosen = leading_contrasts(comparison)
    if chosen:
        specs["contrasts"] = charts.contrasts(chosen)
    return {name: spec for name, spec in specs.items() if spec is not None}


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
        settled = not contrast.low <= 0 <= contrast.high
        return {"difference": sign * contrast.difference, "settled": settled, "title": contrast.verdict}

    return [(row, [entry(row.name, column.name) for column in ranked]) for row in ranked]


def _verdict(comparison: Comparison, columns: list[ColumnResult]) -> dict[str, Any]:
    best = prose.best_of(columns) if columns else None
    ranked = sorted(columns, key=lambda column: column.total)
    leading = leading_contrasts(comparison)
    marks = [(compressor(b), b.bits_per_character) for b in prose.rivals(comparison)]
    return {
        "best": best,
        "ranked": ranked,
        "others": [column for column in ranked if column is not best][:3],
        "matrix": matrix(comparison, ranked) if len(columns) > charts.ON_ONE_LINE else [],
        "marks": marks,
        "standing": prose.standing(comparison, columns) if columns else [],
        "verdicts": [contrast.verdict for contrast in leading],
        "more": [contrast.verdict for contrast in comparison.contrasts if contrast not in leading],
    }


def _band_table(columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """For each column and band: bits per character within the band, and the band's share of the column's bits."""
    lines = []
    for column in columns:
        pairs = [column.band(i) for i in range(len(BANDS))]
        bits = sum(b for _, b in pairs) or 1
        cells = [{"rate": b / n if n else None, "share": b / bits} for n, b in pairs]
        lines.append({"column": column, "cells": cells})
    return lines


def _part_of_speech_table(columns: list[ColumnResult]) -> list[dict[str, Any]]:
    """For each part of speech: its share of the text, and each column's bits per character in it, the fewest marked."""
    lines = []
    parts = charts.parts_of_speech(columns)
    whole = sum(pairs[0][0] for _, pairs in parts) or 1
    for pos, pairs in parts:
        rates = [bits / characters if characters else None for characters, bits in pairs]
        fewest = min((rate for rate in rates if rate is not None), default=None)
        cells = [{"rate": rate, "best": rate is not None and rate == fewest and len(columns) > 1} for rate in rates]
        lines.append({"name": charts.pos_name(pos), "pos": pos, "share": pairs[0][0] / whole, "cells": cells})
    return lines


def _words(words: WordBits, columns: list[ColumnResult]) -> dict[str, Any] | None:
    """What the page's script makes tables from; None without two columns to compare."""
    known = [column for column in columns if column.name in words.bits]
    if len(known) < 2 or not words.words:
        return None
    return {
        "columns": [column.name for column in known],
        "each_way": words.each_way,
        "words": [[word.text, word.count, charts.BAND_NAMES.get(word.band, word.band)] for word in words.words],
        "bits": [[round(bits, 2) for bits in words.bits[column.name]] for column in known],
    }


@dataclass(frozen=True)
class Classes:
    """The classes of a column, those with the most held-out tokens first, and how many of them are shown."""

    column: ColumnResult
    shown: list[ClassCoverage]
    more: list[ClassCoverage]
    hidden: int
    examples: int


def _classes(columns: list[ColumnResult]) -> list[Classes]:
    """The columns that have classes, with these classes."""
    with_classes = [column for column in columns if column.first.coverage.classes]
    most = max(CLASSES, MOST_CLASSES // max(1, len(with_classes)))
    number = sum(min(len(column.first.coverage.classes), most) for column in with_classes)
    examples = max(3, CLASS_WORDS // max(1, number))
    ranked = [sorted(c.first.coverage.classes, key=lambda k: (-k.test_tokens, -k.train_tokens)) for c in with_classes]
    return [
        Classes(column, classes[:CLASSES], classes[CLASSES:most], len(classes[most:]), examples)
        for column, classes in zip(with_classes, ranked, strict=True)
    ]


def render(comparison: Comparison) -> str:
    """One self-contained HTML file: nothing is loaded, and every text of the corpus and the models is escaped."""
    results = columns(comparison)
    specs = _chart_specs(comparison, results)
    points = charts.history(results)
    words = _words(comparison.words, results)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            comparison=comparison,
            corpus=comparison.corpus,
            columns=results,
            many=len(results) > charts.ON_ONE_LINE,
            failed=[cell for cell in comparison.cells if isinstance(cell, FailedCell)],
            seeds=list(dict.fromkeys(cell.seed for column in results for cell in column.cells)),
            title=prose.question(comparison, results),
            prose=prose,
            made=prose.made(comparison.created),
            verdict=_verdict(comparison, results),
            contrasts=comparison.contrasts,
            groups=table.GROUPS,
            rows=table.rows(comparison, results),
            parts=[(table.PART_NAMES[p], charts.PART_COLOURS[p], table.PART_MEANINGS[p]) for p in table.PART_NAMES],
            bands=[(charts.BAND_NAMES[band], charts.BAND_COLOURS[band]) for band in BANDS],
            band_table=_band_table(results),
            part_of_speech_table=_part_of_speech_table(results) if results else [],
            words=words,
            classes=_classes(results),
            passages=shading.shaded(comparison.passages, results),
            edges=shading.EDGES,
            samples=samples.matched(results),
            filled=samples.filled(results),
            measures=measures.lines(results, comparison.measures),
            machine=flattened(comparison.machine)[:SETTINGS],
            settings=flattened(comparison.settings)[:SETTINGS],
            limits=LIMITS,
            charts=specs,
            **frame({"charts": specs, "history": points, "words": words}),
        )
    )
