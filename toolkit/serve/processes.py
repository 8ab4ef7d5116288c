"""The processes that hold models, one for each loaded run, and the queue of requests for them."""

import asyncio
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
PAUSE_SECONDS = 0.1


class Processes:
    """A process for each loaded run, by its folder; the least recently used one ends when there are too many.

    They run the files of ``code`` first. Requests for one run are answered one after another.
    """

    def __init__(self, code: Mapping[str, str]) -> None:
        self.by_run: dict[Path, Aside] = {}  # the latest used one comes last
        self._code = code
        self._requests: list[tuple[Path, object]] = []

    async def events(self, run: Path, task: Callable[..., Any], *arguments: Any) -> AsyncIterator[Fields]:
        """Yield the place in the queue each time that it changes, the reports of a task, and its result.

        Whoever stops before the result ends the process. Raises HTTPException: 400 for bad input, 503 if the queue is
        full or the process ends.
        """
        if len(self._requests) >= MAX_REQUESTS:
            raise HTTPException(503, f"The queue has {MAX_REQUESTS} requests. Try again later.")
        request = (run, object())
        shown = 0
        outcome: asyncio.Future[Any] | None = None
        self._requests.append(request)
        try:
            while place := self._place(request):
                if place != shown:
                    yield {"place": place}
                shown = place
                await asyncio.sleep(PAUSE_SECONDS)
            loop = asyncio.get_running_loop()
            reports = asyncio.Queue[Any]()

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
            self._requests.remove(request)
            if outcome and not (outcome.done() and self.by_run[run].alive):
                self.by_run.pop(run).kill()

    def close(self) -> None:
        """End all processes."""
        for process in self.by_run.values():
            process.close()

    def _place(self, request: tuple[Path, object]) -> int:
        earlier = self._requests[: self._requests.index(request)]
        return max(sum(run == request[0] for run, _ in earlier), len(earlier) - MAX_PROCESSES + 1)

    def _process(self, run: Path) -> Aside:
        self.by_run[run] = process = self.by_run.pop(run, None) or Aside(self._code)
        if len(self.by_run) > MAX_PROCESSES:
            busy = {run for run, _ in self._requests[:MAX_PROCESSES]}
            self.by_run.pop(next(run for run in self.by_run if run not in busy)).close()
        return process
