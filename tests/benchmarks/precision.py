"""float32 against bfloat16 products: valid bits per character after equal updates and after equal time.

    python -m tests.benchmarks.precision [--column char]... [--corpus weird-tales] [--seeds 3] [--budget 60s]
        [--updates 1000]

Every run is a ``toolkit train`` with the corpus' default settings but for what is named here; the figure is that of its
best check. The differences are paired by seed.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.benchmarks.interleaved import machine, table

COLUMNS = ["char", "word:unk"]
PRECISIONS = ["float32", "bfloat16"]


def best_check(column: str, corpus: str, seed: int, precision: str, stop: Sequence[str]) -> tuple[float, float, float]:
    """Valid bits per character of a run's best check, and the run's updates and seconds of training."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [sys.executable, "-m", "toolkit", "train", "--tokenizer", column, "--corpus", corpus]
        command += ["--seed", str(seed), "--set", f"train.precision={precision}", *stop, "--out", str(run), "--quiet"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with (run / "history.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    least = min(float(row["valid_bits_per_character"]) for row in rows)
    return least, float(rows[-1]["updates"]), float(rows[-1]["seconds"])


def row(column: str, corpus: str, seeds: int, name: str, stop: Sequence[str]) -> list[str]:
    """A line of the table."""
    runs = np.array(
        [[best_check(column, corpus, seed, precision, stop) for precision in PRECISIONS] for seed in range(seeds)]
    )  # (seeds, precisions, 3)
    bits, updates, seconds = (runs[..., k] for k in range(3))
    difference = bits[:, 1] - bits[:, 0]
    each = " ".join(f"{value:+.4f}" for value in difference)
    cells = [f"{value:.4f}" for value in bits.mean(0)]
    return [column, name, *cells, f"{difference.mean():+.4f} ({each})", *(
        f"{u:,.0f} in {s:.0f} s" for u, s in zip(updates.mean(0), seconds.mean(0), strict=True)
    )]  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--column", action="append")
    parser.add_argument("--corpus", default="weird-tales")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--budget", default="60s")
    parser.add_argument("--updates", type=int, default=1000)
    chosen = parser.parse_args()
    print(machine(), flush=True)
    stops = {
        f"{chosen.updates} updates": ["--set", f"train.updates={chosen.updates}"],
        chosen.budget: ["--budget", chosen.budget],
    }
    print(table(["column", "after", *PRECISIONS, "difference (by seed)", *(f"updates, {p}" for p in PRECISIONS)], []))
    for column in chosen.column or COLUMNS:
        for name, stop in stops.items():
            found = row(column, chosen.corpus, chosen.seeds, name, stop)
            print(f"| {' | '.join(found)} |", flush=True)


if __name__ == "__main__":
    main()
