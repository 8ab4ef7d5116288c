"""The options of ``compare``, ``train`` and ``inspect``: each stands here once, for Python and for the command line."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from inspect import Parameter, cleandoc, signature
from itertools import starmap
from pathlib import Path
from textwrap import fill, indent
from typing import Annotated, Any, TypedDict, get_type_hints

from toolkit.config import (
    OWN_SETTINGS,
    F,
    Table,
    example,
    key_path,
    merged,
    nested,
    parse_value,
    read_settings,
    typed_arguments,
)
from toolkit.errors import InputError, whole_number
from toolkit.results.cell import Match
from toolkit.text.corpus import Corpus

COLUMNS = "char,word"
ALL = "all"  # instead of columns: every tokenizer that is installed
ELSEWHERE = ("out", "fresh", "quiet", "command")  # options without an effect on the numbers
ARGUMENTS = {  # the help of arguments without a keyword
    "tokenizers": "Columns NAME[:STRATEGY][@MODEL], hf:PATH, lm:PATH; or all. Without a tagger word is word:unk.",
    "corpus": "A corpus by name, a folder of files (.txt, .txt.gz, .jsonl, .csv), or such a file.",
}


class CellOptions(TypedDict, total=False):
    """Options for the cells of a comparison. A type begins with the type on the command line; then default and help."""

    seeds: Annotated[int, 1, "How many times each column is trained."]
    fractions: Annotated[
        str | Sequence[float], "1", "Fractions of the training documents, such as 0.1,0.25,0.5,1."
    ]
    sweep: Annotated[
        list[str] | Sequence[str] | str,
        (),
        "A column for each value of a setting: columns.bpe.vocabulary_size=256,512.",
    ]
    match: Annotated[
        Match | None, None, "Make one thing equal for all columns, within 3 %: params, flops or chars."
    ]
    folds: Annotated[
        int, 1, "Hold out every document once, in this many folds. The verdict is then on the method."
    ]
    adapt: Annotated[
        float | None, None, "Add rows that learn from scored held-out text at this rate, such as 0.3."
    ]
    ensembles: Annotated[bool, False, "Add rows for the mean of each column's seeds."]
    quick: Annotated[
        bool, False, "A first look in about a minute: short training, one sample, no noise, no rows."
    ]
    more: Annotated[
        str | float | None, None, "Train further in the folder: 2x is twice as long as without --more."
    ]
    workers: Annotated[
        int | None, 1, "Cells to compute at once; on the command line one per core, or one with --budget."
    ]
    scheduler: Annotated[str | None, None, "A Dask scheduler whose workers compute: tcp://127.0.0.1:8786."]


class TrainingOptions(TypedDict, total=False):
    """Options for the training of a cell."""

    first_seed: Annotated[int, 0, "The first seed of all random draws in training."]
    epochs: Annotated[int | None, None, "Passes over the training text; by default, the recipe decides."]
    budget: Annotated[str | float | None, None, "Time for training each cell, such as 90s or 5m."]
    verify: Annotated[bool, False, "Compress and decompress the held-out text with every cell."]
    fresh: Annotated[bool, False, "Replace the results in the folder."]


class ColumnOptions(TypedDict, total=False):
    """Options for the text of columns and for how they cut it."""

    split_seed: Annotated[int, 0, "The seed that chooses the held-out documents."]
    rare_max_count: Annotated[int | None, None, "A word is rare if it occurs at most this often in training (1)."]
    rare_max_documents: Annotated[
        int | None, None, "Instead: a word is rare if at most this many documents have it."
    ]
    spacy_model: Annotated[
        str | None, None, "The spaCy model that cuts and tags words; by default the language's."
    ]
    language: Annotated[
        str | None, None, "The language, such as fr or French; by default the corpus', the spaCy model's, or en."
    ]
    settings: Annotated[Path | str | Table | None, None, "A TOML file; in Python also settings by name."]
    code: Annotated[
        list[Path] | Sequence[str | Path], (), "A Python file that adds tokenizers, models or measures."
    ]


class OutputOptions(TypedDict, total=False):
    """Options for the place of the results and for the terminal."""

    out: Annotated[Path | str | None, None, "The folder of the results; by default one in reports/."]
    quiet: Annotated[bool, False, "Show only the result."]
    command: Annotated[str | None, None, "The command that the page shows; by default this call."]


class CompareOptions(CellOptions, TrainingOptions, ColumnOptions, OutputOptions, total=False):
    """The options of ``compare``."""


class TrainOptions(TrainingOptions, ColumnOptions, OutputOptions, total=False):
    """The options of ``train``."""


class InspectOptions(ColumnOptions, OutputOptions, total=False):
    """The options of ``inspect``."""


def options_of(kind: type) -> dict[str, tuple[Any, Any, str]]:
    """Return the type, the default and the help of each option, by name."""
    hints = get_type_hints(kind, include_extras=True)
    return {name: (hint.__origin__, *hint.__metadata__) for name, hint in hints.items()}


def takes(kind: type) -> Callable[[F], F]:
    """Return a decorator that shows the options of a kind in a function's signature and docstring."""

    def document(function: F) -> F:
        whole, options = signature(function), options_of(kind)
        *arguments, _ = whole.parameters.values()
        keywords = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=default, annotation=type_)
            for name, (type_, default, _) in options.items()
        ]
        function.__signature__ = whole.replace(parameters=[*arguments, *keywords])  # type: ignore[attr-defined]
        helps = {parameter.name: ARGUMENTS[parameter.name] for parameter in arguments}
        helps |= {name: text for name, (_, _, text) in options.items()}
        function.helps = helps  # type: ignore[attr-defined]
        lines = "\n".join(fill(f"{name}: {text}", 100, subsequent_indent="    ") for name, text in helps.items())
        function.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\nArgs:\n{indent(lines, '    ')}"
        return function

    return document


