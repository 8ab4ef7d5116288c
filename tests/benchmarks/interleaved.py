"""Timings of systems side by side: each in a process of its own, one running at a time, turn by turn, best of several.

A process of its own, since libraries fix their threads once; turn by turn, since a machine's speed changes with the
hour; the best, since what else runs on a machine only ever slows.
"""

import multiprocessing
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from typing import Any

SECONDS = 1.5  # about what one turn takes
Run = Callable[[int], None]  # does so many units of work


def of_checkout(root: str, module: str, make: str, arguments: Sequence[Any]) -> Run:
    """What ``make`` of a benchmark's module makes in another checkout of this project, whose packages it uses."""
    import importlib
    import sys
    from pathlib import Path

    root = str(Path(root).resolve())
    sys.path.insert(0, root)
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "toolkit")]:
        del sys.modules[name]
    imported = importlib.import_module(module)
    if not str(imported.__file__).startswith(root):
        raise RuntimeError(f"{module} was imported from {imported.__file__}, not from {root}.")
    return getattr(imported, make)(*arguments)  # type: ignore[no-any-return]


def serve(connection: Connection, make: Callable[..., Run], arguments: Sequence[Any]) -> None:
    """Make a system, then answer each number of units with the seconds that they took."""
    run = make(*arguments)
    run(1)  # graphs are made, memory is laid out
    connection.send(0.0)
    while units := connection.recv():
        start = time.perf_counter()
        run(units)
        connection.send(time.perf_counter() - start)


class Worker:
    """A system in its process. Raises RuntimeError where it ends without an answer."""

    def __init__(self, name: str, make: Callable[..., Run], arguments: Sequence[Any]) -> None:
        context = multiprocessing.get_context("spawn")
        self.name, self.best, self.units = name, float("inf"), 1
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, make, arguments), daemon=True)
        self._process.start()
        theirs.close()
        self._answer()
        self.units = max(1, round(SECONDS / self._time(1)))

    def turn(self) -> None:
        """Time it once more; ``best`` is the fewest seconds per unit so far."""
        self.best = min(self.best, self._time(self.units) / self.units)

    def end(self) -> None:
        """End the process."""
        self._connection.send(0)
        self._process.join()

    def _time(self, units: int) -> float:
        self._connection.send(units)
        return self._answer()

    def _answer(self) -> float:
        try:
            return float(self._connection.recv())
        except EOFError as error:
            raise RuntimeError(f"{self.name} ended; what it said stands above.") from error


def fewest_seconds(systems: Mapping[str, tuple[Callable[..., Run], Sequence[Any]]], turns: int) -> dict[str, float]:
    """The fewest seconds per unit of each system: name -> (what makes it, from which arguments)."""
    workers = [Worker(name, *system) for name, system in systems.items()]
    for _ in range(turns):
        for worker in workers:
            worker.turn()
    for worker in workers:
        worker.end()
    return {worker.name: worker.best for worker in workers}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its first column words and the others numbers."""
    lines = [header, ["---", *("---:" for _ in header[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    """The processor, its cores and what it has for products of matrices, as far as the system tells."""
    from pathlib import Path

    from toolkit.environment import machine

    found = machine()
    cpuinfo = Path("/proc/cpuinfo")
    flags = set(cpuinfo.read_text("utf-8").split()) if cpuinfo.is_file() else set()
    units = sorted(flags & {"avx2", "avx512f", "avx512_bf16", "amx_bf16", "neon", "asimd"})
    return f"{found['processor']}, {found['cores']} cores, {found['memory_gib']} GiB; {', '.join(units)}"
