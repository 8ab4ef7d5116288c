"""The samples of the columns side by side, with marks for copies and new words, and the measures of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import Any

from toolkit.report import charts
from toolkit.report.charts import WRITERS, Rows, Spec
from toolkit.report.columns import ColumnResult, Results
from toolkit.results.comparison import Comparison
from toolkit.results.corpus import DOCUMENT
from toolkit.results.generated import SHOWN, Filled, Generated, Mark, Sample
from toolkit.results.grouping import grouped
from toolkit.results.text import count, decimals, percent

OWN_TEMPERATURE_ROWS = 6
OWN_TEMPERATURE = "at-own"  # id of the control for the temperature of each column's samples
FORMATS = {  # of measures by unit
    "share": percent,
    "characters": count,
    "divergence": lambda value: decimals(value, 4),
    "per 10,000 words": lambda value: decimals(value, 1),
}
Written = list[tuple[ColumnResult, Generated]]


@dataclass(frozen=True)
class Piece:
    """A stretch of a text with the same marks: their kinds, and the source of a copy."""

    text: str
    kinds: tuple[str, ...] = ()
    source: Mark | None = None


@dataclass(frozen=True)
class Stretch:
    """A stretch of a text in pieces, or the word that fills a placeholder of ``word_class``."""

    pieces: list[Piece]
    word_class: str | None = None


@dataclass(frozen=True)
class Row:
    """A prompt with every column's reply; ``temperature`` and ``number`` are ids of the controls that show the row."""

    prompt: str
    replies: list[tuple[ColumnResult, Sample | None]]
    temperature: str
    number: str


def samples(results: Results) -> dict[str, Any] | None:
    """Return the facts and charts of the section; None without samples."""
    if not (written := results.written):
        return None
    own = list(own_rows(written))
    swept = list(swept_rows(written, 1 if results.many else None))
    temperatures = swept_temperatures(written)
    replies = [sample for row in (*own, *swept) for _, sample in row.replies if sample]
    return {
        "written": written,
        "first": written[0][1],
        "own": own,
        "swept": swept,
        "temperatures": [(OWN_TEMPERATURE, None), *((f"at-{i}", t) for i, t in enumerate(temperatures, 1))]
        if temperatures
        else [],
        "any_filled": any(sample.spelled for sample in replies),
        "all_matched": all(generated.matched for _, generated in written),
        "any_counted": any(generated.counted for _, generated in written),
        "short_documents": mean_characters_if_short(results.comparison, *written[0]),
        "stretches": stretches,
        "measures": measures(results.comparison, written),
        "charts": {"temperatures": temperature_curves(written, results.colours)},
    }


def own_rows(written: Written) -> Iterator[Row]:
    """Yield rows of samples: every prompt once before any is repeated, so that few rows show many prompts."""
    by_column = [grouped(generated.samples, lambda sample: sample.prompt) for _, generated in written]
    prompts = list(dict.fromkeys(prompt for by_prompt in by_column for prompt in by_prompt))
    depth = max((len(texts) for by_prompt in by_column for texts in by_prompt.values()), default=0)
    number = 0
    for i in range(depth):
        for prompt in prompts:
            texts = [sample_at(by_prompt.get(prompt, []), i) for by_prompt in by_column]
            if any(texts) and number < OWN_TEMPERATURE_ROWS:
                number += 1
                yield Row(prompt, replies(written, texts), OWN_TEMPERATURE, f"sample-{number}")


def swept_rows(written: Written, per_temperature: int | None) -> Iterator[Row]:
    """Yield rows of the texts at each temperature of the sweep, at most ``per_temperature`` of each column."""
    by_column = [swept_samples(generated) for _, generated in written]
    for place, temperature in enumerate(swept_temperatures(written), 1):
        lists = [texts.get(temperature, [])[:per_temperature] for texts in by_column]
        for i in range(max(map(len, lists))):
            texts = [sample_at(column, i) for column in lists]
            prompt = next(sample.prompt for sample in texts if sample)
            yield Row(prompt, replies(written, texts), f"at-{place}", f"text-{i + 1}")


def swept_samples(generated: Generated) -> dict[float, list[Sample]]:
    """Return the samples that were kept at each temperature of the sweep."""
    return {point.temperature: point.samples for point in generated.sweep.points if point.samples}


