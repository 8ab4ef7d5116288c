"""Everything that determines a cell. compare.toml, a run's config.toml and a checkpoint's key are views of it."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from toolkit.config import CompareSettings, NetworkSettings, SampleSettings, TrainSettings, flat, without_none
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


def package_of(installed: str) -> str:
    """The distribution and the version in what an installed plug-in is.

    >>> package_of("rhymes 1.0 5e1f")
    'rhymes 1.0'
    """
    return installed.rpartition(" ")[0]


@dataclass(frozen=True)
class Basis:
    """What the cells of a comparison have in common."""

    corpus: str
    corpus_path: str
    corpus_sha256: str
    language: str
    split_seed: int
    split: Mapping[str, list[str]]  # the documents' names by part
    spacy_model: str | None  # None: the language's default
    code: Mapping[str, str]  # the files of --code, with their SHA-256
    settings: CompareSettings  # without the options of single columns
    continued: tuple[float, ...] = ()  # the lengths (TrainSettings.length) after which training was taken up again
    plug_ins: Mapping[str, str] = field(default_factory=dict)  # those installed, and what they are (Registry.installed)
    cut: str = ""  # how a corpus of one document was cut (Split.cut)
    text_column: str = DEFAULT_COLUMN  # of files of rows
    fold: Fold = ONE  # of which the split is; ONE, too, for what is also the split without folds

    @property
    def stages(self) -> tuple[float, ...]:
        """The lengths of training after which it was taken up again, and its own."""
        return (*self.continued, self.settings.train.length)

    def asked(self) -> dict[str, Any]:
        """The part of it that determines numbers, as in compare.toml."""
        return {
            "corpus": {
                "name": self.corpus,
                "sha256": self.corpus_sha256,
                "language": self.language,
                "split_seed": self.split_seed,
                **({"cut": self.cut} if self.cut else {}),
                **({} if self.fold == ONE else {"fold": list(self.fold)}),
            },
            "spacy_model": self.spacy_model,
            "code": sorted(f"{Path(path).name} {digest}" for path, digest in self.code.items()),
            **self.settings.model_dump(exclude={"columns"}),
            "network": self.settings.network.model_dump() | {"embedding": self.settings.network.embedded},
            **({"continued": list(self.continued)} if self.continued else {}),
            **({"plug_ins": dict(self.plug_ins)} if self.plug_ins else {}),
        }


@dataclass(frozen=True)
class CellSpec:
    """A column, a seed, and what they have in common with the other cells."""

    basis: Basis
    column: Column
    seed: int
    fraction: float = 1.0  # of the training documents

    @property
    def name(self) -> str:
        """The name of its run's folder."""
        part = "" if self.fraction == 1 else f"-fraction{self.fraction:g}"
        return f"{self.column.slug}{part}-seed{self.seed}"

    @property
    def model(self) -> str:
        """The name of its kind of model: the column's, or the network's cell."""
        return self.column.model or self.basis.settings.network.cell

    @property
    def installed(self) -> dict[str, str]:
        """The installed plug-ins that it needs, and what they are now."""
        return self.column.installed | MODELS.installed(self.model) | CELLS.installed(self.model)

    @property
    def earlier(self) -> "CellSpec | None":
        """The same cell one stage of training earlier; None in the first stage."""
        if not self.basis.continued:
            return None
        *before, length = self.basis.continued
        settings = self.basis.settings
        shorter = settings.model_copy(update={"train": settings.train.lasting(length)})
        return replace(self, basis=replace(self.basis, settings=shorter, continued=tuple(before)))

    def kind(self) -> "ModelKind":
        """How its model is made and saved."""
        return model_kind(self.model)

    def key(self, tokenizer: Tokenizer) -> dict[str, Any]:
        """Everything that determines its training, given its fitted tokenizer."""
        state = json.dumps(deciding(tokenizer.state()), sort_keys=True)
        fitted = hashlib.sha256(state.encode()).hexdigest()
        own = {"column": self.column.name, "options": self.column.table, "seed": self.seed, "tokenizer": fitted}
        part = {} if self.fraction == 1 else {"fraction": self.fraction}
        return self.basis.asked() | own | part

    @property
    def digest(self) -> str:
        """SHA-256 of everything that determines the cell, known before anything is fitted."""
        own = {"column": self.column.name, "options": self.column.table, "seed": self.seed, "fraction": self.fraction}
        return hashlib.sha256(json.dumps(self.basis.asked() | own, sort_keys=True).encode()).hexdigest()

    def encoded_from(self, tokenizer: Tokenizer) -> dict[str, Any]:
        """What the encoding of a text depends on besides the state of its fitted tokenizer."""
        column, tagger = self.column, getattr(tokenizer, "tagger", None)
        return {
            "tokenizer": column.tokenizer,
            "strategy": column.strategy,
            "options": dict(column.options),
            "language": self.basis.language,
            "tagger": [tagger.model, tagger.version] if tagger else [],
            "code": sorted(self.basis.code.values()),
            "plug_ins": column.installed,
        }

    def make_tokenizer(self) -> Tokenizer:
        """Its tokenizer, neither fitted nor restored. Loading a run executes no code: plug-ins must be loaded already.

        Raises InputError if they are not, naming their packages or files, or if those have changed.
        """
        basis, installed = self.basis, self.installed
        for plug_in, before in basis.plug_ins.items():
            if installed.get(plug_in, before) != before:
                raise InputError(
                    f"The {plug_in} of the package {package_of(before)} has changed since the run was made; install "
                    f"the package as it was then."
                )
        if path := changed(basis.code):
            raise InputError(f"The code {path} has changed since the run was made; restore the file as it was then.")
        try:
            return self.column.make(language=basis.language, spacy_model=basis.spacy_model)
        except InputError as error:
            if lacking := {package_of(of) for plug_in, of in basis.plug_ins.items() if plug_in not in installed}:
                names = " and ".join(sorted(lacking))
                raise InputError(f"{error} The run was made with the package {names}; install that again.") from error
            if not basis.code:
                raise
            files = " ".join(f"--code {path}" for path in basis.code)
            raise InputError(f"{error} The run was made with {files}; give that again.") from error

    def tagged_with(self, tokenizer: Tokenizer) -> "CellSpec":
        """The same spec, naming the spaCy model that its tokenizer uses, even if it is the language's default."""
        return replace(self, basis=replace(self.basis, spacy_model=getattr(tokenizer, "spacy_model", None)))

    def to_toml(self) -> str:
        """The text of config.toml, without values that are None."""
        basis, column = self.basis, self.column
        settings = basis.settings.model_dump(exclude={"columns": True, "network": {"cell"}})  # the model says the cell
        config: dict[str, Any] = {
            "column": column.name,
            "tokenizer": column.tokenizer,
            "strategy": column.strategy,
            "model": self.model,
            "options": dict(column.options),
            "seed": self.seed,
            "fraction": self.fraction,
            "language": basis.language,
            "spacy_model": basis.spacy_model,
            "code": dict(basis.code),
            "corpus": basis.corpus,
            "corpus_path": basis.corpus_path,
            "corpus_sha256": basis.corpus_sha256,
            "split_seed": basis.split_seed,
            "split": dict(basis.split),
            "cut": basis.cut or None,
            "fold": None if basis.fold == ONE else list(basis.fold),
            "text_column": None if basis.text_column == DEFAULT_COLUMN else basis.text_column,
            "continued": list(basis.continued) or None,
            "plug_ins": dict(basis.plug_ins) or None,
            **settings,
        }
        return tomli_w.dumps(without_none(config))

    @classmethod
    def from_toml(cls, text: str) -> "CellSpec":
        """The inverse of ``to_toml``. Raises ValueError or KeyError for a text that ``to_toml`` does not write."""
        config = tomllib.loads(text)
        settings = CompareSettings(
            recipe=config["recipe"],
            network=NetworkSettings(**config["network"]),
            train=TrainSettings(**config["train"]),
            samples=SampleSettings(**config["samples"]),
        )
        names = ("corpus", "corpus_path", "corpus_sha256", "language", "split_seed", "split", "code")
        basis = Basis(
            **{name: config[name] for name in names},
            spacy_model=config.get("spacy_model"),
            settings=settings,
            continued=tuple(config.get("continued", ())),
            plug_ins=config.get("plug_ins", {}),
            cut=config.get("cut", ""),
            fold=Fold.read(config["fold"]) if "fold" in config else ONE,
            text_column=config.get("text_column", DEFAULT_COLUMN),
        )
        own_model = None if config["model"] == settings.network.cell else config["model"]
        column = Column(config["column"], config["tokenizer"], config.get("strategy"), config["options"], own_model)
        spec = cls(basis, column, config["seed"], config["fraction"])
        if other := flat(config).keys() ^ flat(tomllib.loads(spec.to_toml())).keys():
            raise ValueError(f"the setting {min(other)!r} is unknown or missing")
        return spec
