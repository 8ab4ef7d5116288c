"""What a run was made from."""

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomli_w

from toolkit.config import NetworkSettings, SampleSettings, TrainSettings
from toolkit.errors import InputError
from toolkit.plugins import changed
from toolkit.runs.columns import Column
from toolkit.tokenizers import Tokenizer

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class RunConfig:
    """What a run was made from."""

    column: str
    tokenizer: str
    strategy: str | None
    options: dict[str, Any]
    seed: int
    language: str
    spacy_model: str | None
    code: dict[str, str]  # the files of --code, with their SHA-256
    corpus: str
    corpus_path: str
    corpus_sha256: str
    split_seed: int
    split: dict[str, list[str]]
    characters_per_token: float
    network: NetworkSettings
    train: TrainSettings
    samples: SampleSettings

    def make_tokenizer(self) -> Tokenizer:
        """The run's tokenizer, neither fitted nor restored. Loading a run runs no code: plug-ins must be there already.

        Raises InputError where they are not, naming the files that had them, or where those have changed.
        """
        if path := changed(self.code):
            raise InputError(f"The code {path} has changed since the run was made; give the file as it was then.")
        column = Column(self.column, self.tokenizer, self.strategy, self.options)
        try:
            return column.make(language=self.language, spacy_model=self.spacy_model)
        except InputError as error:
            if not self.code:
                raise
            files = " ".join(f"--code {path}" for path in self.code)
            raise InputError(f"{error} The run was made with {files}; give that again.") from error

    def to_toml(self) -> str:
        """The config as TOML; what is None is left out."""
        settings = {name: getattr(self, name).model_dump(exclude_none=True) for name in ("network", "train", "samples")}
        values = {name: value for name, value in vars(self).items() if value is not None} | settings
        return tomli_w.dumps(values)

    @classmethod
    def from_toml(cls, text: str) -> "RunConfig":
        """The inverse of ``to_toml``."""
        values = {"strategy": None, "spacy_model": None, **tomllib.loads(text)}
        return cls(
            **{
                **values,
                "network": NetworkSettings(**values["network"]),
                "train": TrainSettings(**values["train"]),
                "samples": SampleSettings(**values["samples"]),
            }
        )
