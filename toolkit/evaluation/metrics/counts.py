"""Counts of letters, words, sentences, parts of speech and n-grams in texts, and the measures that need no more.

The counts that the article made ignore case; nothing else does. No n-gram crosses from one text to the next.
"""

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from toolkit.evaluation.metrics import Measure, Reference, built_in
from toolkit.text import neutral
from toolkit.text.code_points import without_marks
from toolkit.text.words import Words

UNTAGGED = "X"  # the tag of Universal Dependencies for words without another
# A sentence ends with a full stop, question mark or exclamation mark, any closing quotes or brackets, and white space,
# which Chinese and Japanese do not need, or with an empty line. The full stop of an abbreviation ends a sentence too.
SENTENCE_END = re.compile(r"""(?<![.!?…।॥؟۔])[.!?…।॥؟۔]+["'”’»)\]]*\s+|[。！？｡]+["'”’»)\]」』）｣]*|\n\s*\n""")
TAGGED_CHARACTERS = 300_000  # of the training text: about 60,000 words, which take seconds to tag
WINDOW_WORDS = 100  # of the type–token ratio
LOOP_WORDS = 3  # of the shortest phrase that makes a loop: an author may write "very, very"
CLOSED_CLASSES = tomllib.loads(Path(__file__).with_name("closed_classes.toml").read_text("utf-8"))
PREPOSITIONS_PRONOUNS = frozenset(" ".join(CLOSED_CLASSES.values()).split())


def letters(texts: Iterable[str]) -> Counter[str]:
    """Count the letters of the texts, with their case."""
    return Counter(character for text in texts for character in text if character.isalpha())


def letter_pairs(texts: Iterable[str]) -> Counter[tuple[str, str]]:
    """Count the pairs of neighbouring letters, with their case."""
    return Counter((a, b) for text in texts for a, b in pairwise(text) if a.isalpha() and b.isalpha())


def word_lengths(texts: Iterable[str]) -> Counter[int]:
    """Count the lengths of the neutral words, in characters."""
    return Counter(len(word) for text in texts for word in neutral.words(text))


def sentence_lengths(texts: Iterable[str]) -> Counter[int]:
    """Count the lengths of the sentences in neutral words, by powers of two: 1, 2-3, 4-7, 8-15, … words."""
    lengths = (len(neutral.words(part)) for text in texts for part in SENTENCE_END.split(text))
    return Counter(length.bit_length() - 1 for length in lengths if length)


def tagged_spans(text: str, tokens: Words) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and part of speech of each neutral word: the coarse tag of the token with its first letter.

    The span includes the single space directly before the word.
    """
    spans = list(neutral.word_spans(text))
    firsts = np.array([end - len(word) for _, end, word in spans], np.int64)
    places = np.searchsorted(tokens.at["start"], firsts, side="right") - 1
    for (start, end, _), first, place in zip(spans, firsts.tolist(), places.tolist(), strict=True):
        is_covered = place >= 0 and first < tokens.at["end"][place]
        yield start, end, (tokens.tags[tokens.at["tag"][place]].pos if is_covered else "") or UNTAGGED


def jensen_shannon_divergence(a: Counter[Any], b: Counter[Any]) -> float:
    """Return the divergence (Lin 1991) of two distributions in bits: 0 for equal ones, 1 for disjoint or empty ones."""
    from scipy.spatial.distance import jensenshannon  # takes a third of a second

    if not a or not b:
        return 1.0
    outcomes = list(a | b)  # in a fixed order, so that the sums round alike in every process
    p, q = ([counts[outcome] for outcome in outcomes] for counts in (a, b))
    with np.errstate(invalid="ignore"):  # of nearly equal distributions, rounding may give the root of −1e-17
        distance = np.nan_to_num(jensenshannon(p, q, base=2))  # the square root of the divergence
    return min(float(distance**2), 1.0)


def share_of_words(texts: Iterable[str], is_counted: Callable[[str], bool]) -> float:
    """Return the share of the neutral words, in lower case, that are counted, whatever they mean; 0 without words."""
    matches = [is_counted(word.lower()) for text in texts for word in neutral.words(text)]
    return sum(matches) / len(matches) if matches else 0.0


def odd_capitals_per_10k(texts: Iterable[str]) -> float:
    """Return the capitals that do not follow white space per 10,000 neutral words, without a text's first character."""
    capitals = words = 0
    for text in texts:
        capitals += sum(b.isupper() and not a.isspace() for a, b in pairwise(text))
        words += len(neutral.words(text))
    return 10_000 * capitals / max(words, 1)


def distinct(texts: Iterable[str], n: int) -> float:
    """Return distinct n-grams of all texts together / n-grams (Li et al. 2016); 0 without n-grams."""
    ngrams = [ngram for text in texts for ngram in word_ngrams(text, n)]
    return len(set(ngrams)) / len(ngrams) if ngrams else 0.0


