"""The list of all comparisons in a folder, newest first, each with its answer: one page beside them."""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel

from toolkit.report.html import bare, environment
from toolkit.report.prose import made
from toolkit.results.comparison import FOUND, PACKED
from toolkit.results.record import PAGE


class Named(BaseModel):
    """A corpus."""

    name: str


class OfColumn(BaseModel):
    """A cell."""

    column: str


class Said(BaseModel):
    """An answer."""

    sentence: str


class Heading(BaseModel):
    """The keys of a comparison.json that the list shows."""

    corpus: Named
    created: str
    cells: list[OfColumn]
    answer: Said


@dataclass(frozen=True)
class Listed:
    """A comparison in the list. ``said`` is its answer, or why it cannot be read."""

    folder: str
    corpus: str
    created: str
    columns: list[str]
    said: str
    readable: bool = True

    @property
    def made(self) -> str:
        """When it was made, in words."""
        return made(self.created)


def index_page(folder: Path) -> str:
    """The page that lists a folder's comparisons."""
    files = {file.parent: file for name in (PACKED, FOUND) for file in sorted(folder.glob(f"*/{name}"))}
    listed = sorted(map(read, files.values()), key=lambda one: one.created, reverse=True)
    template = environment().get_template("index.html.j2")
    return template.render(title="Comparisons", listed=listed, folder=folder.resolve().name, page=PAGE, **bare())


def read(path: Path) -> Listed:
    """A comparison by its file."""
    try:
        content = path.read_bytes()
        found = Heading.model_validate_json(gzip.decompress(content) if path.name == PACKED else content)
    except (OSError, ValueError, EOFError, zlib.error) as error:
        return Listed(path.parent.name, path.parent.name, "", [], f"cannot be read: {type(error).__name__}", False)
    columns = list(dict.fromkeys(cell.column for cell in found.cells))
    return Listed(path.parent.name, found.corpus.name, found.created, columns, found.answer.sentence)
