"""Simulate how often intervals hold and how often equal columns are distinguished.

    python -m tests.benchmarks.intervals [--trials 1000] [--only 13,1 | --only "9,2,one's seeds"]...
    python -m tests.benchmarks.intervals --folds [--trials 1000]

tests/helpers/intervals.py describes the simulated bits. ``coverage``: trials in which all intervals contain the truth.
``false beats``: trials in which any column beats another. ``parted``: of the contrasts between columns that truly
differ, in steps of 0.02, those in which the interval excludes 0 but p is above 0.05, or the other way round.
"""

import argparse

from tests.helpers.intervals import Case, FoldCase, fold_trials, held_and_beaten, simulate

CASES = [
    Case(documents, seeds, columns, effect)
    for documents, seeds in ((8, 1), (9, 1), (9, 2), (13, 1), (13, 3), (30, 5))
    for columns in (2, 9)
    for effect in ("topics", "noise")
] + [
    *(Case(documents, 1, columns) for documents in (2, 3, 5) for columns in (2, 3, 9)),
    *(
        Case(9, seeds, columns, effect)
        for effect in ("seeds", "one's seeds")
        for seeds in (2, 3)
        for columns in (2, 9)
    ),
    *(Case(documents, 1, columns, "one's documents") for documents in (9, 13) for columns in (2, 9)),
    *(Case(1, 1, columns) for columns in (2, 9)),
]
FOLD_CASES = [
    FoldCase(documents, columns, effect)
    for documents in (45, 67)
    for columns in (2, 9)
    for effect in ("none", "differs", "adds up")
]


def print_table(header: list[str], rows: list[list[object]]) -> None:
    """Print a Markdown table; floats are shares."""
    print(f"| {' | '.join(header)} |\n|{' --- |' * len(header)}")
    for row in rows:
        cells = [f"{cell:.1%}".replace("%", " %") if isinstance(cell, float) else str(cell) for cell in row]
        print(f"| {' | '.join(cells)} |", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--only", action="append", help="documents,seeds or documents,seeds,effect")
    parser.add_argument("--folds", action="store_true")
    options = parser.parse_args()
    if options.folds:
        shares = (held_and_beaten(fold_trials(case, options.trials)) for case in FOLD_CASES)
        folds = [[*vars(case).values(), *pair] for case, pair in zip(FOLD_CASES, shares, strict=True)]
        print_table(["documents", "columns", "effect of the training text", "coverage", "false beats"], folds)
        return
    rows: list[list[object]] = []
    for case in CASES:
        names = {f"{case.documents},{case.seeds}", f"{case.documents},{case.seeds},{case.effect}"}
        if not options.only or names & {*options.only}:
            rows.append([*vars(case).values(), *simulate(case, options.trials)])
    print_table(["documents", "seeds", "columns", "effect", "coverage", "false beats", "parted"], rows)


if __name__ == "__main__":
    main()
