"""Author or machine: passages to be told apart, by this reader and by others."""

import hashlib
import json
from collections import Counter
from typing import Any

from toolkit.report.columns import Results
from toolkit.report.section import Section
from toolkit.results.blind import Taken, hidden, on_its_passages, tally
from toolkit.results.numbers import percent
from toolkit.results.votes import AUTHOR


def _shows(results: Results) -> dict[str, Any]:
    comparison = results.comparison
    passages, votes = hidden(comparison), on_its_passages(comparison.votes, comparison)
    return {
        "blind": {
            "passages": len(passages),
            "author": sum(passage.writer == AUTHOR for passage in passages),
            "tally": tally(comparison),
            "interval": _interval,
            "votes": len(votes),
            "votes_elsewhere": len(comparison.votes) - len(votes),
        }
    }


def _interval(taken: Taken) -> str:
    low, high = taken.interval
    return f"{percent(low, 0)} to {percent(high, 0)}"


def _data(results: Results) -> dict[str, Any]:
    """The passages; a name for just these, under which a browser keeps votes; the intervals of all possible shares.

    These are listed by the number of a writer's passages and, of them, of those taken for the author's.
    """
    passages = [[passage.text, passage.writer] for passage in hidden(results.comparison)]
    numbers = set(Counter(writer for _, writer in passages).values())
    return {
        "blind": {
            "corpus": results.comparison.corpus.sha256,
            "test": hashlib.sha256(json.dumps(passages).encode()).hexdigest(),
            "passages": passages,
            "intervals": {n: [_interval(Taken("", k, n)) for k in range(n + 1)] for n in sorted(numbers)},
        }
    }


SECTION = Section("Author?", _shows, data=_data, there=lambda comparison: bool(hidden(comparison) or comparison.votes))
