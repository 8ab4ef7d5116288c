"""The list of all comparisons in a folder, newest first, each with its answer: one page beside them."""

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

from toolkit.report.html import bare, environment
from toolkit.results.comparison import FOUND, PACKED
from toolkit.results.conclusions import Answer
from toolkit.results.record import PAGE

UNREADABLE = (OSError, ValueError, EOFError, zlib.error, KeyError, TypeError, AttributeError, RecursionError)


def index_page(folder: Path) -> str:
    """Return the page that lists a folder's comparisons; one that cannot be read has the kind of its error."""
    files = {file.parent.name: file for name in (PACKED, FOUND) for file in sorted(folder.glob(f"*/{name}"))}
    listed = [{"folder": name, **_heading(file)} for name, file in files.items()]
    listed.sort(key=lambda heading: str(heading["created"]), reverse=True)
    template = environment().get_template("index.html.j2")
    return template.render(listed=listed, folder=folder.resolve().name, page=PAGE, **bare())


def _heading(file: Path) -> dict[str, Any]:
    try:
        content = file.read_bytes()
        whole = json.loads(gzip.decompress(content) if file.name == PACKED else content)
        columns = list(dict.fromkeys(str(cell["column"]) for cell in whole["cells"]))
        answer = Answer.model_validate(whole["answer"])
        created, corpus = str(whole["created"]), str(whole["corpus"]["name"])
    except UNREADABLE as error:
        return {"created": "", "error": type(error).__name__}
    return {"created": created, "corpus": corpus, "columns": columns, "answer": answer, "error": ""}
