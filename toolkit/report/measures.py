"""The measures of generated text, named and explained for people."""

from collections.abc import Callable
from dataclasses import dataclass

from toolkit.report.columns import ColumnResult
from toolkit.report.numbers import ABSENT, count, decimals, percent
from toolkit.results import Measure

Show = Callable[[float | None], str]


@dataclass(frozen=True)
class About:
    """What a measure is called, what it says, and how its number is written."""

    label: str
    meaning: str
    show: Show = decimals


def _distance(of: str) -> About:
    return About(
        of, "distance from the corpus: 0 is the same distribution, 1 has nothing in common", lambda x: decimals(x, 4)
    )


def _per_10k(word: str) -> About:
    return About(word, "how many among 10,000 words", lambda x: decimals(x, 1))


ABOUT = {
    "letters_jsd": _distance("Letter frequencies"),
    "letter_bigrams_jsd": _distance("Letter pairs"),
    "word_lengths_jsd": _distance("Word lengths"),
    "sentence_lengths_jsd": _distance("Sentence lengths"),
    "pos_jsd": _distance("Parts of speech"),
    "the_per_10k": _per_10k("“the”"),
    "ing_per_10k": _per_10k("Words in -ing"),
    "ed_per_10k": _per_10k("Words in -ed"),
    "tion_per_10k": _per_10k("Words in -tion"),
    "prepositions_pronouns_share": About("Prepositions and pronouns", "share of all words", percent),
    "real_word_rate": About("Real words", "share of the words that exist: the others are invented", percent),
    "distinct_1": About("Variety of words", "different words as a share of all words", percent),
    "distinct_2": About("Variety of word pairs", "different pairs of neighbours as a share of all pairs", percent),
    "distinct_3": About("Variety of word triples", "different triples as a share of all triples", percent),
    "repetition_4": About("Repetition", "share of four-word runs that the same sample has had before", percent),
    "novelty_5": About("Novelty", "share of five-word runs that are nowhere in the training text", percent),
    "longest_copy_characters": About("Longest copy", "characters of the longest run that stands in training", count),
    "two_sample_auc": About(
        "Told from the author", "how well a classifier tells it from the training text: 0.5 is by chance, 1 is always"
    ),
}


@dataclass(frozen=True)
class Value:
    """One measure of one column; ``near`` when the author's value lies in its interval."""

    text: str
    interval: str
    near: bool


@dataclass(frozen=True)
class Line:
    """One measure: the author's value, then one value per column (None where it was not taken)."""

    about: About
    author: str
    values: tuple[Value | None, ...]


def about(name: str) -> About:
    """What is known of a measure; one of a third party is called by its own name.

    >>> about("my_measure").label
    'my measure'
    """
    return ABOUT.get(name) or About(name.replace("_", " "), "")


def _value(measure: Measure | None, show: Show) -> Value | None:
    if measure is None:
        return None
    if measure.low is None or measure.high is None:
        return Value(show(measure.value), "", False)
    interval = f"[{show(measure.low)}, {show(measure.high)}]"
    return Value(show(measure.value), interval, measure.low <= measure.author <= measure.high)


def lines(columns: list[ColumnResult]) -> list[Line]:
    """A line per measure that any column has, in the order in which they were taken."""
    taken = [column.first.generated.measures for column in columns]
    found = []
    for name in dict.fromkeys(name for measures in taken for name in measures):
        known = about(name)
        author = next((measures[name].author for measures in taken if name in measures), None)
        found.append(
            Line(
                known,
                known.show(author) if author is not None else ABSENT,
                tuple(_value(measures.get(name), known.show) for measures in taken),
            )
        )
    return found
