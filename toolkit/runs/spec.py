"""Everything that decides a cell. config.toml, the digest and a checkpoint's key come from its one ``to_dict``."""

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import tomli_w

from toolkit.config import CompareSettings, TrainSettings, first_difference, flat, without_none
from toolkit.errors import InputError
from toolkit.network import CELLS
from toolkit.plugins import changed
from toolkit.runs.columns import Column
from toolkit.text.folds import ONE, Fold
from toolkit.text.rows import DEFAULT_COLUMN
from toolkit.tokenizers import Tokenizer
from toolkit.tokenizers.fillings import deciding
from toolkit.training import MODELS, model_kind

if TYPE_CHECKING:
    from toolkit.training.kinds import ModelKind

PLACES = ("corpus_path", "text_column", "code")  # where a text and code are read from; their contents decide
ONE_STAGE = (1.0,)


@dataclass(frozen=True)
class CellSpec:
    """Everything that decides one cell, resolved.

    ``settings`` are those of the first stage of training. ``stages`` are factors of its length: after ``(1.0, 2.0)``
    training ended at that length, and went on to twice as much. ``split`` has the characters and the name of each
    document by part, ``cut`` how a corpus of one document was cut. ``versions`` belong to what tags and segments,
    ``file_sha256`` to the file that the column is made from. ``code`` are the files of ``--code`` that the column or a
    measure comes from, with their SHA-256, and ``plug_ins`` the installed ones (``Registry.installed``). ``workers``
    share the machine if the clock ends training.
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
    def installed(self) -> dict[str, str]:
        """The installed plug-ins that its column needs, as they are now."""
        return self.column.installed | MODELS.installed(self.model) | CELLS.installed(self.model)

    @property
    def training_settings(self) -> CompareSettings:
        """The settings with the length of the last stage. Raises InputError as ``lengthened`` does."""
        train = lengthened(self.settings.train, self.stages[-1])
        return self.settings.model_copy(update={"train": train})

    @property
    def parent(self) -> "CellSpec | None":
        """The same cell one stage of training earlier; None in the first stage."""
        return replace(self, stages=self.stages[:-1]) if len(self.stages) > 1 else None

    def kind(self) -> "ModelKind":
        """How its model is made and saved."""
        return model_kind(self.model)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, without those that are None or empty."""
        column = self.column
        values = {
            "column": column.name,
            "tokenizer": column.tokenizer,
            "strategy": column.strategy,
            "model": self.model,
            "options": dict(column.options),
            "seed": self.seed,
            "fraction": self.fraction,
            "stages": list(self.stages) if column.is_network else None,
            "language": self.language,
            "spacy_model": self.spacy_model,
            "versions": dict(self.versions),
            "code": dict(self.code),
            "code_sha256": sorted(self.code.values()) or None,
            "plug_ins": dict(self.plug_ins) or None,
            "file_sha256": self.file_sha256,
            "corpus": self.corpus,
            "corpus_path": self.corpus_path,
            "corpus_sha256": self.corpus_sha256,
            "text_column": None if self.text_column == DEFAULT_COLUMN else self.text_column,
            "split_seed": self.split_seed,
            "split": {part: list(documents) for part, documents in self.split.items()},
            "cut": self.cut or None,
            "fold": None if self.fold == ONE else list(self.fold),
            "workers": self.workers,
            **self.settings.model_dump(exclude={"columns": True, "network": {"cell"}}),  # the model says the cell
        }
        return without_none(values)

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
        """Return the first key in which another spec differs, with both values, in words; None if there is none."""
        return first_difference(other.decisive, self.decisive)

    def encoded_from(self, tokenizer: Tokenizer) -> dict[str, Any]:
        """Return what the encoding of a text depends on besides the state of its fitted tokenizer."""
        column, tagger = self.column, getattr(tokenizer, "tagger", None)
        return {
            "tokenizer": column.tokenizer,
            "strategy": column.strategy,
            "options": dict(column.options),
            "language": self.language,
            "tagger": [tagger.model, tagger.version] if tagger else [],
            "code": sorted(self.code.values()),
            "plug_ins": column.installed,
        }

    def make_tokenizer(self) -> Tokenizer:
        """Make its tokenizer, neither fitted nor restored; this executes no code, so plug-ins must be loaded already.

        Raises:
            InputError: A plug-in is missing or has changed; the message names its package or file.
        """
        installed = self.installed
        for plug_in, before in self.plug_ins.items():
            if installed.get(plug_in, before) != before:
                raise InputError(
                    f"The {plug_in} of the package {package_of(before)} has changed since the run was made. Install "
                    f"the package as it was then."
                )
        if path := changed(self.code):
            raise InputError(f"The code {path} has changed since the run was made. Restore the file as it was then.")
        try:
            return self.column.make(language=self.language, spacy_model=self.spacy_model)
        except InputError as error:
            packages = {package_of(value) for plug_in, value in self.plug_ins.items() if plug_in not in installed}
            if packages:
                raise InputError(f"{error} Install {' and '.join(sorted(packages))}, as the run needs.") from error
            if not self.code:
                raise
            files = " ".join(f"--code {path}" for path in self.code)
            raise InputError(f"{error} The run was made with {files}; give that again.") from error

    def to_toml(self) -> str:
        """Return the text of config.toml."""
        return tomli_w.dumps(self.to_dict())

    @classmethod
    def from_toml(cls, text: str) -> "CellSpec":
        """Read the inverse of ``to_toml``. Raises ValueError or KeyError for a text that ``to_toml`` does not write."""
        config = tomllib.loads(text)
        groups = {name: config[name] for name in ("recipe", "network", "train", "samples")}
        settings = CompareSettings.model_validate(groups)
        own_model = None if config["model"] == settings.network.cell else config["model"]
        column = Column(config["column"], config["tokenizer"], config.get("strategy"), config["options"], own_model)
        names = cls.__dataclass_fields__.keys() - {"column", "settings", "fold", "stages"}
        spec = cls(
            column=column,
            settings=settings,
            stages=tuple(config.get("stages", ONE_STAGE)),
            fold=Fold.read(config["fold"]) if "fold" in config else ONE,
            **{name: config[name] for name in names if name in config},
        )
        if other := flat(config).keys() ^ flat(spec.to_dict()).keys():
            raise ValueError(f"the setting {min(other)!r} is unknown or missing")
        return spec


def lengthened(train: TrainSettings, factor: float) -> TrainSettings:
    """Return training that is ``factor`` times as long, in whole updates or epochs.

    Raises:
        InputError: That is no whole number of epochs, or not an update more.
    """
    if factor == 1:
        return train
    exact = Fraction(str(train.length)) * Fraction(str(factor))
    length = float(exact) if train.counted_in == "budget_seconds" else round(exact)
    if train.epochs is not None and length != exact:
        raise InputError(
            f"--more {factor:g}x of {train.epochs} epochs is {float(exact):g}. Give a factor that makes a whole number."
        )
    if length <= train.length:
        raise InputError(f"--more {factor:g}x of {train.length:g} updates is not an update more. Give a larger factor.")
    return train.lasting(length)


def package_of(installed: str) -> str:
    """Return the distribution and the version of an installed plug-in.

    >>> package_of("rhymes 1.0 5e1f")
    'rhymes 1.0'
    """
    return installed.rpartition(" ")[0]
