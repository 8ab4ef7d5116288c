"""What the command does for workers that do not see its folder: it carries files to them and from them, in pieces.

What comes is written whole or not at all: a worker that ends in the middle leaves nothing behind.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from distributed import Client

from toolkit.comparison.pieces import OfferedFile, OfferedFolder, Open, Wanted, files_in, piece, pieces_of
from toolkit.comparison.scratch import give, receive, release
from toolkit.files import write_file
from toolkit.runs.folder import write_whole


class WorkerGoneError(Exception):
    """A worker no longer answers, or no longer has or wants what it said."""


@contextmanager
def as_long_as_it_is_there() -> Iterator[None]:
    """A block that ends once the worker is gone: its task is computed on another, which asks again."""
    try:
        yield
    except WorkerGoneError:
        return


class Carrier:
    """Carries between a comparison's folder and workers; ``carried`` counts the bytes."""

    def __init__(self, client: Client, out: Path) -> None:
        self._client, self._out = client, out
        self.carried = 0

    def bring(self, wanted: Wanted) -> None:
        """Send a worker the files of the folders that it wants, as they are now."""
        with as_long_as_it_is_there():
            for folder in wanted.folders:
                with closing(Open(self._out / folder, files_in(self._out / folder))) as opened:
                    for name, size in opened.sizes.items():
                        for number in pieces_of(size):
                            content = piece(opened.files[name], number)
                            self._ask(wanted.worker, receive, wanted.ticket, f"{folder}/{name}", number, content)
                            self.carried += len(content)
            self._ask(wanted.worker, release, wanted.ticket)

    def fetch_file(self, offered: OfferedFile) -> None:
        """Replace a file by the one that a worker offers."""
        with as_long_as_it_is_there():
            folder = self._out / offered.folder
            folder.mkdir(parents=True, exist_ok=True)
            write_file(folder / offered.name, self._pieces(offered, offered.name, offered.size))
            self._ask(offered.worker, release, offered.ticket)

    def fetch_folder(self, offered: OfferedFolder) -> None:
        """Replace a folder by the one that a worker offers; a task that wrote none leaves it as it is."""

        def write(folder: Path) -> None:
            for name, size in offered.sizes.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("wb") as file:
                    file.writelines(self._pieces(offered, name, size))

        with as_long_as_it_is_there():
            if offered.sizes:
                write_whole(self._out / offered.folder, write)
            self._ask(offered.worker, release, offered.ticket)

    def _pieces(self, offered: OfferedFile | OfferedFolder, name: str, size: int) -> Iterator[bytes]:
        """The pieces of a file, each when it is wanted."""
        for number in pieces_of(size):
            content = self._ask(offered.worker, give, offered.ticket, name, number)
            self.carried += len(content)
            yield content

    def _ask(self, worker: str, function: Callable[..., Any], *arguments: Any) -> Any:
        """What a function gives in a worker. Raises WorkerGoneError if it gives nothing there."""
        answers = self._client.run(function, *arguments, workers=[worker], on_error="ignore")
        if worker not in answers:
            raise WorkerGoneError
        return answers[worker]
