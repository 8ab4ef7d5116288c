"""The measures of generated text, and the author's documents that they compare it with."""

import math
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from toolkit.errors import ContractError
from toolkit.plugins import Registry
from toolkit.results.generated import MeasureFacts
from toolkit.text.tagging import Tagger

DESCRIPTIONS = tomllib.loads(Path(__file__).with_name("measures.toml").read_text("utf-8"))
# Each is a Measure: a function of texts and a Reference that returns a number.
MEASURES: Registry[float] = Registry(
    "measure",
    "toolkit.measures",
    {name: f"{__name__}.{facts.pop('file')}:{name.upper()}" for name, facts in DESCRIPTIONS.items()},
)
BETWEEN = "\ud800"  # stands between documents: half a surrogate pair, which no text has, so no copy contains it


@dataclass(frozen=True, eq=False)
class Reference:
    """The training documents, their language and its tagger, if one is installed.

    A measure keeps what it has computed from the latest reference: a reference equals only itself.
    """

    documents: tuple[str, ...]
    language: str = "en"
    tagger: Tagger | None = None

    @cached_property
    def training(self) -> str:
        """All training documents in one text, with ``BETWEEN`` between them and all white space as single spaces."""
        return " ".join(BETWEEN.join(self.documents).split())


@dataclass(frozen=True)
class Measure(MeasureFacts):
    """A function of texts and a reference, with its description. It returns a finite number for any texts.

    ``applies`` says whether it has a meaning in the language of the reference, and the tagger that it needs.
    """

    of: Callable[[Sequence[str], Reference], float]
    applies: Callable[[Reference], bool] = lambda _: True

    def __call__(self, texts: Sequence[str], reference: Reference) -> float:
        """Measure all texts together. Raises ContractError if the number is not finite."""
        value = self.of(texts, reference)
        if not math.isfinite(value):
            raise ContractError(
                f"the measure {self.label!r} is {value} for a text; return a finite number for any"
            )
        return value

    def facts(self) -> MeasureFacts:
        """Return the description, as comparison.json has it."""
        return MeasureFacts(**{item.name: getattr(self, item.name) for item in fields(MeasureFacts)})


def built_in(name: str, of: Callable[[Sequence[str], Reference], float], **options: Any) -> Measure:
    """Return a measure that measures.toml describes."""
    return Measure(of, **DESCRIPTIONS[name], **options)


def measures() -> dict[str, Measure]:
    """Return all measures by name."""
    return {name: cast("Measure", MEASURES.factory(name)) for name in MEASURES}


def passages(text: str, number: int, length: int) -> list[str]:
    """Return passages of one length, evenly spaced over the text, without overlap if the text is long enough."""
    # Half of it is before the first passage, half after the last.
    gap = (len(text) - number * length) / max(number, 1)
    last = max(len(text) - length, 0)
    starts = (min(max(int(length * i + gap * (i + 0.5)), 0), last) for i in range(number))
    return [text[start : start + length] for start in starts]


def by_document(documents: Sequence[str], number: int, length: int) -> list[str]:
    """Return passages of one length, each from the middle of another document if enough documents are that long.

    A classifier that has read one passage then has not met the names of the next. If too few documents are long
    enough, the passages are from all documents in a row, and fewer if these are too short together.
    """
    long_enough = [text for text in documents if len(text) >= length]
    if len(long_enough) >= number:
        return [passages(long_enough[i * len(long_enough) // number], 1, length)[0] for i in range(number)]
    text = "\n\n".join(documents)
    return passages(text, min(number, len(text) // length), length)
