"""A column of a comparison: a tokenizer, its strategy for rare words, their options and a model, under one name."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from toolkit.config import CompareSettings, parse_settings, setting_names
from toolkit.errors import InputError, nearest
from toolkit.network import CELLS
from toolkit.rare_words import RARE_WORDS
from toolkit.registry import Registry
from toolkit.results.bits import AUTHOR, THE_TEXT
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.rows import MIXTURE, RowKind
from toolkit.text.corpus import Corpus, Document, whole_documents
from toolkit.tokenizers import TOKENIZERS, Tokenizer
from toolkit.training import DEFAULT_MODEL, MODELS, model_names

RARITY = {"rare_max_count", "rare_max_documents"}  # the options that define which words are rare
TAKEN = (AUTHOR, THE_TEXT, MIXTURE)  # names of what results have beside columns
ROW_ENDS = tuple(f" ({kind})" for kind in get_args(RowKind))  # of the titles of rows that are made of a column
OWN_SETTINGS = ("network", "train")  # the groups of settings that a column may have values of its own for


@dataclass(frozen=True)
class Column:
    """One column. ``strategy`` is None if the tokenizer has none, ``model`` is None for the comparison's network.

    ``settings`` are nested values of ``network`` and ``train`` in which it differs from the comparison.
    """

    name: str
    tokenizer: str
    strategy: str | None
    options: Mapping[str, Any] = field(default_factory=dict)
    model: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def make(self, **defaults: Any) -> Tokenizer:
        """The tokenizer, not yet fitted. ``defaults`` are the comparison's settings, for tokenizers that have them.

        Raises InputError for an option that the tokenizer does not have.
        """
        known = TOKENIZERS.settings(self.tokenizer)
        settings = {name: value for name, value in defaults.items() if name in known and value is not None}
        own, of_strategy = self.options_by_owner()
        if self.strategy is not None:
            settings |= {"strategy": self.strategy, "strategy_options": of_strategy}
        return TOKENIZERS.make(self.tokenizer, **settings | own)

    def options_by_owner(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The tokenizer's options and the strategy's options.

        Raises InputError for an option that neither has.
        """
        known = option_names(self.tokenizer, self.strategy)
        for name in self.options:
            if name not in known:
                allowed = nearest(name, known) if known else "it has none but those of network and train"
                groups = [key for key in setting_names() if key in {f"{group}.{name}" for group in OWN_SETTINGS}]
                allowed = f"as its own setting, write {key_of(self.name, groups[0])}" if groups else allowed
                raise InputError(f"The column {self.name!r} has no option {name!r}; {allowed}.")
        of_tokenizer = option_names(self.tokenizer, None)
        own = {name: value for name, value in self.options.items() if name in of_tokenizer}
        return own, {name: value for name, value in self.options.items() if name not in own}

    @classmethod
    def of_cell(cls, cell: Cell | FailedCell) -> "Column":
        """The column of a cell, without its options."""
        return cls(cell.column, cell.tokenizer, cell.strategy, model=cell.model)

    @property
    def ours(self) -> bool:
        """Whether its tokenizer, its strategy and its model are built in, rather than someone else's code."""
        return all(registry.built_in(name) for registry, name in self._parts)

    @property
    def model_is_ours(self) -> bool:
        """Whether its model is built in."""
        return self.model is None or self._models.built_in(self.model)

    @property
    def is_network(self) -> bool:
        """Whether its model is a network, which learns by passes over the training text, rather than counted."""
        return self.model not in set(MODELS)

    @property
    def only_here(self) -> bool:
        """Whether its tokenizer, strategy or model is known to no other process (Registry.only_here)."""
        return any(registry.only_here(name) for registry, name in self._parts)

    @property
    def _parts(self) -> list[tuple[Registry[Any], str]]:
        """What it is made of, with the registries that have it."""
        parts: list[tuple[Registry[Any], str | None]] = [
            (TOKENIZERS, self.tokenizer), (RARE_WORDS, self.strategy), (self._models, self.model)
        ]  # fmt: skip
        return [(registry, name) for registry, name in parts if name is not None]

    @property
    def _models(self) -> Registry[Any]:
        """The registry that has its model."""
        return CELLS if self.model in set(CELLS) else MODELS

    @property
    def installed(self) -> dict[str, str]:
        """Its tokenizer and its strategy, so far as they are installed plug-ins, and what they are."""
        return TOKENIZERS.installed(self.tokenizer) | RARE_WORDS.installed(self.strategy)

    @property
    def table(self) -> dict[str, Any]:
        """The column as a table: its options, its own settings and, if its name does not say it, its tokenizer."""
        spec = full_name(self.tokenizer, self.strategy, self.model)
        return ({} if spec == self.name else {"tokenizer": spec}) | dict(self.options) | dict(self.settings)

    def with_defaults(self, options: Mapping[str, Any]) -> "Column":
        """The column with those of the options that its tokenizer has and that it does not set itself.

        A bound on rarity is ignored if the column sets the other one, or if its strategy keeps every word.
        """
        known = set(TOKENIZERS.settings(self.tokenizer))
        if not RARITY.isdisjoint(self.options) or (self.strategy and RARE_WORDS.make(self.strategy).keeps_all):
            known -= RARITY
        return replace(self, options={k: v for k, v in options.items() if k in known} | dict(self.options))

    @property
    def file(self) -> Path | None:
        """The file that the column is made from, or None."""
        return Path(self.options["path"]) if takes_file(self.tokenizer) and "path" in self.options else None

    @property
    def slug(self) -> str:
        """The name as part of a file's name."""
        return slug(self.name)


