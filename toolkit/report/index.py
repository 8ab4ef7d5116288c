"""The list of all comparisons in a folder, newest first, each with its answer: one page beside them."""

import json
from dataclasses import dataclass
from pathlib import Path

from toolkit.report.html import bare, environment
from toolkit.report.prose import made
from toolkit.results.comparison import FOUND, PAGE, UNREADABLE

OLDER = "Compared by an older version; the same command again says what it comes to."


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
    listed = sorted(map(read, sorted(folder.glob(f"*/{FOUND}"))), key=lambda one: one.created, reverse=True)
    template = environment().get_template("index.html.j2")
    return template.render(title="Comparisons", listed=listed, folder=folder.resolve().name, page=PAGE, **bare())


def read(path: Path) -> Listed:
    """A comparison by its file."""
    try:
        found = json.loads(path.read_text("utf-8"))
        said = (found.get("answer") or {}).get("sentence") or OLDER
        columns = list(dict.fromkeys(cell["column"] for cell in found["cells"]))
        return Listed(path.parent.name, found["corpus"]["name"], found["created"], columns, said)
    except (OSError, *UNREADABLE) as error:
        return Listed(path.parent.name, path.parent.name, "", [], f"cannot be read: {type(error).__name__}", False)
