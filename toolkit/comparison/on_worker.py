"""What a worker of a Dask cluster does for a comparison: it has each task computed in a process below its own.

The worker itself only waits for that process. So no task can keep it from answering its scheduler, by holding the
interpreter's lock for example, and a task that is cancelled ends at once. A process computes one task after another of
the same comparison; it ends with the worker, or when it has had none for a while. Tasks, reports and results pass
through Dask as bytes, which only processes of ours read.
"""

import pickle
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event, Lock, Thread, Timer, get_ident
from typing import TYPE_CHECKING, Any

from distributed import Reschedule, Status, Worker, get_worker

from toolkit.comparison.execution import Folders, computed, ended_early, threads_each
from toolkit.comparison.needs import Needs, refusal
from toolkit.comparison.progress import Reporter
from toolkit.comparison.scratch import InPlace, Place, Scratch
from toolkit.errors import ContractError, InputError
from toolkit.runs.process import Aside, ProcessEndedError, ProcessKilledError, Report, Told
from toolkit.text.sources import have_texts
from toolkit.training.stopping import STOP_SECONDS, STOPPED, stop_at_a_checkpoint

if TYPE_CHECKING:
    from toolkit.comparison.work import Work

TOPIC = "word-char-toolkit"  # of what workers report, through the scheduler
WATCH_SECONDS = 0.2  # how often it is seen whether a task is still wanted
IDLE_SECONDS = 60.0  # that a process waits for another task, also if nobody says that there is none
IF_KILLED = "give workers more memory or fewer threads (dask worker --nthreads), and repeat the command"
AT_WORK = {Status.running, Status.paused}

_running: set[tuple[str, str]] = set()  # in a worker: the folder and the key of each task that is being computed


@dataclass(frozen=True)
class Shipment:
    """All that tasks of a comparison have in common, which each worker gets once."""

    comparison: str  # tells what is reported of it from other comparisons' reports
    needs: Needs
    folder: Path  # where the command runs: relative paths start there
    request: bytes  # the request and its installed plug-ins, as ``packed`` makes them


def packed(*parts: Any) -> bytes:
    """Anything as few bytes."""
    return zlib.compress(pickle.dumps(parts), 1)


def shipped(shipment: Shipment) -> Shipment:
    """The shipment. As a task, it can be done again: what is only sent is lost with the worker that has it."""
    return shipment


class Idle:
    """A worker's processes that wait for their next task, by comparison and folder. Threads of the worker share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._processes: dict[tuple[str, Path], list[tuple[Aside, Timer]]] = {}

    def take(self, place: tuple[str, Path]) -> Aside | None:
        """One that has computed a task of a comparison in a folder, if there is one."""
        with self._lock:
            waiting = self._processes.get(place, [])
            while waiting:
                process, timer = waiting.pop()
                timer.cancel()
                if process.alive:
                    return process
                process.close()
            return None

    def put(self, place: tuple[str, Path], process: Aside) -> None:
        """Let a process wait, for a while at most."""
        timer = Timer(IDLE_SECONDS, self.end, (place, process))
        timer.daemon = True
        with self._lock:
            self._processes.setdefault(place, []).append((process, timer))
        timer.start()

    def end(self, place: tuple[str, Path], process: Aside) -> None:
        """End a process if it still waits."""
        with self._lock:
            waiting = self._processes.get(place, [])
            for one in [one for one in waiting if one[0] is process]:
                waiting.remove(one)
                process.close()

    def end_all(self, comparison: str) -> None:
        """End the processes that wait for tasks of a comparison."""
        with self._lock:
            for place in [place for place in self._processes if place[0] == comparison]:
                for process, timer in self._processes.pop(place):
                    timer.cancel()
                    process.close()


IDLE = Idle()


def end_idle(comparison: str) -> None:
    """End what waits on this worker for tasks of a comparison that is over."""
    IDLE.end_all(comparison)


def running(out: str) -> int:
    """How many tasks this worker is computing for a folder."""
    return sum(folder == out for folder, _ in tuple(_running))  # which tasks of other threads change meanwhile


def computed_there(shipment: Shipment, task: bytes, folders: Folders) -> bytes:
    """What a task comes to (``Told``), in a process of its own under this worker.

    Raises Reschedule, so that the task goes on elsewhere, if the worker is about to end, or the process was told to.
    """
    worker = get_worker()
    key = str(worker.get_current_task())

    def closing() -> bool:
        return worker.status not in AT_WORK

    def ended() -> bool:
        return closing() or not is_executing(worker, key)

    def report(said: bytes) -> None:
        worker.log_event(TOPIC, {"comparison": shipment.comparison, "report": said})

    def tell(said: Any) -> None:
        report(pickle.dumps(said))

    shared = shipment.needs.shared_folder()
    own = Path(worker.local_directory) / f"{TOPIC}-{shipment.comparison}-{get_ident()}"  # a thread has one task
    place = InPlace(shared) if shared else Scratch(own, worker.address, folders, tell, ended)
    try:
        with (
            brought(place) as there,
            listed(str(there.out), key),
            process_for(shipment, there.out) as (process, is_new),
            watched(process, closing=closing, ended=ended, meanwhile=there.keep),
        ):
            threads = threads_each(worker.state.nthreads)
            make = partial(work_of, shipment, there.out, worker.address, threads) if is_new else None
            try:
                told = process.call(computed_apart, make, task, report=report)
            except (ProcessEndedError, ProcessKilledError) as error:
                if ended() or getattr(error, "code", None) == STOPPED:
                    raise Reschedule from error
                raise InputError(ended_early(f"A process of the worker {worker.address}", error, IF_KILLED)) from error
            there.send()
            return told
    except (InputError, ContractError) as error:
        return pickle.dumps(Told(raised=error))


@contextmanager
def brought(place: Place) -> Iterator[Place]:
    """A place with what a task needs in it; nothing of the task stays in one of the worker's own."""
    try:
        place.bring()
        yield place
    finally:
        place.close()