def slug(name: str) -> str:
    """A name as part of a file's name.

    >>> slug("word:pos@gru")
    'word-pos-gru'
    """
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in name)


def full_name(tokenizer: str, strategy: str | None, model: str | None) -> str:
    """NAME, NAME:STRATEGY, and either of them with @MODEL if the model is not the default.

    >>> full_name("word", "pos", "gru")
    'word:pos@gru'
    """
    return (
        tokenizer
        + (f":{strategy}" if strategy is not None else "")
        + (f"@{model}" if model not in (None, DEFAULT_MODEL) else "")
    )


def split_model(spec: str) -> tuple[str, str | None]:
    """A column's name without its model, and the model, which is None for the default one.

    Raises InputError for an unknown model; only a file name may itself contain an @.

    >>> split_model("char@gru"), split_model("char@lstm"), split_model("char")
    (('char', 'gru'), ('char', 'lstm'), ('char', None))
    """
    rest, at, model = spec.rpartition("@")
    if not at:
        return spec, None
    if model not in model_names():
        tokenizer, colon, _ = rest.partition(":")
        if colon and tokenizer in TOKENIZERS and takes_file(tokenizer):
            return spec, None
        raise InputError(f"There is no model {model!r}; {nearest(model, model_names())}.")
    return rest, model


def takes_file(tokenizer: str) -> bool:
    """Whether a tokenizer is made from a file: its option ``path``, which may also be given after the colon."""
    return getattr(TOKENIZERS.factory(tokenizer), "takes_file", False)


def default_strategy(tokenizer: str) -> str:
    """The strategy of a column that names none, for a tokenizer that takes one.

    >>> default_strategy("word"), default_strategy("whitespace")
    ('pos', 'keep')
    """
    return str(getattr(TOKENIZERS.factory(tokenizer), "default_strategy", "pos"))


def parse_column(name: str, options: Mapping[str, Any]) -> Column:
    """The column for a name in ``--tokenizers``, or for a named table of options with its ``tokenizer``.

    Raises InputError for an unknown tokenizer or strategy, for a strategy if the tokenizer takes none, or for a name
    that no column can have.

    >>> parse_column("word", {}).name
    'word:pos'
    """
    check_name(name)
    rest = {key: value for key, value in options.items() if key not in ("tokenizer", *OWN_SETTINGS)}
    groups = {key: options[key] for key in OWN_SETTINGS if key in options}
    settings = own_settings(name, groups) if groups else {}
    spec = options.get("tokenizer", name)
    if not isinstance(spec, str):
        raise InputError(f"The tokenizer of the column {name!r} is {spec!r}; give a name, such as 'word:unk'.")
    if "tokenizer" in options and re.split("[:@]", name)[0] in TOKENIZERS:
        raise InputError(f"The name {name!r} already names a tokenizer; give the column with {spec!r} another name.")
    if "strategy" in options or "strategy_options" in options:
        raise InputError(
            "A strategy is part of a column's tokenizer; write tokenizer = 'word:unk', with its options next to it."
        )
    spec, model = split_model(spec)
    tokenizer, colon, after = spec.partition(":")
    part, strategy = after if colon else None, None
    if takes_file(tokenizer) and part is not None:
        rest = {"path": part} | rest
    elif "strategy" in TOKENIZERS.settings(tokenizer):
        strategy = part = default_strategy(tokenizer) if part is None else part
        RARE_WORDS.factory(strategy)
    elif part is not None:
        raise InputError(f"The tokenizer {tokenizer!r} takes no strategy, but {spec!r} names one; write {tokenizer!r}.")
    full = full_name(tokenizer, part, model)
    return Column(name if "tokenizer" in options else full, tokenizer, strategy, rest, model, settings)


def check_name(name: str) -> None:
    """Raises InputError for a name that something else in a comparison has, or that cannot be shown on one line."""
    if name in TAKEN or name.endswith(ROW_ENDS):
        raise InputError(f"A column cannot be called {name!r}, as something else in a report is; choose another name.")
    if not name.isprintable():
        raise InputError(f"The column name {name!r} has characters that cannot be shown on a line; leave them out.")
    if "`" in name:
        raise InputError(f"The column name {name!r} has a backquote, which reports put around names; leave it out.")


