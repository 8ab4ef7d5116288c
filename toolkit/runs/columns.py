"""The columns of a comparison: a tokenizer, its strategy for rare words, options and a model, under one name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from toolkit.config import CompareSettings, parse_settings
from toolkit.errors import InputError, unknown
from toolkit.network import CELLS
from toolkit.plugins import Registry
from toolkit.rare_words import RARE_WORDS
from toolkit.results.bits import AUTHOR, THE_TEXT
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.rows import MIXTURE, RowKind
from toolkit.tokenizers import TOKENIZERS, Tokenizer
from toolkit.training import DEFAULT_MODEL, MODELS, model_names

RARITY = {"rare_max_count", "rare_max_documents"}  # the options that define which words are rare
RESERVED_NAMES = (AUTHOR, THE_TEXT, MIXTURE)
RESERVED_ENDS = tuple(f" ({kind})" for kind in get_args(RowKind))
STRATEGY_SETTINGS = ("strategy", "strategy_options")  # of tokenizers
OWN_SETTINGS = ("network", "train")  # the groups of settings that a column may override


@dataclass(frozen=True)
class Column:
    """One column.

    A tokenizer without strategies has ``strategy`` None; the comparison's network has ``model`` None.
    ``settings`` are nested values of ``network`` and ``train`` that override the comparison's.
    """

    name: str
    tokenizer: str
    strategy: str | None
    options: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

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
        for name in self.options:
            if name not in allowed:
                raise unknown(f"option of the column {self.name!r}:", name, allowed)
        settings = {name: value for name, value in defaults.items() if name in known and value is not None}
        settings |= {name: value for name, value in self.options.items() if name in known}
        if self.strategy is not None:
            options = {name: value for name, value in self.options.items() if name not in known}
            settings |= {"strategy": self.strategy, "strategy_options": options}
        return TOKENIZERS.make(self.tokenizer, **settings)

    @property
    def plug_ins(self) -> list[tuple[Registry[Any], str]]:
        """Its tokenizer, strategy and model, each with its registry."""
        models: Registry[Any] = CELLS if self.model in set(CELLS) else MODELS
        names = ((TOKENIZERS, self.tokenizer), (RARE_WORDS, self.strategy), (models, self.model))
        return [(registry, name) for registry, name in names if name is not None]

    @property
    def ours(self) -> bool:
        """Whether its tokenizer, strategy and model are built in."""
        return all(registry.built_in(name) for registry, name in self.plug_ins)

    @property
    def only_here(self) -> bool:
        """Whether its tokenizer, strategy or model is unknown to any other process (``Registry.only_here``)."""
        return any(registry.only_here(name) for registry, name in self.plug_ins)

    @property
    def is_network(self) -> bool:
        """Whether its model is a network, which is trained, not counted."""
        return self.model not in set(MODELS)

    @property
    def table(self) -> dict[str, Any]:
        """The column as a table: its tokenizer, unless the name says it, its options and its settings."""
        spec = _full_name(self.tokenizer, self.strategy, self.model)
        return ({} if spec == self.name else {"tokenizer": spec}) | dict(self.options) | dict(self.settings)

    @property
    def file(self) -> Path | None:
        """The file that the tokenizer is made from, or None."""
        takes_file = getattr(TOKENIZERS.factory(self.tokenizer), "takes_file", False)
        return Path(self.options["path"]) if takes_file and "path" in self.options else None

    @property
    def slug(self) -> str:
        """The name as part of a file's name."""
        return slug(self.name)

    def with_defaults(self, options: Mapping[str, Any]) -> "Column":
        """Return the column with options that its tokenizer has and that it does not set itself.

        A column that bounds rarity in one way ignores defaults for both, and so does a strategy that keeps every word.
        """
        known = set(TOKENIZERS.settings(self.tokenizer))
        if not RARITY.isdisjoint(self.options) or (self.strategy and RARE_WORDS.make(self.strategy).keeps_all):
            known -= RARITY
        return replace(self, options={k: v for k, v in options.items() if k in known} | dict(self.options))


def slug(name: str) -> str:
    """Return a name as part of a file's name.

    >>> slug("word:pos@gru")
    'word-pos-gru'
    """
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)


def _full_name(tokenizer: str, part: str | None, model: str | None) -> str:
    after_at = f"@{model}" if model and model != DEFAULT_MODEL else ""
    return tokenizer + ("" if part is None else f":{part}") + after_at


def parse_column(name: str, options: Mapping[str, Any]) -> Column:
    """Return the column with a name of ``--tokenizers``; ``options`` may name its ``tokenizer``.

    Raises InputError if the name is reserved, or if the tokenizer, strategy, model or a setting is unknown.

    >>> parse_column("word", {}).name
    'word:pos'
    """
    if name in RESERVED_NAMES or name.endswith(RESERVED_ENDS) or not name.isprintable() or "`" in name:
        raise InputError(f"Reports reserve the column name {name!r} or cannot show it. Choose another name.")
    settings = {key: options[key] for key in OWN_SETTINGS if key in options}
    if settings:
        parse_settings(settings, CompareSettings())
    if "cell" in settings.get("network", {}):
        raise InputError(f"The column {name!r} sets network.cell. Name its model instead: tokenizer = 'char@gru'.")
    full_name = str(options.get("tokenizer", name))
    spec, at, model = full_name.partition("@")
    if at and model not in model_names():
        raise unknown("model", model, model_names())
    tokenizer, colon, after = spec.partition(":")
    part, strategy = after if colon else None, None
    own_options = {key: value for key, value in options.items() if key not in ("tokenizer", *OWN_SETTINGS)}
    if part is not None and getattr(TOKENIZERS.factory(tokenizer), "takes_file", False):
        own_options = {"path": part} | own_options
    elif "strategy" in TOKENIZERS.settings(tokenizer):
        default = getattr(TOKENIZERS.factory(tokenizer), "default_strategy", "pos")
        strategy = part = default if part is None else part
        RARE_WORDS.factory(strategy)
    elif part is not None:
        raise InputError(f"The tokenizer {tokenizer!r} takes no strategy. Write {tokenizer!r} instead of {spec!r}.")
    shown = name if "tokenizer" in options else _full_name(tokenizer, part, model)
    return Column(shown, tokenizer, strategy, own_options, model or None, settings)


def column_name(name: str, options: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the name of a column in tables of options: the full name, unless there is a table of the short one.

    >>> column_name("word", {}), column_name("few", {"few": {"tokenizer": "word"}})
    ('word:pos', 'few')
    """
    return name if name in options else parse_column(name, {}).name


def parse_columns(names: Iterable[str], options: Mapping[str, Mapping[str, Any]]) -> list[Column]:
    """Return the columns in the given order, with their tables of options.

    Raises InputError if a column is invalid, if two have one name or one folder, or if a table belongs to no column.
    """
    columns = [parse_column(name, options.get(column_name(name, options), {})) for name in names]
    if not columns:
        raise InputError("No tokenizer was given. Write, for example, --tokenizers char,word.")
    slugs, listed = [column.slug for column in columns], [column.name for column in columns]
    for column in columns:
        if slugs.count(column.slug) > 1:
            raise InputError(f"The column {column.name!r} is given more than once. Leave one out, or rename one.")
    if unused := [name for name in options if name not in listed]:
        raise InputError(f"There are options for a column {unused[0]!r}, but the columns are {', '.join(listed)}.")
    return columns
