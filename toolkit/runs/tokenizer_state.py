"""What a run may have saved of a tokenizer that is built in, checked before anything is made of it.

Every number is finite and in its range, every text a text, every list as long as it says.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from reprlib import repr as shortly
from typing import Any

from toolkit.errors import MOST_COUNTED, within
from toolkit.rare_words import RARE_WORDS
from toolkit.runs.columns import Column
from toolkit.runs.given_tokenizer import refuse_hostile
from toolkit.text.casing import CASES

Check = Callable[[str, Any], None]  # raises ValueError or TypeError, with the name, unless the value is what it must be

LARGEST_WEIGHT = 1e6  # of what clusters are told apart by
MARKS = ("L", "R", "LR")


def check_state(column: Column, state: Any) -> None:
    """Raises ValueError, TypeError or LookupError unless a column's tokenizer may have saved this.

    Someone else's may save what it likes.
    """
    if column.ours:
        STATES[column.tokenizer]("the state", state)
        if column.strategy is not None:
            check_strategy(column.strategy, state["strategy"])


def check_strategy(name: str, state: Any) -> None:
    """Raises ValueError, TypeError or LookupError unless this built-in strategy may have saved this.

    One that has a single class has that one.
    """
    if name == "cluster":
        clusters("the clusters", state)
        return
    fixed = list(getattr(RARE_WORDS.factory(name), "classes", ()))
    fields("the strategy", state, {"classes": unique_texts, "endings": texts}, ("endings",))
    if len(fixed) == 1 and state["classes"] != fixed:
        raise ValueError(f"the strategy has the classes {shortly(state['classes'])}, not {fixed}")


def anything(name: str, value: Any) -> None:
    """Whatever it is: it is checked elsewhere, or not used."""


def text(name: str, value: Any) -> None:
    """A text, which may have lone surrogates, as marks are."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is {shortly(value)}, not a text")


def one_of(name: str, value: Any, allowed: Iterable[str]) -> None:
    """One of a few texts."""
    if value not in tuple(allowed):
        raise ValueError(f"{name} is {shortly(value)}, not one of {', '.join(allowed)}")


def number(name: str, value: Any, least: float = 0, most: float = MOST_COUNTED, kind: type = int) -> None:
    """A finite number in a range."""
    within(name, value, least, most, kind)


def list_of(name: str, value: Any, check: Check, length: int | None = None) -> None:
    """A list of such values; of this length, if there is one."""
    if not isinstance(value, list) or length not in (None, len(value)):
        raise ValueError(f"{name} is {shortly(value)}, not a list" + (f" of {length}" if length is not None else ""))
    for entry in value:
        check(f"an entry of {name}", entry)


def distinct(name: str, value: Any, check: Check) -> None:
    """A list of such values, each only once."""
    list_of(name, value, check)
    if len(set(value)) < len(value):
        raise ValueError(f"{name} has an entry twice")


def mapping_of(name: str, value: Any, check: Check) -> None:
    """Such values by name."""
    if not isinstance(value, dict):
        raise TypeError(f"{name} is {shortly(value)}, not values by name")
    for key, entry in value.items():
        check(f"{shortly(key)} in {name}", entry)


def counted(name: str, value: Any) -> None:
    """How often each of some texts was seen, of one at least."""
    mapping_of(name, value, partial(number, least=1))
    if not value:
        raise ValueError(f"{name} is empty")


def fields(name: str, value: Any, checks: Mapping[str, Check], optional: Iterable[str] = ()) -> None:
    """Values by name, each with its own check; others are left alone."""
    mapping_of(name, value, anything)
    for key, check in checks.items():
        if key in value or key not in optional:
            check(f"{key} in {name}", value[key])


def share_of_id(name: str, value: Any) -> None:
    """An id with its probability."""
    list_of(name, value, anything, 2)
    number(name, value[0])
    number(name, value[1], 0, 1, float)


def clusters(name: str, value: Any) -> None:
    """What clusters are told apart by: a row of the projection for every n-gram and neighbour, of equal lengths."""
    fields(
        name,
        value,
        {"ngrams": partial(distinct, check=text), "neighbours": partial(list_of, check=unique_texts, length=2)},
    )
    left, right = value["neighbours"]
    rows = len(value["ngrams"]) + len(left) + len(right)
    weight = partial(number, least=-LARGEST_WEIGHT, most=LARGEST_WEIGHT, kind=float)
    list_of("idf", value["idf"], weight, len(value["ngrams"]))
    matrix = [*value["projection"], *value["centres"]]
    width = len(matrix[0]) if matrix else 0
    row = partial(list_of, check=weight, length=width)
    list_of("projection", value["projection"], row, rows or 2)  # two, of zeros, if there was nothing to tell apart
    list_of("centres", value["centres"], row)


def library(name: str, value: Any) -> None:
    """A tokenizer.json of the library ``tokenizers``."""
    text(name, value)
    refuse_hostile(value)


texts: Check = partial(list_of, check=text)
unique_texts: Check = partial(distinct, check=text)
reserve: Mapping[str, Check] = {"surprises": number, "events": number}

characters: Check = partial(fields, checks={"alphabet": text, **reserve})
subwords: Check = partial(fields, checks={"tokenizer": library, "seen": partial(distinct, check=number), **reserve})
words: Check = partial(
    fields,
    checks={
        "kept": unique_texts,
        "usual_marks": partial(mapping_of, check=partial(one_of, allowed=MARKS)),
        "usual_cases": partial(mapping_of, check=partial(one_of, allowed=("", *CASES))),
        "alphabet": text,
        "trained": partial(distinct, check=number),
        **reserve,
        "outside": partial(list_of, check=share_of_id),
        "fillings": partial(mapping_of, check=counted),
        "resting": partial(mapping_of, check=partial(mapping_of, check=text)),
        "strategy": partial(mapping_of, check=anything),
    },
    optional=("resting",),
)
STATES: Mapping[str, Check] = {
    "char": characters, "bpe": subwords, "hf": subwords, "word": words, "spaced": words, "whitespace": words,
}  # fmt: skip
