"""The comparison that a folder already has: what compare.toml says that it was made for, and comparison.json found."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from toolkit.comparison.folder import ASKED, COMPARISON, saved_comparison
from toolkit.config import NetworkSettings, RecipeName, SampleSettings, TrainSettings
from toolkit.errors import InputError, misfit
from toolkit.out_folder import asked_before
from toolkit.results.cell import Match
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Sweep
from toolkit.results.rows import MIXTURE
from toolkit.runs.columns import Column, parse_columns


class Asked(BaseModel):
    """compare.toml, where cells were computed in the folder. Keys that may be missing have a default."""

    model_config = ConfigDict(extra="forbid", strict=True)

    tokenizers: list[str] = Field(min_length=1)
    seeds: list[int] = Field(min_length=1)
    fractions: list[float] = Field([1.0], min_length=1)
    columns: dict[str, dict[str, Any]] = {}
    corpus: dict[str, Any]
    spacy_model: str | None = None
    code: list[str]
    files: dict[str, str]
    plug_ins: dict[str, str] = {}
    recipe: RecipeName
    network: NetworkSettings
    train: TrainSettings
    samples: SampleSettings
    characters: dict[str, Any] = {}  # settings of the recipe for this kind of tokens
    words: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    stages: list[float] = [1.0]
    match: Match | None = None
    folds: int | None = None
    workers: int = 1


@dataclass(frozen=True)
class Existing:
    """A folder's comparison, read once."""

    folder: Path
    asked: dict[str, Any]  # compare.toml
    settings: Asked  # the same, checked
    found: Comparison | None  # None if it was interrupted

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the comparison in a folder.

        Raises:
            InputError: There is none, or compare.toml or comparison.json are damaged or from another version.
        """
        asked = asked_before(folder, COMPARISON)
        try:
            settings = Asked.model_validate(asked)
        except ValidationError as error:
            raise misfit(folder / ASKED, error, COMPARISON.if_damaged) from error
        return cls(folder, asked, settings, saved_comparison(folder))

    @cached_property
    def columns(self) -> list[Column]:
        """Its columns. Raises InputError also if one needs what is not installed."""
        try:
            return parse_columns(self.settings.tokenizers, self.settings.columns)
        except InputError as error:
            if not (packages := {installed.rpartition(" ")[0] for installed in self.settings.plug_ins.values()}):
                raise
            made_with = " and ".join(sorted(packages))
            raise InputError(
                f"{error} {self.folder} was made with the package {made_with}; install that again."
            ) from error

    @property
    def stages(self) -> tuple[float, ...]:
        """The stages of its training: several if it was trained further."""
        return tuple(self.settings.stages)

    @property
    def rates(self) -> list[float]:
        """The rates of its rows that go on learning and were asked for; mixtures learn in any case."""
        rows = self.found.rows if self.found else []
        return [row.rate for row in rows if row.kind != MIXTURE and row.rate is not None]

    @property
    def sweeps(self) -> list[Sweep]:
        """Its sweeps."""
        return self.found.sweeps if self.found else []
