"""What columns pay for each word of the text, and the words on which two columns differ most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np

from toolkit.evaluation.statistics import t_quantile
from toolkit.events.distribution import Floats
from toolkit.results.text import ALPHA
from toolkit.results.words import WordBits, WordIntervals, WordType
from toolkit.text import neutral

EACH_WAY = 12  # words of a pair of columns for which one pays more, and as many for which the other does
MOST_WORDS = 600  # over all pairs together
LONGEST = 60  # characters shown of a word; a longer one is cut


class Occurrences:
    """Where the neutral words of texts occur: every occurrence of each type, in the order of ``words``."""

    def __init__(self, texts: Sequence[str]) -> None:
        spans = [list(neutral.word_spans(text)) for text in texts]
        self.counts = Counter(word for text_spans in spans for _, _, word in text_spans)
        self.words = sorted(self.counts, key=lambda word: (-self.counts[word], word))
        place = {word: i for i, word in enumerate(self.words)}
        self._spans = [
            np.array([(start, end) for start, end, _ in text_spans], np.int64).reshape(-1, 2) for text_spans in spans
        ]
        self._words = np.array([place[word] for text_spans in spans for _, _, word in text_spans], np.int64)
        self._texts = np.repeat(np.arange(len(texts)), list(map(len, spans)))

    def bits(self, per_character: Sequence[Floats]) -> Floats:
        """The bits of each occurrence (occurrences,), from the bits of the characters of each text."""
        paid = [np.zeros(0)]
        for spans, bits in zip(self._spans, per_character, strict=True):
            before = np.concatenate([[0.0], np.cumsum(bits)])  # (characters + 1,)
            paid.append(before[spans[:, 1]] - before[spans[:, 0]])
        return np.concatenate(paid)

    def by_word(self, bits: Floats) -> Floats:
        """The bits of all occurrences of each word (words,), from those of each occurrence."""
        total = np.zeros(len(self.words))
        np.add.at(total, self._words, bits)
        return total

    def by_text(self, bits: Floats, words: Sequence[int]) -> Floats:
        """The bits of a few words in each text (texts, those words), which are given by their places."""
        column = np.full(len(self.words), -1)
        column[words] = np.arange(len(words))
        of_words = column[self._words]
        there = of_words >= 0
        total = np.zeros((len(self._spans), len(words)))
        np.add.at(total, (self._texts[there], of_words[there]), bits[there])
        return total


def most_different(bits: Sequence[Floats], most: int = MOST_WORDS) -> tuple[int, list[int]]:
    """n, and in ascending order the words among the n greatest differences, in either direction, of any two columns.

    n is the largest number up to ``EACH_WAY`` that gives at most ``most`` words; ``bits`` has (words,) for each column.

    >>> most_different([np.array([5.0, 2.0, 1.0]), np.array([1.0, 2.0, 9.0])], 2)
    (1, [0, 2])
    """
    ranked = [np.argsort(a - b, kind="stable") for a, b in combinations(bits, 2)]
    for n in range(EACH_WAY, 0, -1):
        words = {int(i) for order in ranked for i in (*order[:n], *order[-n:])}
        if len(words) <= most:
            return n, sorted(words)
    return 0, []


def word_bits(
    per_character: Mapping[str, Sequence[Floats]], texts: Sequence[str], training: Mapping[str, int]
) -> WordBits:
    """The words on which the columns differ most, with what each column pays for all their occurrences.

    ``per_character`` has, for each column and text, the bits of its characters; ``training`` counts the words in the
    training text.
    """
    occurrences = Occurrences(texts)
    paid = {column: occurrences.bits(text_bits) for column, text_bits in per_character.items()}
    bits = {column: occurrences.by_word(of_column) for column, of_column in paid.items()}
    each_way, chosen = most_different(list(bits.values()))
    words, among = [occurrences.words[i] for i in chosen], len(occurrences.words)

    def pair(a: str, b: str) -> WordIntervals:
        shown = greatest(bits[a][chosen] - bits[b][chosen], each_way)
        by_text = occurrences.by_text(paid[a] - paid[b], [chosen[i] for i in shown])
        return WordIntervals(a=a, b=b, words=shown, half_widths=half_widths(by_text, among).tolist())

    return WordBits(
        each_way=each_way,
        words=[
            WordType(
                text=word if len(word) <= LONGEST else word[: LONGEST - 1] + "…",
                count=occurrences.counts[word],
                band=neutral.band(training.get(word, 0)),
            )
            for word in words
        ],
        bits={column: of_column[chosen].tolist() for column, of_column in bits.items()},
        intervals=[pair(a, b) for a, b in combinations(bits, 2)] if len(texts) > 1 and each_way else [],
        complete=True,
        among=among,
    )


def greatest(differences: Floats, each_way: int) -> list[int]:
    """The places, ascending, of the ``each_way`` greatest differences in either direction.

    >>> greatest(np.array([3.0, 0.0, -1.0, 9.0]), 1)
    [2, 3]
    """
    order = np.argsort(differences, kind="stable")
    return sorted({*order[:each_way].tolist(), *order[-each_way:].tolist()})


def half_widths(differences: Floats, among: int) -> Floats:
    """Half of the t intervals (words,) for differences (texts, words) of words chosen ``among`` so many.

    In 95 % of cases the intervals of all these would hold (Bonferroni), and so those of whichever are chosen. A word's
    difference is the sum over the texts, which are the independent units: its variance is D times that of one text's. A
    word that is in one text only has an interval that includes 0.
    """
    texts = len(differences)
    widths: Floats = t_quantile(1 - ALPHA / 2 / among, texts - 1) * np.sqrt(texts * differences.var(axis=0, ddof=1))
    return widths
