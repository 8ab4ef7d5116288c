"""How much of a generated text is copied from the training text."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.evaluation.metrics import Measure
from toolkit.text import neutral
from toolkit.text.code_points import code_points

Names = npt.NDArray[np.int64]

BLOCK = 1 << 20  # characters of training text searched at a time: about 100 MB
TABLE = 1 << 22  # values below this are looked up in a table, four times faster than in a sorted list


class Span(NamedTuple):
    """A span that a text and the training text have in common: its length, and where it begins in each."""

    length: int
    start: int
    place: int


NO_SPAN = Span(0, 0, 0)


def longest_copy(text: str, training: str) -> Span:
    r"""The longest span of the text that occurs verbatim in the training text, unless it is nothing but white space.

    >>> longest_copy("the worm turned", "a worm turns"), longest_copy("x \n", "y \n")
    (Span(length=10, start=3, place=1), Span(length=0, start=0, place=0))
    """
    if not text:
        return NO_SPAN
    codes = code_points(text).astype(np.int64)
    alphabet = np.unique(codes)
    longest = NO_SPAN
    for first, block in blocks(code_points(training).astype(np.int64), len(text)):
        span = longest_common_span(*named(alphabet, codes, block))
        longest = max(longest, span._replace(place=first + span.place), key=lambda span: span.length)
    return NO_SPAN if text[longest.start : longest.start + longest.length].isspace() else longest


def blocks(codes: Names, longest: int) -> Iterator[tuple[int, Names]]:
    """The codes in overlapping blocks, each with its start, so that any span of ``longest`` codes is within one."""
    for start in range(0, len(codes), BLOCK):
        yield start, codes[start : start + BLOCK + longest - 1]


def named(known: Names, text: Names, training: Names) -> tuple[Names, Names]:
    """The places, from 1, of the text's and the training text's codes among the ``known`` ones; 0 means "not there".

    >>> [names.tolist() for names in named(np.array([5, 7]), np.array([7, 5]), np.array([5, 6, 9]))]
    [[2, 1], [1, 0, 0]]
    """
    if known[-1] < TABLE:
        table = np.zeros(known[-1] + 2, np.int64)  # the last entry is for all larger values
        table[known] = np.arange(1, len(known) + 1)
        return table[text], table[np.minimum(training, known[-1] + 1)]
    places = np.minimum(np.searchsorted(known, training), len(known) - 1)
    return np.searchsorted(known, text) + 1, np.where(known[places] == training, places + 1, 0)


def named_pairs(left: tuple[Names, Names], right: tuple[Names, Names]) -> tuple[Names, Names]:
    """Names for pairs of a left and a right name, in the text and in training: equal names are equal spans."""
    base = int(max(right[0].max(), right[1].max())) + 1  # the training text's right names need not be among the text's
    pairs = left[0] * base + right[0]
    alive = np.flatnonzero((left[1] > 0) & (right[1] > 0))  # most of training drops out after a few rounds
    training = np.zeros(len(left[1]), np.int64)
    text, training[alive] = named(np.unique(pairs), pairs, left[1][alive] * base + right[1][alive])
    return text, training


def longest_common_span(text: Names, training: Names) -> Span:
    """The longest span that both contain, given the names of their single characters.

    Karp, Miller & Rosenberg (1972): a span of 2k characters is named by the pair of names of its halves, so that
    equal spans have equal names and nothing is hashed. k doubles until training contains no span of the text;
    then k/2, k/4, … 1 characters are added as long as training still contains one.

    >>> longest_common_span(np.array([1, 2, 3]), np.array([0, 2, 3, 0]))
    Span(length=2, start=1, place=1)
    """
    if not training.any():
        return NO_SPAN
    length, levels = 1, [(text, training)]  # levels[i]: names of the spans of 2^i characters
    longer: tuple[Names, Names] | None = levels[0]
    while (longer := extended(levels[-1], levels[-1], length, length)) is not None:
        levels.append(longer)
        length *= 2
    spans = levels.pop()
    for more, level in reversed([(1 << i, level) for i, level in enumerate(levels)]):
        if (longer := extended(spans, level, length, more)) is not None:
            spans = longer
            length += more
    place = int(np.flatnonzero(spans[1])[0])
    return Span(length, int(np.flatnonzero(spans[0] == spans[1][place])[0]), place)


def extended(
    spans: tuple[Names, Names], ends: tuple[Names, Names], length: int, more: int
) -> tuple[Names, Names] | None:
    """Names of the spans of ``length + more`` characters, or None if training contains none of the text's.

    ``spans`` names the spans of ``length`` characters, ``ends`` those of ``more`` characters.
    """
    if min(len(spans[0]), len(spans[1])) <= more:
        return None
    left = spans[0][:-more], spans[1][:-more]  # (characters − length − more + 1,), of the text and of training
    right = ends[0][length:], ends[1][length:]
    names = named_pairs(left, right)
    return names if names[1].any() else None


class Ngrams:
    """The n-grams of neutral words in training documents; none crosses from one document to the next.

    As in ``longest_common_span``, an n-gram is named by a pair: the name of its first n − 1 words, and its last word.
    So equal n-grams have equal names and nothing is hashed.
    """

    def __init__(self, documents: Sequence[str], longest: int) -> None:
        vocabulary = sorted({word for text in documents for word in neutral.words(text)})
        self._ids = {word: i for i, word in enumerate(vocabulary)}
        self._base = len(vocabulary) + 1  # the last id stands between documents, and for words that training lacks
        breaks = [self._base - 1]
        self._words = np.array([i for text in documents for i in (*self._word_ids(text), *breaks)], np.int64)
        # Of the 2-grams, 3-grams, …, up to the longest: the pairs in rising order, and an end.
        self._levels: list[Names] = []
        names = self._words
        for k in range(1, longest):
            pairs = names[:-1] * self._base + self._words[k:]
            self._levels.append(np.append(np.unique(pairs), np.iinfo(np.int64).max))
            names = np.searchsorted(self._levels[-1], pairs)

    def _word_ids(self, text: str) -> list[int]:
        return [self._ids.get(word, self._base - 1) for word in neutral.words(text)]

    def novel(self, text: str, n: int) -> npt.NDArray[np.bool_]:
        """For each n-gram of the text, n up to the longest, whether no training document has it."""
        words = np.array(self._word_ids(text), np.int64)
        names = words
        known = words < self._base - 1
        for k, level in enumerate(self._levels[: n - 1], 1):
            pairs = names[:-1] * self._base + words[k:]
            names = np.searchsorted(level, pairs)
            known = known[:-1] & (words[k:] < self._base - 1) & (level[names] == pairs)
        return ~known

    def novel_share(self, texts: Sequence[str], n: int) -> float:
        """The share of the texts' n-grams that no training document has; 0 if there are no n-grams.

        >>> Ngrams(["the old bell rang", "in the old church"], 2).novel_share(["the old bell in the church"], 2)
        0.4
        """
        novel = np.concatenate([self.novel(text, n) for text in texts])
        return float(novel.mean()) if len(novel) else 0.0


NOVELTY_5 = Measure(
    lambda texts, reference: reference.ngrams.novel_share(texts, 5),
    label="Novelty",
    unit="share",
    definition="share of five-word sequences that do not occur in the training text",
    trap="Nonsense is also novel; the author’s own value is the one to aim for.",
    source="McCoy et al. 2023",
)
LONGEST_COPY = Measure(
    lambda texts, reference: float(max(longest_copy(text, reference.training).length for text in texts)),
    label="Longest copy",
    unit="characters",
    definition="characters in the longest passage that also occurs in the training text",
    trap="The author’s held-out text also shares common phrases with the training text.",
    source="McCoy et al. 2023",
    most=None,
)
