"""Every setting and its default, stated once. The recipe (recipes.py) overrides the defaults of unnamed settings."""

import json
import re
import reprlib
import shlex
import tomllib
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from functools import cache, reduce, wraps
from inspect import BoundArguments, Parameter, formatannotation, signature
from itertools import starmap
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from toolkit.errors import InputError, first_line, unknown

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
RecipeName = Literal["small", "standard", "large"]
Width = Annotated[int, Field(ge=1, le=1 << 16)]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MOST_COPIES = 64  # layers or towers: a graph with more takes minutes to build
Few = Annotated[int, Field(ge=1, le=MOST_COPIES)]
COLDEST, HOTTEST = 0.01, 100  # temperatures: beyond them, probabilities are 0 or all the same
Temperature = Annotated[float, Field(ge=COLDEST, le=HOTTEST)]

LENGTHS = ("epochs", "budget_seconds", "updates")  # the first of them that is set is the length of training
Table = dict[str, Any]  # nested settings, as in TOML
Leaves = dict[tuple[str, ...], Any]
OWN_SETTINGS = ("network", "train")  # the groups of settings that a column may override
F = TypeVar("F", bound=Callable[..., Any])


class Settings(BaseModel):
    """A group of settings; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)  # strict: true is not 1, "3" is not 3


class NetworkSettings(Settings):
    """The one network: embedding or one-hot, recurrent layers or a transformer's blocks, dense softmax."""

    cell: Literal["lstm", "gru", "transformer"] = "lstm"  # a column may name another one
    units: Width = 256
    layers: Few = 1
    heads: Few = 4  # of a transformer's attention, each with a share of the units
    memory: Width = 128  # tokens before each token that a transformer's layer attends to
    embedding: Width | None = None  # numbers per token; by default, and in a transformer, as many as units
    tied: bool = True  # the embedding is also the output matrix (needs embedding = units; one-hot input has none)
    dropout: Share = 0.0  # of each layer's outputs, one mask per row and window
    input_dropout: Share = 0.0  # of the embedding, in the same way
    recurrent_dropout: Share = 0.0  # of the recurrent weights, one mask per update
    initial_range: PositiveFloat | None = None  # all weights start uniform within ± this; by default as in Keras

    @property
    def embedded(self) -> int:
        """Return the numbers per embedded token."""
        return self.embedding if self.embedding and self.cell != "transformer" else self.units

    def check(self, *, one_hot: bool) -> None:
        """Raise InputError if the embedding is tied to an output matrix of another size."""
        if self.tied and not one_hot and self.embedded != self.units:
            raise InputError(
                "network.embedding differs from network.units; make them equal or set network.tied=false."
            )


class Held(Settings):
    """A learning rate that is constant for some passes over the text, then divided before each further pass."""

    epochs: Positive
    divided_by: Annotated[float, Field(gt=1, allow_inf_nan=False)]


class TrainSettings(Settings):
    """The one trainer. A window is counted in characters, so every column reads the same text per update.

    The weights of the best check are kept.
    The batch is computed in ``towers`` parallel parts; their number affects rounding, the number of threads does not.
    """

    updates: Positive = 1000
    epochs: Positive | None = None  # passes over the training text, instead of ``updates``
    budget_seconds: PositiveFloat | None = None  # ends training after this time
    batch: Width = 32  # rows, each a stream of documents
    window_characters: Width = 100
    window_tokens: Width | None = None  # instead of ``window_characters``, for recipes that count tokens
    forgotten: Share = 0.01  # of windows, at least: they start without state, as a document does
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: PositiveFloat = 0.012
    warmup: Share = 0.1  # share of training during which the rate rises
    held: Held | None = None  # how the rate falls after that; by default as half a cosine
    clip_norm: PositiveFloat = 1.0  # of the whole gradient
    # Times the rate: a weight's loss per update.
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    # Of products outside the recurrent loop; characters, which bfloat16 slows, are trained in float32.
    precision: Literal["float32", "bfloat16"] = "float32"
    towers: Few = 2
    checks: Positive = 15  # validations, evenly spaced
    patience: Positive = 5  # checks in a row that are not the best before training stops
    valid_characters: Positive = 20_000  # read at a check, from the beginning of each validation document
    checkpoint_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0  # at most, plus a checkpoint at every check

    @property
    def counted_in(self) -> str:
        """Return the setting that is the length of training."""
        return next(name for name in LENGTHS if getattr(self, name) is not None)

    @property
    def length(self) -> float:
        """Return the length of training: passes, seconds or updates."""
        return getattr(self, self.counted_in)  # type: ignore[no-any-return]

    def lasting(self, length: float) -> "TrainSettings":
        """Return the settings with another length; a budget beside ``epochs`` changes in proportion."""
        changes = {self.counted_in: length}
        if self.epochs is not None and self.budget_seconds is not None:
            changes["budget_seconds"] = round(self.budget_seconds * length / self.epochs, 6)  # to a microsecond
        return self.model_copy(update=changes)


