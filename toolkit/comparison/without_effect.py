"""What was given and changes nothing: a sentence for each, for the terminal and the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from toolkit.config import LENGTHS
from toolkit.runs.columns import Column
from toolkit.text.corpus import Corpus


def uncounted(given: Mapping[str, Any]) -> list[str]:
    """A sentence where ``train.updates`` was given, for all or for a column, beside what it gives way to; old folders
    have both.

    >>> uncounted({"train": {"updates": 400, "budget_seconds": 60.0}})
    ['train.updates = 400 does not count beside train.budget_seconds = 60.0.']
    >>> uncounted({"train": {"epochs": 2}, "columns": {"char": {"train": {"updates": 50}}}})
    ['columns.char.train.updates = 50 does not count beside train.epochs = 2.']
    """
    of_all = given.get("train", {})
    own = {f"columns.{name}.": settings.get("train", {}) for name, settings in given.get("columns", {}).items()}
    return [
        f"{place}train.updates = {train['updates']} does not count beside {' and '.join(beside)}."
        for place, train in {"": of_all, **own}.items()
        if train.get("updates") is not None and (beside := lengths_before_updates(of_all | train))
    ]


def lengths_before_updates(train: Mapping[str, Any]) -> list[str]:
    """What ``train.updates`` gives way to, as it was given."""
    return [f"train.{key} = {train[key]}" for key in LENGTHS if key != "updates" and train.get(key) is not None]


def already_split(corpus: Corpus, split_seed: int) -> list[str]:
    """A sentence if a split seed was given for a corpus that is split already; folders were made with such seeds."""
    if corpus.given is None or not split_seed:
        return []
    return [f"{corpus.name} comes with its own train, valid and test, so --split-seed {split_seed} changes nothing."]


def nothing_trained(columns: Sequence[Column], lengths: Mapping[str, object]) -> list[str]:
    """A sentence for each option that says how long networks are trained, if there are none.

    >>> nothing_trained([Column("char@ngram", "char", None, model="ngram")], {"--epochs": 3, "--budget": None})
    ['No column of this command has a network, so --epochs 3 trains nothing.']
    """
    if any(column.is_network for column in columns):
        return []
    given = [f"{option} {value}" for option, value in lengths.items() if value is not None]
    return [f"No column of this command has a network, so {option} trains nothing." for option in given]


def nothing_rare(columns: Sequence[Column], rarity: Mapping[str, int | None]) -> list[str]:
    """A sentence for each bound on what is rare that no column takes: it has no rare words, or a bound of its own.

    >>> nothing_rare([Column("char", "char", None)], {"rare_max_count": 2, "rare_max_documents": None})
    ['No column of this command has rare words that go by --rare-max-count 2.']
    """
    return [
        f"No column of this command has rare words that go by --{name.replace('_', '-')} {value}."
        for name, value in rarity.items()
        if value is not None and not any(column.options.get(name) == value for column in columns)
    ]
