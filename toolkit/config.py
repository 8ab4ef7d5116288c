"""Every setting and its default, stated once. The recipe (recipes.py) overrides the defaults of unnamed settings."""

import tomllib
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolkit.errors import InputError, nearest, wanted

Share = Annotated[float, Field(ge=0, lt=1)]
Positive = Annotated[int, Field(ge=1)]
RecipeName = Literal["small", "standard", "large"]
PositiveFloat = Annotated[float, Field(gt=0, allow_inf_nan=False)]
MOST_COPIES = 64  # of a part of a graph: more take minutes to build
Few = Annotated[int, Field(ge=1, le=MOST_COPIES)]
COLDEST, HOTTEST = 0.01, 100  # temperatures: beyond these, probabilities are 0 or all the same
Temperature = Annotated[float, Field(ge=COLDEST, le=HOTTEST)]


LENGTHS = ("epochs", "budget_seconds", "updates")  # of training: the first of them that is set says how long it is
LENGTH_OPTIONS = {"epochs": "--epochs", "budget_seconds": "--budget"}  # those that a command line has options for
HOW_LONG = {*LENGTHS, "batch", "window_characters", "window_tokens"}  # what says how much text training reads


class Settings(BaseModel):
    """A group of settings; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)  # strict: true is not 1, "3" is not 3


class NetworkSettings(Settings):
    """The one network: embedding or one-hot, recurrent layers, dense softmax."""

    cell: Literal["lstm", "gru"] = "lstm"  # of the recurrent layers; a column may name a plug-in's
    units: Positive = 256
    layers: Few = 1
    embedding: Positive | None = None  # numbers per token; by default as many as units
    tied: bool = True  # the embedding is also the output matrix (needs embedding = units; one-hot input has none)
    dropout: Share = 0.0  # of each layer's outputs, one mask per row and window
    input_dropout: Share = 0.0  # of the embedding, in the same way
    recurrent_dropout: Share = 0.0  # of the recurrent weights, one mask per update
    # An adaptive softmax: ids from this one on, of words mostly the rarer ones, are first expected together, which is
    # faster where they are many; if None, or if there are no more ids, all are expected at once.
    cutoff: Positive | None = None
    initial_range: PositiveFloat | None = None  # all weights start uniform within ± this; if None, as in Keras

    @property
    def embedded(self) -> int:
        """Numbers per embedded token."""
        return self.embedding or self.units

    def cut(self, vocabulary_size: int) -> int | None:
        """The cutoff of an adaptive softmax over so many ids, or None if all are expected at once."""
        return self.cutoff if self.cutoff is not None and self.cutoff < vocabulary_size else None

    def check(self, *, one_hot: bool) -> None:
        """Raise InputError if such a network is impossible with one-hot, or embedded, tokens."""
        if self.tied and not one_hot and self.embedded != self.units:
            raise InputError(
                f"network.tied needs network.embedding = network.units, not {self.embedding} and {self.units}; "
                f"make them equal or set network.tied=false."
            )


class Held(Settings):
    """A rate that is held for some passes over the training text and then divided before each further pass."""

    epochs: Positive
    divided_by: Annotated[float, Field(gt=1, allow_inf_nan=False)]


class TrainSettings(Settings):
    """The one trainer. A window is counted in characters, so every column reads the same text per update."""

    updates: Positive = 1000
    epochs: Positive | None = None  # passes over the training text, instead of ``updates``
    budget_seconds: PositiveFloat | None = None  # ends training after this time
    batch: Positive = 32  # rows, each a stream of documents
    window_characters: Positive = 100
    window_tokens: Positive | None = None  # instead of ``window_characters``, for recipes that count tokens
    forgotten: Share = 0.01  # least share of windows that start without state, as a document does
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: PositiveFloat = 0.012
    warmup: Share = 0.1  # share of training during which the rate rises
    held: Held | None = None  # how the rate falls after that; if None, as half a cosine
    clip_norm: PositiveFloat = 1.0  # of the whole gradient
    # Times the rate: what each weight loses of itself in an update.
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    precision: Literal["float32", "bfloat16"] = "float32"  # of products; sums, state, softmax and weights are float32
    # Parts of the batch that are computed in parallel; the recipe has as many as suit the batch. The number, unlike
    # that of threads, affects rounding.
    towers: Few = 2
    checks: Positive = 15  # validations, evenly spaced
    # After a check that is not the best, training returns to the best weights and divides the rate by this; with 1, it
    # simply continues.
    cooling: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 3.0
    patience: Positive = 3  # such checks in a row before training stops
    valid_characters: Positive = 20_000  # read at a check, from the beginning of each validation document
    checkpoint_seconds: Annotated[float, Field(ge=0, le=60)] = 30.0  # at most this far apart, plus one at every check

    @property
    def counted_in(self) -> str:
        """The setting that says how long training is."""
        return next(name for name in LENGTHS if getattr(self, name) is not None)

    @property
    def length(self) -> float:
        """How long training is at most: in passes, seconds or updates."""
        return getattr(self, self.counted_in)  # type: ignore[no-any-return]

    def lasting(self, length: float) -> "TrainSettings":
        """The same training with another length; a budget beside ``epochs`` changes in proportion, to a microsecond."""
        changes = {self.counted_in: length}
        if self.epochs is not None and self.budget_seconds is not None:
            changes["budget_seconds"] = round(self.budget_seconds * length / self.epochs, 6)
        return self.model_copy(update=changes)


class SampleSettings(Settings):
    """The samples that a comparison shows and measures."""

    count: Annotated[int, Field(ge=2, le=500)] = 5  # each sample has a seed, and beyond 500 the sweep has its own
    characters: Annotated[int, Field(ge=1, le=1_000_000)] = 2000
    temperature: Temperature | None = None  # by default the one at which a model repeats as much as the author
    prompt: str | None = None  # by default how the first held-out document begins; "" is a document's beginning


class CompareSettings(Settings):
    """Everything that determines a comparison's numbers."""

    recipe: RecipeName = "standard"  # gives the values of all settings that are not given
    network: NetworkSettings = NetworkSettings()
    train: TrainSettings = TrainSettings()
    samples: SampleSettings = SampleSettings()
    columns: dict[str, dict[str, Any]] = {}  # options by column name; "tokenizer" names a column's tokenizer


