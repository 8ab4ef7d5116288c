"""The list of all comparisons in a folder, newest first, each with its answer: one page beside them."""

import json
from dataclasses import dataclass
from pathlib import Path

from toolkit.evaluation.answer import answer
from toolkit.files import write_file
from toolkit.report.html import bare, environment
from toolkit.report.prose import made
from toolkit.results.comparison import PAGE, Comparison

COMPARISON = "comparison.json"


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


def write_index(folder: Path) -> Path:
    """Write the list of the folder's comparisons into it; returns the page."""
    listed = sorted(map(read, sorted(folder.glob(f"*/{COMPARISON}"))), key=lambda one: one.created, reverse=True)
    page = (
        environment()
        .get_template("index.html.j2")
        .render(title="Comparisons", listed=listed, folder=folder.resolve().name, page=PAGE, **bare())
    )
    write_file(folder / PAGE, page)
    return folder / PAGE


def read(path: Path) -> Listed:
    """A comparison by its file. Only what is shown is read; one of an older version, which has no answer, whole."""
    try:
        found = json.loads(path.read_text("utf-8"))
        said = (found.get("answer") or {}).get("sentence") or answer(Comparison.load(path)).sentence
        columns = list(dict.fromkeys(cell["column"] for cell in found["cells"]))
        return Listed(path.parent.name, found["corpus"]["name"], found["created"], columns, said)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:  # not JSON, or not a comparison
        return Listed(path.parent.name, path.parent.name, "", [], f"cannot be read: {type(error).__name__}", False)
