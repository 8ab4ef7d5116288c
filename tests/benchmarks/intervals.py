"""Simulate how often intervals hold and how often equal columns are distinguished.

    python -m tests.benchmarks.intervals [--trials 1000] [--only 13,1]...
    python -m tests.benchmarks.intervals --folds [--trials 1000]

tests/helpers/intervals.py describes the simulated bits. ``coverage``: trials in which all intervals contain the truth.
``false beats``: trials in which any column beats another. ``parted``: of the contrasts between columns that truly
differ, in steps of 0.02, those in which the interval excludes 0 but p is above 0.05, or the other way round.
"""

import argparse

from tests.helpers.intervals import Case, fold_trials, held_and_beaten, trials

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
    *(Case(1, 1, columns) for columns in (2, 9)),
]
FOLD_CASES = [
    Case(documents, 1, columns, effect)
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
    parser.add_argument("--only", action="append", help="documents,seeds")
    parser.add_argument("--folds", action="store_true")
    options = parser.parse_args()
    rows, number = list[list[object]](), options.trials
    if options.folds:
        for case in FOLD_CASES:
            rows.append([case.documents, case.columns, case.effect, *held_and_beaten(fold_trials(case, number))])
        print_table(["documents", "columns", "effect of the training text", "coverage", "false beats"], rows)
        return
    for case in CASES:
        if not options.only or f"{case.documents},{case.seeds}" in options.only:
            apart = [contrast for trial in trials(case, number // 4, step=0.02) for contrast in trial]
            parted = [contrast.excludes_zero != (contrast.p <= 0.05) for contrast in apart]
            rows.append([*vars(case).values(), *held_and_beaten(trials(case, number)), sum(parted) / len(parted)])
    print_table(["documents", "seeds", "columns", "effect", "coverage", "false beats", "parted"], rows)


if __name__ == "__main__":
    main()
