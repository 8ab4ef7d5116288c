"""The base of the records in comparison.json and inspect.json."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field

from toolkit.files import write_file
from toolkit.results.sentences import environment

PAGE = "index.html"  # beside the JSON of a folder


class Record(BaseModel):
    """A part of a result. Unknown keys are rejected, and numbers have full precision."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class InFolder(Record):
    """A result that is saved in a folder, beside its page."""

    version: int = Field(alias="schema")
    command: str
    created: str
    versions: dict[str, str]
    machine: dict[str, Any]
    settings: dict[str, Any]
    folder: Path | None = Field(default=None, exclude=True)  # None before it is saved

    @property
    def page(self) -> Path | None:
        """The page in the folder, if there is one."""
        return self.folder / PAGE if self.folder is not None and (self.folder / PAGE).is_file() else None

    def save(self, path: str | Path) -> None:
        """Write the result as JSON."""
        write_file(Path(path), self.model_dump_json(by_alias=True, indent=1))

    def html(self, sentences: Iterable[str], title: str, table: Sequence[Sequence[str]]) -> str:
        """Return sentences, a table whose first line is its heading, and a link to the page as HTML without scripts."""
        link = None
        if self.page is not None:  # relative, as the path is, so that a notebook beside it can follow it
            link = self.page.as_uri() if self.page.is_absolute() else quote(self.page.as_posix())
        template = environment(autoescape=True).get_template("notebook.j2")
        return template.render(sentences=sentences, title=title, table=table, link=link)