@contextmanager
def process_for(shipment: Shipment, out: Path) -> Iterator[tuple[Aside, bool]]:
    """A process for a task of a comparison, and whether it is a new one; it waits for another if it has not ended."""
    place = (shipment.comparison, out)
    process = IDLE.take(place)
    is_new = process is None
    if process is None:
        process = Aside({}, shipment.folder if shipment.folder.is_dir() else None)
    try:
        yield process, is_new
    finally:
        if process.alive:
            IDLE.put(place, process)
        else:
            process.close()


def is_executing(worker: Worker, key: str) -> bool:
    """Whether the scheduler still wants a task that a thread of the worker computes."""
    task = worker.state.tasks.get(key)
    return task is not None and task.state in ("executing", "long-running")


@contextmanager
def listed(out: str, key: str) -> Iterator[None]:
    """A block in which a task is being computed for a folder."""
    _running.add((out, key))
    try:
        yield
    finally:
        _running.discard((out, key))


@contextmanager
def watched(
    process: Aside, *, closing: Callable[[], bool], ended: Callable[[], bool], meanwhile: Callable[[], None]
) -> Iterator[None]:
    """A block in which a process is killed once its task is cancelled, and told to stop once its worker is closing."""
    over = Event()

    def watch() -> None:
        while not over.wait(WATCH_SECONDS):
            meanwhile()
            if closing():
                process.terminate()
                over.wait(2 * STOP_SECONDS)
            if not over.is_set() and ended():
                process.kill()
                return

    thread = Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def computed_apart(make: "Callable[[Reporter], Work] | None", task: bytes, report: Report) -> bytes:
    """What a task comes to, in its process; ``make`` makes its work, for the first task."""
    stop_at_a_checkpoint()

    def report_bytes(reported: Any) -> None:
        report(pickle.dumps(reported))

    return pickle.dumps(computed(make, partial(called, task), report_bytes))


def called(task: bytes, work: "Work") -> Any:
    """The result of a task."""
    return pickle.loads(task)(work)  # from our parent: both are this program


def work_of(shipment: Shipment, out: Path, address: str, threads: int, reporter: Reporter) -> "Work":
    """The work of a task's process. Raises InputError if this worker lacks something."""
    from toolkit.comparison.work import worker_work

    if lacks := shipment.needs.lacking():
        raise InputError(refusal(address, lacks))
    request, plug_ins = pickle.loads(zlib.decompress(shipment.request))
    have_texts(request.corpus)
    return worker_work(request, out, threads, plug_ins, reporter)
