"""A column of a comparison: a tokenizer, its strategy for rare words and their options, under one name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from toolkit.errors import InputError, nearest
from toolkit.rare_words import RARE_WORDS
from toolkit.tokenizers import TOKENIZERS, Tokenizer

RARITY = {"rare_max_count", "rare_max_documents"}  # the options that say which words are rare


@dataclass(frozen=True)
class Column:
    """One column. ``strategy`` is None for a tokenizer that has none."""

    name: str
    tokenizer: str
    strategy: str | None
    options: Mapping[str, Any] = field(default_factory=dict)

    def make(self, **defaults: Any) -> Tokenizer:
        """The tokenizer, not fitted. ``defaults`` are settings of the whole comparison, for tokenizers that know them.

        Raises InputError for an option that the tokenizer does not have.
        """
        known = TOKENIZERS.settings(self.tokenizer)
        settings = {name: value for name, value in defaults.items() if name in known and value is not None}
        own, of_strategy = self.options_by_owner()
        if self.strategy is not None:
            settings |= {"strategy": self.strategy, "strategy_options": of_strategy}
        return TOKENIZERS.make(self.tokenizer, **settings | own)

    def options_by_owner(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The options that are the tokenizer's, and those that are the strategy's.

        Raises InputError for one that neither has.
        """
        known = [name for name in TOKENIZERS.settings(self.tokenizer) if name not in ("strategy", "strategy_options")]
        of_strategy = RARE_WORDS.settings(self.strategy) if self.strategy is not None else []
        for name in self.options:
            if name not in known and name not in of_strategy:
                allowed = nearest(name, [*of_strategy, *known]) if of_strategy or known else "it has none"
                raise InputError(f"The column {self.name!r} has no option {name!r}; {allowed}.")
        own = {name: value for name, value in self.options.items() if name in known}
        return own, {name: value for name, value in self.options.items() if name not in known}

    @property
    def table(self) -> dict[str, Any]:
        """The column as a table of settings: its options and, where the name does not say it, its tokenizer."""
        spec = self.tokenizer if self.strategy is None else f"{self.tokenizer}:{self.strategy}"
        return ({} if spec == self.name else {"tokenizer": spec}) | dict(self.options)

    def with_defaults(self, options: Mapping[str, Any]) -> "Column":
        """The column with further options where its tokenizer knows them and it does not set them itself.

        A bound of rarity yields to the column's other one, and says nothing to a strategy that keeps every word.
        """
        known = set(TOKENIZERS.settings(self.tokenizer))
        if not RARITY.isdisjoint(self.options) or (self.strategy and RARE_WORDS.make(self.strategy).keeps_all):
            known -= RARITY
        return replace(self, options={k: v for k, v in options.items() if k in known} | dict(self.options))

    @property
    def file(self) -> Path | None:
        """The file that the column is made from, where an option names one."""
        return Path(self.options["path"]) if takes_file(self.tokenizer) and "path" in self.options else None

    @property
    def slug(self) -> str:
        """The name as part of a file's name."""
        return "".join(c if c.isalnum() or c in "-_." else "-" for c in self.name)


def takes_file(tokenizer: str) -> bool:
    """Whether a tokenizer is made from a file, its option ``path``, which may stand after the colon."""
    return getattr(TOKENIZERS.factory(tokenizer), "takes_file", False)


def default_strategy(tokenizer: str) -> str:
    """The strategy of a column that names none, of a tokenizer that takes one.

    >>> default_strategy("word"), default_strategy("whitespace")
    ('pos', 'keep')
    """
    return str(getattr(TOKENIZERS.factory(tokenizer), "default_strategy", "pos"))


def parse_column(name: str, options: Mapping[str, Any]) -> Column:
    """The column of a name in ``--tokenizers``, or of a named table of options, whose ``tokenizer`` says which.

    Raises InputError for an unknown tokenizer or strategy, or a strategy where there can be none.

    >>> parse_column("word", {}).name
    'word:pos'
    """
    rest = {key: value for key, value in options.items() if key != "tokenizer"}
    spec = options.get("tokenizer", name)
    if not isinstance(spec, str):
        raise InputError(f"The tokenizer of the column {name!r} is {spec!r}; give a name, such as 'word:unk'.")
    if "tokenizer" in options and name.partition(":")[0] in TOKENIZERS:
        raise InputError(f"The column {name!r} says its own tokenizer; give the one with {spec!r} another name.")
    if "strategy" in options or "strategy_options" in options:
        raise InputError(
            "A strategy is part of a column's tokenizer; write tokenizer = 'word:unk', and its options beside it."
        )
    tokenizer, colon, strategy = spec.partition(":")
    known = TOKENIZERS.settings(tokenizer)
    if takes_file(tokenizer) and colon:
        return Column(name, tokenizer, None, {"path": strategy} | rest)
    if "strategy" not in known:
        if colon:
            raise InputError(
                f"The tokenizer {tokenizer!r} takes no strategy, but {spec!r} names one; write {tokenizer!r}."
            )
        return Column(name, tokenizer, None, rest)
    strategy = strategy if colon else default_strategy(tokenizer)
    RARE_WORDS.factory(strategy)
    return Column(name if "tokenizer" in options else f"{tokenizer}:{strategy}", tokenizer, strategy, rest)


def parse_columns(names: Iterable[str], options: Mapping[str, Mapping[str, Any]]) -> list[Column]:
    """The columns in the order given. Raises InputError for duplicates and for options of no column.

    Columns whose names differ in signs only that a file's name cannot have are duplicates too.
    """
    check_tables(options)
    columns = []
    for name in names:
        full = parse_column(name, {}).name if name not in options else name
        columns.append(parse_column(full, options.get(full, {})))
    if not columns:
        raise InputError("No tokenizer was given; write for example --tokenizers char,word.")
    listed = [column.name for column in columns]
    slugs = [column.slug for column in columns]
    for name, slug in zip(listed, slugs, strict=True):
        if slugs.count(slug) > 1:
            raise InputError(
                f"The column {name!r} is given more than once; leave one out, or give one another name in --config."
            )
    for name in options:
        if name not in listed:
            raise InputError(f"There are options for a column {name!r}, but the columns are {', '.join(listed)}.")
    return columns


def check_tables(options: object) -> None:
    """Raises InputError where the options of columns are not tables by column name."""
    tables: dict[str, object] = {"columns": options}
    if isinstance(options, Mapping):
        tables |= {f"columns.{name}": table for name, table in options.items()}
    for key, table in tables.items():
        if not isinstance(table, Mapping):
            raise InputError(
                f"The setting {key} is {table!r}; give options by column, such as columns.word-rare2.rare_max_count=2."
            )
