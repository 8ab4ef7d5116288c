"""New and copied text: words, word sequences and spans of a text that the training text lacks or has.

A word that training lacks is *real* if wordfreq lists it as common in the language, and *invented* if not. Longer lists
also have strings that chance writes.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics import BETWEEN, Reference, built_in
from toolkit.results.generated import Copy, Mark
from toolkit.text import neutral
from toolkit.text.code_points import code_points

# Words of a copied span, at least. Of 172 passages of 500 characters from the bundled tales, held out, 16 % have five
# words in a row that the training tales have too, 2 % have six, and 76 % have four: those are the phrases of everyone.
COPIED_WORDS = 5
COPY_CHARACTERS = 240  # shown of a longest copy
CONTEXT_CHARACTERS = 40  # of the training text before and after a longest copy
DOTLESS_LANGUAGES = {"az", "tr"}  # their I without a dot is a letter of its own
ELIDING_LANGUAGES = {"ca", "fr", "it"}  # two words meet at an apostrophe, and word lists have them one by one


class Span(NamedTuple):
    """A span that a text and the training text share: its length, and its start in each."""

    length: int
    start: int
    place: int


class SpanIndex:
    """All suffixes of a text or a list in order (Manber & Myers 1990), so that bisection finds any span of it.

    They are sorted by ranks of their first 1, 2, 4, … items. ``codes`` are the items as numbers.
    """

    def __init__(self, sequence: Any, codes: npt.ArrayLike) -> None:
        ranks = np.unique(np.asarray(codes), return_inverse=True)[1].astype(np.int64)
        width, length = 1, len(ranks)
        while ranks.max(initial=0) < length - 1:  # two suffixes still have one rank
            following = np.zeros(length, np.int64)
            following[:-width] = ranks[width:] + 1
            ranks = np.unique(ranks * (length + 1) + following, return_inverse=True)[1]
            width *= 2
        self.sequence, self.suffixes = sequence, np.argsort(ranks)

    def __contains__(self, span: Any) -> bool:
        i = bisect_left(self.suffixes, span, key=lambda start: self.sequence[start : start + len(span)])
        return any(self.sequence[start : start + len(span)] == span for start in self.suffixes[i : i + 1])


def longest_copy(text: str, reference: Reference) -> Span:
    """Return the longest span that the text and the training text share, unless it is white space alone."""
    index = reference.compute_once(_characters)
    length = 0
    for start in range(len(text)):
        while start + length < len(text) and text[start : start + length + 1] in index:
            length += 1
    starts = [start for start in range(len(text) - length + 1) if text[start : start + length] in index]
    places = ((reference.training.find(text[start : start + length]), start) for start in starts)
    place, start = min(places, default=(0, 0))
    return Span(0, 0, 0) if not text[start : start + length].strip() else Span(length, start, place)


def novel_share(texts: Sequence[str], reference: Reference, n: int) -> float:
    """Return the share of the texts' n-grams of neutral words that no training document has; 0 without n-grams."""
    novel = [is_novel for text in texts for is_novel in _novel_ngrams(text, reference, n)]
    return sum(novel) / len(novel) if novel else 0.0


def longest_copies(texts: Sequence[str], spans: Sequence[Span], reference: Reference, number: int) -> list[Copy]:
    """Return the ``number`` longest of the texts' longest copies, whose spans are given."""
    copies = []
    for i in sorted(range(len(spans)), key=lambda i: -spans[i].length)[:number]:
        length, start, place = spans[i]
        if not length:
            break
        source, within = reference.document_at(place)
        document, end, shift = reference.documents[source], within + length, within - start
        copy = Copy(
            sample=i,
            start=start,
            characters=length,
            words=sum(
                start <= first and last <= start + length and _is_whole(document, first + shift, last + shift)
                for first, last in _word_ends(texts[i])
            ),
            text=document[within : within + min(length, COPY_CHARACTERS)],
            document=reference.names[source],
            place=within,
            before=document[max(within - CONTEXT_CHARACTERS, 0) : within],
            after=document[end : end + CONTEXT_CHARACTERS] if length <= COPY_CHARACTERS else "",
        )
        copies.append(copy)
    return copies


def marks(text: str, reference: Reference) -> list[Mark]:
    """Return the copied spans of a text and its new words, by their starts.

    The first and the last word are not marked as new, because the ends of the text may have cut them.
    """
    words = _word_ends(text)
    kinds = [(start, end, word_kind(text[start:end], reference)) for start, end in words[1:-1]]
    new = [Mark(start=start, end=end, kind=kind) for start, end, kind in kinds if kind != "known"]
    return sorted([*_copied_spans(text, words, reference), *new], key=lambda mark: mark.start)


def folded(word: str, language: str) -> str:
    """Return the word as word lists of its language have it: lower case, typewriter apostrophe."""
    if language in DOTLESS_LANGUAGES:
        word = word.replace("İ", "i").replace("I", "ı")
    return word.casefold().replace("’", "'")


