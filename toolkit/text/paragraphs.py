"""Where a text is cut: at the end of a paragraph, if one is near."""

ENDINGS = ("\n\n", "\n", " ")  # of a paragraph, of a line, of a word


def nearest_end(text: str, wanted: int, earliest: int, latest: int) -> int:
    """The place, of those from ``earliest`` to ``latest``, nearest to the wanted one at which a paragraph ends; or else
    a line, or else a word. Where nothing ends there, it is the wanted place.

    >>> nearest_end("A heading. And then words.", 14, 12, 16), nearest_end("A heading. And then words.", 14, 13, 14)
    (15, 14)
    >>> nearest_end("One.\\n\\nTwo. And three.", 5, 4, 6)  # within the end of a paragraph
    6
    """
    for ending in ENDINGS:
        before = text.rfind(ending, earliest, wanted)
        after = text.find(ending, max(earliest, wanted - len(ending) + 1), latest)
        ends = [place + len(ending) for place in (before, after) if place >= 0]
        if ends:
            return min(ends, key=lambda end: abs(end - wanted))
    return wanted
