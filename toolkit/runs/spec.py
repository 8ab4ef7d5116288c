"""Everything that decides a cell: its column, and the spec for config.toml, the digest and a checkpoint's key.

A column is a tokenizer, its strategy for rare words, options and a model, under one name.
"""

import hashlib
import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, get_args

import tomli_w

from toolkit.config import (
    OWN_SETTINGS,
    CompareSettings,
    Table,
    TrainSettings,
    example,
    parse_settings,
    without_none,
)
from toolkit.errors import InputError, unknown
from toolkit.events.encoding import Tokenizer
from toolkit.network import NETWORKS
from toolkit.plugins import Registry
from toolkit.rare_words import RARE_WORDS
from toolkit.results.bits import AUTHOR
from toolkit.results.cell import MIXTURE, Cell, FailedCell, RowKind
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Split
from toolkit.text.splits import ONE, Fold, fold_split, part_of
from toolkit.tokenizers import TOKENIZERS
from toolkit.training import DEFAULT_MODEL, MODELS, ModelKind, Neural, model_names

RARITY = {"rare_max_count", "rare_max_documents"}  # the options that define which words are rare
RESERVED_NAMES = (AUTHOR, MIXTURE)
RESERVED_ENDS = tuple(f" ({kind})" for kind in get_args(RowKind))
STRATEGY_SETTINGS = ("strategy", "strategy_options")  # of tokenizers
CONVERTED_FIELDS = ("column", "settings", "stages", "fold")
ONE_STAGE = (1.0,)
REGISTRIES: tuple[Registry[Any], ...] = (TOKENIZERS, RARE_WORDS, MODELS)


@dataclass(frozen=True)
class Column:
    """One column.

    A tokenizer without strategies has ``strategy`` None; the comparison's network has ``model`` None.
    ``settings`` are nested values of ``network`` and ``train`` that override the comparison's.
    """

    name: str
    tokenizer: str
    strategy: str | None
    options: Table = field(default_factory=dict)
    model: str | None = None
    settings: Table = field(default_factory=dict)

    @classmethod
    def of_cell(cls, cell: Cell | FailedCell) -> "Column":
        """Return the column of a cell, without its options."""
        return cls(cell.column, cell.tokenizer, cell.strategy, model=cell.model)

    def make(self, **defaults: Any) -> Tokenizer:
        """Return the tokenizer, not yet fitted. ``defaults`` are for tokenizers that have these settings.

        Raises InputError for an option that neither the tokenizer nor the strategy has.
        """
        known = [name for name in TOKENIZERS.settings(self.tokenizer) if name not in STRATEGY_SETTINGS]
        allowed = [*known, *(RARE_WORDS.settings(self.strategy) if self.strategy else []), *OWN_SETTINGS]
        for name, value in self.options.items():
            if name not in allowed:

                def meant(nearest: str, value: Any = value) -> str:
                    return example(["columns", self.name, nearest], value)

                raise unknown(f"option of the column {self.name!r}:", name, allowed, meant)
        settings = {k: v for k, v in {**defaults, **self.options}.items() if k in known and v is not None}
        if self.strategy is not None:
            options = {name: value for name, value in self.options.items() if name not in known}
            settings |= {"strategy": self.strategy, "strategy_options": options}
        return TOKENIZERS.make(self.tokenizer, **settings)

    @property
    def plug_ins(self) -> list[tuple[Registry[Any], str]]:
        """Its tokenizer, strategy and model, each with its registry."""
        names = (self.tokenizer, self.strategy, None if self.model in NETWORKS else self.model)
        return [(registry, name) for registry, name in zip(REGISTRIES, names, strict=True) if name is not None]

    @property
    def ours(self) -> bool:
        """Whether its tokenizer, strategy and model are built in."""
        return all(registry.built_in(name) for registry, name in self.plug_ins)

    @property
    def known(self) -> bool:
        """Whether its tokenizer, strategy and model are built in, installed, or registered by a file of ``--code``."""
        return all(name in list(registry) for registry, name in self.plug_ins)

    @property
    def is_network(self) -> bool:
        """Whether its model is a network, which is trained, not counted."""
        return self.model not in set(MODELS)

    @property
    def elsewhere(self) -> bool:
        """Whether its model was trained elsewhere: then its tokenizer and its model have one name."""
        return self.model == self.tokenizer

    @property
    def table(self) -> Table:
        """The column as a table: its tokenizer, unless the name says it, its options and its settings."""
        spec = _full_name(self.tokenizer, self.strategy, self.model)
        return ({} if spec == self.name else {"tokenizer": spec}) | self.options | self.settings

    @property
    def file(self) -> Path | None:
        """The file that the tokenizer is made from, or None."""
        takes_file = getattr(TOKENIZERS.factory(self.tokenizer), "takes_file", False)
        return Path(self.options["path"]) if takes_file and "path" in self.options else None

    def with_defaults(self, options: Table) -> "Column":
        """Return the column with options that its tokenizer has and that it does not set itself.

        A column that bounds rarity in one way ignores defaults for both, and so does a strategy that keeps every word.
        """
        known = set(TOKENIZERS.settings(self.tokenizer))
        if not RARITY.isdisjoint(self.options) or (self.strategy and RARE_WORDS.make(self.strategy).keeps_all):
            known -= RARITY
        return replace(self, options={k: v for k, v in options.items() if k in known} | self.options)


