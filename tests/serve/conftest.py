"""A folder of comparisons of counted models, and the server over it with a client that has its token."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
import uvicorn

from tests.helpers.comparisons import request, strategy_file
from tests.report.browsing import browser  # noqa: F401 - a fixture
from toolkit.comparison.compare import compute
from toolkit.comparison.folder import Stored
from toolkit.comparison.progress import Reporter
from toolkit.results.cell import HistoryRow
from toolkit.runs.folder import CheckpointFile
from toolkit.serve.connections import Connection
from toolkit.serve.processes import Processes
from toolkit.serve.server import application
from toolkit.training.records import Position

TOKEN = "a-secret"
SAMPLES = {"samples": {"characters": 320, "count": 2, "temperature": 0.8}}  # long enough for the blind test
CHAR, WORD = (f"library/counted/{column}-ngram-seed0" for column in ("char", "word-unk"))
FOREIGN, TEXT = "library/group/foreign/word-mine-ngram-seed0", "The keeper’s quincunx,\nno ship: <doc>."


@pytest.fixture(scope="session")
def library(brief, made_once) -> Path:
    """A folder of comparisons: finished, of foreign code, damaged, begun, and with links to a secret outside."""

    def make(folder: Path) -> None:
        root = folder / "library"
        compute(request(brief, given=SAMPLES), root / "counted", Reporter())
        with strategy_file(folder / "mine.py", "return self") as code:
            compute(request(brief, "word:mine@ngram", code=code), root / "group" / "foreign", Reporter())
        secret = shutil.copytree(root / "counted", folder / "secret")
        for name in ("damaged", "half-linked"):
            (root / name).mkdir()
            (root / name / "comparison.json").write_text("{}", "utf-8")
        for link in ("linked", "half-linked/index.html", "half-linked/runs"):
            (root / link).symlink_to(secret / link.partition("/")[2])
        checked(root / "begun" / "runs" / "char-seed0", 3)

    return made_once("served", make) / "library"


def checked(folder: Path, checks: int) -> None:
    """Leave a run in training with a number of checks, and the plan of its comparison."""
    Stored(cells={folder.name: {}}).save(folder.parents[1])
    rows = [(10 * i, 100 * i, float(i), 3.0, 5.0 - i) for i in range(1, checks + 1)]
    history = [HistoryRow(**dict(zip(HistoryRow.model_fields, row, strict=True))) for row in rows]
    CheckpointFile(folder, {}).save((Position(history=history), {}))


@contextmanager
def serving(root: Path, code: dict[str, str] | None = None) -> Iterator[Any]:
    """Serve a folder in a thread: its address, its client, and its processes."""
    with closing(Processes(code or {})) as processes, socket.create_server(("127.0.0.1", 0)) as listening:
        app = application(root, processes, "127.0.0.1", TOKEN)
        server = uvicorn.Server(uvicorn.Config(app, http=Connection, log_level="warning", lifespan="off"))
        thread = Thread(target=server.run, args=([listening],), daemon=True)  # a failed test ends, too
        thread.start()
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        headers = {"Origin": address}
        with httpx2.Client(base_url=address, headers=headers, timeout=60, follow_redirects=True) as client:
            client.get("/", params={"token": TOKEN}).raise_for_status()
            yield SimpleNamespace(address=address, client=client, processes=processes, root=root)
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="session")
def server(library) -> Iterator[Any]:
    """The server over the library."""
    with serving(library) as running:
        yield running


def run_of(library: Path, model: str) -> Path:
    """The folder of a model's run."""
    folder, _, name = model.rpartition("/")
    return library.parent / folder / "runs" / name