class SampleSettings(Settings):
    """The samples that a comparison shows and measures."""

    count: Annotated[int, Field(ge=1, le=500)] = 5  # each has a seed
    characters: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    temperature: Temperature | None = None  # by default a model repeats as much as the author
    prompt: str | None = None  # by default the beginning of the first held-out document; "" starts a new document


class CompareSettings(Settings):
    """Everything that determines a comparison's numbers."""

    recipe: RecipeName = "standard"  # decides all settings that are not given
    network: NetworkSettings = NetworkSettings()
    train: TrainSettings = TrainSettings()
    samples: SampleSettings = SampleSettings()
    columns: dict[str, Table] = {}  # options by column name; "tokenizer" names a column's tokenizer


def parse_settings(overrides: Table, base: CompareSettings, columns: Sequence[str] = ()) -> CompareSettings:
    """Return the base settings with nested overrides. Raises InputError for an unknown name or an invalid value.

    A name that is no setting may be meant for one of the ``columns``.
    """
    try:
        return CompareSettings.model_validate(merged(base.model_dump(), overrides))
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "extra_forbidden":
            names = flat(CompareSettings().model_dump(exclude={"columns"}))
            ((path, value),) = list(leaves(nested(list(map(str, first["loc"])), first["input"])).items())[:1]

            def meant(nearest: str) -> str:
                if not columns or get_close_matches(path[-1], nearest.split(".")):
                    return example(nearest.split("."), value)
                return example(["columns", path[0] if path[0] in columns else columns[-1], path[-1]], value)

            raise unknown("setting", ".".join(path), names, meant) from error
        raise InputError(f"Invalid setting {first_line(error)}.") from error


signature_of, adapter_of = cache(signature), cache(TypeAdapter[Any])


def typed_arguments(function: Callable[..., Any], *arguments: Any, **keywords: Any) -> BoundArguments:
    """Return the arguments of a call by name, with numbers and arrays of numpy as Python's.

    Raises TypeError for an unknown or missing argument, and InputError for one that does not have its annotated type.
    The function's ``helps``, if it has any, are sentences about its arguments for the message.
    """
    bound = signature_of(function).bind(*arguments, **keywords)
    for name, value in bound.arguments.items():
        annotation = bound.signature.parameters[name].annotation
        if annotation is Parameter.empty:  # self
            continue
        if hasattr(value, "tolist"):
            bound.arguments[name] = value = value.tolist()
        try:
            adapter_of(annotation).validate_python(value, strict=True)
        except ValidationError:
            allowed = re.sub(r"[\w.]+\.", "", formatannotation(annotation))  # without the names of modules
            help_ = getattr(function, "helps", {}).get(name, "")
            raise InputError(f"{name} must be {allowed}, not {reprlib.repr(value)}. {help_}".rstrip()) from None
    return bound


def typed(function: F) -> F:
    """Return the function with a check of its arguments by ``typed_arguments`` before each call."""

    @wraps(function)
    def checked(*arguments: Any, **keywords: Any) -> Any:
        bound = typed_arguments(function, *arguments, **keywords)
        return function(*bound.args, **bound.kwargs)

    return checked  # type: ignore[return-value]


