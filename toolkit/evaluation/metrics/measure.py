"""What a measure of generated text is: a function, and everything that is said about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from toolkit.results import MeasureFacts

if TYPE_CHECKING:
    from toolkit.evaluation.metrics.reference import Reference


@dataclass(frozen=True)
class Measure:
    """A pure function of texts and of what they are compared with; finite for any texts, even empty ones.

    ``direction`` says what is good: to be near the author's value, less, or more. ``least`` and ``most`` are the range.
    ``definition`` says in a line what it is, ``trap`` what it does not say, ``source`` where it comes from.
    Most measures are also taken of each sample, which gives their interval; one that compares samples is not.
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

    def __call__(self, texts: Sequence[str], reference: "Reference") -> float:
        """The measure of all texts together."""
        return self.of(texts, reference)

    def facts(self) -> MeasureFacts:
        """Everything that is said about it, as comparison.json has it."""
        return MeasureFacts(**{name: getattr(self, name) for name in MeasureFacts.model_fields})
