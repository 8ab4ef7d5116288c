"""Longest copies of a text, and its marks: spans that are copied from the training text, and words that it lacks."""

from collections.abc import Iterator, Sequence

from toolkit.evaluation.metrics.novelty import Span
from toolkit.evaluation.metrics.realness import kind
from toolkit.evaluation.metrics.reference import Reference
from toolkit.results.generated import Copy, Mark
from toolkit.text import neutral

# Words of a copied span, at least. Of 172 passages of 500 characters from the bundled tales, held out, 16 % have five
# words in a row that the training tales have too, 2 % have six, and 76 % have four: those are the phrases of everyone.
COPIED_WORDS = 5
SHOWN_CHARACTERS = 240  # of a longest copy; a longer one is cut
CONTEXT_CHARACTERS = 40  # of the training text before and after a longest copy


def longest_copies(texts: Sequence[str], spans: Sequence[Span], reference: Reference, most: int) -> list[Copy]:
    """The ``most`` longest of the texts' longest copies, given the span of each."""
    copies = [
        copy_of(number, text, span, reference)
        for number, (text, span) in enumerate(zip(texts, spans, strict=True))
        if span.length
    ]
    return sorted(copies, key=lambda copy: -copy.characters)[:most]


def copy_of(number: int, text: str, span: Span, reference: Reference) -> Copy:
    """The longest copy of one text, whose number in the samples is given."""
    length, start, place = span
    document, within = reference.document_at(place)
    source, end = reference.documents[document], within + length
    return Copy(
        sample=number,
        start=start,
        characters=length,
        words=whole_words(text, start, source, within, length),
        text=text[start : start + min(length, SHOWN_CHARACTERS)],
        document=reference.names[document],
        place=within,
        before=source[max(within - CONTEXT_CHARACTERS, 0) : within],
        after=source[end : end + CONTEXT_CHARACTERS] if length <= SHOWN_CHARACTERS else "",
    )


def whole_words(text: str, start: int, source: str, place: int, length: int) -> int:
    """The number of words of a copy that are whole in the text and in the source.

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
