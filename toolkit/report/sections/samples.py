"""What the columns write, and how it measures."""

from statistics import fmean
from typing import Any

from toolkit.report import betrayal, measures, samples, temperatures
from toolkit.report.charts import Spec
from toolkit.report.columns import Results, WrittenColumn
from toolkit.report.section import Section
from toolkit.results.corpus import DOCUMENT
from toolkit.results.text import count, percent


def _novelty(columns: list[WrittenColumn]) -> list[tuple[str, list[str]]]:
    """By lane, the share of sequences of 1, 2, … words that training lacks."""
    if not columns:
        return []
    first = columns[0].generated
    lanes = [("the author", first.author.novelty)]
    lanes += [("the author, other passages", first.another.novelty)] if first.another else []
    for column in columns:
        own = column.generated
        lanes.append((column.name, own.novelty))
        lanes += [(f"{column.name}, n-grams", own.counted.novelty)] if own.counted else []
    return [(name, [percent(share) for share in shares]) for name, shares in lanes]


def run_on(results: Results) -> str:
    """What passages and samples are where documents end sooner; nothing where enough held-out ones are long enough."""
    if not results.written or results.comparison.corpus.unit != DOCUMENT:
        return ""
    column = results.written[0]
    length = column.generated.measured_characters
    lengths = [document.characters for document in column.first.documents]
    if fmean(lengths) >= length or sum(own >= length for own in lengths) >= len(column.generated.samples):
        return ""
    return (
        f"The held-out documents have {count(round(fmean(lengths)))} characters in the mean, fewer than the "
        f"{count(length)} that are measured of each sample. So the author’s passages run over several documents, with "
        f"a blank line between two, and a model, which may not end a document, has to go on where the author would "
        f"have ended: what tells samples from passages may be that alone."
    )


def _shows(results: Results) -> dict[str, Any]:
    columns = results.written
    return {
        "written": columns,
        "samples": samples.own(columns),
        "swept_samples": list(samples.swept(columns)),
        "temperatures": samples.choices(columns),
        "filled": samples.filled(columns),
        "sources": samples.SOURCES,
        "run_on": run_on(results),
        "temperature": temperatures.sentences(columns),
        "any_matched": any(column.generated.matched for column in columns),
        "any_counted": any(column.generated.counted for column in columns),
        "measures": measures.lines(columns, results.comparison.measures),
        "telling": betrayal.telling_counts(columns),
        "novelty": _novelty(columns),
        "betrayals": betrayal.betrayals(results),
    }


def _charts(results: Results) -> dict[str, Spec | None]:
    return {"temperatures": temperatures.curves(results.written)}


SECTION = Section("Samples", _shows, _charts, there=lambda comparison: bool(comparison.generated))
