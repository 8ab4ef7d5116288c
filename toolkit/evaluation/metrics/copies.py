"""The longest copies: what a text has word for word from the training text, and from where."""

from collections.abc import Sequence

from toolkit.evaluation.metrics.novelty import longest_copy
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Copy
from toolkit.text import neutral

SHOWN = 240  # characters kept of a copy; a longer one is cut
AROUND = 40  # characters kept of the training text before and after it


def longest_copies(texts: Sequence[str], reference: Reference, names: Sequence[str], most: int) -> list[Copy]:
    """The longest copy of each text, the ``most`` longest of them; ``names`` are those of the training documents."""
    copies = [copy for i, text in enumerate(texts) if (copy := copy_of(i, text, reference, names)).characters]
    return sorted(copies, key=lambda copy: -copy.characters)[:most]


def copy_of(number: int, text: str, reference: Reference, names: Sequence[str]) -> Copy:
    """The longest copy of one text, whose number in the samples is given."""
    length, start, place = longest_copy(text, reference.training)
    document, within = reference.document_at(place)
    end = place + length
    return Copy(
        sample=number,
        start=start,
        characters=length,
        words=len(neutral.words(text[start : start + length])),
        text=text[start : start + min(length, SHOWN)],
        document=names[document],
        place=within,
        before=reference.training[max(place - AROUND, place - within) : place],
        after=reference.training[end : end + AROUND] if length <= SHOWN else "",
    )
