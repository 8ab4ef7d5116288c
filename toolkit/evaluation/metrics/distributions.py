"""Distances between distributions of letters, of letter pairs, of word lengths and of sentence lengths."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from scipy.spatial.distance import jensenshannon

from toolkit.evaluation.metrics import Measure
from toolkit.text import neutral

# A sentence ends with a full stop, question mark or exclamation mark, any closing quotes or brackets, and white space,
# which Chinese and Japanese do not need; or with an empty line. An abbreviation's full stop ends one too, for every
# column and for the author alike.
SENTENCE_END = re.compile(r"""(?<![.!?…।॥؟۔])[.!?…।॥؟۔]+["'”’»)\]]*\s+|[。！？｡]+["'”’»)\]」』）｣]*|\n\s*\n""")

Outcome = TypeVar("Outcome", bound=Hashable)


def letters(texts: Iterable[str]) -> Counter[str]:
    """Counts of the letters of the texts, with their case; only what Unicode calls a letter counts.

    >>> letters(["Eel, 8"])
    Counter({'E': 1, 'e': 1, 'l': 1})
    """
    counts = Counter(character for text in texts for character in text)
    return Counter({character: n for character, n in counts.items() if character.isalpha()})


def letter_pairs(texts: Iterable[str]) -> Counter[tuple[str, str]]:
    """Counts of neighbouring letters of the texts, with their case.

    >>> letter_pairs(["Eel, 8 e"])
    Counter({('E', 'e'): 1, ('e', 'l'): 1})
    """
    counts = Counter(pair for text in texts for pair in pairwise(text))
    return Counter({(a, b): n for (a, b), n in counts.items() if a.isalpha() and b.isalpha()})


def word_lengths(texts: Iterable[str]) -> Counter[int]:
    """Counts of the lengths, in characters, of the neutral words of the texts.

    >>> word_lengths(["An old man’s"])
    Counter({2: 1, 3: 1, 5: 1})
    """
    return Counter(len(word) for text in texts for word in neutral.words(text))


def sentence_lengths(texts: Iterable[str]) -> Counter[int]:
    """Counts of the lengths of the texts' sentences in neutral words, by powers of two: 1, 2-3, 4-7, 8-15, … words.

    >>> sentence_lengths(["“Stay!” he said. He did not; we waited. ..."])
    Counter({0: 1, 1: 1, 2: 1})
    """
    lengths = (len(neutral.words(part)) for text in texts for part in SENTENCE_END.split(text))
    return Counter(length.bit_length() - 1 for length in lengths if length)


def jensen_shannon_divergence(a: Counter[Outcome], b: Counter[Outcome]) -> float:
    """The divergence (Lin 1991) of two distributions in bits, from counts: 0 for equal ones, 1 for disjoint ones.

    A text without outcomes has nothing in common with the other: 1.

    >>> jensen_shannon_divergence(Counter("aabb"), Counter("ab")), jensen_shannon_divergence(Counter("a"), Counter("b"))
    (0.0, 1.0)
    """
    if not a or not b:
        return 1.0
    outcomes = list(a | b)  # in a fixed order, so that the sums round alike in every process
    p, q = ([counts[outcome] for outcome in outcomes] for counts in (a, b))
    with np.errstate(invalid="ignore"):  # of nearly equal distributions, rounding may give the root of −1e-17
        distance = np.nan_to_num(jensenshannon(p, q, base=2))  # the square root of the divergence
    return min(float(distance**2), 1.0)


def divergence(label: str, of: Callable[[Sequence[str]], Counter[Any]], name: str) -> Measure:
    """A measure: the divergence between a distribution of the texts and the reference's attribute ``name``."""
    return Measure(
        lambda texts, reference: jensen_shannon_divergence(of(texts), getattr(reference, name)),
        label=label,
        unit="divergence",
        definition=FROM_THE_CORPUS,
        trap="It is the divergence in bits; the distance, its square root, is larger.",
        source="Lin 1991",
    )


FROM_THE_CORPUS = "divergence from the corpus: 0 means the same distribution, 1 nothing in common"
LETTERS = divergence("Letter frequencies", letters, "letters")
LETTER_PAIRS = divergence("Letter pairs", letter_pairs, "letter_pairs")
WORD_LENGTHS = divergence("Word lengths", word_lengths, "word_lengths")
SENTENCE_LENGTHS = divergence("Sentence lengths", sentence_lengths, "sentence_lengths")
PARTS_OF_SPEECH = Measure(
    lambda texts, reference: jensen_shannon_divergence(
        reference.parts_of_speech(texts), reference.training_parts_of_speech
    ),
    label="Parts of speech",
    unit="divergence",
    definition=FROM_THE_CORPUS,
    trap="The tagger was trained on correct text; what it says about invented words is a guess.",
    source="Lin 1991",
    needs_tagger=True,
)