def read_settings(path: Path) -> Table:
    """Return nested settings from a TOML file. Raises InputError if it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"The settings {path} cannot be read: {first_line(error)}; give a TOML file.") from error


def key_path(key: str) -> tuple[str, ...]:
    """Return the names in a dotted key, as TOML reads it. Raises ValueError if it is not a key.

    >>> key_path('columns."a.b".c')
    ('columns', 'a.b', 'c')
    """
    table: Any = tomllib.loads(f"{key.strip()} = 0")
    names = []
    while isinstance(table, dict):
        ((name, table),) = table.items()
        names.append(name)
    return tuple(names)


def example(names: Sequence[str], value: Any, option: str = "--set") -> str:
    """Return how the command line sets a value, each name quoted where TOML asks for it.

    >>> example(["columns", "word:pos", "rare_max_count"], 2)
    '--set \\'columns."word:pos".rare_max_count=2\\''
    """
    key = ".".join(n if re.fullmatch(r"[\w-]+", n, re.ASCII) else json.dumps(n) for n in names)
    return f"{option} {shlex.quote(f'{key}={value}')}"


def parse_value(text: str) -> Any:
    """Return a value as TOML reads it, or the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def nested(names: Sequence[str], value: Any) -> Table:
    """Return ``{"a": {"b": value}}`` for the names a and b."""
    first, *rest = names
    return {first: nested(rest, value) if rest else value}


def merged(base: Table, over: Table) -> Table:
    """Return nested values, overridden by others where both have one."""
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        both[key] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both


def leaves(nested: Table, *path: str) -> Leaves:
    """Return the values of nested settings by their paths; an empty table is a value."""
    by_path: Leaves = {}
    for key, value in nested.items():
        by_path |= leaves(value, *path, key) if isinstance(value, dict) and value else {(*path, key): value}
    return by_path


def from_leaves(values: Leaves) -> Table:
    """Return the inverse of ``leaves``."""
    return reduce(merged, starmap(nested, values.items()), Table())


def flat(nested: Table) -> Table:
    """Return nested settings by dotted keys: ``{"a.b": 1}`` for ``{"a": {"b": 1}}``."""
    return {".".join(path): value for path, value in leaves(nested).items()}


def differences(before: Table, now: Table) -> dict[str, tuple[Any, Any]]:
    """Return both values for each dotted key with different ones. An empty table is the same as no table."""
    then, here = flat(without_none(before)), flat(without_none(now))
    return {
        key: (then.get(key, "not set"), here.get(key, "not set"))
        for key in here | then
        if then.get(key, {}) != here.get(key, {})
    }


def first_difference(before: Table, now: Table) -> str | None:
    """Return the first key with different values, and both values; None if all are equal.

    >>> first_difference({"a": {"b": 1}}, {"a": {"b": 2}})
    'a.b was 1 and is now 2'
    """
    for key, (then, here) in differences(before, now).items():
        return f"{key} was {then!r} and is now {here!r}"
    return None


def shared_values(records: Sequence[Table]) -> Table:
    """Return the nested values that all records have.

    >>> shared_values([{"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2, "d": 4}}])
    {'a': 1, 'b': {'c': 2}}
    """
    first, *later = map(leaves, records)
    same = {path: value for path, value in first.items() if all(other.get(path) == value for other in later)}
    return from_leaves(same)


def other_values(record: Table, shared: Table) -> Table:
    """Return the nested values of a record that differ from shared ones.

    >>> other_values({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2}})
    {'b': {'d': 3}}
    """
    common = leaves(shared)
    return from_leaves({path: value for path, value in leaves(record).items() if common.get(path) != value})


def without_none(values: Table) -> Table:
    """Return nested values without None, which TOML does not have."""
    present = {key: value for key, value in values.items() if value is not None}
    return {key: without_none(value) if isinstance(value, dict) else value for key, value in present.items()}
