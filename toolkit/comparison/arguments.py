"""The arguments of ``compare``, ``train`` and ``inspect`` -> what is to be compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from toolkit.comparison.matching import parse_match, refuse_conflicts
from toolkit.comparison.plan import refuse_with_folds
from toolkit.comparison.request import Request
from toolkit.comparison.sweeping import expanded
from toolkit.comparison.where import Where
from toolkit.config import CompareSettings, key_path, merged, nested, read_settings
from toolkit.environment import cores
from toolkit.errors import InputError, whole_number
from toolkit.inference.adapting import learning_rate
from toolkit.plugins import load_code
from toolkit.results.cell import Match
from toolkit.results.conclusions import Warning
from toolkit.runs.columns import Column, parse_columns, refuse_options
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Corpus, characters
from toolkit.text.entries import LANGUAGE_CODE
from toolkit.text.folds import MOST as MOST_FOLDS
from toolkit.text.folds import Fold, fold_split
from toolkit.text.fractions import parse_fractions
from toolkit.text.from_python import checked
from toolkit.text.tagging import NoTagsError, Tagger, check_language, model_meta
from toolkit.training.recipes import completed

BY_DEFAULT, WITHOUT_TAGGER = "char,word", "char,word:unk"  # columns
MOST_SEEDS = 1_000
UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def seconds(time: str | float) -> float:
    """A time such as 90s, 5m or 1.5h, in seconds; a number is seconds. Raises InputError if it is no time above 0.

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
        raise InputError(f"--budget {text!r} is no time above 0; give seconds, minutes or hours, such as 90s or 5m.")
    return value


def factor(more: str | float) -> float:
    """How many times as long training is to be: a text such as 2x, 1.5x or 2, or in Python a number.

    Raises InputError if it is not above 1.

    >>> factor("1.5x"), factor("2"), factor(2)
    (1.5, 2.0, 2.0)
    """
    try:
        value = float(str(more).removesuffix("x"))
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
    """The settings that were given, nested or by paths such as ``train.batch``, or read from a TOML file.

    ``epochs`` and ``budget`` override them. Raises InputError for one that cannot be read.
    """
    given = read_settings(Path(settings)) if isinstance(settings, str | Path) else by_paths(settings or {})
    if epochs is not None:
        given = merged(given, {"train": {"epochs": whole_number("--epochs", epochs, 1)}})
    if budget is not None:
        given = merged(given, {"train": {"budget_seconds": seconds(budget)}})
    return given


