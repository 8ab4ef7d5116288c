"""Distances between distributions of letters, of letter pairs, of word lengths and of sentence lengths."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np

from toolkit.evaluation.metrics.measure import Measure
from toolkit.events.distribution import Floats
from toolkit.text import neutral
from toolkit.text.endings import ending_of

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


def endings_of(texts: Iterable[str], endings: Sequence[str]) -> Counter[str]:
    """Counts of the endings of the texts' neutral words; of words with none of the endings, "".

    >>> endings_of(["She was painting a wall"], ("ing",))
    Counter({'': 4, 'ing': 1})
    """
    return Counter(ending_of(word, endings) for text in texts for word in neutral.words(text))


def sentence_lengths(texts: Iterable[str]) -> Counter[int]:
    """Counts of the lengths of the texts' sentences in neutral words, by powers of two: 1, 2-3, 4-7, 8-15, … words.

    >>> sentence_lengths(["“Stay!” he said. He did not; we waited. ..."])
    Counter({0: 1, 1: 1, 2: 1})
    """
    lengths = (len(neutral.words(part)) for text in texts for part in SENTENCE_END.split(text))
    return Counter(length.bit_length() - 1 for length in lengths if length)


def jensen_shannon_divergence(a: Counter[Outcome], b: Counter[Outcome]) -> float:
    """JSD(P, Q) = H((P + Q)/2) − (H(P) + H(Q))/2 in bits, from counts: 0 for one distribution, 1 for disjoint ones.

    This is the divergence; scipy's ``jensenshannon`` is its square root, the distance (Lin 1991). A text without
    outcomes has nothing in common with the other: 1.

    >>> jensen_shannon_divergence(Counter("aabb"), Counter("ab")), jensen_shannon_divergence(Counter("a"), Counter("b"))
    (0.0, 1.0)
    """
    if not a or not b:
        return 1.0
    outcomes = list(a | b)  # in a fixed order, so that the sums round alike in every process
    p = np.array([a[outcome] for outcome in outcomes]) / a.total()
    q = np.array([b[outcome] for outcome in outcomes]) / b.total()
    divergence = entropy((p + q) / 2) - (entropy(p) + entropy(q)) / 2
    return float(min(max(divergence, 0.0), 1.0))  # rounding may exceed the range by 1e-16


def entropy(probabilities: Floats) -> float:
    """H(P) = −Σ p log2 p in bits.

    >>> entropy(np.array([0.5, 0.25, 0.25, 0.0]))
    1.5
    """
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log2(positive)).sum())


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
ENDINGS = Measure(
    lambda texts, reference: jensen_shannon_divergence(endings_of(texts, reference.endings), reference.ending_counts),
    label="Endings of words",
    unit="divergence",
    definition="divergence from the corpus in how many words have each of the endings found to be frequent in it",
    trap="What is found to be an ending need not be a suffix.",
    source="Lin 1991",
    applies=lambda reference: reference.language != "en" and bool(reference.endings),  # English endings have their own
)
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
