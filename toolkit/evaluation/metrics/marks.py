"""What is marked in a text: spans copied from the training text, and words that training lacks."""

from collections.abc import Iterator, Sequence

from toolkit.evaluation.metrics.invented import kind
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Mark
from toolkit.text import neutral

# Words of a copied span, at least. Of 172 passages of 500 characters from the bundled tales, held out, 16 % have five
# words in a row that the training tales have too, 2 % have six, and 76 % have four: those are the phrases of everyone.
COPIED_WORDS = 5


def marks(text: str, reference: Reference) -> list[Mark]:
    """All marks of a text by where they begin."""
    words = [(end - len(word), end) for _, end, word in neutral.word_spans(text)]
    both = [*copied(text, words, reference), *new_words(text, words, reference)]
    return sorted(both, key=lambda mark: mark.start)


def new_words(text: str, words: Sequence[tuple[int, int]], reference: Reference) -> Iterator[Mark]:
    """The words that training lacks, without the first and last one, which the ends of the text may have cut."""
    for start, end in words[1:-1]:
        of_kind = kind(text[start:end], reference)
        if of_kind != "known":
            yield Mark(start=start, end=end, kind=of_kind)


def copied(text: str, words: Sequence[tuple[int, int]], reference: Reference) -> Iterator[Mark]:
    """Every span of ``COPIED_WORDS`` or more of the text's words that is copied, unless it is within a longer one.

    A span is copied if a training document has it, character for character, and there too begins and ends with whole
    words. Two spans may overlap. The training text is searched only for spans whose words it has in this order.
    """
    novel = reference.ngrams.novel(text, COPIED_WORDS)
    reached = 0  # where the last span ends: one that begins later and ends there is within it
    for first in range(len(novel)):
        start, place = words[first][0], -1
        last = max(first + COPIED_WORDS, reached + 1)
        while last <= len(words) and not (novel[first] or novel[last - COPIED_WORDS]):
            further = place_of(text[start : words[last - 1][1]], reference, max(place, 0))
            if further < 0:
                break
            place, reached, last = further, last, last + 1
        if place >= 0:
            document, within = reference.document_at(place)
            end = words[reached - 1][1]
            yield Mark(start=start, end=end, kind="copied", document=reference.names[document], place=within)


def place_of(span: str, reference: Reference, start: int = 0) -> int:
    """Where a training document has the span as whole words, at ``start`` or later in the training text; −1 if nowhere.

    >>> place_of("an owl", Reference(("a tan owl", "an owlet, an owl")))
    20
    """
    training = reference.training
    place = training.find(span, start)
    while place >= 0 and not is_whole(place, place + len(span), reference):
        place = training.find(span, place + 1)
    return place


def is_whole(start: int, end: int, reference: Reference) -> bool:
    """Whether no word goes on over the ends of ``training[start:end]``."""
    return not (neutral.is_within_word(reference.training, start) or neutral.is_within_word(reference.training, end))