def by_paths(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings, nested, of which some may be given by their paths. Raises InputError for what is no path.

    >>> by_paths({"train.batch": 4, "network": {"units": 8}, "network.layers": 2})
    {'train': {'batch': 4}, 'network': {'units': 8, 'layers': 2}}
    """
    given: dict[str, Any] = {}
    for key, value in settings.items():
        try:
            names = key_path(key) if isinstance(key, str) and "." in key else (key,)
        except ValueError as error:
            raise InputError(f"{key!r} in settings is not the path of one, such as 'network.units'.") from error
        given = merged(given, nested(names, value))
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
) -> tuple[str | Sequence[str], tuple[Warning, ...]]:
    """Return the requested columns; of the default ones, words without tags, and a warning, where there is no tagger.

    ``options``, by column, have not been checked yet.
    """
    listed = tokenizers if isinstance(tokenizers, str) else ",".join(tokenizers)
    own_words = isinstance(options, Mapping) and not {"word", "word:pos"}.isdisjoint(options)
    if listed != BY_DEFAULT or own_words:
        return tokenizers, ()
    try:
        tagger.check()
    except NoTagsError:
        return WITHOUT_TAGGER, (Warning(kind="no_tagger", columns=["word:unk"], value=tagger.language),)
    return tokenizers, ()


def given_corpus(
    corpus: str | Path | Corpus, language: str | None, spacy_model: str | None, text_column: str | None = None
) -> Corpus:
    """The corpus with a name, at a path, or the given one, its documents made canonical.

    Its language is the one given, else its own, else the model's; ``text_column`` is for files of rows. Raises
    InputError if there is no such corpus, if it cannot be used, if the model is of another language, or if the language
    is no code.
    """
    if language is not None and not re.fullmatch(LANGUAGE_CODE, language):
        raise InputError(f"--language {language!r} is no language code; give an ISO code, such as en or fr.")
    if isinstance(corpus, Corpus):
        found = checked(corpus if language is None else replace(corpus, language=language))
    else:
        found = find_corpus(str(corpus), language, language_of(spacy_model), text_column)
    if spacy_model is not None:
        check_language(spacy_model, found.language)
    return found


def language_of(spacy_model: str | None) -> str | None:
    """The language of a model, if one is named. Raises InputError if it is not installed."""
    return None if spacy_model is None else model_meta(spacy_model).language


def cells_at_once(cells: int, settings: CompareSettings, columns: Sequence[Column]) -> int:
    """The default number of cells computed at once: one per core, or a single one where the clock ends training."""
    budgets = [column.settings.get("train", {}).get("budget_seconds") for column in columns]
    return 1 if any([settings.train.budget_seconds, *budgets]) else min(cells, cores())


def refuse_several_clocks(request: Request) -> None:
    """Raise InputError if the clock ends training and the cells are computed on several machines."""
    if request.where.scheduler is not None and request.by_clock:
        raise InputError(
            "--budget ends training by the clock, and the workers of --scheduler may be machines of different speed; "
            "give --epochs, or leave out --scheduler."
        )


def refuse_more_than_match(match: Match, more: str | float | None, fractions: Sequence[float]) -> None:
    """Raises InputError if what is made equal would be trained further, or on less text."""
    if more is not None or len(fractions) > 1:
        raise InputError(
            f"--match {match} is for one training of each column on all training documents; leave out "
            f"{'--more' if more is not None else '--fractions'}."
        )


@dataclass(frozen=True, kw_only=True)
class Arguments:
    """What is given to ``compare``, ``train`` and ``inspect``, unchecked; ``compare`` says what each argument means."""

    tokenizers: str | Sequence[str]
    corpus: str | Path | Corpus
    seeds: int = 1
    first_seed: int = 0
    fractions: str | Sequence[float] = (1.0,)
    sweep: str | Sequence[str] = ()
    match: str | None = None
    split_seed: int = 0
    folds: int = 1
    epochs: int | None = None
    budget: str | float | None = None
    verify: bool = False
    adapt: float | None = None
    more: str | float | None = None
    rare_max_count: int | None = None
    rare_max_documents: int | None = None
    spacy_model: str | None = None
    language: str | None = None
    text_column: str | None = None
    settings: Mapping[str, Any] | str | Path | None = None
    code: Sequence[str | Path] = ()
    workers: int | None = 1
    scheduler: str | None = None
    resources: str | Mapping[str, float] = ""
    tensorboard: bool = False

    def request(self, command: str = "") -> Request:
        """What is to be compared, by a command. Raises InputError for anything wrong, before anything is computed."""
        code = {str(path.resolve()): load_code(path) for path in map(Path, self.code)}
        given = given_settings(self.settings, self.epochs, self.budget)
        seeds, fractions = self.chosen_seeds(), parse_fractions(self.fractions)
        whole_number("--split-seed", self.split_seed, 0)
        corpus = given_corpus(self.corpus, self.language, self.spacy_model, self.text_column)
        named, without_tagger = with_a_tagger(
            self.tokenizers, given.get("columns", {}), Tagger(self.spacy_model, corpus.language)
        )
        swept = expanded(named, given.get("columns", {}), self.sweep)
        given |= {"columns": swept.options} if swept.sweeps else {}
        rarity = {"rare_max_count": self.rare_max_count, "rare_max_documents": self.rare_max_documents}
        columns = named_columns(swept.names, swept.options, rarity)
        fold = Fold(1, whole_number("--folds", self.folds, 1, MOST_FOLDS))
        train = fold_split(corpus, self.split_seed, fold).train
        match = self.checked_match(given, columns, fractions)
        refuse_options(given, columns)
        settings = completed(given, characters(train))
        cells = len(columns) * len(fractions) * len(seeds)
        where = Where.of(
            self.workers,
            self.scheduler,
            self.resources,
            lambda: cells_at_once(cells, settings, columns),
        )
        request = Request(
            corpus=corpus,
            columns=columns,
            given=given,
            seeds=seeds,
            fractions=fractions,
            sweeps=swept.sweeps,
            match=match,
            split_seed=self.split_seed,
            fold=fold,
            spacy_model=self.spacy_model,
            code=code,
            verify=self.verify,
            adapt=self.adapt if self.adapt is None else learning_rate(self.adapt),
            more=None if self.more is None else factor(self.more),
            tensorboard=self.tensorboard,
            warnings=without_tagger,
            where=where,
            command=command,
        )
        refuse_several_clocks(request)
        refuse_with_folds(request)
        return request

    def chosen_seeds(self) -> tuple[int, ...]:
        """The seeds, which count up from the first."""
        first = whole_number("--first-seed", self.first_seed, 0)
        return tuple(range(first, first + whole_number("--seeds", self.seeds, 1, MOST_SEEDS)))

    def checked_match(
        self, given: Mapping[str, Any], columns: Sequence[Column], fractions: Sequence[float]
    ) -> Match | None:
        """What is made equal. Raises InputError if something else decides that, too."""
        match = parse_match(self.match)
        if match is not None:
            refuse_more_than_match(match, self.more, fractions)
            refuse_conflicts(match, given, columns)
        return match