def swept_temperatures(written: Written) -> list[float]:
    """Return the temperatures of the sweep from which any column has samples."""
    return sorted({temperature for _, generated in written for temperature in swept_samples(generated)})


def sample_at(texts: Sequence[Sample], place: int) -> Sample | None:
    """Return the sample at a place, if there are enough."""
    return texts[place] if place < len(texts) else None


def replies(written: Written, texts: list[Sample | None]) -> list[tuple[ColumnResult, Sample | None]]:
    """Return each column with its text."""
    return [(column, text) for (column, _), text in zip(written, texts, strict=True)]


def stretches(filled: Filled | Sample) -> list[Stretch]:
    """Return the part of a text that the page shows, cut where a placeholder's word or a mark begins and ends.

    A word that the page cuts has no mark.

    >>> from toolkit.results.generated import Fill
    >>> filled = Filled(text="an owl", fills=[Fill(start=3, end=6, name="N")])
    >>> [(stretch.word_class, [piece.text for piece in stretch.pieces]) for stretch in stretches(filled)]
    [(None, ['an ']), ('N', ['owl'])]
    """
    text = filled.text[:SHOWN]
    marks = [mark for mark in filled.marks if mark.end <= SHOWN or mark.kind == "copied"]
    cut = []
    place = 0
    for fill in filled.fills:
        cut.append(Stretch(pieces(text, place, fill.start, marks)))
        cut.append(Stretch(pieces(text, fill.start, fill.end, marks), fill.name))
        place = fill.end
    cut.append(Stretch(pieces(text, place, len(text), marks)))
    return [stretch for stretch in cut if stretch.pieces]


def pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> list[Piece]:
    """Return ``text[start:end]`` cut where a mark begins or ends.

    >>> [(p.text, p.kinds) for p in pieces("an old owl", 0, 10, [Mark(start=3, end=6, kind="broken")])]
    [('an ', ()), ('old', ('broken',)), (' owl', ())]
    """
    end = min(end, len(text))
    places = {place for mark in marks for place in (mark.start, mark.end) if start < place < end}
    cut = []
    for a, b in pairwise(sorted({start, end, *places}) if start < end else []):
        over = [mark for mark in marks if mark.start <= a and b <= mark.end]
        source = next((mark for mark in over if mark.kind == "copied"), None)
        cut.append(Piece(text[a:b], tuple(dict.fromkeys(mark.kind for mark in over)), source))
    return cut


def mean_characters_if_short(comparison: Comparison, column: ColumnResult, generated: Generated) -> float | None:
    """Return the mean length of held-out documents if most are shorter than the measured part of a sample.

    Then the author's passages run over several documents, and that alone may distinguish samples from passages.
    """
    lengths = [document.characters for document in column.first.documents]
    long = sum(length >= generated.measured_characters for length in lengths)
    if comparison.corpus.unit != DOCUMENT or long >= len(generated.samples):
        return None
    return fmean(lengths) if fmean(lengths) < generated.measured_characters else None


def measures(comparison: Comparison, written: Written) -> list[dict[str, Any]]:
    """Return name, facts, format and the author's value of each measure that any column has."""
    lines = []
    for name, facts in comparison.measures.items():
        having = [generated for _, generated in written if name in generated.measures]
        if having:
            show = FORMATS.get(facts.unit, decimals)
            author = show(having[0].measures[name].author)
            lines.append({"name": name, "facts": facts, "show": show, "author": author, "first": having[0]})
    return lines


def temperature_curves(written: Written, colours: dict[str, str]) -> Spec:
    """Chart quality against diversity over temperatures, of the models and of n-grams of their tokens."""
    model, counted = WRITERS
    rows: Rows = [
        {
            "column": column.name,
            "who": who,
            "t": point.temperature,
            "r": round(point.repetition, 4),
            "b": round(point.bits, 3),
        }
        for column, generated in written
        for who, lane in ((model, generated), (counted, generated.counted))
        if lane and lane.sweep
        for point in lane.sweep.points
    ]
    sweep = written[0][1].sweep
    drawn = {column.name: colours[column.name] for column, _ in written}
    return charts.temperatures(rows, {"r": sweep.author_repetition, "b": sweep.author_bits}, drawn)