@cache
def listed_words(language: str, size: Literal["small", "best"], per_million: float = 0.0) -> frozenset[str]:
    """Return the words of a wordfreq list that are at least this frequent; no words if the language has no list.

    The small lists have words down to once in a million, the best ones down to once in 100 million.
    """
    import wordfreq  # takes a third of a second, which most commands can do without

    if language not in wordfreq.available_languages(size):
        return frozenset()
    shares = wordfreq.get_frequency_dict(language, size)
    return frozenset(word for word, share in shares.items() if share >= per_million * 1e-6)


def word_kind(word: str, reference: Reference) -> Literal["known", "real", "invented"]:
    """Return the kind of a neutral word. Words without letters, such as numbers, are known."""
    lower, language = folded(word, reference.language), reference.language
    if _is_among(lower, reference.compute_once(_training_words), language) or not any(map(str.isalpha, lower)):
        return "known"
    return "real" if _is_among(lower, listed_words(language, "small"), language) else "invented"


def new_words(texts: Iterable[str], reference: Reference, number: int) -> dict[str, list[str]]:
    """Return the most frequent words that training lacks by kind, but none that the ends of a text may cut."""
    counts = Counter(word for text in texts for word in neutral.words(text)[1:-1])
    kinds = [(word, word_kind(word, reference)) for word, _ in counts.most_common()]
    return {name: [word for word, kind in kinds if kind == name][:number] for name in ("real", "invented")}


def _copied_spans(text: str, words: Sequence[tuple[int, int]], reference: Reference) -> Iterator[Mark]:
    """Every span of ``COPIED_WORDS`` or more whole words that a document has, unless a longer copy contains it."""
    novel = _novel_ngrams(text, reference, COPIED_WORDS)
    reached = 0  # the number of words up to the end of the last copy: a later span must end after it
    for first in range(len(novel)):
        start, place = words[first][0], -1
        last = max(first + COPIED_WORDS, reached + 1)
        while last <= len(words) and not (novel[first] or novel[last - COPIED_WORDS]):
            longer = _place_of_whole_words(text[start : words[last - 1][1]], reference.training, max(place, 0))
            if longer < 0:
                break
            place, reached, last = longer, last, last + 1
        if place >= 0:
            document, within = reference.document_at(place)
            end = words[reached - 1][1]
            yield Mark(start=start, end=end, kind="copied", document=reference.names[document], place=within)


def _place_of_whole_words(span: str, training: str, start: int) -> int:
    place = training.find(span, start)
    while place >= 0 and not _is_whole(training, place, place + len(span)):
        place = training.find(span, place + 1)
    return place


def _word_ends(text: str) -> list[tuple[int, int]]:
    return [(end - len(word), end) for _, end, word in neutral.word_spans(text)]


def _is_whole(text: str, start: int, end: int) -> bool:
    return not (neutral.is_within_word(text, start) or neutral.is_within_word(text, end))


def _novel_ngrams(text: str, reference: Reference, n: int) -> list[bool]:
    """For each n-gram of the text, whether no training document has it."""
    index, ids = reference.compute_once(_words)
    words = [ids.get(word, -1) for word in neutral.words(text)]
    return [words[i : i + n] not in index for i in range(len(words) - n + 1)]


def _characters(reference: Reference) -> SpanIndex:
    return SpanIndex(reference.training, code_points(reference.training))


def _words(reference: Reference) -> tuple[SpanIndex, dict[str, int]]:
    words = [word for text in reference.documents for word in (*neutral.words(text), BETWEEN)]
    ids = {word: i for i, word in enumerate(dict.fromkeys(words))}
    sequence = [ids[word] for word in words]
    return SpanIndex(sequence, sequence), ids


def _is_among(lower: str, words: Set[str], language: str) -> bool:
    return lower in words or (language in ELIDING_LANGUAGES and all(part in words for part in lower.split("'")))


def _training_words(reference: Reference) -> Set[str]:
    words = reference.known
    if words is None:
        words = frozenset(word for text in reference.documents for word in neutral.words(text))
    return {folded(word, reference.language) for word in words}


def _real_words(reference: Reference) -> Set[str]:
    return reference.compute_once(_training_words) | listed_words(reference.language, "best")


def _real_word_rate(texts: Sequence[str], reference: Reference) -> float:
    language, real = reference.language, reference.compute_once(_real_words)
    are_real = [_is_among(folded(word, language), real, language) for text in texts for word in neutral.words(text)]
    return sum(are_real) / len(are_real) if are_real else 0.0


NOVELTY_5 = built_in("novelty_5", lambda texts, reference: novel_share(texts, reference, 5))
LONGEST_COPY_CHARACTERS = built_in(
    "longest_copy_characters",
    lambda texts, reference: float(max(longest_copy(text, reference).length for text in texts)),
    most=None,
)
REAL_WORD_RATE = built_in(
    "real_word_rate", _real_word_rate, applies=lambda reference: bool(listed_words(reference.language, "best"))
)
