"""The article's counts: how often the most telling English words and endings occur. Only here is case ignored."""

from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise

from toolkit.evaluation.metrics import Measure, in_english
from toolkit.text import neutral


def set_of(listed: str) -> frozenset[str]:
    """The words of a list, separated by white space.

    >>> sorted(set_of("to from"))
    ['from', 'to']
    """
    return frozenset(listed.split())


# Closed classes, written down from the headings under which grammars of English list them: the personal, possessive,
# reflexive, demonstrative, relative, interrogative and indefinite pronouns, including older forms, and the one-word
# prepositions. A word is counted by its form, so the conjunction "that" and the determiner "her" count too: this is the
# same for every column and for the author.
PRONOUNS = set_of(
    """
    i me my mine myself you your yours yourself yourselves he him his himself she her hers herself it its itself
    we us our ours ourselves they them their theirs themselves thou thee thy thine thyself ye one oneself
    this that these those who whom whose which what whoever whomever whatever whichever
    anybody anyone anything everybody everyone everything nobody none nothing somebody someone something
    """
)
PREPOSITIONS = set_of(
    """
    aboard about above across after against along alongside amid amidst among amongst around as at athwart before behind
    below beneath beside besides between betwixt beyond but by concerning despite down during except for from in inside
    into like near of off on onto opposite out outside over past per regarding round save since through throughout till
    to toward towards under underneath until unto up upon versus via with within without
    """
)


def share_of_words(texts: Iterable[str], wanted: Callable[[str], bool]) -> float:
    """The share of the texts' neutral words, lower-cased, that are wanted; 0 if there are no words.

    >>> share_of_words(["The old man", "the sea"], {"the"}.__contains__)
    0.4
    """
    matches = [wanted(word.lower()) for text in texts for word in neutral.words(text)]
    return sum(matches) / len(matches) if matches else 0.0


def the_per_10k(texts: Iterable[str]) -> float:
    """How many of 10,000 neutral words are "the".

    >>> the_per_10k(["The old man", "the sea"])
    4000.0
    """
    return 10_000 * share_of_words(texts, lambda word: word == "the")


def ending_per_10k(texts: Iterable[str], ending: str) -> float:
    """How many of 10,000 neutral words have the ending, whatever it means there ("thing" ends in -ing).

    >>> ending_per_10k(["Nothing stirring", "the bell"], "ing")
    5000.0
    """
    return 10_000 * share_of_words(texts, lambda word: word.endswith(ending))


def prepositions_pronouns_share(texts: Iterable[str]) -> float:
    """The share of neutral words that are English prepositions or pronouns.

    >>> prepositions_pronouns_share(["He rowed toward the island."])
    0.4
    """
    return share_of_words(texts, lambda word: word in PRONOUNS or word in PREPOSITIONS)


def odd_capitals_per_10k(texts: Iterable[str]) -> float:
    """Capitals that do not follow white space, for 10,000 neutral words; a text's first character is left out.

    >>> odd_capitals_per_10k(["“Stay!” McLeod said"])
    6666.666666666667
    """
    capitals = words = 0
    for text in texts:
        capitals += sum(after.isupper() and not before.isspace() for before, after in pairwise(text))
        words += len(neutral.words(text))
    return 10_000 * capitals / max(words, 1)


def per_10k(label: str, of: Callable[[Iterable[str]], float]) -> Measure:
    """A measure that counts words per 10,000."""
    return Measure(
        lambda texts, _: of(texts),
        label=label,
        unit="per 10,000 words",
        definition="how many per 10,000 words",
        trap="It counts English forms, whatever they mean: “thing” also ends in -ing.",
        source="the article’s own counts",
        most=10_000.0,
        applies=in_english,
    )


THE = per_10k("“the”", the_per_10k)
ING = per_10k("Words in -ing", partial(ending_per_10k, ending="ing"))
ED = per_10k("Words in -ed", partial(ending_per_10k, ending="ed"))
TION = per_10k("Words in -tion", partial(ending_per_10k, ending="tion"))
ODD_CAPITALS = Measure(
    lambda texts, _: odd_capitals_per_10k(texts),
    label="Capitals not after a space",
    unit="per 10,000 words",
    definition="how many capital letters follow something else than white space, per 10,000 words",
    trap="Those after an opening quotation mark count, and all but the first letter of a word in capitals.",
    source="the article’s own counts",
    most=None,
)
PREPOSITIONS_PRONOUNS = Measure(
    lambda texts, _: prepositions_pronouns_share(texts),
    label="Prepositions and pronouns",
    unit="share",
    definition="share of all words",
    trap="English words are counted by their form: the conjunction “that” counts as a pronoun.",
    source="the article’s own counts",
    applies=in_english,
)
