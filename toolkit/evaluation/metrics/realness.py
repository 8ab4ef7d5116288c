"""Real words: how many of the words that a column writes exist."""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING

from toolkit.evaluation.metrics.measure import Measure
from toolkit.text import neutral

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference


DOTLESS = {"az", "tr"}  # languages whose I without a dot is a letter of its own
ELIDING = {"ca", "fr", "it"}  # languages in which two words meet at an apostrophe; word lists have them one by one


def folded(word: str, language: str) -> str:
    """The word as word lists of its language have it: lower case, typewriter apostrophe.

    >>> folded("Don’t", "en"), folded("Işık", "tr"), folded("İki", "tr")
    ("don't", 'ışık', 'iki')
    """
    if language in DOTLESS:
        word = word.replace("İ", "i").replace("I", "ı")
    return word.casefold().replace("’", "'")


def is_among(word: str, known: Set[str], language: str) -> bool:
    """Whether a folded word is among those ``known``, or where the language elides, all that meet in it are.

    >>> is_among("l'homme", {"l", "homme"}, "fr"), is_among("moon's", {"moon", "s"}, "en")
    (True, False)
    """
    return word in known or (language in ELIDING and all(part in known for part in word.split("'")))


def words_of_language(language: str) -> Set[str]:
    """The words of wordfreq's largest list for a language (English: down to 1 in 100 million); empty if it has none.

    >>> "moon" in words_of_language("en"), words_of_language("tlh")
    (True, frozenset())
    """
    import wordfreq  # a third of a second, which most commands can do without

    if language not in wordfreq.available_languages("best"):
        return frozenset()
    return frozenset(wordfreq.get_frequency_dict(language, "best"))


def common_words(language: str, per_million: float = 1.0) -> Set[str]:
    """The words that wordfreq gives at least so often in a million words of a language; empty if it has no list.

    The largest list has thousands of rare strings that a text of random letters hits by chance.

    >>> "moon" in common_words("en"), "leat" in words_of_language("en"), "leat" in common_words("en")
    (True, True, False)
    """
    import wordfreq

    if language not in wordfreq.available_languages("small"):
        return frozenset()
    frequencies = wordfreq.get_frequency_dict(language, "small")  # once in a million or more
    return frozenset(word for word, share in frequencies.items() if per_million <= 1 or share >= per_million * 1e-6)


def real_word_rate(texts: Iterable[str], real: Set[str], language: str) -> float:
    """The share of the texts' neutral words that are among the ``real`` ones, folded; 0 if there are no words.

    >>> real_word_rate(["The moon hung vorshal."], {"the", "moon", "hung"}, "en")
    0.75
    """
    are_real = [is_among(folded(word, language), real, language) for text in texts for word in neutral.words(text)]
    return sum(are_real) / len(are_real) if are_real else 0.0


def has_a_list(reference: "Reference") -> bool:
    """Whether wordfreq has a word list of the language."""
    return bool(reference.listed_words)


REAL_WORDS = Measure(
    lambda texts, reference: real_word_rate(texts, reference.real_words, reference.language),
    label="Real words",
    unit="share",
    definition="share of words that exist; the others are invented",
    trap="A word model writes real words by construction, except where it spells.",
    source="wordfreq’s word list, and the training text",
    applies=has_a_list,
)
TRAINING_WORDS = Measure(
    lambda texts, reference: real_word_rate(texts, reference.training_words, reference.language),
    label="Words of the training text",
    unit="share",
    definition="share of words that the training text has",
    trap="The author does not reach 100\u202f%: new words belong to the style.",
    source="the training text",
)
AUTHOR_WORDS = Measure(
    lambda texts, reference: real_word_rate(
        texts, reference.training_words | reference.other_words, reference.language
    ),
    label="Words of the training or validation text",
    unit="share",
    definition="share of words that the training or the validation text has",
    trap="Passages of the validation text have nothing else.",
    source="the training and the validation text",
)
LISTED_WORDS = Measure(
    lambda texts, reference: real_word_rate(texts, reference.listed_words, reference.language),
    label="Words of the language",
    unit="share",
    definition="share of words in a large word list of the language",
    trap="Names and rare words are not listed, though the author writes them.",
    source="wordfreq’s word list",
    applies=has_a_list,
)
