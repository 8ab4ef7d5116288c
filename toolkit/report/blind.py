"""A blind test: short passages in which a reader tells the author from the models.

All passages are cut from the middle of a text to about the same length, at white space if some is near, so only the
writing distinguishes them.
"""

import hashlib
import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from scipy.stats import binomtest

from toolkit.report.columns import Results
from toolkit.results.bits import AUTHOR
from toolkit.results.comparison import Comparison
from toolkit.results.text import percent

PASSAGE_CHARACTERS = 220  # at most
WHITE_SPACE_WINDOW = 40  # characters in which white space is sought
PROMPT_CHARACTERS = 40  # skipped at the beginning of a text, which continues a prompt
PASSAGES_PER_COLUMN = 5
AUTHOR_PASSAGES = 10  # at most, and at most as many as all columns have together


def blind(results: Results) -> dict[str, Any] | None:
    """Return the facts and the data of the section; None without passages of the author or samples.

    The data are text and writer of each passage, the key under which a browser keeps the answers, and the exact 95 %
    interval of every score, by the number of a writer's passages, then by how many were taken for the author's.
    """
    if not (passages := test_passages(results.comparison)):
        return None
    by_writer = Counter(writer for _, writer in passages)
    intervals = {n: [_interval(k, n) for k in range(n + 1)] for n in sorted(set(by_writer.values()))}
    key = hashlib.sha256(json.dumps(passages).encode()).hexdigest()
    return {
        "count": len(passages),
        "by_author": by_writer[AUTHOR],
        "data": {"blind": {"test": key, "passages": passages, "intervals": intervals}},
    }


def test_passages(comparison: Comparison) -> list[tuple[str, str]]:
    """Return text and writer of each passage, the author's first; none without the author's or without samples."""
    written = [
        (text, column)
        for column, generated in comparison.generated.items()
        for text in spread_passages([sample.text for sample in generated.samples], PASSAGES_PER_COLUMN)
    ]
    by_author = comparison.author_passages[: min(AUTHOR_PASSAGES, len(written))]
    return [*((text, AUTHOR) for text in by_author), *written] if written and by_author else []


def spread_passages(texts: Sequence[str], number: int) -> list[str]:
    """Return this number of passages, or fewer, evenly spread over the middles of the texts."""
    edges = PROMPT_CHARACTERS + PASSAGE_CHARACTERS
    long = [text for text in texts if len(text) > edges]
    ends = list(accumulate(len(text) - edges for text in long))
    chosen = []
    for place in (round((i + 0.5) / number * ends[-1]) for i in range(number) if long):
        i = bisect_right(ends, place)
        chosen.append(cut_passage(long[i], PROMPT_CHARACTERS + place - (ends[i - 1] if i else 0)))
    return list(dict.fromkeys(filter(None, chosen)))


def cut_passage(text: str, start: int = 0) -> str:
    """Return a passage from the first white space at or after ``start`` to the last that fits; words stay whole.

    Without white space within ``WHITE_SPACE_WINDOW`` characters it begins or ends anywhere; a passage that would begin
    within the last word is empty.

    >>> cut_passage("one two three", 1), cut_passage("one two three", 10)
    ('two three', '')
    """
    if start:
        window = range(start, min(start + WHITE_SPACE_WINDOW, len(text)))
        fallback = start if start + WHITE_SPACE_WINDOW < len(text) else len(text)
        start = next((place for place in window if text[place].isspace()), fallback)
    end = start + PASSAGE_CHARACTERS
    if end < len(text):
        space = max(text.rfind(sign, end - WHITE_SPACE_WINDOW, end + 1) for sign in " \n")
        end = space if space > 0 else end
    return text[start:end].strip()


def _interval(count: int, number: int) -> str:
    low, high = binomtest(count, number).proportion_ci(method="exact")
    return f"{percent(low, 0)} to {percent(high, 0)}"
