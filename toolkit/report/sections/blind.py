"""Author or machine: a blind test of short passages, and the reader's own score."""

import hashlib
import json
from collections import Counter
from typing import Any

from scipy.stats import binomtest

from toolkit.report.columns import Results
from toolkit.report.section import Section
from toolkit.results.blind import AUTHOR, hidden
from toolkit.results.text import percent


def _shows(results: Results) -> dict[str, Any]:
    writers = [passage.writer for passage in hidden(results.comparison)]
    return {"blind": {"passages": len(writers), "author": writers.count(AUTHOR)}}


def _data(results: Results) -> dict[str, Any]:
    """The passages with their writers, the key under which a browser keeps the answers, and intervals of all scores.

    ``intervals`` are listed by the number of a writer's passages, then by how many of them are taken for the author's.
    """
    passages = [[passage.text, passage.writer] for passage in hidden(results.comparison)]
    numbers = set(Counter(writer for _, writer in passages).values())
    return {
        "blind": {
            "test": hashlib.sha256(json.dumps(passages).encode()).hexdigest(),
            "passages": passages,
            "intervals": {n: [_interval(k, n) for k in range(n + 1)] for n in sorted(numbers)},
        }
    }


def _interval(count: int, number: int) -> str:
    """The exact 95 % interval of the share ``count`` / ``number``."""
    low, high = binomtest(count, number).proportion_ci(method="exact")
    return f"{percent(low, 0)} to {percent(high, 0)}"


SECTION = Section("Author?", _shows, data=_data, there=lambda comparison: bool(hidden(comparison)))
