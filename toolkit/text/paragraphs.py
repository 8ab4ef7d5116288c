"""The place to cut a text: the end of a paragraph if one is near."""

ENDINGS = ("\n\n", "\n", " ")  # of a paragraph, of a line, of a word


def nearest_end(text: str, wanted: int, earliest: int, latest: int) -> int:
    """Return the end of a paragraph nearest to the wanted place, or else of a line, of a word, or the place itself.

    The end is between ``earliest`` and ``latest``.

    >>> nearest_end("A heading. And then words.", 14, 12, 16), nearest_end("A heading. And then words.", 14, 13, 14)
    (15, 14)
    >>> nearest_end("One.\\n\\nTwo. And three.", 5, 4, 6)  # within the end of a paragraph
    6
    """
    for ending in ENDINGS:
        left = text.rfind(ending, earliest, wanted)
        right = text.find(ending, max(earliest, wanted - len(ending) + 1), latest)
        ends = [place + len(ending) for place in (left, right) if place >= 0]
        if ends:
            return min(ends, key=lambda end: abs(end - wanted))
    return wanted
