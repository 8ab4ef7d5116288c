"""Cells computed by the workers of a Dask cluster: Dask decides where, on_worker.py says how.

The cluster is one that runs already: it may have come from Slurm, Kubernetes, SSH or a cloud. Workers that see the
comparison's folder, under the same path as this process, compute in it; for the others runs and checkpoints are
carried, in pieces (scratch.py, carrier.py). The corpus travels with the request, once to each worker.
"""

import logging
import pickle
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import dask
from distributed import Client, Future, KilledWorker

from toolkit.comparison.carrier import Carrier
from toolkit.comparison.execution import NO_FOLDERS, Folders, Reported
from toolkit.comparison.folder import SHARED
from toolkit.comparison.needs import Needs, digest_of, refusal, source_sha256
from toolkit.comparison.on_worker import (
    TOPIC,
    Shipment,
    computed_there,
    end_idle,
    packed,
    running,
    shipped,
)
from toolkit.comparison.pieces import PIECE_BYTES, OfferedFile, OfferedFolder, Wanted
from toolkit.comparison.progress import Reporter
from toolkit.environment import compiler, versions
from toolkit.errors import InputError, first_line
from toolkit.files import write_file
from toolkit.results.text import byte_count, plural
from toolkit.runs.process import Told

if TYPE_CHECKING:
    from toolkit.comparison.request import Request
    from toolkit.comparison.work import Work

R = TypeVar("R")
Task = Callable[["Work"], R]
Then = Callable[[Any], None]
Event: TypeAlias = Future | Wanted | OfferedFile | OfferedFolder | Reported

CONNECT_SECONDS = 10
END_SECONDS = 10.0  # that cancelled tasks have to end
LARGEST_REQUEST = "1GiB"  # up to which Dask does not warn: it is sent once
MOST_DEATHS = 25  # how often Dask may give a task up, each time after a few workers died with it


@dataclass(frozen=True)
class Asked:
    """A task that was submitted, and how often Dask has given it up since."""

    task: bytes
    then: Then
    folders: Folders
    given_up: int = 0


class Cluster:
    """The workers of a scheduler, as an ``Executor`` of a comparison's tasks.

    Results are passed on in the order in which they come, after everything that their tasks had reported.
    """

    def __init__(
        self, client: Client, shipment: Future, resources: Mapping[str, float], reporter: Reporter, carrier: Carrier
    ) -> None:
        self._client, self._shipment, self._resources, self._reporter = client, shipment, resources, reporter
        self._carrier = carrier
        self._events: SimpleQueue[Event] = SimpleQueue()  # from Dask's threads
        self._waiting: dict[Future, Asked] = {}

    def submit(self, task: Task[R], then: Callable[[R], None], folders: Folders = NO_FOLDERS) -> None:
        """Add a task."""
        self._submit(Asked(pickle.dumps(task), then, folders))

    def _submit(self, asked: Asked) -> None:
        """Ask the scheduler for a task."""
        resources = dict(self._resources) or None
        future = self._client.submit(
            computed_there, self._shipment, asked.task, asked.folders, pure=False, resources=resources
        )
        self._waiting[future] = asked
        future.add_done_callback(self._events.put)

    def reported(self, comparison: str, event: tuple[float, Mapping[str, Any]]) -> None:
        """Take what a worker has reported, in a thread of Dask's."""
        _, said = event
        if said["comparison"] == comparison:
            self._events.put(pickle.loads(said["report"]))

    def run(self) -> None:
        """Run until no task is left. Raises InputError if the scheduler is lost."""
        while self._waiting:
            match self._events.get():
                case Future() as future:
                    self._finish(future)
                case Wanted() as wanted:
                    self._carrier.bring(wanted)
                case OfferedFile() as offered:
                    self._carrier.fetch_file(offered)
                case OfferedFolder() as offered:
                    self._carrier.fetch_folder(offered)
                case report:
                    report(self._reporter)

    def _finish(self, future: Future) -> None:
        """Pass on what a task came to; if its workers died, ask for it again: it goes on from its checkpoint."""
        asked = self._waiting.pop(future)
        try:
            told: Told = pickle.loads(future.result())
        except KilledWorker as error:
            if asked.given_up == MOST_DEATHS:
                raise InputError(
                    f"Workers died again and again with the same task, the last one {error.last_worker.address}; "
                    f"finished cells are kept. See the workers' own messages, and repeat the command."
                ) from error
            self._reporter.stage("a cell's worker died: the cell goes on from its checkpoint on another")
            self._submit(replace(asked, given_up=asked.given_up + 1))
            return
        except CancelledError:
            raise
        except Exception as error:  # tasks tell what they raise: this is Dask's, such as a module that is not there
            raise InputError(
                f"Dask cannot compute a task: {type(error).__name__}: {first_line(error)}. Finished cells are kept; "
                f"see that the scheduler and all workers have this word-char-toolkit, and repeat the command."
            ) from error
        if told.raised:
            raise told.raised
        asked.then(told.result)

    def cancel(self) -> None:
        """Cancel what is queued and what is being computed."""
        self._client.cancel(list(self._waiting), force=True)


