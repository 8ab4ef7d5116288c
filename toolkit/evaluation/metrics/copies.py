"""The longest copies: what a text has word for word from the training text, and from where."""

from collections.abc import Sequence

from toolkit.evaluation.metrics.novelty import longest_copy
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Copy
from toolkit.text import neutral

SHOWN = 240  # characters kept of a copy; a longer one is cut
AROUND = 40  # characters kept of the training text before and after it


def longest_copies(texts: Sequence[str], reference: Reference, most: int) -> list[Copy]:
    """The longest copy of each text, the ``most`` longest of them."""
    copies = [copy for i, text in enumerate(texts) if (copy := copy_of(i, text, reference)).characters]
    return sorted(copies, key=lambda copy: -copy.characters)[:most]


def copy_of(number: int, text: str, reference: Reference) -> Copy:
    """The longest copy of one text, whose number in the samples is given."""
    length, start, place = longest_copy(text, reference.training)
    document, within = reference.document_at(place)
    source, end = reference.documents[document], within + length
    return Copy(
        sample=number,
        start=start,
        characters=length,
        words=whole_words(text, start, source, within, length),
        text=text[start : start + min(length, SHOWN)],
        document=reference.names[document],
        place=within,
        before=source[max(within - AROUND, 0) : within],
        after=source[end : end + AROUND] if length <= SHOWN else "",
    )


def whole_words(text: str, start: int, source: str, place: int, length: int) -> int:
    """The words of a copy that are whole, both in the text, where it starts, and at its place in the source.

    >>> whole_words("bolder bell", 1, "colder bones", 1, 7)
    0
    >>> whole_words("an old bell rang", 2, "the old bell ringing", 3, 11)
    2
    """
    first, last = 0, length
    if neutral.is_within_word(text, start) or neutral.is_within_word(source, place):
        first = next((i for i in range(1, length) if not neutral.is_within_word(text, start + i)), length)
    if neutral.is_within_word(text, start + length) or neutral.is_within_word(source, place + length):
        last = next((i for i in range(length - 1, 0, -1) if not neutral.is_within_word(text, start + i)), 0)
    return len(neutral.words(text[start + first : start + last])) if first < last else 0
