"""Whether intervals hold: how often all of them contain the truth, and how often equal columns are told apart.

    python -m tests.benchmarks.intervals [--trials 1000] [--only 13,1 | --only "9,2,one's seeds"]...

Each trial has columns with the same bits per character (2), in documents as long as the held-out ones of the bundled
tales (9) and of 67 tales by Lovecraft (13, one of which has 41 % of the characters), or of lengths drawn with
Lovecraft's log-sd; or one document of 20 pieces whose lag-1 correlation is 0.45. What documents share has a standard
deviation of 0.3 bits per character, column and document together one of 0.03: the same for all documents ("topics") or
falling with the square root of their length ("noise"). With several seeds, the seeds' standard deviation is 0.01, and
that of seed and document together 0.01. With "seeds" they scatter more than documents do: column and document together
have 0.003, seeds 0.006, seed and document together 0.003. With "one's seeds" so do those of the first column alone; the
others' have 0.001. With "one's documents" column and document together have 0.05 for the first column and 0.004 for the
others.

``coverage``: trials in which all intervals contain 0. ``false beats``: trials in which any column beats another.
``parted``: of the contrasts between columns that truly differ, in steps of 0.02, those in which the interval excludes 0
but p is above 0.05, or the other way round.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tests.benchmarks.interleaved import table

LOVECRAFT = (241825, 83819, 71299, 54262, 20608, 20238, 15544, 14833, 14505, 14152, 13663, 10325, 8264)
WEIRD_TALES = (10080, 9882, 9867, 9867, 9849, 9827, 9776, 9752, 9619)
LOG_SD = 1.08  # of the 13 lengths
CORRELATION = 0.45
STEP = 0.02


@dataclass(frozen=True)
class Case:
    """What a line of the table simulates: one document if ``documents`` is 1."""

    documents: int
    seeds: int
    columns: int
    effect: str = "topics"

    @property
    def characters(self) -> np.ndarray:
        """The lengths of the documents."""
        known = {1: [5000] * 20, len(LOVECRAFT): LOVECRAFT, len(WEIRD_TALES): WEIRD_TALES}
        drawn = 20_000 * np.exp(LOG_SD * np.random.default_rng(self.documents).normal(size=self.documents))
        return np.array(known.get(self.documents, np.round(drawn)), float)


def bits(case: Case, rng: np.random.Generator) -> np.ndarray:
    """Bits (columns, seeds, documents) of columns without a difference; of a single document, those of its pieces."""
    characters = case.characters
    documents = len(characters)
    normal = rng.normal(size=(case.columns, documents))
    if case.documents == 1:
        for i in range(1, documents):
            normal[:, i] = CORRELATION * normal[:, i - 1] + np.sqrt(1 - CORRELATION**2) * normal[:, i]
    falling = np.sqrt(characters.mean() / characters) if case.effect == "noise" else 1.0
    of_column, of_seed, of_both = (0.003, 0.006, 0.003) if "seeds" in case.effect else (0.03, 0.01, 0.01)
    several, scatter = case.seeds > 1, np.full((case.columns, 1, 1), of_seed)
    if case.effect == "one's seeds":
        scatter[1:] = 0.001
    of_columns = np.full((case.columns, 1), of_column)
    if case.effect == "one's documents":
        of_columns[0], of_columns[1:] = 0.05, 0.004
    rates = 2 + 0.3 * rng.normal(size=documents) + (of_columns * falling * normal)[:, None]
    rates = rates + several * scatter * rng.normal(size=(case.columns, case.seeds, 1))
    return (rates + several * of_both * rng.normal(size=(case.columns, case.seeds, documents))) * characters


def trials(case: Case, number: int, step: float = 0.0) -> Iterator[list]:
    """The contrasts of each trial; each column has ``step`` bits per character more than the one before it."""
    from toolkit.evaluation.segments import segmented
    from toolkit.evaluation.statistics import Columns

    characters = case.characters
    for trial in range(number):
        of_columns = bits(case, np.random.default_rng([trial, case.documents]))
        of_columns += step * np.arange(case.columns)[:, None, None] * characters
        columns = Columns(list(of_columns), characters, thousands=1)
        yield (segmented(columns) if case.documents == 1 else columns).contrasts(trial)


@dataclass(frozen=True)
class Outcome:
    """Shares of trials, and of contrasts (``parted``)."""

    coverage: float
    false_beats: float
    parted: float


def simulate(case: Case, number: int) -> Outcome:
    """The shares in so many trials."""
    equal, apart = list(trials(case, number)), list(trials(case, number // 4, STEP))
    parted = [d.excludes_zero != (d.p <= 0.05) for differences in apart for d in differences]
    return Outcome(
        float(np.mean([not any(d.excludes_zero for d in differences) for differences in equal])),
        float(np.mean([any(d.decided for d in differences) for differences in equal])),
        float(np.mean(parted)),
    )


CASES = [
    Case(documents, seeds, columns, effect)
    for documents, seeds in ((8, 1), (9, 1), (9, 2), (13, 1), (13, 3), (30, 5))
    for columns in (2, 9)
    for effect in ("topics", "noise")
] + [
    *(Case(documents, 1, columns) for documents in (2, 3, 5) for columns in (2, 3, 9)),
    *(Case(9, seeds, columns, effect) for effect in ("seeds", "one's seeds") for seeds in (2, 3) for columns in (2, 9)),
    *(Case(documents, 1, columns, "one's documents") for documents in (9, 13) for columns in (2, 9)),
    *(Case(1, 1, columns) for columns in (2, 9)),
]


def row(case: Case, number: int) -> list[str]:
    """A line of the table."""
    outcome = simulate(case, number)
    what = [
        str(case.documents),
        str(case.seeds),
        str(case.columns),
        case.effect if case.documents > 1 else "AR(1) 0.45",
    ]
    return what + [f"{share:.1%}".replace("%", " %") for share in vars(outcome).values()]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--only", action="append", help="documents,seeds or documents,seeds,effect")
    chosen = parser.parse_args()
    cases = [
        c
        for c in CASES
        if not chosen.only or {f"{c.documents},{c.seeds}", f"{c.documents},{c.seeds},{c.effect}"} & {*chosen.only}
    ]
    rows = [row(case, chosen.trials) for case in cases]
    print(table(["documents", "seeds", "columns", "effect", "coverage", "false beats", "parted"], rows))


if __name__ == "__main__":
    main()