@contextmanager
def cluster(request: "Request", address: str, out: Path, reporter: Reporter) -> Iterator[Cluster]:
    """The workers of the scheduler at an address, for a request's tasks in the folder ``out``.

    At the end of the block everything is cancelled that has not finished. Raises InputError if there is no scheduler,
    a worker lacks something or still computes for the folder, or the scheduler is lost in the block.
    """
    out = out.resolve()
    with connection(address) as client, marked(out) as (marker, token):
        refuse_busy(client, out)
        needs = Needs(versions(), bool(compiler()), source_sha256(), files(request), marker, token)
        refuse_unfit(client, needs)
        announce(client, address, request.where.resources, reporter)
        announce_carried(client, needs, reporter)
        name = secrets.token_hex(8)
        contents = packed(request, request.plug_ins)
        future = client.submit(shipped, Shipment(name, needs, Path.cwd(), contents), pure=False)
        carrier = Carrier(client, out)
        computing = Cluster(client, future, request.where.resources, reporter, carrier)
        client.subscribe_topic(TOPIC, lambda event: computing.reported(name, event))
        try:
            yield computing
            if carrier.carried:
                reporter.stage(f"{byte_count(carrier.carried)} of runs and checkpoints travelled through the scheduler")
        finally:
            if client.status == "running":
                computing.cancel()
                wait_until_free(client, out)
                client.run(end_idle, name, on_error="ignore")


@contextmanager
def connection(address: str) -> Iterator[Client]:
    """A client of a scheduler, which says nothing of its own. Raises InputError if there is none, or if it is lost."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what is wrong is raised here
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": LARGEST_REQUEST}):
        try:
            client = Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(
                f"There is no scheduler at {address}: {first_line(error)}; start one with dask scheduler, or give the "
                f"address that it prints."
            ) from error
        try:
            yield client
        except Exception as error:
            if isinstance(error, CancelledError) or client.status != "running":
                raise InputError(
                    f"The scheduler {address} was lost. Finished cells are kept, and training goes on from its "
                    f"checkpoints: start a scheduler and workers, and repeat the command."
                ) from error
            raise
        finally:
            client.close(timeout=END_SECONDS)


@contextmanager
def marked(out: Path) -> Iterator[tuple[Path, str]]:
    """A file in a folder, and what is written in it: who can read that shares the folder."""
    marker, token = out / f"{SHARED}{secrets.token_hex(4)}", secrets.token_hex(16)
    write_file(marker, token)
    try:
        yield marker, token
    finally:
        marker.unlink(missing_ok=True)


def files(request: "Request") -> dict[str, str]:
    """The SHA-256 of the files that a request's cells need, by their paths."""
    of_columns = [column.file.resolve() for column in request.columns if column.file]
    return {str(path): digest for path in of_columns if (digest := digest_of(path))} | dict(request.code)


def refuse_unfit(client: Client, needs: Needs) -> None:
    """Raise InputError if a worker lacks something; one that joins later says so with its first task."""
    for address, lacks in client.run(needs.lacking, on_error="return").items():
        if isinstance(lacks, Exception):
            lacks = f"it has no such word-char-toolkit ({type(lacks).__name__}: {first_line(lacks)}); install the same"
        if lacks:
            raise InputError(refusal(address, lacks))


def refuse_busy(client: Client, out: Path) -> None:
    """Raise InputError if workers compute for a folder, even after those of an ended command had time to stop.

    So two commands cannot use it at once, even where a shared disk does not pass its lock on to other machines.
    """
    if busy := wait_until_free(client, out):
        raise InputError(
            f"Another command is computing {plural(busy, 'task')} for {out}; wait for it, or choose another folder "
            f"with --out."
        )


def wait_until_free(client: Client, out: Path) -> int:
    """Wait until no worker computes for a folder, for a while; how many tasks there are still."""
    end = time.monotonic() + END_SECONDS
    while True:
        counts = client.run(running, str(out), on_error="ignore").values()
        if not sum(counts) or time.monotonic() > end:
            return sum(counts)
        time.sleep(0.1)


def announce(client: Client, address: str, resources: Mapping[str, float], reporter: Reporter) -> None:
    """Say how many workers there are; if there are none, work waits for them."""
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    able = [w for w in workers if all(w["resources"].get(name, 0) >= count for name, count in resources.items())]
    with_these = f" with {', '.join(f'{name}={count:g}' for name, count in resources.items())}" if resources else ""
    if able:
        threads = sum(worker["nthreads"] for worker in able)
        reporter.stage(
            f"{address} has {plural(len(able), 'worker')}{with_these}, for {plural(threads, 'cell')} at once"
        )
    else:
        reporter.stage(f"{address} has no worker{with_these} yet: waiting for one")


def announce_carried(client: Client, needs: Needs, reporter: Reporter) -> None:
    """Say how many workers do not see the folder, if there are any."""
    seen = client.run(needs.shared_folder, on_error="ignore").values()
    if apart := list(seen).count(None):
        reporter.stage(
            f"{plural(apart, 'worker')} of {len(seen)} cannot see {needs.marker.parent}: checkpoints and runs "
            f"travel through the scheduler, in pieces of {byte_count(PIECE_BYTES)}"
        )
