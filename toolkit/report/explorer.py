"""Passages of held-out text as the columns read them word by word, and a blind test of passages and samples.

A unit is a neutral word with the space before it, or the text between words: the same for every column.
"""

from collections.abc import Iterator
from itertools import pairwise, zip_longest
from typing import Any

from toolkit.report.columns import Results
from toolkit.results.bits import AUTHOR, Passage, Reading, Why
from toolkit.results.generated import Sample
from toolkit.results.text import cut

SHADE_EDGES = (1, 2, 4, 6, 9, 12, 16, 20, 26)  # bits of a word at which the next shade begins
TITLE_CHARACTERS = 80
TITLES: dict[Why, str] = {
    "middle": "the middle of {p.document}, chosen before anything was measured",
    "ahead": "{p.best} most ahead of {p.other}",
    "behind": "{p.best} most behind {p.other}",
}
# Passages of the blind test are cut to about the same length, so only the writing distinguishes them.
PASSAGE_CHARACTERS = 220  # at most
WHITE_SPACE_WINDOW = 40  # characters searched for white space
PROMPT_CHARACTERS = 40  # skipped at the beginning of a text, which continues a prompt
PASSAGES_PER_COLUMN = 5


def passages(results: Results) -> dict[str, Any]:
    """Return the first passage under two columns, for a page without its script, and the data of the script.

    They are about the columns that have read every passage, the best first.
    """
    passages = results.comparison.passages
    readers = [
        column for column in results.ranked if all(column.name in passage.readings for passage in passages)
    ]
    explorer = {
        "columns": [{"name": column.name, "colour": column.colour} for column in readers],
        "edges": SHADE_EDGES,
        "passages": [_explored(passage, [column.name for column in readers]) for passage in passages],
    }
    return {
        "lanes": [(column, units(passages[0], column.name)) for column in readers[:2] if passages],
        "readers": readers,
        "edges": SHADE_EDGES,
        "data": {"explorer": explorer if passages and readers else None},
    }


def _explored(passage: Passage, columns: list[str]) -> dict[str, Any]:
    return passage.model_dump(include={"document", "start", "text", "starts"}) | {
        "title": cut(TITLES[passage.why].format(p=passage), TITLE_CHARACTERS),
        "bits": [[round(bits, 3) for _, bits in units(passage, column)] for column in columns],
        "readings": [_packed(passage.readings[column]) for column in columns],
    }


def _packed(reading: Reading) -> dict[str, Any]:
    """Return a reading with flat lists of each event's likeliest tokens: token, percent, token, percent …"""
    guesses = [zip(*pair, strict=True) for pair in zip(reading.likeliest, reading.probabilities, strict=True)]
    likeliest = [
        [x for token, p in guess if round(100 * p) for x in (token, round(100 * p))] for guess in guesses
    ]
    return reading.model_dump(include={"tokens", "ids", "widths", "ranks"}) | {
        "bits": [round(bits, 3) for bits in reading.bits],
        "likeliest": likeliest,
    }


def units(passage: Passage, column: str) -> list[tuple[str, float]]:
    """Return text and bits of the units of a passage."""
    bits = passage.bits[column]
    return [(passage.text[a:b], sum(bits[a:b])) for a, b in pairwise([*passage.starts, len(passage.text)])]


def blind(results: Results) -> dict[str, Any] | None:
    """Return a blind test, with text and writer of each passage: is it by the author or by a model?

    None without passages of both.
    """
    written = [
        (passage, column.name)
        for column, generated in results.written
        for sample in generated.samples[:PASSAGES_PER_COLUMN]
        if (passage := cut_passage(sample.text))
    ]
    texts = results.comparison.author_passages[: len(written)]
    by_author = [passage for text in texts if (passage := cut_passage(text))]
    if not by_author:
        return None
    passages = [*((text, AUTHOR) for text in by_author), *written]
    return {"count": len(passages), "by_author": len(by_author), "data": {"blind": {"passages": passages}}}


def cut_passage(text: str) -> str:
    """Return a passage from the first white space behind the text's beginning to the last that fits.

    Without white space it begins or ends anywhere. It is empty if the text is too short.
    """
    window = range(PROMPT_CHARACTERS, PROMPT_CHARACTERS + WHITE_SPACE_WINDOW)
    if len(text) < window.stop + PASSAGE_CHARACTERS:
        return ""
    start = next((place for place in window if text[place].isspace()), PROMPT_CHARACTERS)
    end = start + PASSAGE_CHARACTERS
    space = max(text.rfind(sign, end - WHITE_SPACE_WINDOW, end + 1) for sign in " \n")
    return text[start : space if space > 0 else end].strip()


MAX_ROWS = 6
SHOWN_CHARACTERS = 500  # of a sample


def samples(results: Results) -> dict[str, Any] | None:
    """Return the rows of samples, with a sample or None of each column, and the measures; None without samples."""
    if not (written := results.written):
        return None
    author = {
        name: value.author for _, generated in reversed(written) for name, value in generated.measures.items()
    }
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