def complete(function: Callable[..., Any], *arguments: Any, **options: Any) -> Table:
    """Return the arguments of a call by name, with all defaults; ``command`` is the call itself by default.

    Raises TypeError for an unknown argument, and InputError for a value of another type.
    """
    bound = typed_arguments(function, *arguments, **options)
    bound.apply_defaults()
    return bound.arguments | {"command": bound.arguments["command"] or call(function, bound.arguments)}


def call(function: Callable[..., Any], arguments: Table) -> str:
    """Return the call of a public function as Python code, without arguments that have their default.

    >>> from toolkit import compare
    >>> call(compare, {"tokenizers": ["char"], "corpus": Path("my-novels"), "verify": False, "seeds": 3})
    "toolkit.compare(tokenizers=['char'], corpus='my-novels', seeds=3)"
    """
    shown = []
    for name, value in arguments.items():
        if name not in ELSEWHERE and value != signature(function).parameters[name].default:
            text = value.path or value.name if isinstance(value, Corpus) else value
            shown.append(f"{name}={(str(text) if isinstance(text, Path) else text)!r}")
    return f"toolkit.{function.__name__}({', '.join(shown)})"


def quantity(option: str, value: str | float, units: Mapping[str, float], least: float, examples: str) -> float:
    """Return a number, or a text with one of these units, as a number above ``least``. A text needs its unit.

    >>> quantity("--budget", "5m", {"s": 1.0, "m": 60.0}, 0, "90s or 5m")
    300.0
    >>> quantity("--budget", "5", {"s": 1.0, "m": 60.0}, 0, "90s or 5m")
    Traceback (most recent call last):
    toolkit.errors.InputError: --budget 5 has no unit. Write 5s or 5m.
    """
    text = str(value)
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "")
    try:
        amount = float(number) * units.get(unit, 1.0)
    except ValueError:
        amount = 0.0
    if not least < amount < float("inf"):
        raise InputError(f"{option} cannot be {text!r}. Give a value above {least}, such as {examples}.")
    if isinstance(value, str) and unit not in units:
        raise InputError(f"{option} {text} has no unit. Write {' or '.join(f'{text}{name}' for name in units)}.")
    return amount


def setting(name: str, value: Any) -> Table:
    """Return a setting as nested values, from its dotted name.

    >>> setting('columns."word:pos".rare_max_count', 2)
    {'columns': {'word:pos': {'rare_max_count': 2}}}
    """
    try:
        return nested(key_path(name), value)
    except ValueError as error:
        meant = example(meant_names(name), value)
        raise InputError(f"{name!r} is no name of a setting. Write, for example, {meant}.") from error


def meant_names(key: str) -> list[str]:
    """Return the likely names in a dotted key whose quotes are missing.

    >>> meant_names("columns.word:pos.network.units")
    ['columns', 'word:pos', 'network', 'units']
    """
    *start, last = key.replace('"', "").split(".")
    group = [start.pop()] if start and start[-1] in OWN_SETTINGS else []
    return [*start[:1], *filter(None, [".".join(start[1:])]), *group, last]


def assignment(text: str) -> Table:
    """Return a setting as nested values, from KEY=VALUE.

    >>> assignment("network.units=128")
    {'network': {'units': 128}}
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise InputError(f"--set {text!r} has no value. Write, for example, {example(meant_names(text), 128)}.")
    parts = value.split(",")
    if len(parts) > 1 and all(isinstance(parse_value(part), int | float) for part in parts):
        raise InputError(
            f"--set {text!r} has several values. Write {example(meant_names(name), value, '--sweep')}."
        )
    return setting(name, parse_value(value))


def nested_settings(
    settings: Table | str | Path | None, epochs: int | None = None, budget: str | float | None = None
) -> Table:
    """Return settings as nested values, from a TOML file or by dotted names; ``epochs`` and ``budget`` come last."""
    if isinstance(settings, str | Path):
        tables = read_settings(Path(settings))
    else:
        tables = reduce(merged, starmap(setting, (settings or {}).items()), Table())
    train: dict[str, float] = {}
    if epochs is not None:
        train["epochs"] = whole_number("--epochs", epochs, 1)
    if budget is not None:
        train["budget_seconds"] = quantity("--budget", budget, {"s": 1.0, "m": 60.0, "h": 3600.0}, 0, "90s or 5m")
    return merged(tables, {"train": train}) if train else tables
