"""The measures of generated text: their class and their registry."""

import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from toolkit.errors import ContractError, InputError
from toolkit.evaluation.metrics.reference import Reference
from toolkit.registry import Registry
from toolkit.results.generated import MeasureFacts

DESCRIPTIONS = tomllib.loads(Path(__file__).with_name("measures.toml").read_text("utf-8"))
FILES = {name: description.pop("file") for name, description in DESCRIPTIONS.items()}
MEASURES: Registry[float] = Registry(  # each is a Measure: a function of texts and a Reference that returns a number
    "measure", "toolkit.measures", {name: f"{__name__}.{file}:{name.upper()}" for name, file in FILES.items()}
)


@dataclass(frozen=True)
class Measure:
    """A function of texts and a reference, with its description. It returns a finite number for any texts.

    ``direction`` says which values are better: near the author's, less, or more. ``least`` and ``most`` are the range.
    ``definition`` is one line, ``trap`` warns of a misreading, ``source`` is a publication.
    ``of_one_sample`` is false if the measure compares samples with each other: it then has no interval.
    ``applies`` says whether the measure has a meaning in the language of the reference.
    """

    of: Callable[[Sequence[str], Reference], float]
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
    applies: Callable[[Reference], bool] = lambda _: True

    def __call__(self, texts: Sequence[str], reference: Reference) -> float:
        """Measure all texts together. Raises ContractError if the number is not finite."""
        value = self.of(texts, reference)
        if not math.isfinite(value):
            raise ContractError(f"the measure {self.label!r} is {value} for a text; return a finite number for any")
        return value

    def facts(self) -> MeasureFacts:
        """Return the description, as comparison.json has it."""
        return MeasureFacts(**{name: getattr(self, name) for name in MeasureFacts.model_fields})


def built_in(name: str, of: Callable[[Sequence[str], Reference], float], **options: Any) -> Measure:
    """Return a measure that measures.toml describes."""
    return Measure(of, **DESCRIPTIONS[name], **options)


def measures() -> dict[str, Measure]:
    """Return all measures by name. Raises InputError if an entry is not a Measure."""
    by_name: dict[str, Measure] = {}
    for name in MEASURES:
        measure = MEASURES.factory(name)
        if not isinstance(measure, Measure):
            raise InputError(f"The measure {name!r} is a {type(measure).__name__}; register a Measure.")
        by_name[name] = measure
    return by_name


def try_measures(language: str) -> None:
    """Apply each measure of a plug-in to a short text, so that its errors show before any training."""
    reference = Reference(("A text.\n",), language, others=("Another one.\n",))
    for name, measure in measures().items():
        if not MEASURES.built_in(name) and not measure.needs_tagger and measure.applies(reference):
            measure(["A text.\n"], reference)