def parse_settings(overrides: dict[str, Any], base: CompareSettings) -> CompareSettings:
    """The base settings with nested overrides.

    Raises InputError for an unknown name, with the nearest known one, and for an invalid value.
    """
    try:
        return CompareSettings.model_validate(merged(base.model_dump(), overrides))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        if first["type"] == "extra_forbidden":
            raise InputError(f"There is no setting {key!r}; {nearest(key, setting_names())}.") from error
        if first["type"] == "missing":
            raise InputError(f"The setting {key} is missing; give it as well.") from error
        raise InputError(f"The setting {key} cannot be {first['input']!r}; give {wanted(first['msg'])}.") from error


def read_settings(path: Path) -> dict[str, Any]:
    """The nested values of a TOML file. Raises InputError if it cannot be read or is not TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"The settings {path} cannot be read: {error.strerror}; give a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"The settings {path} are not valid TOML: {error}; fix the file.") from error


def setting_names() -> list[str]:
    """All dotted names of settings."""
    groups = CompareSettings().model_dump(exclude={"columns", "recipe"})
    return ["recipe", *(f"{group}.{name}" for group, names in groups.items() for name in names)]


def key_path(key: str) -> tuple[str, ...]:
    """The names in a dotted key, as TOML reads it. Raises ValueError if it is not a key.

    >>> key_path('columns."a.b".c')
    ('columns', 'a.b', 'c')
    """
    place: Any = tomllib.loads(f"{key.strip()} = 0")
    names = []
    while isinstance(place, dict):
        ((name, place),) = place.items()
        names.append(name)
    return tuple(names)


def parse_value(text: str) -> Any:
    """A value as TOML reads it; anything else is a string.

    >>> parse_value("3"), parse_value("true"), parse_value("abc")
    (3, True, 'abc')
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        return text


def nested(names: Sequence[str], value: Any) -> dict[str, Any]:
    """A value below these names, at least one.

    >>> nested(("a", "b"), 1)
    {'a': {'b': 1}}
    """
    first, *rest = names
    return {first: nested(rest, value) if rest else value}


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Nested values with others laid over them.

    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}})
    {'a': {'b': 3, 'c': 2}}
    """
    both = dict(base)
    for key, value in over.items():
        inner = both.get(key)
        both[key] = merged(inner, value) if isinstance(inner, dict) and isinstance(value, dict) else value
    return both


def flat(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings by dotted keys.

    >>> flat({"a": {"b": 1}})
    {'a.b': 1}
    """
    dotted: dict[str, Any] = {}
    for key, value in nested.items():
        name = f"{prefix}{key}"
        dotted |= flat(value, f"{name}.") if isinstance(value, dict) and value else {name: value}
    return dotted


def differing(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """The dotted keys in which nested settings differ, sorted.

    >>> differing({"a": {"b": 1}, "c": 0}, {"a": {"b": 2}, "c": 0})
    ['a.b']
    """
    then, here = flat(without_none(before)), flat(without_none(now))
    keys = sorted(then.keys() | here.keys())
    return [key for key in keys if then.get(key, {}) != here.get(key, {})]  # an empty table is the same as none


def first_given(keys: Sequence[str], given: Collection[str]) -> str:
    """The first of these keys that was given, or else the first: others may follow from those that were given.

    >>> first_given(["a", "b"], ["b"]), first_given(["a", "b"], ["c"])
    ('b', 'a')
    """
    return next((key for key in keys if key in given), keys[0])


def first_difference(before: dict[str, Any], now: dict[str, Any], given: Collection[str] = ()) -> str | None:
    """The first key in which nested settings differ, one that was ``given`` if there is any, with both values, in
    words; None if they do not differ.

    >>> first_difference({"a": {"b": 1}}, {"a": {"b": 2}})
    'there a.b is 1, here it is 2'
    """
    if not (keys := differing(before, now)):
        return None
    then, here, key = flat(without_none(before)), flat(without_none(now)), first_given(keys, given)
    return f"there {key} is {then.get(key, 'not set')!r}, here it is {here.get(key, 'not set')!r}"


def without_none(values: dict[str, Any]) -> dict[str, Any]:
    """Nested values without those that are None, which TOML cannot say.

    >>> without_none({"a": None, "b": {"c": None, "d": 1}})
    {'b': {'d': 1}}
    """
    return {
        key: without_none(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None
    }
