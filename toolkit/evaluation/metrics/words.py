"""Neutral words of a text: their parts of speech, and which of them are new and invented.

A word that training lacks is *real* if wordfreq lists it as common in the language. Longer lists also have strings that
chance writes. Any other word is *plausible* or *broken*: its letters are as likely as in most words of the author that
training lacks, or they are not.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from functools import cache
from math import log2
from typing import Literal

import numpy as np

from toolkit.evaluation.metrics import built_in
from toolkit.evaluation.metrics.reference import Reference
from toolkit.spelling.ngram import ESCAPE, NGram
from toolkit.text import neutral
from toolkit.text.tagged import Tagged

UNTAGGED = "X"  # the tag of Universal Dependencies for words without another
DOTLESS_LANGUAGES = {"az", "tr"}  # their I without a dot is a letter of its own
ELIDING_LANGUAGES = {"ca", "fr", "it"}  # two words meet at an apostrophe, and word lists have them one by one
NGRAM_LETTERS = 5
IMPLAUSIBLE_SHARE = 0.05  # of the author's own new words
WORD, END, FIRST_LETTER = "word", 0, 2  # the only class of the n-gram of letters, and its symbols

WordKind = Literal["known", "real", "plausible", "broken"]


def tagged_spans(text: str, tagged: Sequence[Tagged]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and part of speech of each neutral word: the coarse tag of the token with its first letter.

    The span includes the single space directly before the word.
    """
    starts = np.array([token.start for token in tagged], np.int64)
    for start, end, word in neutral.word_spans(text):
        first = end - len(word)
        i = int(np.searchsorted(starts, first, side="right")) - 1
        is_covered = i >= 0 and first < tagged[i].end
        yield start, end, (tagged[i].pos if is_covered else "") or UNTAGGED


def folded(word: str, language: str) -> str:
    """Return the word as word lists of its language have it: lower case, typewriter apostrophe.

    >>> folded("Don’t", "en"), folded("Işık", "tr"), folded("İki", "tr")
    ("don't", 'ışık', 'iki')
    """
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


def known_types(reference: Reference) -> frozenset[str]:
    """Return the neutral words of the training text, with their case."""
    if reference.known is not None:
        return reference.known
    return frozenset(word for text in reference.documents for word in neutral.words(text))


def word_kind(word: str, reference: Reference) -> WordKind:
    """Return the kind of a neutral word. Words without letters, such as numbers, are known."""
    language = reference.language
    lower = folded(word, language)
    if _is_among(lower, reference.compute_once(_training_words), language) or not any(map(str.isalpha, lower)):
        return "known"
    if _is_among(lower, listed_words(language, "small"), language):
        return "real"
    bits = reference.compute_once(_letter_bits)(lower)
    return "plausible" if bits <= reference.compute_once(_max_plausible_bits) else "broken"


def new_words(texts: Iterable[str], reference: Reference, number: int) -> dict[str, list[str]]:
    """Return the words that training lacks by kind, the most frequent first, at most a number of each kind.

    The first and the last word of a text are left out, because its ends may have cut them.
    """
    counts = Counter(word for text in texts for word in neutral.words(text)[1:-1])
    by_kind: dict[str, list[str]] = {"known": [], "real": [], "plausible": [], "broken": []}
    for word, _ in counts.most_common():
        by_kind[word_kind(word, reference)].append(word)
    return {kind: words[:number] for kind, words in by_kind.items() if kind != "known"}


def _is_among(lower: str, words: Set[str], language: str) -> bool:
    """Whether a folded word is among the words. If the language elides, all its parts may be among them instead."""
    return lower in words or (language in ELIDING_LANGUAGES and all(part in words for part in lower.split("'")))


def _training_words(reference: Reference) -> Set[str]:
    return {folded(word, reference.language) for word in reference.compute_once(known_types)}


def _letter_bits(reference: Reference) -> Callable[[str], float]:
    """A function that returns −log2 P of a word's letters and its end, per letter and end.

    P is from an n-gram of the letters of the training words.
    """
    words = sorted(reference.compute_once(_training_words))
    ids = {letter: i for i, letter in enumerate(sorted(set().union(*words)), FIRST_LETTER)}

    def spelled(word: str) -> list[int]:
        return [*(ids.get(letter, ESCAPE) for letter in word), END]

    def bits(word: str) -> float:
        symbols = spelled(word)
        return sum(-log2(ngram.distribution(WORD, word[:i])[s]) for i, s in enumerate(symbols)) / len(symbols)

    ngram = NGram(NGRAM_LETTERS, FIRST_LETTER + len(ids), 1e-6).fit((WORD, word, spelled(word)) for word in words)
    return bits


def _max_plausible_bits(reference: Reference) -> float:
    """The quantile of the bits of the author's words that training lacks.

    Without such words it is the quantile of the training words. The n-gram knows these, so more words are broken.
    """
    training = reference.compute_once(_training_words)
    words = {folded(word, reference.language) for text in reference.others for word in neutral.words(text)}
    bits = list(map(reference.compute_once(_letter_bits), sorted(words - training or training)))
    return float(np.quantile(bits, 1 - IMPLAUSIBLE_SHARE)) if bits else 0.0


def _real_words(reference: Reference) -> Set[str]:
    return reference.compute_once(_training_words) | listed_words(reference.language, "best")


def _real_word_rate(texts: Sequence[str], reference: Reference) -> float:
    language = reference.language
    real = reference.compute_once(_real_words)
    are_real = [_is_among(folded(word, language), real, language) for text in texts for word in neutral.words(text)]
    return sum(are_real) / len(are_real) if are_real else 0.0


REAL_WORD_RATE = built_in(
    "real_word_rate", _real_word_rate, applies=lambda reference: bool(listed_words(reference.language, "best"))
)
