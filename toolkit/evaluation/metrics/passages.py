"""Passages of a text, to compare with samples."""

from collections.abc import Sequence


def passages(text: str, lengths: Sequence[int]) -> list[str]:
    """Passages of these lengths, evenly spaced over the text, without overlap if the text is long enough.

    They begin and end anywhere, as samples do; none exceeds the text.

    >>> passages("abcdefghij", [2, 3])
    ['bc', 'fgh']
    """
    gap = (len(text) - sum(lengths)) / len(lengths)  # half of it before the first passage and after the last
    cut = []
    before = 0
    for i, length in enumerate(lengths):
        start = min(max(int(before + gap * (i + 0.5)), 0), max(len(text) - length, 0))
        cut.append(text[start : start + length])
        before += length
    return cut
