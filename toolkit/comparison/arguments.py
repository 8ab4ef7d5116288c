"""The arguments of ``compare`` and ``train`` -> what is to be compared."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.comparison.completing import completed
from toolkit.comparison.execution import default_workers
from toolkit.comparison.matching import parse_match, refuse_conflicts
from toolkit.comparison.request import Request
from toolkit.comparison.stages import refuse_lengths_of_their_own, times_as_long
from toolkit.comparison.sweeping import expanded
from toolkit.config import merged, read_settings
from toolkit.errors import InputError, whole_number
from toolkit.inference.adapting import learning_rate
from toolkit.plugins import load_code
from toolkit.runs.columns import Column, parse_columns, refuse_options
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Corpus, checked, split
from toolkit.text.fractions import parse_fractions
from toolkit.text.tagging import NoTagsError, Tagger, check_language, model_meta

BY_DEFAULT, WITHOUT_TAGGER = "char,word", "char,word:unk"  # columns
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(time: str | float) -> float:
    """A time such as 90s, 5m or 1.5h, in seconds; a number is seconds. Raises InputError if it is not a time.

    >>> seconds("5m"), seconds(90)
    (300.0, 90.0)
    """
    text = str(time)
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        value = float(number) * UNITS[unit]
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise InputError(f"Not a time: {text!r}. Give seconds, minutes or hours, such as 90s or 5m.")
    return value


def factor(more: str | float) -> float:
    """How many times as long training is to be: a text such as 2x or 1.5x, or in Python a number.

    Raises InputError if it is not above 1.

    >>> factor("1.5x"), factor(2)
    (1.5, 2.0)
    """
    text = more if isinstance(more, str) else f"{more}x"
    try:
        value = float(text[:-1]) if text.endswith("x") else 0.0
    except ValueError:
        value = 0.0
    if not 1 < value < float("inf"):
        raise InputError(
            f"--more {more!r} is not a factor above 1; write 2x, 1.5x or 3x, for training that is in all so many times "
            f"as long as without --more."
        )
    return value


def given_settings(
    settings: Mapping[str, Any] | str | Path | None, epochs: int | None, budget: str | float | None
) -> dict[str, Any]:
    """The settings that were given, nested, or read from a TOML file; ``epochs`` and ``budget`` override them.

    Raises InputError for one that cannot be read.
    """
    given = read_settings(Path(settings)) if isinstance(settings, str | Path) else dict(settings or {})
    if epochs is not None:
        given = merged(given, {"train": {"epochs": whole_number("--epochs", epochs, 1)}})
    if budget is not None:
        given = merged(given, {"train": {"budget_seconds": seconds(budget)}})
    return given


def named_columns(names: Sequence[str], options: Mapping[str, Any], rarity: Mapping[str, int | None]) -> list[Column]:
    """The columns of these names with their own options, then with the rarity that was given.

    Raises InputError as ``parse_columns`` does.
    """
    columns = parse_columns(names, options)
    defaults = {name: value for name, value in rarity.items() if value is not None}
    return [column.with_defaults(defaults) for column in columns]


def with_a_tagger(
    tokenizers: str | Sequence[str], options: object, tagger: Tagger
) -> tuple[str | Sequence[str], tuple[str, ...]]:
    """The columns asked for, and what is to be noted: if they are those asked for by default, the words are without
    tags where the language has no tagger. ``options``, by column, have not been checked yet.
    """
    listed = tokenizers if isinstance(tokenizers, str) else ",".join(tokenizers)
    own_words = isinstance(options, Mapping) and not {"word", "word:pos"}.isdisjoint(options)
    if listed != BY_DEFAULT or own_words:
        return tokenizers, ()
    try:
        tagger.check()
    except NoTagsError as error:
        return WITHOUT_TAGGER, (f"{WITHOUT_TAGGER} are compared instead of {BY_DEFAULT}. {error}",)
    return tokenizers, ()


def given_corpus(corpus: str | Path | Corpus, language: str | None, otherwise: str | None) -> Corpus:
    """The corpus with a name, at a path, or the given one, its documents made canonical.

    Raises InputError if there is none, or if it cannot be used.
    """
    if not isinstance(corpus, Corpus):
        return find_corpus(str(corpus), language, otherwise)
    return checked(corpus if language is None else replace(corpus, language=language))


def make_request(
    *,
    tokenizers: str | Sequence[str],
    corpus: str | Path | Corpus,
    seeds: int = 1,
    first_seed: int = 0,
    fractions: str | Sequence[float] = (1.0,),
    sweep: str | Sequence[str] = (),
    match: str | None = None,
    split_seed: int = 0,
    epochs: int | None = None,
    budget: str | float | None = None,
    rare_max_count: int | None = None,
    rare_max_documents: int | None = None,
    spacy_model: str | None = None,
    language: str | None = None,
    settings: Mapping[str, Any] | str | Path | None = None,
    code: Sequence[str | Path] = (),
    verify: bool = False,
    adapt: float | None = None,
    more: str | float | None = None,
    tensorboard: bool = False,
    workers: int | None = 1,
    command: str = "",
) -> Request:
    """The request of these arguments. Raises InputError for anything wrong with them, before anything is computed."""
    digests = {str(path.resolve()): load_code(path) for path in map(Path, code)}
    overrides = given_settings(settings, epochs, budget)
    first = whole_number("--first-seed", first_seed, 0)
    count = whole_number("--seeds", seeds, 1)
    parts_of_training = parse_fractions(fractions)
    whole_number("--split-seed", split_seed, 0)
    rarity = {"rare_max_count": rare_max_count, "rare_max_documents": rare_max_documents}
    otherwise = None if spacy_model is None else model_meta(spacy_model).language
    chosen_corpus = given_corpus(corpus, language, otherwise)
    if spacy_model is not None:
        check_language(spacy_model, chosen_corpus.language)
    options = overrides.get("columns", {})
    chosen, notes = with_a_tagger(tokenizers, options, Tagger(spacy_model, chosen_corpus.language))
    swept = expanded(chosen, options, sweep)
    overrides |= {"columns": swept.options} if swept.sweeps else {}
    columns = named_columns(swept.names, swept.options, rarity)
    parts = split(chosen_corpus, split_seed)
    by_documents = any("rare_max_documents" in column.options for column in columns)
    # blocks of one document are not documents
    if by_documents and min(len(chosen_corpus.documents), len(parts.train)) < 2:
        raise InputError("Rarity by documents needs more than one training document; use --rare-max-count.")
    made_equal = parse_match(match)
    if made_equal is not None:
        if more is not None or len(parts_of_training) > 1:
            raise InputError(
                f"--match {match} is for one training of each column on all training documents; leave out "
                f"{'--more' if more is not None else '--fractions'}."
            )
        refuse_conflicts(made_equal, overrides, columns)
    refuse_options(overrides, columns)
    complete = completed(overrides, sum(len(document.text) for document in parts.train))
    if workers is None:
        cells = len(columns) * len(parts_of_training) * count
        budgets = [column.settings.get("train", {}).get("budget_seconds") for column in columns]
        budget_seconds = next(filter(None, [complete.train.budget_seconds, *budgets]), None)
        workers = 1 if made_equal == "time" else default_workers(cells, budget_seconds)
    request = Request(
        corpus=chosen_corpus,
        columns=columns,
        settings=complete,
        given=overrides,
        seeds=tuple(range(first, first + count)),
        fractions=parts_of_training,
        sweeps=swept.sweeps,
        match=made_equal,
        split_seed=split_seed,
        spacy_model=spacy_model,
        code=digests,
        verify=verify,
        adapt=adapt if adapt is None else learning_rate(adapt),
        further=more if more is None else times_as_long(complete.train, factor(more)),
        tensorboard=tensorboard,
        notes=notes,
        workers=whole_number("--workers", workers, 1),
        command=command,
    )
    refuse_lengths_of_their_own(request)
    return request
