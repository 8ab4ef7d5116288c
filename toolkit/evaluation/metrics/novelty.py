"""New and copied text: words and word sequences that the training text lacks, and the longest copy of it.

A word that training lacks is *real* if wordfreq lists it in the language, and *invented* if not.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from functools import cache, lru_cache
from typing import Literal

import numpy as np

from toolkit.evaluation.metrics import Reference, built_in
from toolkit.evaluation.metrics.counts import word_ngrams
from toolkit.text import neutral
from toolkit.text.code_points import code_points

# Words of a sequence. Of 172 passages of 500 characters from the bundled tales, held out, 16 % have five words in a
# row that the training tales have too, 2 % have six, and 76 % have four: those are the phrases of everyone.
SEQUENCE_WORDS = 5
DOTLESS_LANGUAGES = {"az", "tr"}  # their I without a dot is a letter of its own
ELIDING_LANGUAGES = {"ca", "fr", "it"}  # two words meet at an apostrophe, and word lists have them one by one


def longest_copy(text: str, reference: Reference) -> int:
    """Return the length of the longest span with ``SEQUENCE_WORDS`` words that the training text has too; or 0.

    These are whole neutral words of the text. White space between words counts as one space, and none at the ends.
    Bisection finds any span among the sorted suffixes of the training text (Manber & Myers 1990).
    """
    training, suffixes = reference.training, _sorted_suffixes(reference)
    text = " ".join(text.split())
    words = [(end - len(word), end) for _, end, word in neutral.word_spans(text)]

    def is_copied(span: str) -> bool:
        place = bisect_left(suffixes, span, key=lambda start: training[start : start + len(span)])
        return any(training.startswith(span, start) for start in suffixes[place : place + 1])

    end = longest = 0
    for start in range(len(text)):
        while end < len(text) and is_copied(text[start : end + 1]):
            end += 1
        length = len(text[start:end].strip())
        if length > longest and sum(start <= a < b <= end for a, b in words) >= SEQUENCE_WORDS:
            longest = length
    return longest


@lru_cache(maxsize=1)
def _sorted_suffixes(reference: Reference) -> Sequence[int]:
    """The starts of all suffixes of the training text in order, sorted by ranks of their first 1, 2, 4, … items."""
    ranks = np.unique(code_points(reference.training), return_inverse=True)[1].astype(np.int64)
    width, length = 1, len(ranks)
    while ranks.max(initial=0) < length - 1:  # two suffixes still have one rank
        following = np.zeros(length, np.int64)
        following[:-width] = ranks[width:] + 1
        ranks = np.unique(ranks * (length + 1) + following, return_inverse=True)[1]
        width *= 2
    return np.argsort(ranks)  # type: ignore[return-value]


def novel_ngrams(text: str, reference: Reference) -> list[bool]:
    """Return, for each run of ``SEQUENCE_WORDS`` neutral words of the text, whether no training document has it."""
    known = _training_ngrams(reference)
    return [hash(ngram) not in known for ngram in word_ngrams(text, SEQUENCE_WORDS)]


@lru_cache(maxsize=1)
def _training_ngrams(reference: Reference) -> Set[int]:
    """Hashes of the sequences of words, which take a fraction of their memory."""
    return {hash(ngram) for text in reference.documents for ngram in word_ngrams(text, SEQUENCE_WORDS)}


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
    if _is_among(word, _training_words(reference), reference) or not any(map(str.isalpha, word)):
        return "known"
    return "real" if _is_among(word, listed_words(reference.language, "best"), reference) else "invented"


def new_words(texts: Iterable[str], reference: Reference, number: int) -> dict[str, list[str]]:
    """Return the most frequent words that training lacks by kind, but none that the ends of a text may cut."""
    counts = Counter(word for text in texts for word in neutral.words(text)[1:-1])
    kinds = [(word, word_kind(word, reference)) for word, _ in counts.most_common()]
    return {name: [word for word, kind in kinds if kind == name][:number] for name in ("real", "invented")}


def _is_among(word: str, words: frozenset[str], reference: Reference) -> bool:
    lower = folded(word, reference.language)
    return lower in words or (reference.language in ELIDING_LANGUAGES and words.issuperset(lower.split("'")))


@lru_cache(maxsize=1)
def _training_words(reference: Reference) -> frozenset[str]:
    words = {word for text in reference.documents for word in neutral.words(text)}
    return frozenset(folded(word, reference.language) for word in words)


@lru_cache(maxsize=1)
def _real_words(reference: Reference) -> frozenset[str]:
    return _training_words(reference) | listed_words(reference.language, "best")


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0


def _real_word_rate(texts: Sequence[str], reference: Reference) -> float:
    real = _real_words(reference)
    return _share([_is_among(word, real, reference) for text in texts for word in neutral.words(text)])


NOVELTY_5 = built_in(
    "novelty_5",
    lambda texts, reference: _share([is_novel for text in texts for is_novel in novel_ngrams(text, reference)]),
)
LONGEST_COPY_CHARACTERS = built_in(
    "longest_copy_characters",
    lambda texts, reference: float(max(longest_copy(text, reference) for text in texts)),
    most=None,
)
REAL_WORD_RATE = built_in(
    "real_word_rate", _real_word_rate, applies=lambda reference: bool(listed_words(reference.language, "best"))
)
