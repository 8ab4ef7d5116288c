"""What is to be compared: the columns, the corpus, and everything that determines the numbers."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from toolkit import cache
from toolkit.comparison.where import Where
from toolkit.config import LENGTHS, CompareSettings, flat, merged, nested
from toolkit.errors import InputError
from toolkit.evaluation.metrics import MEASURES, try_measures
from toolkit.events.protocols import LearnsOnExcerpt, MayRefuse, NeedsInstalled, OfWholeWords
from toolkit.files import MOST_BYTES, too_long
from toolkit.network import CELLS
from toolkit.rare_words import RARE_WORDS
from toolkit.registry import Registry
from toolkit.results.cell import Match
from toolkit.results.conclusions import Sweep, Warning
from toolkit.runs.columns import OWN_SETTINGS, Column, refuse_rarity_by_documents
from toolkit.runs.spec import Basis, CellSpec
from toolkit.text.corpus import Corpus, Split, characters
from toolkit.text.folds import ONE, Fold, fold_split
from toolkit.text.fractions import part_of
from toolkit.text.neutral import WORD_PATTERN
from toolkit.text.sources import file_digest
from toolkit.tokenizers import TOKENIZERS, Tokenizer
from toolkit.training import DEFAULT_MODEL, MODELS
from toolkit.training.recipes import RECIPES, TokenKind, completed, is_short, recipe_title


@dataclass(frozen=True)
class Request:
    """What to compare."""

    corpus: Corpus
    columns: Sequence[Column]
    settings: CompareSettings
    # Of the settings, what was given, while the recipe has the others; if it is None, all were given.
    given: Mapping[str, Any] | None = None
    seeds: Sequence[int] = (0,)
    fractions: Sequence[float] = (1.0,)  # of the training documents, ascending; the last is 1
    sweeps: Sequence[Sweep] = ()  # which of the columns are values of one setting
    match: Match | None = None  # what is made equal for all columns
    split_seed: int = 0
    fold: Fold = ONE  # which documents are held out, if each is in turn
    spacy_model: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)  # Python files that were run for plug-ins, with their SHA-256
    verify: bool = False
    adapt: float | None = None  # the rate of rows that continue learning
    further: float | None = None  # train up to this length (TrainSettings.length), which is above that of the settings
    continued: tuple[float, ...] = ()  # the lengths after which training was taken up again
    short: bool | None = None  # whether training was asked to be short, where its length is another now
    warnings: Sequence[Warning] = ()  # about what was requested
    tensorboard: bool = False
    where: Where = field(default_factory=Where)  # the cells are computed
    command: str = ""

    @cached_property
    def split(self) -> Split:
        """The split that all cells share."""
        return fold_split(self.corpus, self.split_seed, self.fold)

    @cached_property
    def splits(self) -> Mapping[float, Split]:
        """The split with each fraction of the training documents.

        Raises InputError for one that is too small, and for two that are the same documents.
        """
        splits = {fraction: part_of(self.split, fraction) for fraction in self.fractions}
        for (less, part), (more, larger) in pairwise(splits.items()):
            if part.train == larger.train:
                raise InputError(
                    f"--fractions {less:g} and {more:g} of the training text are the same documents, "
                    f"{len(part.train):,} of {len(self.split.train):,}; leave one of the two out."
                )
        return splits

    def recipe(self, fraction: float) -> str:
        """The recipe for a fraction of the training documents, in words; a column may have settings of its own."""
        return recipe_title(self.completed(self.overrides, fraction).recipe, self.training_characters(fraction))

    @property
    def by_clock(self) -> bool:
        """Whether the clock decides when training ends, and so affects the numbers."""
        networks = [spec for spec in self.specs() if spec.column.is_network]
        return any(spec.basis.settings.train.budget_seconds is not None for spec in networks)

    @property
    def at_once(self) -> int:
        """How many cells are computed at once, at most."""
        return min(self.where.workers, len(self.columns) * len(self.fractions) * len(self.seeds))

    @property
    def plug_ins(self) -> dict[str, str]:
        """The installed plug-ins that the columns need, and all measures that are installed; and what they are."""
        plug_ins: dict[str, str] = {}
        for column in self.columns:
            plug_ins |= self.spec(column, self.seeds[0]).installed
        for measure in MEASURES:
            plug_ins |= MEASURES.installed(measure)
        return plug_ins

    @cached_property
    def basis(self) -> Basis:
        """What the cells have in common."""
        corpus = self.corpus
        return Basis(
            corpus=corpus.name,
            corpus_path=os.path.abspath(corpus.path) if corpus.path else "",  # a link may name it otherwise
            corpus_sha256=corpus.sha256,
            language=corpus.language,
            split_seed=self.split_seed,
            fold=ONE if self.fold.is_usual else self.fold,
            split=self.split_names(),
            spacy_model=self.spacy_model,
            code=self.code,
            settings=self.settings,
            continued=self.continued,
            cut=self.split.cut,
            text_column=corpus.text_column,
        )

    def in_fold(self, number: int) -> "Request":
        """The request for another of its folds, with all the same settings.

        What more text gives is told of the first fold alone, so the others have no fractions.
        """
        fractions = self.fractions if number == 1 else (1.0,)
        return replace(self, fold=Fold(number, self.fold.of), fractions=fractions)

    def in_stages(self, lengths: Sequence[float]) -> "Request":
        """The request for training that was taken up again after all of these lengths but the last."""
        train = self.settings.train.lasting(lengths[-1])
        settings = self.settings.model_copy(update={"train": train})
        request = replace(self, settings=settings, continued=tuple(lengths[:-1]))
        if len(lengths) == 1:
            return request
        given = self.given
        if given is not None:  # columns with settings of their own train as long
            length = {name: getattr(train, name) for name in LENGTHS if getattr(train, name) is not None}
            given = merged(dict(given), {"recipe": settings.recipe, "train": length})
        return replace(request, given=given, short=is_short(self.settings.train.lasting(lengths[0])))

    def spec(self, column: Column, seed: int, fraction: float = 1.0) -> CellSpec:
        """A cell of the request."""
        settings = self.cell_settings(column, fraction).model_copy(update={"columns": {}})
        spec = CellSpec(replace(self.basis, settings=settings), column, seed, fraction)
        return replace(spec, basis=replace(spec.basis, plug_ins=spec.installed))

    def cell_settings(self, column: Column, fraction: float) -> CompareSettings:
        """The settings of a column's cells: its own, then those given, then the recipe for this much training text.

        Some recipes differ where tokens are of one kind.
        """
        if fraction == 1 and not column.settings and column.name not in self.kinds:
            return self.settings
        given = merged(self.overrides, dict(column.settings))
        settings = self.completed(given, fraction, self.kinds.get(column.name))
        return settings.model_copy(update={"samples": self.settings.samples})

    def completed(self, given: dict[str, Any], fraction: float, kind: TokenKind | None = None) -> CompareSettings:
        """Given settings, completed from the recipe for a fraction of the training text and for a kind of tokens."""
        return completed(given, self.training_characters(fraction), kind, short=self.short)

    @property
    def overrides(self) -> dict[str, Any]:
        """The settings that were given, and not left to the recipe."""
        return self.settings.model_dump() if self.given is None else dict(self.given)

    def training_characters(self, fraction: float) -> int:
        """How many characters a fraction of the training documents has, which recipes go by.

        With several folds those of the first count for all, so that all have the same settings.
        """
        first = self if self.fold.number == 1 else self.first_fold
        return characters(first.splits[fraction].train)

    @cached_property
    def first_fold(self) -> "Request":
        """The request for the first of its folds."""
        return self.in_fold(1)

    @cached_property
    def kinds(self) -> Mapping[str, TokenKind]:
        """By the name of a column with an LSTM, of what kind its tokens are, if they are all of one.

        What recipes say of kinds was chosen for the LSTM; a GRU of characters loses by it.
        """
        pairs = zip(self.columns, self.tokenizers(), strict=True)
        cell = self.settings.network.cell
        kinds = {column.name: kind_of(t) for column, t in pairs if (column.model or cell) == DEFAULT_MODEL}
        return {name: kind for name, kind in kinds.items() if kind}

    def specs(self) -> list[CellSpec]:
        """All cells, in the order of the columns, then of the fractions, then of the seeds."""
        return [
            self.spec(column, seed, fraction)
            for column in self.columns
            for fraction in self.fractions
            for seed in self.seeds
        ]

    def has_samples(self, spec: CellSpec) -> bool:
        """Whether a cell writes samples: it has the smallest seed and all training text, and is in the first fold."""
        return spec.seed == min(self.seeds) and spec.fraction == 1 and self.fold.number == 1

    def asked(self) -> dict[str, Any]:
        """Everything that determines the numbers, as in compare.toml.

        How many cells are computed at once matters only with a time budget: it decides how far each one gets.
        """
        common = replace(self.basis, plug_ins=self.plug_ins).asked()
        return common | {
            "tokenizers": [column.name for column in self.columns],
            "seeds": list(self.seeds),
            "fractions": list(self.fractions) if len(self.fractions) > 1 else None,
            "match": self.match,
            "folds": self.fold.of if self.fold.is_first_of_several else None,
            "workers": self.at_once if self.by_clock and self.at_once > 1 else None,
            "files": {column.name: file_digest(column.file) for column in self.columns if column.file},
            **self.recipes(),
            "columns": {column.name: column.table for column in self.columns if column.table},
        }

    def recipes(self) -> dict[str, Any]:
        """What the recipes say that the common settings do not: of kinds of tokens, and of other fractions."""
        whole = self.kind_settings(1.0)
        of_whole = RECIPES[recipe_title(self.settings.recipe, self.training_characters(1.0))].network
        parts: dict[str, Any] = {}
        for fraction in self.fractions:
            characters = self.training_characters(fraction)
            name = self.completed(self.overrides, fraction).recipe
            network = RECIPES[recipe_title(name, characters)].network
            if name == self.settings.recipe and network != of_whole:
                parts[f"{fraction:g}"] = {"network": network.model_dump()}
            if (kinds := self.kind_settings(fraction)) != whole:
                parts[f"{fraction:g}"] = parts.get(f"{fraction:g}", {}) | kinds
        return whole | ({"parts": parts} if parts else {})

    def kind_settings(self, fraction: float) -> dict[str, Any]:
        """By kind of tokens, the settings of its columns that other columns with the same of their own do not have."""
        found: dict[str, Any] = {}
        for column in self.columns:
            if kind := self.kinds.get(column.name):
                given = merged(self.overrides, dict(column.settings))
                usual, own = (flat(self.completed(given, fraction, k).model_dump()) for k in (None, kind))
                for key, value in own.items():
                    if value != usual[key]:
                        found = merged(found, nested([kind, *key.split(".")], value))
        return found

    def told(self) -> dict[str, Any]:
        """What was asked, with every setting in which a column differs from the comparison, as it is used: also where
        the recipe gives it another value. What all columns share is the comparison's."""
        groups = {"recipe", *OWN_SETTINGS}
        common = flat(self.settings.model_dump(include=groups))
        networks = [column for column in self.columns if column.is_network] or self.columns
        by_column = {c.name: flat(self.cell_settings(c, 1.0).model_dump(include=groups)) for c in networks}
        first, *others = by_column.values()
        shared = {key: value for key, value in first.items() if all(other.get(key) == value for other in others)}
        asked, own = self.asked(), {column.name: dict(column.table) for column in self.columns}
        for name in self.recipes():
            asked.pop(name)
        for key, value in (common | shared).items():
            if key in shared and value != common.get(key):
                asked = merged(asked, nested(key.split("."), value))
            for name, settings in by_column.items():
                if key not in shared and settings.get(key) != value:
                    own[name] = merged(own[name], nested(key.split("."), settings.get(key)))
        return asked | {"columns": {name: table for name, table in own.items() if table}}

    def tokenizer(self, column: Column) -> Tokenizer:
        """A column's tokenizer, neither fitted nor restored."""
        return column.make(language=self.corpus.language, spacy_model=self.spacy_model)

    def tokenizers(self) -> list[Tokenizer]:
        """Those of all columns."""
        return [self.tokenizer(column) for column in self.columns]

    def excerpt_notes(self) -> list[str]:
        """A sentence for each kind of thing that the columns learn from an excerpt of the training text."""
        learners = [tokenizer for tokenizer in self.tokenizers() if isinstance(tokenizer, LearnsOnExcerpt)]
        return list(dict.fromkeys(note for learner in learners for note in learner.excerpt_notes(self.split.train)))

    def check(self) -> None:
        """Raise InputError for what would otherwise fail only in training.

        Held-out documents are shown to our own tokenizers alone; others are asked once they are fitted.
        """
        tokenizers = self.tokenizers()  # refuses options that a column does not have
        cache.check()  # every column's held-out words are tagged
        self.check_cell()
        self.check_names()
        self.check_rarity()
        self.check_workers()
        try_measures(self.corpus.language)
        for spec, tokenizer in zip((self.spec(column, 0) for column in self.columns), tokenizers, strict=True):
            spec.kind().check(spec.basis.settings.network, one_hot=tokenizer.one_hot)
            if isinstance(tokenizer, NeedsInstalled):
                tokenizer.check()
            if spec.column.ours and isinstance(tokenizer, MayRefuse):
                tokenizer.check_texts(self.split.train, (*self.split.valid, *self.split.test))
        for part, documents in self.split.parts.items():
            if not any(WORD_PATTERN.search(document.text) for document in documents):
                raise InputError(f"The {part} part of {self.corpus.name} contains no words; give a text with words.")
        if characters(self.split.test) < 2:
            raise InputError(
                f"The test part of {self.corpus.name} is a single character, over which nothing can be compared; give "
                f"a longer text."
            )
        for fraction, of_fraction in self.splits.items():
            if not any(WORD_PATTERN.search(document.text) for document in of_fraction.train):
                raise InputError(f"{fraction:g} of the training text contains no words; give a larger fraction.")

    def check_names(self) -> None:
        """Raise InputError if two cells' runs would have one name, as a column may be called as another and a fraction,
        or one that is too long for a file system.
        """
        by_name: dict[str, str] = {}
        for spec in self.specs():
            if too_long(spec.name):
                raise InputError(
                    f"A run of {spec.column.name!r} would have a name of {len(os.fsencode(spec.name))} bytes, and at "
                    f"most {MOST_BYTES} are possible; give the column a shorter name in --config."
                )
            if (other := by_name.setdefault(spec.name, spec.column.name)) != spec.column.name:
                raise InputError(
                    f"Runs of {spec.column.name!r} and of {other!r} would have one name, {spec.name}; give one of the "
                    f"columns another name in --config."
                )

    def check_rarity(self) -> None:
        """Raise InputError if a column counts documents where all training documents, or a fraction, are only one."""
        for fraction in reversed(self.fractions):
            refuse_rarity_by_documents(self.columns, self.corpus, self.splits[fraction].train, fraction)

    def check_cell(self) -> None:
        """Raise InputError for an unknown cell, or if a column asks for the default one by name and settings differ."""
        cell = self.settings.network.cell
        CELLS.check(cell)
        if not CELLS.built_in(cell):
            raise InputError(
                f"network.cell is {cell!r}, which is not built in; leave it out and name it with the columns that have "
                f"it, such as char@{cell}, so that what it does wrong is said of these."
            )
        for column in self.columns:
            if column.model == DEFAULT_MODEL != cell:
                raise InputError(
                    f"The column {column.name!r} names the model {DEFAULT_MODEL!r}, but network.cell is {cell!r}; "
                    f"leave out network.cell and name the other columns' models, such as char@{cell}."
                )

    def check_workers(self) -> None:
        """Raise InputError if cells are computed in other processes and need what only this one has registered."""
        if self.at_once < 2 and self.where.scheduler is None:
            return
        cells = {self.settings.network.cell, *(column.model for column in self.columns)}
        needed: dict[Registry[Any], Iterable[str | None]] = {
            TOKENIZERS: [column.tokenizer for column in self.columns],
            RARE_WORDS: [column.strategy for column in self.columns],
            CELLS: cells,
            MODELS: cells,
            MEASURES: MEASURES,
        }
        for registry, names in needed.items():
            for name in names:
                if name and registry.only_here(name):
                    raise InputError(
                        f"The {registry.kind} {name!r} is known only to the script that has registered it, and other "
                        f"processes compute the cells; write its code to a file and give that with code=."
                    )

    def split_names(self) -> dict[str, list[str]]:
        """The names of the documents, by part."""
        return {part: [document.name for document in documents] for part, documents in self.split.parts.items()}


def kind_of(tokenizer: Tokenizer) -> TokenKind | None:
    """Of what kind a tokenizer's tokens are; None for any other and for several: parts of words, say."""
    if isinstance(tokenizer, OfWholeWords) and tokenizer.whole_words:
        return "words"
    return "characters" if tokenizer.one_hot else None
