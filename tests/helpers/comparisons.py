"""Requests of comparisons that take seconds, and the contents of their folders."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.helpers.registries import restored
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.spec import parse_columns
from toolkit.text.corpus import Corpus
from toolkit.training.records import Position

BRIEF = {"samples": {"characters": 60, "count": 2, "temperature": 0.8}}
COUNTED = "char@ngram,word:unk@ngram"
TIMES = {"created", "seconds", "train_seconds", "characters_per_second", "machine"}
TIMED_FILES = {"index.html", "metrics.csv", "history.csv", "environment.json", "files.json", "lock"}


class Recorder(Reporter):
    """Keeps which cells are verified and finished, and the updates of each report of a training.

    ``fitted`` are the columns whose tokenizer was fitted.
    It interrupts after ``stop_after`` finished cells.
    """

    def __init__(self, stop_after: int | None = None) -> None:
        self.fitted: list[str] = []
        self.verified: set[str] = set()
        self.cells: list[str] = []
        self.updates: list[int] = []
        self.stop_after = stop_after

    def step(self, job: str, kind: str, share: float = 0.0, state: str = "") -> None:  # noqa: ARG002
        assert 0 <= share <= 1
        if kind == "fitting":
            self.fitted.append(job)
        if kind == "verifying":
            self.verified.add(job)

    def training(self, job: str, progress: Position) -> None:
        super().training(job, progress)
        self.updates.append(progress.updates)

    def finished(self, cell: Cell | FailedCell) -> None:
        self.cells.append(cell.run)
        if len(self.cells) == self.stop_after:
            raise KeyboardInterrupt


def request(
    corpus: Corpus, columns: str = COUNTED, options: Mapping[str, Mapping[str, Any]] | None = None, **fields: Any
) -> Request:
    """Return the request of a command; ``options`` has tables of columns by name."""
    fields = {"given": BRIEF, "command": "toolkit compare"} | fields
    return Request(corpus, parse_columns(columns.split(","), options or {}), **fields)


def without_times(value: Any) -> Any:
    """Return nested values without times and machines."""
    if isinstance(value, dict):
        return {key: without_times(entry) for key, entry in value.items() if key not in TIMES}
    return [without_times(entry) for entry in value] if isinstance(value, list) else value


def contents(folder: Path) -> dict[str, Any]:
    """Return the contents of all files that no clock decides, by their path in the folder; of JSON without times."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in TIMED_FILES)
    return {
        path.relative_to(folder).as_posix(): without_times(json.loads(path.read_text("utf-8")))
        if path.suffix == ".json"
        else path.read_bytes()
        for path in files
    }


def written(folder: Path, pattern: str = "*") -> dict[Path, int]:
    """Return when each file was written."""
    return {path: path.stat().st_mtime_ns for path in folder.rglob(pattern) if path.is_file()}


@contextmanager
def strategy_file(file: Path, fit: str, class_of: str = "return 'ANY'") -> Iterator[dict[str, str]]:
    """Register the strategy ``mine`` from a new file with these bodies of methods; yield the file with its digest."""
    lines = [
        "from toolkit.rare_words import RARE_WORDS, RareWords",
        "@RARE_WORDS.add('mine')",
        "class Mine(RareWords):",
        "    classes = ('ANY', 'FEW')",
        "    def fit(self, rare, kept):",
        f"        {fit}",
        "    def class_of(self, word):",
        f"        {class_of}",
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    with restored(RARE_WORDS):
        yield {str(file): load_code(file)}
