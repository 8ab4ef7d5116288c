"""The processes that hold models, one for each loaded run, and the queue of requests for them."""

from asyncio import Future, Lock, Queue, Semaphore, get_running_loop
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException

from toolkit.errors import ContractError, InputError, KilledError, first_line
from toolkit.runs.process import Aside
from toolkit.serve.worker import Fields

MAX_PROCESSES = 3  # each has half a gigabyte of libraries
MAX_REQUESTS = 20  # at work or in the queue


class Processes:
    """A process for each loaded run, by its folder; the least recently used one ends when there are too many.

    They run the files of ``code`` first. Requests for one run are answered one after another.
    """

    def __init__(self, code: Mapping[str, str]) -> None:
        self.by_run: dict[Path, Aside] = {}  # the latest used one comes last
        self._code, self._requests = code, 0
        self.slots, self._locks = Semaphore(MAX_PROCESSES), defaultdict[Path, Lock](Lock)

    async def events(self, run: Path, task: Callable[..., Any], *arguments: Any) -> AsyncIterator[Fields]:
        """Yield whether the request has to wait for others, the reports of a task, and its result.

        Whoever stops before the result ends the process. Raises HTTPException: 400 for bad input, 503 if the queue is
        full or the process ends.
        """
        if self._requests >= MAX_REQUESTS:
            raise HTTPException(503, f"The queue has {MAX_REQUESTS} requests. Try again later.")
        outcome: Future[Any] | None = None
        self._requests += 1
        try:
            if self.slots.locked() or self._locks[run].locked():
                yield {"waiting": True}
            async with self.slots, self._locks[run]:
                loop, reports = get_running_loop(), Queue[Any]()

                def report(event: Fields) -> None:
                    loop.call_soon_threadsafe(reports.put_nowait, event)

                call = partial(self._process(run).call, task, *arguments, report=report)
                outcome = loop.run_in_executor(None, call)
                outcome.add_done_callback(lambda done: reports.put_nowait(done.exception()))
                while isinstance(event := await reports.get(), dict):
                    yield event
                yield {"result": await outcome}
        except InputError as error:
            raise HTTPException(400, str(error)) from error
        except KilledError as error:
            raise HTTPException(503, "The process of the model was killed. Send the request again.") from error
        except (ContractError, MemoryError, OSError) as error:
            raise HTTPException(503, f"The model cannot answer: {first_line(error)}.") from error
        finally:
            self._requests -= 1
            if outcome and not (outcome.done() and self.by_run[run].alive):
                self.by_run.pop(run).kill()

    def close(self) -> None:
        """End all processes."""
        for process in self.by_run.values():
            process.close()

    def _process(self, run: Path) -> Aside:
        self.by_run[run] = process = self.by_run.pop(run, None) or Aside(self._code)
        if len(self.by_run) > MAX_PROCESSES:
            self.by_run.pop(next(run for run in self.by_run if not self._locks[run].locked())).close()
        return process
