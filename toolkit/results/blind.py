"""Passages for a blind test, in which a reader tells the author's passages from those of the models.

All passages are cut from the middle of a text to about the same length, at white space if some is near. So only the
writing distinguishes them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.results.comparison import Comparison

AUTHOR = "the author"  # who wrote a passage of the held-out text
LENGTH = 220  # characters of a passage, at most
NEAR = 40  # characters in which white space is sought: a text may have none, or only between paragraphs
SKIPPED = 40  # characters at a text's beginning, which continues a prompt
EACH = 5  # passages of each column, and of the author as many as of all columns together, at most MOST
MOST = 10


@dataclass(frozen=True)
class Hidden:
    """A passage and who wrote it."""

    text: str
    writer: str


def cut(text: str, start: int = 0) -> str:
    """At most ``LENGTH`` characters from the first white space at or after ``start`` to the last one; words stay whole.

    Where there is no white space within ``NEAR`` characters, it begins or ends without any.

    >>> cut("one two three", 1), cut("one two three", 10)
    ('two three', '')
    """
    if start:
        near = range(start, min(start + NEAR, len(text)))
        otherwise = start if start + NEAR < len(text) else len(text)  # within the last word: no whole word is left
        start = next((place for place in near if text[place].isspace()), otherwise)
    end = start + LENGTH
    if end < len(text):
        last = max(text.rfind(space, end - NEAR, end + 1) for space in " \n")
        end = last if last > 0 else end
    return text[start:end].strip()


def passages_of(texts: Sequence[str], number: int) -> list[str]:
    """So many passages from the middle of the texts, evenly spread over them."""
    long = [text for text in texts if len(text) > SKIPPED + LENGTH]
    if not long:
        return []
    total = sum(len(text) - SKIPPED - LENGTH for text in long)
    pieces = []
    for i in range(number):
        place = round((i + 0.5) / number * total)
        for text in long:
            free = len(text) - SKIPPED - LENGTH
            if place < free:
                pieces.append(cut(text, SKIPPED + place))
                break
            place -= free
    return list(dict.fromkeys(filter(None, pieces)))


def hidden(comparison: Comparison) -> list[Hidden]:
    """The passages of the test, the author's first; none without the author's or without samples."""
    written = [
        Hidden(text, column)
        for column, generated in comparison.generated.items()
        for text in passages_of([sample.text for sample in generated.samples], EACH)
    ]
    by_author = comparison.author_passages[: min(MOST, len(written))]
    return [*(Hidden(text, AUTHOR) for text in by_author), *written] if written and by_author else []
