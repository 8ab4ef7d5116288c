"""What computing cells at once is worth: the same comparison in one process with two threads and in two with one each.

    python -m tests.benchmarks.workers --repeats 2 -- --tokenizers char,word --set train.updates=200

What follows ``--`` is what ``toolkit compare`` is asked; by default its own defaults. Each command is a new process
with an empty folder, turn by turn, after one that fills the cache of tagged words. A table in Markdown comes out: the
fewest seconds, the processor's seconds with them, and the most memory that parent and workers had together (pages that
several share are counted once; Linux only). It ends with whether all runs have the same weights and scores.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from toolkit.runs.folder import SCORES, load_scores
from toolkit.training.kinds import Neural

WARMING = ("--set", "train.updates=1", "--set", "train.checks=1", "--set", "samples.characters=10")
SECONDS_BETWEEN_LOOKS = 0.5


@dataclass(frozen=True)
class Measured:
    """Wall-clock and processor seconds of a command with all its processes, and the most memory they had, in GiB."""

    seconds: float
    processor_seconds: float
    gib: float


def measure(arguments: list[str]) -> Measured:
    """What a command takes. Raises subprocess.CalledProcessError where it fails."""
    command = [sys.executable, "-m", "toolkit", "compare", "--quiet", *arguments]
    before = os.times()
    start = time.perf_counter()
    most = 0.0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(SECONDS_BETWEEN_LOOKS)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, used, most)


def memory(session: int) -> float:
    """GiB of all processes of a session, each with its part of the pages that it shares."""
    kib = 0
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                belongs = os.getsid(int(process.name)) == session
                rollup = (process / "smaps_rollup").read_text() if belongs else ""
            except OSError:  # it has just ended, or is another user's
                continue
            kib += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kib / 2**20


def same(one: Path, other: Path) -> bool:
    """Whether two comparisons have the same weights and scores, bit for bit."""
    for run in sorted(path for path in (one / "runs").iterdir() if (path / SCORES).is_file()):
        twin = other / "runs" / run.name
        if (run / Neural.file).read_bytes() != (twin / Neural.file).read_bytes():
            return False
        scores, others = load_scores(run), load_scores(twin)
        if not all(np.array_equal(scores[name], others[name]) for name in scores):
            return False
    return True


def main() -> None:
    """Print a row per number of workers."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("asked", nargs="*", help="options of toolkit compare, after --")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure([*given.asked, *WARMING, "--workers", "1", "--out", str(folder / "warming")])
        best: dict[int, Measured] = {}
        for repeat in range(given.repeats):
            for workers in given.workers:
                out = folder / f"{workers}-{repeat}"
                measured = measure([*given.asked, "--workers", str(workers), "--out", str(out)])
                best[workers] = min(best.get(workers, measured), measured, key=lambda found: found.seconds)
        outs = [folder / f"{workers}-{repeat}" for workers in given.workers for repeat in range(given.repeats)]
        alike = all(same(outs[0], out) for out in outs[1:])
    print(f"toolkit compare {' '.join(given.asked)}".rstrip())
    print("| workers | seconds | processor seconds | memory, GiB |\n| ---: | ---: | ---: | ---: |")
    for workers, found in best.items():
        print(f"| {workers} | {found.seconds:.0f} | {found.processor_seconds:.0f} | {found.gib:.1f} |")
    print(f"The same weights and scores: {'yes' if alike else 'NO'}")


if __name__ == "__main__":
    main()
