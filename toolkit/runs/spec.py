"""Everything that decides a cell. config.toml, the digest and a checkpoint's key come from its one ``to_dict``."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

import tomli_w

from toolkit.config import CompareSettings, TrainSettings, first_difference, flat, without_none
from toolkit.errors import InputError
from toolkit.plugins import Registry, digests
from toolkit.runs.columns import Column
from toolkit.text.catalogue import find_corpus
from toolkit.text.corpus import Split
from toolkit.text.folds import ONE, Fold, fold_split
from toolkit.text.fractions import part_of
from toolkit.text.rows import DEFAULT_COLUMN
from toolkit.tokenizers import Tokenizer
from toolkit.tokenizers.fillings import deciding
from toolkit.training import model_kind
from toolkit.training.kinds import ModelKind

PLACES = ("corpus_path", "text_column", "code")  # of text and code, whose contents decide
CONVERTED_FIELDS = ("column", "settings", "stages", "fold")
ENCODING_KEYS = ("tokenizer", "strategy", "options", "language", "spacy_model", "versions", "code_sha256", "plug_ins")
ONE_STAGE = (1.0,)


@dataclass(frozen=True)
class CellSpec:
    """Everything that decides one cell, resolved.

    ``settings`` belong to the first stage of training. ``stages`` are factors of its length: ``(1.0, 2.0)`` is training
    of that length, continued to twice the length. ``split`` has the characters and the name of each document by part,
    ``cut`` says how a single document was cut. ``versions`` belong to the tagger and the segmenter, ``file_sha256`` to
    the column's file. ``code`` are files of ``--code`` with their SHA-256, ``plug_ins`` the installed plug-ins
    (``Registry.installed``). ``workers`` share the machine if the clock ends training.
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
    text_column: str = DEFAULT_COLUMN
    fraction: float = 1.0
    fold: Fold = ONE
    cut: str = ""
    stages: tuple[float, ...] = ONE_STAGE
    spacy_model: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    file_sha256: str | None = None
    code: Mapping[str, str] = field(default_factory=dict)
    plug_ins: Mapping[str, str] = field(default_factory=dict)
    workers: int | None = None

    @property
    def name(self) -> str:
        """The name of its run's folder."""
        part = "" if self.fraction == 1 else f"-fraction{self.fraction:g}"
        return f"{self.column.slug}{part}-seed{self.seed}"

    @property
    def model(self) -> str:
        """The name of its kind of model: the column's, or the network's cell."""
        return self.column.model or self.settings.network.cell

    @property
    def parts(self) -> list[tuple[Registry[Any], str]]:
        """Its tokenizer, strategy and model, each with its registry."""
        return replace(self.column, model=self.model).plug_ins

    @property
    def training_settings(self) -> CompareSettings:
        """The settings with the length of the last stage. Raises InputError as ``lengthened`` does."""
        train = lengthened(self.settings.train, self.stages[-1])
        return self.settings.model_copy(update={"train": train})

    @property
    def parent(self) -> "CellSpec | None":
        """The same cell one stage of training earlier; None in the first stage."""
        return replace(self, stages=self.stages[:-1]) if len(self.stages) > 1 else None

    def kind(self) -> ModelKind:
        """How its model is made and saved."""
        return model_kind(self.model)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, without None and empty ones."""
        column = self.column
        return without_none(
            {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in CONVERTED_FIELDS}
            | {
                "column": column.name,
                "tokenizer": column.tokenizer,
                "strategy": column.strategy,
                "model": self.model,
                "options": dict(column.options),
                "stages": list(self.stages) if column.is_network else None,
                "code_sha256": sorted(self.code.values()) or None,
                "plug_ins": dict(self.plug_ins) or None,
                "text_column": None if self.text_column == DEFAULT_COLUMN else self.text_column,
                "split": {part: list(documents) for part, documents in self.split.items()},
                "cut": self.cut or None,
                "fold": None if self.fold == ONE else list(self.fold),
                **self.settings.model_dump(exclude={"columns": True, "network": {"cell"}}),  # the model says the cell
            }
        )

    @cached_property
    def decisive(self) -> dict[str, Any]:
        """The values that decide the cell: ``to_dict`` without places, and without how often checkpoints are kept."""
        values = {key: value for key, value in self.to_dict().items() if key not in PLACES}
        train = {key: value for key, value in values["train"].items() if key != "checkpoint_seconds"}
        return values | {"train": train}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what decides the cell, known before anything is fitted."""
        return hashlib.sha256(json.dumps(self.decisive, sort_keys=True).encode()).hexdigest()

    def key(self, tokenizer: Tokenizer, parent: bytes | None = None) -> dict[str, Any]:
        """Return what decides its training: the spec, its fitted tokenizer, and the fingerprint of the parent run."""
        state = json.dumps(deciding(tokenizer.state()), sort_keys=True)
        fitted = {"tokenizer_state": hashlib.sha256(state.encode()).hexdigest()}
        return self.decisive | fitted | ({"parent": parent.hex()} if parent else {})

    def difference(self, other: "CellSpec") -> str | None:
        """Return the first difference to another spec: its key and both values; None if the specs are equal."""
        return first_difference(other.decisive, self.decisive)

    def make_tokenizer(self) -> Tokenizer:
        """Return its tokenizer, neither fitted nor restored. No code is executed: plug-ins must be loaded already.

        Raises InputError, which names the package or the file, if a plug-in is missing or has changed.
        """
        for registry, name in self.parts:
            source = self.plug_ins.get(plug_in := f"{registry.kind} {name}")
            if source and registry.installed(name).get(plug_in) != source:
                package = source.rpartition(" ")[0]  # without the SHA-256
                raise InputError(f"The {plug_in} is missing or has changed. Install the package {package}.")
        for path, digest in self.code.items():
            if not self.column.ours and digest not in digests().values():
                raise InputError(f"The run needs --code {path}, which is missing or has changed. Give it as it was.")
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
        spec = cls(
            column=Column(config["column"], config["tokenizer"], config.get("strategy"), config["options"], model),
            settings=settings,
            stages=tuple(config.get("stages", ONE_STAGE)),
            fold=Fold.read(config["fold"]) if "fold" in config else ONE,
            **{key: config[key] for key in cls.__dataclass_fields__ if key in config and key not in CONVERTED_FIELDS},
        )
        if keys := flat(config).keys() ^ flat(spec.to_dict()).keys():
            raise ValueError(f"the setting {min(keys)!r} is unknown or missing")
        return spec


def own_split(spec: CellSpec) -> Split:
    """Return the split that a cell is made from, with its fraction of the training documents.

    Raises InputError if the corpus cannot be read, or has a different text now.
    """
    exists = spec.corpus_path and Path(spec.corpus_path).exists()
    corpus = find_corpus(spec.corpus_path if exists else spec.corpus, spec.language, text_column=spec.text_column)
    if corpus.sha256 != spec.corpus_sha256:
        raise InputError(f"The text of {corpus.path} has changed since the run was made. Restore it.")
    return part_of(fold_split(corpus, spec.split_seed, spec.fold), spec.fraction)


def lengthened(train: TrainSettings, factor: float) -> TrainSettings:
    """Return training that is ``factor`` times as long. Raises InputError unless it is longer, in whole epochs."""
    if factor == 1:
        return train
    exact = Fraction(str(train.length)) * Fraction(str(factor))
    length = float(exact) if train.counted_in == "budget_seconds" else round(exact)
    if length <= train.length or (train.epochs is not None and length != exact):
        product = f"--more {factor:g}x makes {float(exact):g} {train.counted_in}"
        raise InputError(f"{product}. Give a factor that makes a larger whole number.")
    return train.lasting(length)
