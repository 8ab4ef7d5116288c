"""A command's seconds, and the most memory that it and all its processes have at one time.

    python -m tests.benchmarks.tree_memory COMMAND …

The command's lines are printed with the seconds since its start.

Every half a second, the proportional share (PSS) of each process is summed: memory that processes have in common counts
once. What a process maps from a file counts as far as it is in memory. Needs Linux.
"""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from threading import Thread

EVERY = 0.5  # seconds


def children() -> dict[int, list[int]]:
    """The processes that each process has started."""
    started: dict[int, list[int]] = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        started[parent].append(int(path.parent.name))
    return started


def tree(root: int) -> list[int]:
    """A process and all that it has started, and those they have."""
    started, found = children(), [root]
    for process in found:
        found += started[process]
    return found


def memory(process: int) -> int:
    """The bytes of a process, those that it shares with others divided among them; 0 if it has ended."""
    try:
        fields = Path(f"/proc/{process}/smaps_rollup").read_text().split("\n")
    except OSError:
        return 0
    return sum(int(field.split()[1]) * 1024 for field in fields if field.startswith("Pss:"))


def echo(lines: Iterable[str], start: float) -> None:
    """Print the command's lines as they come, each with the seconds since its start."""
    for line in lines:
        print(f"{time.perf_counter() - start:7.1f} s  {line}", end="", flush=True)


def main() -> None:
    """Run the command and say what it took."""
    start, peak = time.perf_counter(), 0
    command = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    echoing = Thread(target=echo, args=(command.stdout, start))
    echoing.start()
    while command.poll() is None:
        peak = max(peak, sum(map(memory, tree(command.pid))))
        time.sleep(EVERY)
    echoing.join()
    print(f"{time.perf_counter() - start:.1f} s, at most {peak / 1e9:.2f} GB, exit {command.returncode}")
    sys.exit(command.returncode)


if __name__ == "__main__":
    main()
