"""The samples of the columns side by side, with marks for copies and new words, and the measures of them."""

from collections.abc import Sequence
from itertools import pairwise, zip_longest
from statistics import fmean
from typing import Any, NamedTuple

from toolkit.report.charts import Rows
from toolkit.report.columns import ColumnResult, Results
from toolkit.results.generated import SHOWN, Filled, Generated, Mark, Sample
from toolkit.results.record import grouped

ROWS_AT_OWN_TEMPERATURE = 6
Written = list[tuple[ColumnResult, Generated]]


class Piece(NamedTuple):
    """A stretch of a text with the same marks: their kinds, and the source of a copy."""

    text: str
    kinds: tuple[str, ...] = ()
    source: Mark | None = None


def samples(results: Results) -> dict[str, Any] | None:
    """Return the rows of samples and the measures; None without samples."""
    if not (written := results.written):
        return None
    at_own, swept = _own_rows(written), _swept_rows(written, 1 if results.many else None)
    samples = [sample for row in (*at_own, *swept) for _, sample in row["replies"] if sample]
    first, lengths = written[0][1], [document.characters for document in written[0][0].first.documents]
    enough = sum(length >= first.measured_characters for length in lengths) >= len(first.samples)
    are_short = not enough and fmean(lengths) < first.measured_characters
    author = {name: value.author for _, generated in reversed(written) for name, value in generated.measures.items()}
    return {
        "written": written,
        "mean_of_short_documents": fmean(lengths) if are_short else None,
        "own": at_own,
        "swept": swept,
        "temperatures": _swept_temperatures(written),
        "any_filled": any(sample.spelled for sample in samples),
        "stretches": stretches,
        "max_characters": SHOWN,
        "measures": {name: facts for name, facts in results.comparison.measures.items() if name in author},
        "author": author,
    }


def _own_rows(written: Written) -> Rows:
    """Return rows with ids of their controls, every prompt once before any is repeated: few rows show many prompts."""
    by_column = [grouped(generated.samples, lambda sample: sample.prompt) for _, generated in written]
    prompts = dict.fromkeys(prompt for by_prompt in by_column for prompt in by_prompt)
    by_prompt = {prompt: list(zip_longest(*(texts.get(prompt, []) for texts in by_column))) for prompt in prompts}
    ordered = [texts for in_turn in zip_longest(*by_prompt.values()) for texts in in_turn if texts]
    return [
        _row(written, texts, "at-own", f"sample-{i}") for i, texts in enumerate(ordered[:ROWS_AT_OWN_TEMPERATURE], 1)
    ]


def _swept_rows(written: Written, texts_each: int | None) -> Rows:
    """Return rows of the texts at each temperature of the sweep, at most ``texts_each`` of each column."""
    rows: Rows = []
    for place, temperature in enumerate(_swept_temperatures(written), 1):
        points = [[p for p in generated.sweep.points if p.temperature == temperature] for _, generated in written]
        texts = zip_longest(*([text for p in of for text in p.samples][:texts_each] for of in points))
        rows += [_row(written, replies, f"at-{place}", f"text-{i}") for i, replies in enumerate(texts, 1)]
    return rows


def _row(written: Written, texts: Sequence[Sample | None], temperature: str, number: str) -> dict[str, Any]:
    replies = [(column, text) for (column, _), text in zip(written, texts, strict=True)]
    prompt = next(text.prompt for text in texts if text)
    return {"prompt": prompt, "replies": replies, "temperature": temperature, "number": number}


def _swept_temperatures(written: Written) -> list[float]:
    return sorted({point.temperature for _, generated in written for point in generated.sweep.points if point.samples})


def stretches(filled: Filled | Sample) -> list[tuple[str | None, list[Piece]]]:
    """Return the part of a text that the page shows, cut where a placeholder's word or a mark begins and ends.

    Each stretch has the class of its placeholder, if it is one. A word that the page cuts has no mark.
    """
    text = filled.text[:SHOWN]
    marks = [mark for mark in filled.marks if mark.end <= SHOWN or mark.kind == "copied"]
    fills = [(fill.name, fill.start, fill.end) for fill in filled.fills]
    cut: list[tuple[str | None, list[Piece]]] = []
    place = 0
    for name, start, end in [*fills, (None, len(text), len(text))]:
        cut += [(None, _pieces(text, place, start, marks)), (name, _pieces(text, start, end, marks))]
        place = end
    return [stretch for stretch in cut if stretch[1]]


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> list[Piece]:
    """Return ``text[start:end]`` cut where a mark begins or ends."""
    end = min(end, len(text))
    places = {place for mark in marks for place in (mark.start, mark.end) if start < place < end}
    cut = []
    for a, b in pairwise(sorted({start, end, *places}) if start < end else []):
        over = [mark for mark in marks if mark.start <= a and b <= mark.end]
        source = next((mark for mark in over if mark.kind == "copied"), None)
        cut.append(Piece(text[a:b], tuple(dict.fromkeys(mark.kind for mark in over)), source))
    return cut