def repetition(texts: Iterable[str], n: int) -> float:
    """Return 1 − Σ distinct n-grams of each text / Σ n-grams (Welleck et al. 2020); 0 without n-grams."""
    ngrams = [word_ngrams(text, n) for text in texts]
    total = sum(map(len, ngrams))
    return 1 - sum(map(len, map(set, ngrams))) / total if total else 0.0


def mattr(text: str) -> float:
    """Return the mean share of distinct words over all windows of at most 100 words (Covington & McFall 2010)."""
    words = neutral.words(text)
    if not words:
        return 0.0
    window = min(WINDOW_WORDS, len(words))
    return fmean(len(set(words[i : i + window])) for i in range(len(words) - window + 1)) / window


def ends_in_loop(text: str) -> bool:
    """Whether the text ends in a phrase of at least three words that directly follows itself.

    The last word is left out if the end of the text may have cut it.
    """
    words = neutral.words(text)
    if without_marks(text)[-1:].isalnum():
        words.pop()
    return any(words[-k:] == words[-2 * k : -k] for k in range(LOOP_WORDS, len(words) // 2 + 1))


def word_ngrams(text: str, n: int) -> list[tuple[str, ...]]:
    """Return all runs of ``n`` neutral words."""
    words = neutral.words(text)
    return list(zip(*(words[i:] for i in range(n)), strict=False))


def _parts_of_speech(texts: Iterable[str], reference: Reference) -> Counter[str]:
    tagger = reference.tagger
    return (
        Counter(pos for text in texts for _, _, pos in tagged_spans(text, tagger.tag(text)))
        if tagger
        else Counter()
    )


@lru_cache(maxsize=1)
def _training_parts_of_speech(reference: Reference) -> Counter[str]:
    starts = accumulate(map(len, reference.documents[:-1]), initial=0)
    texts = [text for text, start in zip(reference.documents, starts, strict=True) if start < TAGGED_CHARACTERS]
    return _parts_of_speech((text[:TAGGED_CHARACTERS] for text in texts), reference)


def _divergence(name: str, count: Callable[[Iterable[str]], Counter[Any]]) -> Measure:
    @lru_cache(maxsize=1)
    def training_counts(reference: Reference) -> Counter[Any]:
        return count(reference.documents)

    def divergence(texts: Sequence[str], reference: Reference) -> float:
        return jensen_shannon_divergence(count(texts), training_counts(reference))

    return built_in(name, divergence)


def _english(name: str, is_counted: Callable[[str], bool], per: int = 10_000) -> Measure:
    return built_in(
        name,
        lambda texts, _: per * share_of_words(texts, is_counted),
        applies=lambda reference: reference.language == "en",
    )


LETTERS_JSD = _divergence("letters_jsd", letters)
LETTER_PAIRS_JSD = _divergence("letter_pairs_jsd", letter_pairs)
WORD_LENGTHS_JSD = _divergence("word_lengths_jsd", word_lengths)
SENTENCE_LENGTHS_JSD = _divergence("sentence_lengths_jsd", sentence_lengths)
POS_JSD = built_in(
    "pos_jsd",
    lambda texts, reference: jensen_shannon_divergence(
        _parts_of_speech(texts, reference), _training_parts_of_speech(reference)
    ),
    applies=lambda reference: reference.tagger is not None,
)
THE_PER_10K = _english("the_per_10k", lambda word: word == "the")
ING_PER_10K = _english("ing_per_10k", lambda word: word.endswith("ing"))
ED_PER_10K = _english("ed_per_10k", lambda word: word.endswith("ed"))
TION_PER_10K = _english("tion_per_10k", lambda word: word.endswith("tion"))
PREPOSITIONS_PRONOUNS_SHARE = _english("prepositions_pronouns_share", PREPOSITIONS_PRONOUNS.__contains__, per=1)
ODD_CAPITALS_PER_10K = built_in("odd_capitals_per_10k", lambda texts, _: odd_capitals_per_10k(texts), most=None)
DISTINCT_1 = built_in("distinct_1", lambda texts, _: distinct(texts, 1))
DISTINCT_2 = built_in("distinct_2", lambda texts, _: distinct(texts, 2))
DISTINCT_3 = built_in("distinct_3", lambda texts, _: distinct(texts, 3))
MATTR_100 = built_in("mattr_100", lambda texts, _: fmean(map(mattr, texts)))
REPETITION_4 = built_in("repetition_4", lambda texts, _: repetition(texts, 4))
LOOP_RATE = built_in("loop_rate", lambda texts, _: fmean(map(ends_in_loop, texts)))