@dataclass(frozen=True)
class CellSpec:
    """Everything that decides one cell, resolved.

    ``settings`` belong to the first stage of training. ``stages`` are factors of its length: ``(1.0, 2.0)`` is training
    of that length, continued to twice the length. ``split`` has the characters and the name of each document by part.
    ``versions`` belong to the tagger and the segmenter, and ``file_sha256`` to the column's file. ``origins`` name
    foreign code, by kind and name (``Registry.origin``). ``workers`` share the machine if the clock ends training.
    A ``quick`` cell has no noise.
    """

    column: Column
    settings: CompareSettings
    seed: int
    corpus: str
    corpus_sha256: str
    language: str
    split_seed: int
    split: Mapping[str, Sequence[str]]
    corpus_path: str = ""
    fraction: float = 1.0
    fold: Fold = ONE
    stages: tuple[float, ...] = ONE_STAGE
    spacy_model: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    file_sha256: str | None = None
    origins: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None
    quick: bool | None = None

    @property
    def name(self) -> str:
        """The name of its run's folder."""
        part = "" if self.fraction == 1 else f"-fraction{self.fraction:g}"
        return f"{slug(self.column.name)}{part}-seed{self.seed}"

    def identity(self, run: str) -> dict[str, Any]:
        """Return which cell it is, as its record says it, with its run's folder."""
        column = {
            "column": self.column.name,
            "tokenizer": self.column.tokenizer,
            "strategy": self.column.strategy,
        }
        return column | {"model": self.model, "seed": self.seed, "fraction": self.fraction, "run": run}

    @property
    def model(self) -> str:
        """The name of its kind of model: the column's, or the network's cell."""
        return self.column.model or self.settings.network.cell

    @property
    def training_settings(self) -> CompareSettings:
        """The settings with the length of the last stage. Raises InputError as ``lengthened`` does."""
        return self.settings.model_copy(update={"train": lengthened(self.settings.train, self.stages[-1])})

    @property
    def parent(self) -> "CellSpec | None":
        """The same cell one stage of training earlier; None in the first stage."""
        return replace(self, stages=self.stages[:-1]) if len(self.stages) > 1 else None

    def kind(self) -> ModelKind:
        """How its model is made and saved."""
        return Neural(self.model) if self.model in NETWORKS else MODELS.make(self.model)

    def to_dict(self) -> Table:
        """Return it as plain values, without None and empty ones."""
        column = self.column
        return without_none(
            {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in CONVERTED_FIELDS}
            | {
                "column": column.name,
                "tokenizer": column.tokenizer,
                "strategy": column.strategy,
                "model": self.model,
                "options": column.options,
                "stages": list(self.stages) if column.is_network else None,
                "origins": dict(self.origins) or None,
                "split": {part: list(documents) for part, documents in self.split.items()},
                "fold": None if self.fold == ONE else list(self.fold),
                # The model says the cell.
                **self.settings.model_dump(exclude={"columns": True, "network": {"cell"}}),
            }
        )

    @cached_property
    def decisive(self) -> Table:
        """The values that decide the cell: all but the place of the corpus and how often checkpoints are kept."""
        decisive = {key: value for key, value in self.to_dict().items() if key != "corpus_path"}
        del decisive["train"]["checkpoint_seconds"]
        return decisive

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides the cell, known before anything is fitted."""
        return hashlib.sha256(json.dumps(self.decisive, sort_keys=True).encode()).hexdigest()

    def key(self, tokenizer: Tokenizer, parent: bytes | None = None) -> Table:
        """Return what decides its training: the spec, its fitted tokenizer, and the fingerprint of the parent run."""
        state = json.dumps(tokenizer.state(), sort_keys=True)
        fitted = {"tokenizer_state": hashlib.sha256(state.encode()).hexdigest()}
        return self.decisive | fitted | ({"parent": parent.hex()} if parent else {})

    def make_tokenizer(self) -> Tokenizer:
        """Return its tokenizer, neither fitted nor restored. No code is executed: plug-ins must be loaded already.

        Raises InputError, which names the package or the file, if a plug-in is missing or has changed.
        """
        for registry, name in self.column.plug_ins:
            origin = self.origins.get(key := f"{registry.kind} {name}")
            if origin and registry.origin(name) != origin:
                place = origin.rpartition(" ")[0]  # without the SHA-256
                raise InputError(
                    f"The {key} of {place} is missing or has changed. Install it, or give it as --code."
                )
        return self.column.make(language=self.language, spacy_model=self.spacy_model)

    def to_toml(self) -> str:
        """Return the text of config.toml."""
        return tomli_w.dumps(self.to_dict())

    @classmethod
    def from_toml(cls, text: str) -> "CellSpec":
        """Read the inverse of ``to_toml``. Raises ValueError or KeyError for any other text."""
        config = tomllib.loads(text)
        groups = {name: config[name] for name in ("recipe", "network", "train", "samples")}
        settings = CompareSettings.model_validate(groups)
        model = None if config["model"] == settings.network.cell else config["model"]
        return cls(
            column=Column(
                config["column"], config["tokenizer"], config.get("strategy"), config["options"], model
            ),
            settings=settings,
            stages=tuple(config.get("stages", ONE_STAGE)),
            fold=Fold(*config["fold"]) if "fold" in config else ONE,
            **{
                key: config[key]
                for key in cls.__dataclass_fields__
                if key in config and key not in CONVERTED_FIELDS
            },
        )


def own_split(spec: CellSpec) -> Split:
    """Return the split that a cell is made from, with its fraction of the training documents.

    Raises InputError if the corpus cannot be read, or has a different text now.
    """
    exists = spec.corpus_path and Path(spec.corpus_path).exists()
    corpus = find_corpus(spec.corpus_path if exists else spec.corpus, spec.language)
    if corpus.sha256 != spec.corpus_sha256:
        raise InputError(f"The text of {corpus.path} has changed since the run was made. Restore it.")
    return part_of(fold_split(corpus, spec.split_seed, spec.fold), spec.fraction)


def lengthened(train: TrainSettings, factor: float) -> TrainSettings:
    """Return training that is ``factor`` times as long. Raises InputError unless it is longer, in whole epochs."""
    if factor == 1:
        return train
    exact = round(train.length * factor, 6)  # seconds to a microsecond
    length = exact if train.counted_in == "budget_seconds" else round(exact)
    if length <= train.length or (train.epochs is not None and length != exact):
        product = f"--more {factor:g}x makes {exact:g} {train.counted_in}"
        raise InputError(f"{product}. Give a factor that makes a larger whole number.")
    return train.lasting(length)


def slug(name: str) -> str:
    """Return a name as part of a file's name.

    >>> slug("word:pos@gru")
    'word-pos-gru'
    """
    return re.sub(r"[^\w.-]", "-", name)


def _full_name(tokenizer: str, part: str | None, model: str | None) -> str:
    after_at = f"@{model}" if model and model not in (DEFAULT_MODEL, tokenizer) else ""
    return tokenizer + ("" if part is None else f":{part}") + after_at


def parse_column(name: str, options: Table) -> Column:
    """Return the column with a name of ``--tokenizers``; ``options`` may name its ``tokenizer``.

    Raises InputError if the name is reserved, or if the tokenizer, strategy, model or a setting is unknown.

    >>> parse_column("word", {}).name
    'word:pos'
    """
    if name in RESERVED_NAMES or name.endswith(RESERVED_ENDS) or not name.isprintable() or "`" in name:
        raise InputError(f"Reports reserve the column name {name!r} or cannot show it. Choose another name.")
    settings = {key: options[key] for key in OWN_SETTINGS if key in options}
    parse_settings(settings, CompareSettings())
    if "cell" in settings.get("network", {}):
        raise InputError(
            f"The column {name!r} sets network.cell. Name its model instead: tokenizer = 'char@gru'."
        )
    spec, at, model = str(options.get("tokenizer", name)).partition("@")
    tokenizer, colon, after = spec.partition(":")
    part, strategy = after if colon else None, None
    known = [tokenizer] if (elsewhere := tokenizer in set(MODELS)) else model_names()
    if at and model not in known:
        raise unknown("model", model, known)
    factory: Any = TOKENIZERS.factory(tokenizer)
    own_options = {key: value for key, value in options.items() if key not in ("tokenizer", *OWN_SETTINGS)}
    if part is not None and getattr(factory, "takes_file", False):
        own_options = {"path": str(Path(part).absolute()) if elsewhere else part} | own_options
    elif "strategy" in TOKENIZERS.settings(tokenizer):
        strategy = part = getattr(factory, "default_strategy", "pos") if part is None else part
        RARE_WORDS.factory(strategy)
    elif part is not None:
        raise InputError(
            f"The tokenizer {tokenizer!r} takes no strategy. Write {tokenizer!r} instead of {spec!r}."
        )
    shown = name if "tokenizer" in options else _full_name(tokenizer, part, model)
    return Column(shown, tokenizer, strategy, own_options, tokenizer if elsewhere else model or None, settings)


def column_name(name: str, options: Mapping[str, Table]) -> str:
    """Return the name of a column in tables of options: the full name, unless there is a table of the short one.

    >>> column_name("word", {}), column_name("few", {"few": {"tokenizer": "word"}})
    ('word:pos', 'few')
    """
    return name if name in options else parse_column(name, {}).name


def parse_columns(names: Iterable[str], options: Mapping[str, Table]) -> list[Column]:
    """Return the columns in the given order, with their tables of options.

    Raises InputError if a column is invalid, if two have one name or one folder, or if a table belongs to no column.
    """
    columns = [parse_column(name, options.get(column_name(name, options), {})) for name in names]
    if not columns:
        raise InputError("No tokenizer was given. Write, for example, --tokenizers char,word.")
    counts, listed = Counter(slug(column.name) for column in columns), [column.name for column in columns]
    for name in listed:
        if counts[slug(name)] > 1:
            raise InputError(f"The column {name!r} is given more than once. Leave one out, or rename one.")
    for name in options:
        if name not in listed:
            raise InputError(f"There are options for a column {name!r}, but the columns are {', '.join(listed)}.")
    return columns
