"""A request: the columns, the corpus, and everything that decides the numbers of the cells."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from typing import Any

from toolkit.config import CompareSettings, merged, other_values, parse_settings, shared_values, without_none
from toolkit.environment import versions
from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES, try_measures
from toolkit.files import check_cache
from toolkit.results.cell import Match
from toolkit.results.conclusions import Sweep, Warning
from toolkit.runs.spec import ONE_STAGE, OWN_SETTINGS, CellSpec, Column
from toolkit.text.corpus import Corpus, Split, characters, whole_documents
from toolkit.text.folds import ONE, Fold, fold_split
from toolkit.text.fractions import part_of
from toolkit.text.neutral import WORD_PATTERN
from toolkit.text.sources import file_digest
from toolkit.text.tagging import Tagger
from toolkit.text.unspaced import segmenters
from toolkit.tokenizers import Tokenizer
from toolkit.training import DEFAULT_MODEL
from toolkit.training.recipes import TokenKind, completed

GROUPS = {"recipe", *OWN_SETTINGS}  # the groups of settings that columns may have values of their own for


@dataclass(frozen=True)
class Request:
    """Columns × fractions × seeds of one fold, the wanted rows and proofs, and where to compute.

    ``given`` are the settings that a user gave; the recipe completes them. ``fractions`` ascend, and the last is 1.
    ``stages`` are factors of the length of training, and ``more`` is the factor that the command asks for. ``matched``
    has the settings by column that make ``match`` equal. ``code`` are Python files that were run, with their SHA-256.
    ``adapt`` is the rate of rows that continue learning. ``workers`` is the number of cells computed at once (1: in
    this process), and ``scheduler`` the address of a Dask scheduler whose workers compute instead.
    """

    corpus: Corpus
    columns: Sequence[Column]
    given: Mapping[str, Any] = field(default_factory=dict)
    seeds: Sequence[int] = (0,)
    fractions: Sequence[float] = (1.0,)
    sweeps: Sequence[Sweep] = ()
    match: Match | None = None
    matched: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    split_seed: int = 0
    fold: Fold = ONE
    spacy_model: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    verify: bool = False
    adapt: float | None = None
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
        """The split with each fraction of the training documents.

        Raises InputError if a fraction is too small, or two have the same documents.
        """
        splits = {fraction: part_of(self.split, fraction) for fraction in self.fractions}
        for (less, part), (more, larger) in pairwise(splits.items()):
            if part.train == larger.train:
                raise InputError(
                    f"--fractions {less:g} and {more:g} of the training text are the same documents, "
                    f"{len(part.train):,} of {len(self.split.train):,}. Leave one of them out."
                )
        return splits

    def training_characters(self, fraction: float) -> int:
        """Return the characters of a fraction of the first fold's training documents.

        Recipes depend on them, so all folds have the same settings.
        """
        return characters(self._first_fold.splits[fraction].train)

    @cached_property
    def _first_fold(self) -> "Request":
        return self if self.fold.number == 1 else replace(self, fold=Fold(1, self.fold.of))

    def folds(self) -> Iterator["Request"]:
        """Yield a request for each fold. Only the first has fractions, since later ones say nothing about more text."""
        yield self
        for number in range(2, self.fold.of + 1):
            yield replace(self, fold=Fold(number, self.fold.of), fractions=(1.0,))

    @cached_property
    def settings(self) -> CompareSettings:
        """The settings that columns have unless they or their recipe for a kind of token differ."""
        return completed(dict(self.given), self.training_characters(1.0))

    @cached_property
    def _column_settings(self) -> dict[tuple[str, float], CompareSettings]:
        settings = {}
        for column, fraction in product(self.columns, self.fractions):
            given = merged(dict(self.given), dict(column.settings))
            whole = completed(given, self.training_characters(fraction), self.kinds.get(column.name))
            matched = parse_settings(dict(self.matched.get(column.name, {})), whole)
            settings[column.name, fraction] = matched.model_copy(
                update={"samples": self.settings.samples, "columns": {}}
            )
        return settings

    def column_settings(self, column: Column, fraction: float = 1.0) -> CompareSettings:
        """Return the settings of a column's cells: matched ones, its own, the given ones, then its recipe's."""
        return self._column_settings[column.name, fraction]

    @cached_property
    def kinds(self) -> Mapping[str, TokenKind]:
        """The kind of token by the name of each column that has an LSTM and tokens of one kind.

        The recipes for kinds were chosen for the LSTM; a GRU of characters loses by them.
        """
        cell = self.given.get("network", {}).get("cell", DEFAULT_MODEL)
        kinds = {c.name: token_kind(self.tokenizer(c)) for c in self.columns if (c.model or cell) == DEFAULT_MODEL}
        return {name: kind for name, kind in kinds.items() if kind}

    @property
    def by_clock(self) -> bool:
        """Whether the clock decides when training ends, and so affects the numbers."""
        networks = [self.column_settings(column) for column in self.columns if column.is_network]
        return any(settings.train.budget_seconds is not None for settings in networks)

    @property
    def cells_at_once(self) -> int:
        """The number of cells computed at once, at most."""
        return min(self.workers, len(self.columns) * len(self.fractions) * len(self.seeds))

    @cached_property
    def plug_ins(self) -> dict[str, str]:
        """The installed plug-ins that the columns need, and all installed measures, as they are now."""
        return {name: installed for spec in self.specs() for name, installed in spec.plug_ins.items()}

    def specs(self) -> list[CellSpec]:
        """Return all cells, in the order of the columns, then of the fractions, then of the seeds."""
        return [
            self.spec(column, seed, fraction)
            for column, fraction, seed in product(self.columns, self.fractions, self.seeds)
        ]

    def spec(self, column: Column, seed: int, fraction: float = 1.0) -> CellSpec:
        """Return a cell of the request, resolved."""
        spec = replace(self._shared_specs[column.name], seed=seed, fraction=fraction)
        settings = self.column_settings(column, fraction)
        clock = column.is_network and settings.train.budget_seconds is not None and self.workers > 1
        return replace(spec, settings=settings, workers=self.workers if clock else None)

    @cached_property
    def _shared_specs(self) -> dict[str, CellSpec]:
        """A cell of each column, by its name."""
        corpus = self.corpus
        parts = self.split.parts.items()
        specs = {}
        for column in self.columns:
            spec = CellSpec(
                column=column,
                settings=self.settings,
                seed=0,
                corpus=corpus.name,
                corpus_path=os.path.abspath(corpus.path) if corpus.path else "",  # a link may have another name
                corpus_sha256=corpus.sha256,
                text_column=corpus.text_column,
                language=corpus.language,
                split_seed=self.split_seed,
                split={part: [f"{d.characters} {d.name}" for d in documents] for part, documents in parts},
                fold=ONE if self.fold.is_usual else self.fold,
                cut=self.split.cut,
                stages=self.stages,
                spacy_model=getattr(self.tokenizer(column), "spacy_model", None),
                versions=self.versions,
                file_sha256=file_digest(column.file) if column.file else None,
            )
            plug_ins = [*spec.parts, *((MEASURES, name) for name in MEASURES)]
            code = {file: sha for registry, name in plug_ins for file, sha in registry.code(name).items()}
            installed = {key: source for registry, name in plug_ins for key, source in registry.installed(name).items()}
            specs[column.name] = replace(spec, code=code, plug_ins=installed)
        return specs

    @cached_property
    def versions(self) -> dict[str, str]:
        """The versions of spaCy, of its tagger, and of what finds words where a script has no spaces."""
        tagger, texts = Tagger(self.spacy_model, self.corpus.language), (d.text for d in self.split.documents)
        return {"spacy": versions()["spacy"]} | tagger.versions | segmenters(texts)

    def has_samples(self, spec: CellSpec) -> bool:
        """Check whether a cell writes samples: the smallest seed, with all training text, in the first fold."""
        return spec.seed == min(self.seeds) and spec.fraction == 1 and self.fold.number == 1

    @property
    def split_names(self) -> dict[str, list[str]]:
        """The names of the documents, by part."""
        return {part: [document.name for document in documents] for part, documents in self.split.parts.items()}

    def record(self) -> dict[str, Any]:
        """Return the settings as comparison.json has them: common ones, and by column the ones that differ.

        A setting that all networks share is common.
        """
        networks = [column for column in self.columns if column.is_network] or self.columns
        settings = {c.name: without_none(self.column_settings(c).model_dump(include=GROUPS)) for c in networks}
        common = without_none(self.settings.model_dump(include=GROUPS))
        groups = merged(common, shared_values(list(settings.values())))
        tables = {c.name: merged(dict(c.table), other_values(settings.get(c.name, {}), groups)) for c in self.columns}
        groups["network"] = {"embedding": groups["network"]["units"]} | groups["network"]
        files = {name: spec.file_sha256 for name, spec in self._shared_specs.items() if spec.file_sha256}
        record = {
            "tokenizers": [column.name for column in self.columns],
            "seeds": list(self.seeds),
            "fractions": list(self.fractions) if len(self.fractions) > 1 else None,
            "folds": self.fold.of if self.fold.is_first_of_several else None,
            "split_seed": self.split_seed,
            "fold": list(self.fold) if self.fold.number > 1 else None,
            "stages": list(self.stages) if len(self.stages) > 1 else None,
            "match": self.match,
            "spacy_model": self.spacy_model,
            "code": sorted(f"{Path(path).name} {digest}" for path, digest in self.code.items()),
            "plug_ins": self.plug_ins or None,
            "files": files or None,
            **groups,
            "samples": self.settings.samples.model_dump(),
            "columns": {name: table for name, table in tables.items() if table},
        }
        return without_none(record)

    def tokenizer(self, column: Column) -> Tokenizer:
        """Return a column's tokenizer, neither fitted nor restored."""
        return column.make(language=self.corpus.language, spacy_model=self.spacy_model)

    def excerpt_notes(self) -> list[str]:
        """Return a sentence for each kind of knowledge that columns learn from an excerpt of the training text."""
        tokenizers = map(self.tokenizer, self.columns)
        learners = [tokenizer for tokenizer in tokenizers if hasattr(tokenizer, "excerpt_notes")]
        return list(dict.fromkeys(note for learner in learners for note in learner.excerpt_notes(self.split.train)))

    def check(self) -> None:
        """Raise InputError for cells that would fail only in training.

        Held-out documents are shown to built-in tokenizers alone; others see them once they are fitted.
        """
        check_cache()
        plug_ins = [plug_in for column in self.columns for plug_in in column.plug_ins]
        for registry, name in (*plug_ins, *((MEASURES, name) for name in MEASURES)):
            if registry.only_here(name) and (self.cells_at_once > 1 or self.scheduler is not None):
                raise InputError(
                    f"The {registry.kind} {name!r} is known only to this script, but other processes compute the "
                    f"cells. Write its code to a file and give that with code=."
                )
        if any("rare_max_documents" in c.options for c in self.columns) and whole_documents(self.corpus.documents) < 2:
            raise InputError("Rarity by documents needs several documents. Use --rare-max-count.")
        try_measures(self.corpus.language)
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
                raise InputError(f"The {part} part of {self.corpus.name} contains no words. Give a text with words.")

    def refuse_exclusive_options(self) -> None:
        """Refuse options that exclude each other: folds and matched settings have no common training."""
        folds, further = self.fold.of > 1, self.more is not None or self.stages != ONE_STAGE
        exclusive = {
            "--folds and --more": folds and further,
            "--folds and --match": folds and self.match is not None,
            "--match and --more": self.match is not None and further,
            "--match and --fractions": self.match is not None and len(self.fractions) > 1,
            "--scheduler and --workers": self.scheduler is not None and self.workers > 1,
            "--scheduler and --budget, which depends on one machine's clock,": self.scheduler and self.by_clock,
        }
        for options, both in exclusive.items():
            if both:
                raise InputError(f"{options} exclude each other. Leave one of them out.")


def token_kind(tokenizer: Tokenizer) -> TokenKind | None:
    """Return the kind of a tokenizer's tokens, or None if they are of several kinds, such as parts of words."""
    if getattr(tokenizer, "whole_words", False):
        return "words"
    return "characters" if tokenizer.one_hot else None
