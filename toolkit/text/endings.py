"""Frequent endings of words, found in a text: in a language without a list of suffixes they stand for it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log

from toolkit.text.code_points import without_marks

MOST = 10  # endings
LONGEST = 3  # letters of an ending
LONG = 5  # letters of a word that is looked at: below it, an ending is half of the word
FEWEST = 5  # words with an ending


def frequent_endings(words: Iterable[str]) -> tuple[str, ...]:
    """The endings that most different words have beyond what their letters' frequencies explain, the longest first.

    They are chosen one after another, each among the words that have none of those before: n words with an ending whose
    letters would give e of them by chance weigh n · log(n / e).

    >>> stems = ["jump", "walk", "paint", "climb", "stamp", "count"]
    >>> frequent_endings([stem + ending for stem in stems for ending in ("ing", "ed")])
    ('ing', 'ed')
    """
    types = sorted({word.lower() for word in words if len(word) >= LONG and without_marks(word).isalpha()})
    letters = Counter(letter for word in types for letter in word)
    share = {letter: n / letters.total() for letter, n in letters.items()}
    found: list[str] = []
    left = types
    while left and len(found) < MOST:
        counts = Counter(word[-length:] for word in left for length in range(1, LONGEST + 1))

        def weight(ending: str, counts: Counter[str] = counts) -> float:
            """How far the ending exceeds chance."""
            by_chance = len(types) * share_of(ending, share)
            return counts[ending] * log(counts[ending] / by_chance)

        best = max(counts, key=lambda ending: (weight(ending), ending))
        if counts[best] < FEWEST or weight(best) <= 0:
            break
        found.append(best)
        left = [word for word in left if not word.endswith(best)]
    return tuple(sorted(found, key=lambda ending: (-len(ending), ending)))


def share_of(ending: str, shares: dict[str, float]) -> float:
    """The share of words that would have an ending by chance.

    >>> share_of("ab", {"a": 0.5, "b": 0.25})
    0.125
    """
    product = 1.0
    for letter in ending:
        product *= shares[letter]
    return product


def ending_of(word: str, endings: Sequence[str]) -> str:
    """The longest of the endings that a word of enough letters has, or nothing; ``endings`` begin with the longest.

    >>> ending_of("Walking", ("ing", "g")), ending_of("king", ("ing", "g"))
    ('ing', '')
    """
    lower = word.lower()
    return next(filter(lower.endswith, endings), "") if len(word) >= LONG else ""
