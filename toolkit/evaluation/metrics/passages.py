"""Passages of an author's text, to compare with samples."""

from collections.abc import Sequence


def passages(text: str, lengths: Sequence[int]) -> list[str]:
    """Passages of these lengths, evenly spaced over the text, without overlap if the text is long enough.

    They begin and end anywhere, as samples do; none exceeds the text.

    >>> passages("abcdefghij", [2, 3])
    ['bc', 'fgh']
    """
    if not lengths:
        return []
    gap = (len(text) - sum(lengths)) / len(lengths)  # half of it before the first passage and after the last
    cut = []
    before = 0
    for i, length in enumerate(lengths):
        start = min(max(int(before + gap * (i + 0.5)), 0), max(len(text) - length, 0))
        cut.append(text[start : start + length])
        before += length
    return cut


def by_document(documents: Sequence[str], number: int, length: int) -> list[str]:
    """Passages of one length, each from the middle of another document, or, if too few are that long, of all in a row.

    So a classifier that has read one of them has not met the names of the next. If all documents together are too
    short, there are fewer.

    >>> by_document(["abcd", "e", "fghi"], 2, 2), by_document(["abcdef"], 2, 2), by_document(["abc"], 2, 2)
    (['bc', 'gh'], ['ab', 'de'], ['ab'])
    """
    long_enough = [text for text in documents if len(text) >= length]
    if len(long_enough) >= number:
        chosen = [long_enough[i * len(long_enough) // number] for i in range(number)]
        return [passage for text in chosen for passage in passages(text, [length])]
    text = "\n\n".join(documents)
    return passages(text, [length] * min(number, len(text) // length))
