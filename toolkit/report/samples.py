"""The samples of the columns side by side, and the measures of them."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from toolkit.report.columns import Results
from toolkit.results.generated import Sample

MAX_ROWS = 6
SHOWN_CHARACTERS = 500  # of a sample


def samples(results: Results) -> dict[str, Any] | None:
    """Return the rows of samples, with a sample or None of each column, and the measures; None without samples."""
    if not (written := results.written):
        return None
    author = {name: value.author for _, generated in reversed(written) for name, value in generated.measures.items()}
    return {
        "written": written,
        "rows": list(zip_longest(*(generated.samples for _, generated in written)))[:MAX_ROWS],
        "stretches": stretches,
        "max_characters": SHOWN_CHARACTERS,
        "measures": {name: facts for name, facts in results.comparison.measures.items() if name in author},
        "author": author,
    }


def stretches(sample: Sample) -> Iterator[tuple[str | None, str]]:
    """Yield the shown text of a sample, cut where a placeholder's word begins and ends, with its class or None."""
    text, place = sample.text[:SHOWN_CHARACTERS], 0
    for fill in sample.fills:
        yield None, text[place : fill.start]
        yield fill.name, text[fill.start : fill.end]
        place = fill.end
    yield None, text[place:]
