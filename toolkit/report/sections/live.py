"""A text of the reader's own, read and continued by every column, offline: only on a page that has their weights."""

from typing import Any

from toolkit.report import explorer
from toolkit.report.columns import Results
from toolkit.report.section import Section
from toolkit.results.live import Live
from toolkit.results.numbers import listing

SCRIPTS = (
    "live_network.js", "live_characters.js", "live_subwords.js", "live_spacy.js", "live_words.js", "live_shapes.js",
    "live_spelling.js", "live_reading.js", "live.js",
)  # fmt: skip
STYLES = ("live.css",)


def section(live: Live) -> Section:
    """The section of these columns."""

    def shows(results: Results) -> dict[str, Any]:
        guessing = [column for column in live.columns if column.guesses]
        return {
            "live": live,
            "live_edges": explorer.EDGES,
            "column_of": {column.name: column for column in results.columns},
            "furthest": max(live.columns, key=lambda column: abs(column.difference), default=None),
            "most": max((column.most for column in live.columns), default=0.0),
            "coarsest": 2 * min((column.levels for column in live.columns), default=0) + 1,
            "guessing": listing([c.name for c in guessing]) if guessing else "",
        }

    def data(_: Results) -> dict[str, Any]:
        kept = {"name", "temperature", "packed"}
        return {"live": {"edges": explorer.EDGES, "columns": [c.model_dump(include=kept) for c in live.columns]}}

    return Section("Try it", shows, data=data)
