"""Measures of the corpus's words, of a column's bits, and of a column's samples; those of samples by name."""

from typing import TYPE_CHECKING

from toolkit.errors import InputError
from toolkit.registry import Registry

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.measure import Measure

MEASURES: Registry[float] = Registry(  # each is a Measure: a function of texts and a Reference that returns a number
    "measure",
    "toolkit.measures",
    {
        "letters_jsd": "toolkit.evaluation.metrics.distributions:LETTERS",
        "letter_pairs_jsd": "toolkit.evaluation.metrics.distributions:LETTER_PAIRS",
        "word_lengths_jsd": "toolkit.evaluation.metrics.distributions:WORD_LENGTHS",
        "sentence_lengths_jsd": "toolkit.evaluation.metrics.distributions:SENTENCE_LENGTHS",
        "pos_jsd": "toolkit.evaluation.metrics.distributions:PARTS_OF_SPEECH",
        "the_per_10k": "toolkit.evaluation.metrics.counts:THE",
        "ing_per_10k": "toolkit.evaluation.metrics.counts:ING",
        "ed_per_10k": "toolkit.evaluation.metrics.counts:ED",
        "tion_per_10k": "toolkit.evaluation.metrics.counts:TION",
        "endings_jsd": "toolkit.evaluation.metrics.distributions:ENDINGS",
        "odd_capitals_per_10k": "toolkit.evaluation.metrics.counts:ODD_CAPITALS",
        "prepositions_pronouns_share": "toolkit.evaluation.metrics.counts:PREPOSITIONS_PRONOUNS",
        "real_word_rate": "toolkit.evaluation.metrics.realness:REAL_WORDS",
        "training_word_rate": "toolkit.evaluation.metrics.realness:TRAINING_WORDS",
        "author_word_rate": "toolkit.evaluation.metrics.realness:AUTHOR_WORDS",
        "listed_word_rate": "toolkit.evaluation.metrics.realness:LISTED_WORDS",
        "new_real_word_rate": "toolkit.evaluation.metrics.invented:NEW_WORDS",
        "plausible_word_rate": "toolkit.evaluation.metrics.invented:PLAUSIBLE_WORDS",
        "broken_word_rate": "toolkit.evaluation.metrics.invented:BROKEN_WORDS",
        "distinct_1": "toolkit.evaluation.metrics.diversity:DISTINCT_1",
        "distinct_2": "toolkit.evaluation.metrics.diversity:DISTINCT_2",
        "distinct_3": "toolkit.evaluation.metrics.diversity:DISTINCT_3",
        "ead": "toolkit.evaluation.metrics.diversity:EAD",
        "mattr_100": "toolkit.evaluation.metrics.growth:MATTR",
        "zipf_exponent": "toolkit.evaluation.metrics.growth:ZIPF",
        "heaps_exponent": "toolkit.evaluation.metrics.growth:HEAPS",
        "taylor_exponent": "toolkit.evaluation.metrics.taylor:TAYLOR",
        "repetition_2": "toolkit.evaluation.metrics.diversity:REPETITION_2",
        "repetition_4": "toolkit.evaluation.metrics.diversity:REPETITION_4",
        "loop_rate": "toolkit.evaluation.metrics.loops:LOOPS",
        "novelty_5": "toolkit.evaluation.metrics.novelty:NOVELTY_5",
        "longest_copy_characters": "toolkit.evaluation.metrics.novelty:LONGEST_COPY",
        "longest_copy_words": "toolkit.evaluation.metrics.novelty:LONGEST_COPY_WORDS",
        "two_sample_auc": "toolkit.evaluation.metrics.two_sample:TOLD_APART",
    },
)


def measures() -> "dict[str, Measure]":
    """All measures by name. Raises InputError if something else is registered as one."""
    from toolkit.evaluation.metrics.measure import Measure

    by_name = {}
    for name in MEASURES:
        measure = MEASURES.factory(name)
        if not isinstance(measure, Measure):
            raise InputError(
                f"The measure {name!r} is a {type(measure).__name__}; register a Measure, which has a label and so on."
            )
        by_name[name] = measure
    return by_name
