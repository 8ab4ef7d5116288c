"""The base of the records in comparison.json and inspect.json."""

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, PrivateAttr, model_validator

from toolkit.errors import MOST_COUNTED

PAGE = "index.html"  # beside the JSON of a folder


class Record(BaseModel):
    """A part of a result. Unknown keys are rejected, and numbers have full precision."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @model_validator(mode="after")
    def _countable(self) -> Self:
        for name, value in vars(self).items():
            if isinstance(value, int) and abs(value) > MOST_COUNTED:
                raise ValueError(f"{name} is {value}, more than {MOST_COUNTED}")
        return self


class InFolder(Record):
    """A result that is saved in a folder, beside its page."""

    _folder: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """The folder of the result; None before it is saved. Not part of the result."""
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._folder = folder

    @property
    def page(self) -> Path | None:
        """The page in the folder, if there is one."""
        return self.folder / PAGE if self.folder is not None and (self.folder / PAGE).is_file() else None
