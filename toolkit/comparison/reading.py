"""Read options: the request that a call asks for. A sweep becomes a column for each value of a setting."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Unpack

from toolkit.comparison.matching import refuse_conflicts
from toolkit.comparison.options import (
    ALL,
    COLUMNS,
    CompareOptions,
    complete,
    meant_names,
    nested_settings,
    quantity,
    takes,
)
from toolkit.comparison.request import Request
from toolkit.config import (
    LENGTHS,
    OWN_SETTINGS,
    CompareSettings,
    Table,
    example,
    key_path,
    merged,
    nested,
    parse_settings,
    parse_value,
)
from toolkit.environment import cores
from toolkit.errors import InputError, whole_number
from toolkit.inference.combined import learning_rate
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.conclusions import Sweep, SweptValue, Warning
from toolkit.runs.spec import RARITY, column_name, parse_column, parse_columns, slug
from toolkit.text.catalogue import DEFAULT, find_corpus
from toolkit.text.corpus import Corpus
from toolkit.text.sources import checked
from toolkit.text.splits import MAX_FOLDS, Fold, parse_fractions
from toolkit.text.tagging import NoTagsError, Tagger
from toolkit.tokenizers import TOKENIZERS

MAX_SEEDS, MAX_WORKERS = 1_000, 1_000
FACTORS = {"x": 1.0, "": 1.0}
QUICK_SECONDS = 9.0  # in which all cells of a first look are trained, as many at a time as there are workers
QUICK_CHECKS = 3  # each takes longer than some updates


@takes(CompareOptions)
def make_request(
    tokenizers: str | Sequence[str] = COLUMNS,
    corpus: str | Path | Corpus = DEFAULT,
    **options: Unpack[CompareOptions],
) -> Request:
    """Return what these options ask for. Raises InputError for an invalid one, before anything is computed."""
    arguments = SimpleNamespace(**complete(make_request, tokenizers, corpus, **options))
    code = {str(path.resolve()): load_code(path) for path in map(Path, arguments.code)}
    settings = nested_settings(arguments.settings, arguments.epochs, arguments.budget)
    names = list(
        filter(None, map(str.strip, tokenizers.split(",") if isinstance(tokenizers, str) else tokenizers))
    )
    parse_settings(settings, CompareSettings(), names)
    first_seed = whole_number("--first-seed", arguments.first_seed, 0)
    seeds = whole_number("--seeds", arguments.seeds, 1, MAX_SEEDS)
    text = read_text(corpus, arguments.language)

    tagger = Tagger(arguments.spacy_model, text.language)
    names = all_columns(tagger) if names == [ALL] else names
    tables, sweeps = settings.get("columns", {}), dict[str, Sweep]()
    for assigned in [arguments.sweep] if isinstance(arguments.sweep, str) else arguments.sweep:
        names, tables, sweep = sweep_column(names, tables, assigned)
        if sweeps.setdefault(sweep.column, sweep) is not sweep:
            raise InputError(f"--sweep names the column {sweep.column!r} twice. Leave one out.")
    names, warnings = with_a_tagger(names, tables, tagger)
    rarity = {name: value for name in sorted(RARITY) if (value := getattr(arguments, name)) is not None}
    columns = [column.with_defaults(rarity) for column in parse_columns(names, tables)]

    if arguments.match is not None:
        refuse_conflicts(arguments.match, settings, columns)
    request = Request(
        corpus=text,
        columns=columns,
        given=settings | ({"columns": tables} if sweeps else {}),
        seeds=tuple(range(first_seed, first_seed + seeds)),
        fractions=parse_fractions(arguments.fractions),
        sweeps=tuple(sweeps.values()),
        match=arguments.match,
        split_seed=whole_number("--split-seed", arguments.split_seed, 0),
        fold=Fold(1, whole_number("--folds", arguments.folds, 1, MAX_FOLDS)),
        spacy_model=arguments.spacy_model,
        code=code,
        verify=arguments.verify,
        adapt=None if arguments.adapt is None else learning_rate(arguments.adapt),
        ensembles=bool(arguments.ensembles),
        quick=bool(arguments.quick),
        more=None if arguments.more is None else quantity("--more", arguments.more, FACTORS, 1, "2x or 1.5x"),
        warnings=tuple(warnings),
        workers=1 if arguments.workers is None else whole_number("--workers", arguments.workers, 1, MAX_WORKERS),
        scheduler=arguments.scheduler,
        command=arguments.command,
    )
    request.refuse_exclusive_options()
    if arguments.workers is None and arguments.scheduler is None and not request.by_clock:
        request = replace(request, workers=cores())
    return first_look(request) if request.quick else request


def first_look(request: Request) -> Request:
    """Return a quick request with little training and one sample.

    Raises InputError if it says how long training takes.
    """
    for length in set(LENGTHS).intersection(request.given.get("train", {})):
        raise InputError(f"--quick decides how long training takes. Leave out --quick or train.{length}.")
    networks = sum(column.is_network for column in request.columns)
    cells = max(1, networks * len(request.seeds) * len(request.fractions) * request.fold.of)
    seconds = QUICK_SECONDS * min(request.workers, cells) / cells
    short = {"train": {"budget_seconds": seconds, "checks": QUICK_CHECKS}, "samples": {"count": 1}}
    return replace(request, given=merged(short, request.given))


def all_columns(tagger: Tagger) -> list[str]:
    """Return a column for each tokenizer that needs no file, one for each strategy if its words have tags.

    The cheapest come first. Without a tagger, strategies that need tags are left out.
    """
    strategies = list(RARE_WORDS)
    try:
        tagger.check()
    except NoTagsError:
        strategies = [name for name in strategies if not RARE_WORDS.make(name).needs_tags]
    names = []
    for name in TOKENIZERS:
        factory: Any = TOKENIZERS.factory(name)
        if getattr(factory, "has_tags", False):
            names += [f"{name}:{strategy}" for strategy in strategies]
        elif not getattr(factory, "takes_file", False):
            names.append(name)
    return names


def with_a_tagger(
    names: list[str], options: Mapping[str, Table], tagger: Tagger
) -> tuple[list[str], list[Warning]]:
    """Return the columns, with ``word:unk`` and a warning for ``word`` if no tagger knows the language.

    A column with options, or with a strategy in its name, stays as it is.
    """
    untagged = {
        name: name.replace("word", "word:unk", 1)
        for name in names
        if name.partition("@")[0] == "word" and {name, name.replace("word", "word:pos", 1)}.isdisjoint(options)
    }
    try:
        if untagged:
            tagger.check()
    except NoTagsError:
        warning = Warning(kind="no_tagger", columns=list(untagged.values()), value=tagger.language)
        return [untagged.get(name, name) for name in names], [warning]
    return names, []


def read_text(corpus: str | Path | Corpus, language: str | None) -> Corpus:
    """Return a corpus in canonical form. Its language is ``language``, or its own."""
    if isinstance(corpus, Corpus):
        return checked(corpus if language is None else replace(corpus, language=language))
    return find_corpus(str(corpus), language)


def sweep_column(
    names: Sequence[str], options: Mapping[str, Table], text: str
) -> tuple[list[str], dict[str, Table], Sweep]:
    """Replace a column by a column for each value in ``text``; a column that is not listed comes last.

    Returns:
        The names and options of all columns as ``parse_columns`` takes them, and the sweep.

    >>> sweep_column(["char", "bpe"], {}, "columns.bpe.vocabulary_size=300,400")[0]
    ['char', 'bpe-vocabulary_size-300', 'bpe-vocabulary_size-400']
    """
    setting, _, listed = text.partition("=")
    choices = [parse_value(value.strip()) for value in listed.split(",")]
    try:
        root, name, *key = key_path(setting)
    except ValueError:
        root, name, key = "", "", []
    scalars = len(choices) > 1 and all(isinstance(value, int | float | str) for value in choices)
    if root != "columns" or not key or not scalars:
        *start, option = meant_names(setting)
        groups = [part for part in start[-1:] if part in OWN_SETTINGS]
        likely = [part for part in start if part not in ("columns", *groups)] or names[-1:]
        number = choices[0] if isinstance(choices[0], int | float) else 8
        numbers = listed if len(choices) > 1 else f"{number},{2 * number}"
        meant = example(["columns", likely[0], *groups, option], numbers, "--sweep")
        raise InputError(
            f"--sweep {text!r} is not columns.NAME.SETTING=VALUE,VALUE. Write, for example, {meant}."
        )
    column = column_name(name, options)
    parse_column(name, merged(options.get(column, {}), nested(key, choices[0]))).make()
    table = {"tokenizer": name} | dict(options.get(column, {}))
    tables = {other: options[other] for other in options if other != column}
    points = []
    for value in choices:
        point = SweptValue(value=value, column="")
        point.column = slug(f"{column}-{key[-1]}-{point.text}")
        points.append(point)
        tables[point.column] = merged(table, nested(key, value))
    new = [point.column for point in points]
    replaced: list[str] = []
    for listed_name in names:
        replaced += new if column_name(listed_name, options) == column else [listed_name]
    sweep = Sweep(column=column, key=".".join(key), values=points)
    return replaced if new[0] in replaced else replaced + new, tables, sweep
