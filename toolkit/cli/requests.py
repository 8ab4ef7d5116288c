"""Strings from the command line -> what is to be compared."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.comparison.execution import default_workers
from toolkit.comparison.request import Request
from toolkit.config import CompareSettings, merged, parse_settings
from toolkit.errors import InputError
from toolkit.inference.adapting import learning_rate
from toolkit.plugins import load_code
from toolkit.runs.columns import Column, parse_columns
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import split
from toolkit.text.tagging import check_language, model_meta
from toolkit.training.recipes import recipe, recipe_name

UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}
SEEDS_BELOW = 2**31


def seconds(text: str) -> float:
    """A time such as 90s, 5m or 1.5h, in seconds. Raises InputError if it is not one.

    >>> seconds("5m")
    300.0
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        value = float(number) * UNITS[unit]
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise InputError(f"Not a time: {text!r}. Give seconds, minutes or hours, such as 90s or 5m.")
    return value


def whole_number(name: str, value: int, least: int) -> int:
    """The value. Raises InputError if it is below ``least`` or too large for a seed."""
    if not least <= value < SEEDS_BELOW:
        raise InputError(f"{name} is {value}; give a whole number from {least} to {SEEDS_BELOW - 1}.")
    return value


def parse_value(text: str) -> Any:
    """A value as TOML reads it; anything else is a string.

    >>> parse_value("3"), parse_value("true"), parse_value("abc")
    (3, True, 'abc')
    """
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def assignment(text: str) -> dict[str, Any]:
    """``a.b=c`` as nested values; a part with a dot or colon is quoted. Raises InputError if it is not an assignment.

    >>> assignment('columns."word:pos".rare_max_count=2')
    {'columns': {'word:pos': {'rare_max_count': 2}}}
    """
    key, equals, value = text.partition("=")
    try:
        keys = tomllib.loads(f"{key} = 0")
    except tomllib.TOMLDecodeError:
        equals = ""
        keys = {}
    if not equals or not keys:
        raise InputError(f"--set {text!r} is not an assignment; write KEY=VALUE, such as --set network.units=128.")
    place = keys
    while isinstance(inner := place[next(iter(place))], dict):
        place = inner
    place[next(iter(place))] = parse_value(value)
    return keys


def read_config(path: Path | None) -> dict[str, Any]:
    """The nested values of a TOML file. Raises InputError if it cannot be read or is not TOML."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"The settings {path} cannot be read: {error.strerror}; give a TOML file.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"The settings {path} are not valid TOML: {error}; fix the file.") from error


def filled_in(overrides: dict[str, Any], characters: int) -> CompareSettings:
    """The settings, completed from their recipe: the one named, or the one for a text of ``characters``.

    Raises InputError as ``parse_settings`` does.
    """
    given = parse_settings(overrides, CompareSettings())
    name = given.recipe if "recipe" in overrides else recipe_name(characters, given.train.budget_seconds)
    return parse_settings(overrides, recipe(characters, name))


def given_settings(
    config: Path | None, assignments: Sequence[str], epochs: int | None, budget: str | None
) -> dict[str, Any]:
    """The settings that were given, nested: an option overrides an assignment, and that the file.

    Raises InputError for one that cannot be read.
    """
    overrides = read_config(config)
    for text in assignments:
        overrides = merged(overrides, assignment(text))
    if epochs is not None:
        overrides = merged(overrides, {"train": {"epochs": whole_number("--epochs", epochs, 1)}})
    if budget is not None:
        overrides = merged(overrides, {"train": {"budget_seconds": seconds(budget)}})
    return overrides


def named_columns(names: str, options: dict[str, Any], rarity: dict[str, int | None]) -> list[Column]:
    """The columns of a list with commas, with their own options, then with the rarity that was given.

    Raises InputError as ``parse_columns`` does.
    """
    columns = parse_columns([name.strip() for name in names.split(",") if name.strip()], options)
    defaults = {name: value for name, value in rarity.items() if value is not None}
    return [column.with_defaults(defaults) for column in columns]


def make_request(
    *,
    tokenizers: str,
    corpus: str,
    seeds: int = 1,
    first_seed: int = 0,
    split_seed: int = 0,
    epochs: int | None = None,
    budget: str | None = None,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    config: Path | None = None,
    assignments: Sequence[str] = (),
    code: Sequence[Path] = (),
    verify: bool = False,
    adapt: float | None = None,
    tensorboard: bool = False,
    workers: int | None = 1,
    command: str = "",
) -> Request:
    """The request of a command line. Raises InputError for anything wrong with it, before anything is computed."""
    digests = {str(path.resolve()): load_code(path) for path in code}
    overrides = given_settings(config, assignments, epochs, budget)
    first = whole_number("--first-seed", first_seed, 0)
    count = whole_number("--seeds", seeds, 1)
    whole_number("--split-seed", split_seed, 0)
    rarity = {"rare_max_count": rare_max_count, "rare_max_documents": rare_max_documents}
    columns = named_columns(tokenizers, overrides.get("columns", {}), rarity)
    chosen_corpus = find_corpus(corpus, language, None if spacy_model is None else model_meta(spacy_model).language)
    if spacy_model is not None:
        check_language(spacy_model, chosen_corpus.language)
    parts = split(chosen_corpus, split_seed)
    by_documents = any("rare_max_documents" in column.options for column in columns)
    if (
        by_documents and min(len(chosen_corpus.documents), len(parts.train)) < 2
    ):  # blocks of one document are not documents
        raise InputError("Rarity by documents needs more than one training document; use --rare-max-count.")
    settings = filled_in(overrides, sum(len(document.text) for document in parts.train))
    if workers is None:
        workers = default_workers(len(columns) * count, settings.train.budget_seconds)
    return Request(
        corpus=chosen_corpus,
        columns=columns,
        settings=settings,
        seeds=tuple(range(first, first + count)),
        split_seed=split_seed,
        spacy_model=spacy_model,
        code=digests,
        verify=verify,
        adapt=adapt if adapt is None else learning_rate(adapt),
        tensorboard=tensorboard,
        workers=whole_number("--workers", workers, 1),
        command=command,
    )