def own_settings(column: str, settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """A column's own settings, checked. Raises InputError for one that does not exist, or cannot have its value."""
    try:
        parse_settings(dict(settings), CompareSettings())
    except InputError as error:
        raise InputError(f"The column {column!r}: {error}") from error
    if "cell" in settings.get("network", {}):
        raise InputError(
            f"The column {column!r} sets network.cell; name its model instead, as in tokenizer = 'char@gru'."
        )
    return settings


def column_name(name: str, options: Mapping[str, Mapping[str, Any]]) -> str:
    """The name under which a column has its options: the full name, unless there are options under the given one.

    Raises InputError for an unknown tokenizer, strategy or model.

    >>> column_name("word", {}), column_name("few", {"few": {"tokenizer": "word"}})
    ('word:pos', 'few')
    """
    return name if name in options else parse_column(name, {}).name


def parse_columns(names: Iterable[str], options: Mapping[str, Mapping[str, Any]]) -> list[Column]:
    """The columns in the given order. Raises InputError for duplicates, and for options of an unknown column.

    Columns whose names differ only in characters that file names cannot have are duplicates too.
    """
    check_tables(options)
    columns = []
    for name in names:
        columns.append(parse_column(name, options.get(column_name(name, options), {})))
    if not columns:
        raise InputError("No tokenizer was given; write, for example, --tokenizers char,word.")
    listed = [column.name for column in columns]
    slugs = [column.slug for column in columns]
    for name, slug in zip(listed, slugs, strict=True):
        if slugs.count(slug) > 1:
            raise InputError(
                f"The column {name!r} is given more than once; leave one out, or give one another name in --config."
            )
    for name in options:
        if name not in listed:
            raise InputError(f"There are options for a column {name!r}, but the only columns are {', '.join(listed)}.")
    return columns


def refuse_options(settings: Mapping[str, Any], columns: Sequence[Column]) -> None:
    """Raises InputError for a setting of the whole comparison that is an option of a column, or of one not listed."""
    for name in settings.keys() - CompareSettings.model_fields.keys():
        having = [column.name for column in columns if name in option_names(column.tokenizer, column.strategy)]
        having = having or [tokenizer for tokenizer in TOKENIZERS if name in option_names(tokenizer, None)]
        having = having or [f"word:{strategy}" for strategy in RARE_WORDS if name in option_names("word", strategy)]
        if having:
            raise InputError(
                f"{name!r} is an option of single columns, not of the whole comparison; write "
                f"--set '{key_of(having[0], name)}={settings[name]}'."
            )


def documents_needed(columns: Iterable[Column]) -> int:
    """How many training documents columns need at least: two if words of any are rare by how many documents have them.

    >>> documents_needed([Column("few", "word", "unk", {"rare_max_documents": 1})])
    2
    """
    return 2 if any("rare_max_documents" in column.options for column in columns) else 1


def refuse_rarity_by_documents(
    columns: Sequence[Column], corpus: Corpus, training: Sequence[Document], fraction: float = 1.0
) -> None:
    """Raises InputError if a column counts documents where there is only one: its blocks are no documents.

    ``training`` is this fraction of the corpus's training documents.
    """
    needed = documents_needed(columns)
    if needed == 1 or min(whole_documents(corpus.documents), whole_documents(training)) >= needed:
        return
    if fraction == 1:
        raise InputError("Rarity by documents needs more than one training document; use --rare-max-count.")
    raise InputError(
        f"Rarity by documents needs more than one training document, and {fraction:g} of the training text is one; "
        f"give a larger fraction, or use --rare-max-count."
    )


def key_of(column: str, setting: str) -> str:
    """The key of a column's setting, with quotes where TOML needs them.

    >>> key_of("word:cluster", "k"), key_of("bpe", "vocabulary_size")
    ('columns."word:cluster".k', 'columns.bpe.vocabulary_size')
    """
    plain = re.fullmatch("[A-Za-z0-9_-]+", column)
    return f"columns.{column if plain else json.dumps(column)}.{setting}"


def option_names(tokenizer: str, strategy: str | None) -> list[str]:
    """The options of a column with this tokenizer and strategy."""
    own = [name for name in TOKENIZERS.settings(tokenizer) if name not in ("strategy", "strategy_options")]
    return own + (RARE_WORDS.settings(strategy) if strategy is not None else [])


def check_tables(options: object) -> None:
    """Raises InputError if the options of columns are not tables by column name."""
    tables: dict[str, object] = {"columns": options}
    if isinstance(options, Mapping):
        tables |= {f"columns.{name}": table for name, table in options.items()}
    for key, table in tables.items():
        if not isinstance(table, Mapping):
            raise InputError(
                f"The setting {key} is {table!r}; give options by column, such as columns.word-rare2.rare_max_count=2."
            )
