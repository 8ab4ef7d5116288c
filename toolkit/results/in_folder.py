"""What a folder has results of: where it is, and its page there."""

from pathlib import Path

from pydantic import PrivateAttr

from toolkit.results.record import Record

PAGE = "index.html"  # in the folder


class InFolder(Record):
    """Results that are saved in a folder, beside their page."""

    _folder: Path | None = PrivateAttr(default=None)

    @property
    def folder(self) -> Path | None:
        """The folder that it is in; None if it was neither computed nor loaded from one. Not part of the results."""
        return self._folder

    @folder.setter
    def folder(self, folder: Path) -> None:
        self._folder = folder

    @property
    def page(self) -> Path | None:
        """The page in its folder, if there is one."""
        return self.folder / PAGE if self.folder is not None and (self.folder / PAGE).is_file() else None
