"""What travels for a cell where there is no shared folder: how large it is, and how fast it passes a scheduler.

    python -m tests.benchmarks.carrying --columns char,word:unk

Columns are trained on the corpus for a few updates, with the network of its recipe: what a run and a checkpoint take
does not depend on how long training is. Then a file is brought to a worker and fetched from it, through a real
scheduler, all of them processes of this machine. Two tables in Markdown come out.
"""

import argparse
import math
import os
import pickle
import tempfile
import time
from collections.abc import Mapping
from contextlib import nullcontext
from operator import attrgetter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.comparison.dask_processes import running_cluster
from toolkit.cli.settings import assigned_settings
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.cell import Work
from toolkit.comparison.cell_work import CellWork
from toolkit.comparison.cluster import cluster
from toolkit.comparison.execution import Folders
from toolkit.comparison.pieces import files_in
from toolkit.comparison.reporter import Silent
from toolkit.comparison.request import Request
from toolkit.runs.checkpoint_file import CheckpointFile
from toolkit.runs.folder import SCORES
from toolkit.training.checkpoint import Checkpoint

FEW = ("train.updates=10", "train.checks=1", "samples.temperature=0.8", "samples.characters=500")
MIB = 2**20
TURNS = 5


class Sized(CheckpointFile):
    """A checkpoint's file, and how large it was before training ended."""

    def __init__(self, run: Path, made_from: Mapping[str, Any]) -> None:
        super().__init__(run, made_from)
        self.bytes = 0

    def save(self, checkpoint: Checkpoint) -> None:
        """Write it."""
        super().save(checkpoint)
        self.bytes = self.file.stat().st_size


def request(corpus: str, columns: str, scheduler: str | None = None) -> Request:
    """What the command line would ask for."""
    settings = assigned_settings(None, FEW)
    return Arguments(tokenizers=columns, corpus=corpus, settings=settings, scheduler=scheduler).request()


def sizes(asked: Request, out: Path) -> None:
    """Print a row for each column."""
    print(
        "| column | V | parameters | fitted, MB | checkpoint, MB | run, MB | of which scores | a held-out character |"
    )
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    work = Work(asked, out, Silent())
    for spec in asked.specs():
        fitted = work.fitted(spec.column)
        tokenizer = work.request.tokenizer(spec.column).restore(fitted.state)
        store = Sized(out / "sized" / spec.name, spec.key(tokenizer))
        cell = CellWork(work, spec, work.run(spec)).new(fitted.state, store)
        of_file = {name: (work.run(spec) / name).stat().st_size for name in files_in(work.run(spec))}
        megabytes = (len(pickle.dumps(fitted)), store.bytes, sum(of_file.values()), of_file[SCORES])
        per_character = of_file[SCORES] / sum(len(document.text) for document in asked.split.test)
        row = (f"`{spec.column.name}`", f"{cell.vocabulary_size:,}", f"{cell.parameters:,}")
        print("|", " | ".join([*row, *(f"{size / 1e6:.2f}" for size in megabytes), f"{per_character:.1f}"]), "|")


def rates(corpus: str, out: Path, megabytes: int) -> None:
    """Print how fast a file comes to a worker and goes back."""
    (out / "runs" / "a").mkdir(parents=True)
    (out / "runs" / "a" / "file").write_bytes(os.urandom(megabytes * MIB))
    with running_cluster(out, workers=1) as processes:
        asked = request(corpus, "char", processes.address)
        nothing, read, written = Folders(), Folders(read=("runs/a",)), Folders(written=("runs/a",))
        best = dict.fromkeys((nothing, read, written), math.inf)
        with (
            patch("toolkit.comparison.cluster.marked", lambda _: nullcontext((out / "not there", "a token"))),
            cluster(asked, processes.address, out, Silent()) as executor,
        ):
            for folders in TURNS * [nothing, read, written]:
                start = time.perf_counter()
                executor.submit(attrgetter("out"), id, folders)
                executor.run()
                best[folders] = min(best[folders], time.perf_counter() - start)
    plain, brought, both = best.values()
    print("\n| 4 MiB at a time | |\n| --- | ---: |")
    print(f"| to a worker | {megabytes / (brought - plain):.0f} MiB/s |")
    print(f"| from a worker | {megabytes / (both - brought):.0f} MiB/s |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", default="weird-tales")
    parser.add_argument("--columns", default="char,word:unk")
    parser.add_argument("--megabytes", type=int, default=256)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sizes(request(arguments.corpus, arguments.columns), Path(folder) / "cells")
        rates(arguments.corpus, Path(folder) / "rates", arguments.megabytes)


if __name__ == "__main__":
    main()
