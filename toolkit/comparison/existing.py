"""The comparison that a folder already has: what compare.toml says that it was made for, and comparison.json found."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from toolkit.comparison.folder import ASKED, COMPARISON, saved_comparison
from toolkit.config import LENGTHS
from toolkit.errors import InputError
from toolkit.out_folder import asked_before
from toolkit.results.comparison import Comparison
from toolkit.results.rows import MIXTURE
from toolkit.results.sweeps import Sweep
from toolkit.runs.columns import Column, parse_columns
from toolkit.runs.spec import package_of


@dataclass(frozen=True)
class Existing:
    """A folder's comparison, read once.

    Its properties raise InputError if what compare.toml says is missing or cannot be.
    """

    folder: Path
    asked: dict[str, Any]  # compare.toml
    found: Comparison | None  # None if it was interrupted, or if comparison.json is damaged or a newer version's

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The comparison in a folder. Raises InputError if there is none, or if compare.toml is damaged."""
        existing = cls(folder, asked_before(folder, COMPARISON), saved_comparison(folder))
        existing.check()
        return existing

    def check(self) -> None:
        """Raises InputError if something that need not be in compare.toml is there, and is of a wrong type."""
        for key, kind in {"workers": int, "plug_ins": dict, "train": dict, "samples": dict}.items():
            if key in self.asked and not isinstance(self.asked[key], kind):
                raise self.damaged(key, self.asked[key])
        if self.asked.get("code"):
            self.listed("code", str)
        if "continued" in self.asked:
            self.listed("continued", float, int)
        for key in LENGTHS:
            if type(length := self.train.get(key, 0)) not in (float, int):
                raise self.damaged(f"train.{key}", length)

    @cached_property
    def columns(self) -> list[Column]:
        """Its columns. Raises InputError also if one needs what is not installed."""
        names = self.listed("tokenizers", str)
        try:
            return parse_columns(names, self.asked.get("columns", {}))
        except InputError as error:
            if not (packages := {package_of(installed) for installed in self.plug_ins.values()}):
                raise
            made_with = " and ".join(sorted(packages))
            raise InputError(
                f"{error} {self.folder} was made with the package {made_with}; install that again."
            ) from error

    @property
    def seeds(self) -> list[int]:
        """The seeds of its columns."""
        return self.listed("seeds", int)

    @property
    def fractions(self) -> list[float]:
        """Its fractions of the training documents; compare.toml has none if there is only the whole."""
        return self.listed("fractions", float, int) if "fractions" in self.asked else [1.0]

    @property
    def train(self) -> dict[str, Any]:
        """Its settings of training."""
        return self.asked.get("train", {})  # type: ignore[no-any-return]

    @property
    def plug_ins(self) -> dict[str, str]:
        """The installed plug-ins that it was made with."""
        return self.asked.get("plug_ins", {})  # type: ignore[no-any-return]

    @property
    def lengths(self) -> list[float]:
        """The lengths of its training, stage by stage: several if it was trained further."""
        return [*self.asked.get("continued", []), *[self.train[key] for key in LENGTHS if key in self.train][:1]]

    @property
    def rates(self) -> list[float]:
        """The rates of its rows that go on learning and were asked for; mixtures learn in any case."""
        rows = self.found.rows if self.found else []
        return [row.rate for row in rows if row.kind != MIXTURE and row.rate is not None]

    @property
    def sweeps(self) -> list[Sweep]:
        """Its sweeps."""
        return self.found.sweeps if self.found else []

    def listed(self, key: str, *kinds: type) -> list[Any]:
        """A list in compare.toml. Raises InputError if it is not there or has something else in it."""
        values = self.asked.get(key)
        if not isinstance(values, list) or not values or any(type(value) not in kinds for value in values):
            raise self.damaged(key, values)
        return values

    def damaged(self, key: str, value: object) -> InputError:
        """What is wrong with compare.toml if a key cannot have such a value."""
        return InputError(f"{self.folder / ASKED} is damaged: {key} is {value!r}; {COMPARISON.if_damaged}.")
