"""Read options: the request that a call asks for."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from inspect import signature
from pathlib import Path
from typing import Any, Unpack

from toolkit.comparison.matching import parse_match, refuse_conflicts
from toolkit.comparison.options import COLUMNS, CompareOptions, amounts, complete, factor, nested_settings, takes
from toolkit.comparison.plan import refuse_with_folds
from toolkit.comparison.request import Request
from toolkit.comparison.sweeping import sweep_column
from toolkit.comparison.where import Where
from toolkit.config import CompareSettings, parse_settings
from toolkit.environment import cores
from toolkit.errors import InputError, whole_number
from toolkit.inference.adapting import learning_rate
from toolkit.plugins import load_code
from toolkit.results.conclusions import Sweep, Warning
from toolkit.runs.columns import parse_columns
from toolkit.text.catalogue import DEFAULT, find_corpus
from toolkit.text.corpus import Corpus
from toolkit.text.folds import MOST as MAX_FOLDS
from toolkit.text.folds import Fold
from toolkit.text.fractions import parse_fractions
from toolkit.text.from_python import checked
from toolkit.text.tagging import NoTagsError, Tagger, check_language, model_meta

MAX_SEEDS = 1_000
ELSEWHERE = ("out", "fresh", "quiet", "command")  # options that do not say what is compared


@takes(CompareOptions)
def make_request(
    tokenizers: str | Sequence[str] = COLUMNS,
    corpus: str | Path | Corpus = DEFAULT,
    **options: Unpack[CompareOptions],
) -> Request:
    """Return what these options ask for. Raises InputError for an invalid one, before anything is computed."""
    arguments = complete(make_request, tokenizers, corpus, **options)
    code = {str(path.resolve()): load_code(path) for path in map(Path, arguments["code"])}
    overrides = nested_settings(arguments["settings"], arguments["epochs"], arguments["budget"])
    first_seed = whole_number("--first-seed", arguments["first_seed"], 0)
    seeds = range(first_seed, first_seed + whole_number("--seeds", arguments["seeds"], 1, MAX_SEEDS))
    fractions, spacy_model = parse_fractions(arguments["fractions"]), arguments["spacy_model"]
    split_seed = whole_number("--split-seed", arguments["split_seed"], 0)
    fold = Fold(1, whole_number("--folds", arguments["folds"], 1, MAX_FOLDS))
    corpus = read_text(corpus, arguments["language"], spacy_model, arguments["text_column"])

    listed = tokenizers.split(",") if isinstance(tokenizers, str) else tokenizers
    names, tables = [name.strip() for name in listed if name.strip()], overrides.get("columns", {})
    parse_settings(overrides, CompareSettings())
    sweeps: list[Sweep] = []
    for text in [arguments["sweep"]] if isinstance(arguments["sweep"], str) else arguments["sweep"]:
        names, tables, sweep = sweep_column(names, tables, text)
        if sweep.column in {earlier.column for earlier in sweeps}:
            raise InputError(f"--sweep names the column {sweep.column!r} twice. Leave one out.")
        sweeps.append(sweep)
    overrides |= {"columns": tables} if sweeps else {}
    names, warnings = with_a_tagger(names, tables, Tagger(spacy_model, corpus.language))
    rarity = {name: arguments[name] for name in ("rare_max_count", "rare_max_documents") if arguments[name] is not None}
    columns = [column.with_defaults(rarity) for column in parse_columns(names, tables)]
    match, more, adapt = parse_match(arguments["match"]), arguments["more"], arguments["adapt"]
    if match is not None:
        refuse_conflicts(match, overrides, columns)
        if more is not None or len(fractions) > 1:
            raise InputError(f"--match {match} excludes --more and --fractions. Leave them out.")
    workers = 1 if arguments["workers"] is None else arguments["workers"]
    where = Where(workers, arguments["scheduler"], amounts(arguments["resources"]))
    where.check()
    request = Request(
        corpus=corpus,
        columns=columns,
        given=overrides,
        seeds=tuple(seeds),
        fractions=fractions,
        sweeps=tuple(sweeps),
        match=match,
        split_seed=split_seed,
        fold=fold,
        spacy_model=spacy_model,
        code=code,
        verify=arguments["verify"],
        adapt=None if adapt is None else learning_rate(adapt),
        more=None if more is None else factor(more),
        tensorboard=arguments["tensorboard"],
        warnings=tuple(warnings),
        where=where,
        command=arguments["command"] or "",
    )
    if arguments["workers"] is None and where.scheduler is None and not request.by_clock:
        cells = len(columns) * len(fractions) * len(seeds)
        request = replace(request, where=replace(where, workers=min(cells, cores())))
    if where.scheduler is not None and request.by_clock:
        raise InputError("--budget depends on one machine's clock, so it excludes --scheduler. Give --epochs instead.")
    refuse_with_folds(request)
    return request


def with_a_tagger(
    names: list[str], options: Mapping[str, Mapping[str, Any]], tagger: Tagger
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


def read_text(
    corpus: str | Path | Corpus, language: str | None, spacy_model: str | None, text_column: str | None
) -> Corpus:
    """Return a corpus in canonical form. Its language is ``language``, or its own, or the model's."""
    if isinstance(corpus, Corpus):
        text = checked(corpus if language is None else replace(corpus, language=language))
    else:
        model_language = None if spacy_model is None else model_meta(spacy_model).language
        text = find_corpus(str(corpus), language, model_language, text_column)
    if spacy_model is not None:
        check_language(spacy_model, text.language)
    return text


def call(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """Return the call of a public function as Python code, without arguments that have their default.

    >>> from toolkit import compare
    >>> call(compare, {"tokenizers": ["char"], "corpus": Path("my-novels"), "verify": False, "seeds": 3})
    "toolkit.compare(tokenizers=['char'], corpus='my-novels', seeds=3)"
    """
    parameters = signature(function).parameters
    changes = {name: value for name, value in arguments.items() if value != parameters[name].default}
    shown = [f"{name}={as_python(value)}" for name, value in changes.items() if name not in ELSEWHERE]
    return f"toolkit.{function.__name__}({', '.join(shown)})"


def as_python(value: Any) -> str:
    """Return an argument as Python code: a path as text, a corpus of files as its path."""
    if isinstance(value, Corpus):
        return repr(value.path) if value.path else f"Corpus({value.name!r}, ...)"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(as_python, value))}]"
    return repr(str(value) if isinstance(value, Path) else value)
