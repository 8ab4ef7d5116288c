"""A request: the columns, the corpus, and everything that decides the numbers of the cells."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import product

from toolkit.config import (
    OWN_SETTINGS,
    CompareSettings,
    Table,
    merged,
    other_values,
    parse_settings,
    shared_values,
    without_none,
)
from toolkit.environment import versions
from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES
from toolkit.events.encoding import Tokenizer
from toolkit.files import check_cache
from toolkit.results.cell import Match
from toolkit.results.conclusions import Sweep, Warning
from toolkit.runs.spec import ONE_STAGE, CellSpec, Column
from toolkit.text.corpus import Corpus, Split, characters
from toolkit.text.neutral import WORD_PATTERN, segmenters
from toolkit.text.sources import file_digest
from toolkit.text.splits import ONE, USUAL, Fold, fold_split, part_of
from toolkit.text.tagging import Tagger
from toolkit.training import DEFAULT_MODEL
from toolkit.training.recipes import completed

GROUPS = {"recipe", *OWN_SETTINGS}  # the groups of settings that columns may have values of their own for


@dataclass(frozen=True)
class Request:
    """Columns × fractions × seeds of one fold, the wanted rows and proofs, and where to compute.

    ``given`` are the settings that a user gave; the recipe completes them. ``fractions`` ascend, and the last is 1.
    ``stages`` are factors of the length of training, and ``more`` is the factor that the command asks for. ``matched``
    has the settings by column that make ``match`` equal. ``code`` are Python files that were run, with their SHA-256.
    ``adapt`` is the rate of rows that continue learning. ``quick`` leaves out noise and rows. ``workers`` is the number
    of cells computed at once (1: in this process), and ``scheduler`` the address of a Dask scheduler whose workers
    compute instead.
    """

    corpus: Corpus
    columns: Sequence[Column]
    given: Table = field(default_factory=dict)
    seeds: Sequence[int] = (0,)
    fractions: Sequence[float] = (1.0,)
    sweeps: Sequence[Sweep] = ()
    match: Match | None = None
    matched: Mapping[str, Table] = field(default_factory=dict)
    split_seed: int = 0
    fold: Fold = ONE
    spacy_model: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    verify: bool = False
    adapt: float | None = None
    ensembles: bool = False
    quick: bool = False
    more: float | None = None
    stages: tuple[float, ...] = ONE_STAGE
    warnings: Sequence[Warning] = ()
    workers: int = 1
    scheduler: str | None = None
    command: str = ""

    @cached_property
    def split(self) -> Split:
        """The split that all cells share."""
        return fold_split(self.corpus, self.split_seed, self.fold)

    @cached_property
    def splits(self) -> Mapping[float, Split]:
        """The split with each fraction of the training documents. Raises InputError if a fraction is too small."""
        return {fraction: part_of(self.split, fraction) for fraction in self.fractions}

    @cached_property
    def sizes(self) -> Mapping[float, int]:
        """The characters of each fraction of the first fold's training documents.

        Recipes depend on them, so all folds have the same settings.
        """
        first = self if self.fold.number == 1 else replace(self, fold=Fold(1, self.fold.of))
        return {fraction: characters(split.train) for fraction, split in first.splits.items()}

    def folds(self) -> Iterator["Request"]:
        """Yield a request for each fold. Only the first has fractions, since later ones say nothing about more text."""
        yield self
        for number in range(2, self.fold.of + 1):
            yield replace(self, fold=Fold(number, self.fold.of), fractions=(1.0,))

    @cached_property
    def settings(self) -> CompareSettings:
        """The settings that columns have unless they or their recipe for a kind of token differ."""
        return completed(self.given, self.sizes[1.0])

    @cached_property
    def column_settings(self) -> Mapping[tuple[str, float], CompareSettings]:
        """The settings by column and fraction: matched ones, the column's, the given ones, then its recipe's.

        The recipes for kinds of token were chosen for the LSTM and the transformer; a GRU of characters loses by them.
        """
        cell, settings = self.given.get("network", {}).get("cell", DEFAULT_MODEL), {}
        for column in self.columns:
            overrides, matched = merged(self.given, column.settings), dict(self.matched.get(column.name, {}))
            model, kind = column.model or cell, token_kind(self.tokenizer(column))
            if model == "transformer":
                kind = f"transformer {kind or 'pieces'}"
            elif model != DEFAULT_MODEL:
                kind = None
            for fraction, size in self.sizes.items():
                of_column = parse_settings(matched, completed(overrides, size, kind))
                shared = {"samples": self.settings.samples, "columns": {}}
                settings[column.name, fraction] = of_column.model_copy(update=shared)
        return settings

    @property
    def by_clock(self) -> bool:
        """Whether the clock decides when training ends, and so affects the numbers."""
        return any(map(self.ends_by_clock, self.columns))

    def ends_by_clock(self, column: Column) -> bool:
        """Check whether the clock decides when a column's training ends."""
        return column.is_network and self.column_settings[column.name, 1.0].train.budget_seconds is not None

    @property
    def cells_at_once(self) -> int:
        """The number of cells computed at once, at most."""
        return min(self.workers, len(self.columns) * len(self.fractions) * len(self.seeds))

    def job(self, name: str, fraction: float = 1.0) -> str:
        """Return the name of a job in progress, from that of its run, row or column."""
        part = "" if fraction == 1 else f", {fraction:g} of the text"
        return name + part + ("" if self.fold.of == 1 else f", fold {self.fold.number}")

    def specs(self) -> list[CellSpec]:
        """Return all cells, in the order of the columns, then of the fractions, then of the seeds."""
        cells = product(self.columns, self.fractions, self.seeds)
        return [self.spec(column, seed, fraction) for column, fraction, seed in cells]

    def spec(self, column: Column, seed: int, fraction: float = 1.0) -> CellSpec:
        """Return a cell of the request, resolved."""
        corpus, parts = self.corpus, self.split.parts.items()
        spec = CellSpec(
            column=column,
            settings=self.column_settings[column.name, fraction],
            seed=seed,
            corpus=corpus.name,
            corpus_path=os.path.abspath(corpus.path) if corpus.path else "",  # a link may have another name
            corpus_sha256=corpus.sha256,
            language=corpus.language,
            split_seed=self.split_seed,
            split={part: [f"{d.characters} {d.name}" for d in documents] for part, documents in parts},
            fraction=fraction,
            fold=ONE if self.fold in USUAL else self.fold,
            stages=self.stages,
            spacy_model=getattr(self.tokenizer(column), "spacy_model", None),
            versions=self.versions,
            file_sha256=file_digest(column.file) if column.file else None,
            workers=self.workers if self.workers > 1 and self.ends_by_clock(column) else None,
            quick=self.quick or None,
        )
        foreign = (*column.plug_ins, *((MEASURES, name) for name in MEASURES))
        origins = {f"{registry.kind} {name}": registry.origin(name) for registry, name in foreign}
        return replace(spec, origins=without_none(origins))

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of this program, spaCy and its tagger, and of what finds words where a script has no spaces."""
        tagger = Tagger(self.spacy_model, self.corpus.language)
        texts = (d.text for d in self.split.documents)
        return {name: versions()[name] for name in ("toolkit", "spacy")} | tagger.versions | segmenters(texts)

    def has_samples(self, spec: CellSpec) -> bool:
        """Check whether a cell writes samples: the smallest seed, with all training text, in the first fold.

        A model that was trained elsewhere writes none.
        """
        is_first = spec.seed == min(self.seeds) and spec.fraction == 1 and self.fold.number == 1
        return is_first and not spec.column.elsewhere

    def record(self) -> Table:
        """Return the settings as comparison.json has them: common ones, and by column the ones that differ.

        A setting that all networks share is common.
        """

        def groups_of(settings: CompareSettings) -> Table:
            return without_none(settings.model_dump(include=GROUPS))

        networks = [column for column in self.columns if column.is_network] or self.columns
        by_column = {column.name: groups_of(self.column_settings[column.name, 1.0]) for column in networks}
        groups = merged(groups_of(self.settings), shared_values(list(by_column.values())))
        tables = {c.name: merged(c.table, other_values(by_column.get(c.name, {}), groups)) for c in self.columns}
        groups["network"] = {"embedding": groups["network"]["units"]} | groups["network"]
        record = {
            "tokenizers": [column.name for column in self.columns],
            "seeds": list(self.seeds),
            "fractions": list(self.fractions) if len(self.fractions) > 1 else None,
            "split_seed": self.split_seed,
            "stages": list(self.stages) if len(self.stages) > 1 else None,
            "match": self.match,
            "quick": self.quick or None,
            "spacy_model": self.spacy_model,
            "origins": {name: origin for spec in self.specs() for name, origin in spec.origins.items()} or None,
            "files": {column.name: file_digest(column.file) for column in self.columns if column.file} or None,
            **groups,
            "samples": self.settings.samples.model_dump(),
            "columns": {name: table for name, table in tables.items() if table},
        }
        return without_none(record)

    def tokenizer(self, column: Column) -> Tokenizer:
        """Return a column's tokenizer, neither fitted nor restored."""
        return column.make(language=self.corpus.language, spacy_model=self.spacy_model)

    def check(self) -> None:
        """Raise InputError for cells that would fail only in training.

        Held-out documents are shown to built-in tokenizers alone; others see them once they are fitted.
        """
        check_cache()
        number = min(len(self.corpus.documents), len(self.split.train))
        if number < 2 and any("rare_max_documents" in column.options for column in self.columns):
            raise InputError("Rarity by documents needs several documents. Use --rare-max-count.")
        for column in self.columns:
            spec, tokenizer = self.spec(column, 0), self.tokenizer(column)
            if column.is_network:
                spec.settings.network.check(one_hot=tokenizer.one_hot)
            _ = spec.training_settings
            if hasattr(tokenizer, "check"):
                tokenizer.check()
            if column.ours and hasattr(tokenizer, "check_texts"):
                tokenizer.check_texts(self.split.train, (*self.split.valid, *self.split.test))
        for part, documents in self.split.parts.items():
            if not any(WORD_PATTERN.search(document.text) for document in documents):
                raise InputError(
                    f"The {part} part of {self.corpus.name} contains no words. Give a text with words."
                )

    def refuse_exclusive_options(self) -> None:
        """Refuse options that exclude each other: folds and matched settings have no common training."""
        folds, match, further = self.fold.of > 1, self.match is not None, self.more or len(self.stages) > 1
        exclusive = {
            "--quick and --adapt": self.quick and self.adapt is not None,
            "--quick and --ensembles": self.quick and self.ensembles,
            "--quick and --more": self.quick and further,
            "--folds and --more": folds and further,
            "--folds and --match": folds and match,
            "--match and --more": match and further,
            "--match and --fractions": match and len(self.fractions) > 1,
            "--scheduler and --workers": self.scheduler and self.workers > 1,
            "--scheduler and --budget, which depends on one machine's clock,": self.scheduler and self.by_clock,
        }
        for options in filter(exclusive.get, exclusive):
            raise InputError(f"{options} exclude each other. Leave one of them out.")


def token_kind(tokenizer: Tokenizer) -> str | None:
    """Return the kind of a tokenizer's tokens, or None if they are of several kinds, such as parts of words."""
    if getattr(tokenizer, "whole_words", False):
        return "words"
    return "characters" if tokenizer.one_hot else None
