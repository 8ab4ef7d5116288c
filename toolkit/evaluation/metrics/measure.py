"""A measure of generated text: a function with its description."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.errors import ContractError
from toolkit.results.generated import MeasureFacts

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference


def always(reference: "Reference") -> bool:  # noqa: ARG001 - as all of them have
    """A measure that does not depend on the language applies to all texts."""
    return True


def in_english(reference: "Reference") -> bool:
    """Whether the text is in English."""
    return reference.language == "en"


@dataclass(frozen=True)
class Measure:
    """A pure function of texts and of what they are compared with; finite for any texts, even empty ones.

    ``direction`` says what is better: near the author's value, less, or more. ``least`` and ``most`` are the range.
    ``definition`` is one line; ``trap`` warns of a misreading; ``source`` is a reference.
    Most measures are also computed for each sample, for their interval; one that compares samples is not.
    ``applies`` says whether it means anything for a text in the reference's language.
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
