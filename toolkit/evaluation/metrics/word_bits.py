"""What columns pay for each word of the text, and the words on which two columns differ most."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations

import numpy as np
from scipy.special import stdtrit

from toolkit.events.distribution import Floats
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
        self._texts = [
            np.array([(start, end, place[word]) for start, end, word in text_spans], np.int64).reshape(-1, 3)
            for text_spans in spans
        ]

    def bits(self, per_character: Sequence[Floats]) -> Floats:
        """The bits of all occurrences of each word in each text (texts, words), from the bits of its characters."""
        by_text = np.zeros((len(self._texts), len(self.words)))
        for total, spans, bits in zip(by_text, self._texts, per_character, strict=True):
            before = np.concatenate([[0.0], np.cumsum(bits)])  # (characters + 1,)
            total += np.bincount(spans[:, 2], before[spans[:, 1]] - before[spans[:, 0]], len(self.words))
        return by_text


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
    by_text = {column: occurrences.bits(text_bits) for column, text_bits in per_character.items()}
    bits = {column: paid.sum(axis=0) for column, paid in by_text.items()}
    each_way, chosen = most_different(list(bits.values()))
    words = [occurrences.words[i] for i in chosen]
    pairs = list(combinations(by_text, 2)) if len(texts) > 1 and each_way else []
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
        bits={column: paid[chosen].tolist() for column, paid in bits.items()},
        intervals=[intervals(a, b, by_text[a][:, chosen] - by_text[b][:, chosen], each_way) for a, b in pairs],
    )


def intervals(a: str, b: str, differences: Floats, each_way: int) -> WordIntervals:
    """Half of the 95 % t interval for the ``each_way`` greatest differences (texts, words) of two columns.

    A word's difference is the sum over the texts, which are the independent units: its variance is D times that of one
    text's. A word that is in one text only has an interval that includes 0.
    """
    texts = len(differences)
    order = np.argsort(differences.sum(axis=0), kind="stable")
    words = sorted({*order[:each_way].tolist(), *order[-each_way:].tolist()})
    half_widths = stdtrit(texts - 1, 0.975) * np.sqrt(texts * differences[:, words].var(axis=0, ddof=1))
    return WordIntervals(a=a, b=b, words=words, half_widths=half_widths.tolist())
