"""The registry of measures of generated text. Other modules here measure corpora and the bits of columns."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.errors import ContractError, InputError
from toolkit.registry import Registry
from toolkit.results.generated import MeasureFacts

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference

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
        "odd_capitals_per_10k": "toolkit.evaluation.metrics.counts:ODD_CAPITALS",
        "prepositions_pronouns_share": "toolkit.evaluation.metrics.counts:PREPOSITIONS_PRONOUNS",
        "real_word_rate": "toolkit.evaluation.metrics.realness:REAL_WORDS",
        "distinct_1": "toolkit.evaluation.metrics.diversity:DISTINCT_1",
        "distinct_2": "toolkit.evaluation.metrics.diversity:DISTINCT_2",
        "distinct_3": "toolkit.evaluation.metrics.diversity:DISTINCT_3",
        "mattr_100": "toolkit.evaluation.metrics.diversity:MATTR",
        "repetition_4": "toolkit.evaluation.metrics.diversity:REPETITION_4",
        "loop_rate": "toolkit.evaluation.metrics.diversity:LOOPS",
        "novelty_5": "toolkit.evaluation.metrics.novelty:NOVELTY_5",
        "longest_copy_characters": "toolkit.evaluation.metrics.novelty:LONGEST_COPY",
        "two_sample_auc": "toolkit.evaluation.metrics.two_sample:TOLD_APART",
    },
)


def always(reference: "Reference") -> bool:  # noqa: ARG001 - as all of them have
    """A measure that does not depend on the language applies to all texts."""
    return True


def in_english(reference: "Reference") -> bool:
    """Whether the text is in English."""
    return reference.language == "en"


@dataclass(frozen=True)
class Measure:
    """A pure function of texts and a reference, with its description. It is finite for any texts, even empty ones.

    ``direction`` names the better values: near the author's, lower, or higher. ``least`` and ``most`` are the range.
    ``definition`` is one line; ``trap`` warns of a misreading; ``source`` is a publication.
    The interval needs the measure of each sample, unless ``of_one_sample`` is false: then it compares samples.
    ``applies`` says whether the measure has a meaning in the reference's language.
    """

    of: "Callable[[Sequence[str], Reference], float]"
    label: str
    unit: str
    definition: str
    trap: str = ""
    source: str = ""
    direction: Literal["author", "less", "more"] = "author"
    least: float = 0.0
    most: float | None = 1.0
    of_one_sample: bool = True
    needs_tagger: bool = False
    applies: "Callable[[Reference], bool]" = always

    def __call__(self, texts: Sequence[str], reference: "Reference") -> float:
        """The measure of all texts together. Raises ContractError if it is not finite: no file could keep that."""
        value = self.of(texts, reference)
        if not math.isfinite(value):
            raise ContractError(f"the measure {self.label!r} is {value} for a text; return a finite number for any")
        return value

    def facts(self) -> MeasureFacts:
        """Its description, as saved in comparison.json."""
        return MeasureFacts(**{name: getattr(self, name) for name in MeasureFacts.model_fields})


def measures() -> dict[str, Measure]:
    """All measures by name. Raises InputError if an entry is not a Measure."""
    by_name = {}
    for name in MEASURES:
        measure = MEASURES.factory(name)
        if not isinstance(measure, Measure):
            raise InputError(
                f"The measure {name!r} is a {type(measure).__name__}; register a Measure, which has a label and so on."
            )
        by_name[name] = measure
    return by_name


def try_measures(language: str) -> None:
    """Compute each measure of a plug-in for a short text, so that an error in it shows before any training.

    Raises whatever the measure raises, and InputError as ``measures`` does.
    """
    from toolkit.evaluation.metrics.reference import Reference

    reference = Reference(("A text.\n",), language, others=("Another one.\n",))
    for name, measure in measures().items():
        if not MEASURES.built_in(name) and not measure.needs_tagger and measure.applies(reference):
            measure(["A text.\n"], reference)
