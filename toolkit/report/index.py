"""The list of all comparisons in a folder, newest first, each with its answer: one page beside them."""

import gzip
import zlib
from pathlib import Path

from pydantic import BaseModel

from toolkit.report.html import bare, environment
from toolkit.results.comparison import FOUND, PACKED
from toolkit.results.conclusions import Answer
from toolkit.results.record import PAGE


class Corpus(BaseModel):
    """The corpus of a comparison in the list."""

    name: str


class Cell(BaseModel):
    """A cell of a comparison in the list."""

    column: str


class Heading(BaseModel):
    """The keys of a comparison.json that the list shows."""

    corpus: Corpus
    created: str
    cells: list[Cell]
    answer: Answer

    @property
    def columns(self) -> list[str]:
        """Names of the columns."""
        return list(dict.fromkeys(cell.column for cell in self.cells))


def index_page(folder: Path) -> str:
    """Return the page that lists a folder's comparisons; one that cannot be read has the kind of its error."""
    files = {file.parent.name: file for name in (PACKED, FOUND) for file in sorted(folder.glob(f"*/{name}"))}
    listed: list[tuple[str, Heading | None, str]] = []
    for name, file in files.items():
        try:
            content = file.read_bytes()
            text = gzip.decompress(content) if file.name == PACKED else content
            listed.append((name, Heading.model_validate_json(text), ""))
        except (OSError, ValueError, EOFError, zlib.error) as error:
            listed.append((name, None, type(error).__name__))
    listed.sort(key=lambda line: line[1].created if line[1] else "", reverse=True)
    template = environment().get_template("index.html.j2")
    return template.render(listed=listed, folder=folder.resolve().name, page=PAGE, **bare())
