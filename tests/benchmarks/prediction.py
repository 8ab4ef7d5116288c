"""Fit the prediction of bits to comparisons of many corpora, and try it on corpora that it was not fitted on.

    python -m tests.benchmarks.prediction_corpora CORPORA --corpora ../shared/corpora --handbook HANDBOOK
    for corpus in CORPORA/*; do
        toolkit compare --tokenizers char,word,bpe --corpus $corpus --out COMPARED/$(basename $corpus)
        toolkit inspect $corpus --tokenizers char,word,bpe --out INSPECTED/$(basename $corpus)
    done
    python -m tests.benchmarks.prediction COMPARED INSPECTED [--save]

Every text in turn is left out with all its slices, the others are fitted, and the slices left out are predicted: the
table in Markdown has these predictions. With ``--save`` the fit to all corpora is what the toolkit predicts with.
"""

import argparse
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

import numpy as np
from scipy.stats import t

from tests.benchmarks.prediction_corpora import source
from toolkit.inspection.prediction import Corpus, Fit, features, ridge
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import INSPECTION, Inspection

FIT = Path("toolkit/inspection/prediction.json")


class Observed:
    """A corpus with what was counted, and what its networks came to."""

    def __init__(self, name: str, comparison: Comparison, inspection: Inspection) -> None:
        self.name, self.source = name, source(name)
        self.characters = inspection.text["train"].characters
        cells = comparison.by_column
        self.columns = [column for column in inspection.columns if column.column in cells]
        self.counted = {c.column: c.ngram.bits_per_character.total for c in self.columns}
        self.features = {c.column: features(inspection, c) for c in self.columns}
        self.measured = {n: fmean(c.bits_per_character.total for c in cells[n]) for n in self.counted}

    def predicted(self, fit: Fit) -> dict[str, float]:
        """Bits per character by column."""
        return {name: bits + fit.gap(self.features[name]) for name, bits in self.counted.items()}


def fitted(observed: Sequence[Observed]) -> Fit:
    """The fit to these corpora; how far off it is on others is not known yet."""
    rows = [(one.features[name], one.measured[name] - one.counted[name]) for one in observed for name in one.counted]
    matrix, target = np.array([row for row, _ in rows]), np.array([gap for _, gap in rows])
    intercept, coefficients, means, scales = ridge(matrix, target)
    return Fit(
        intercept=intercept, coefficients=coefficients.tolist(), means=means.tolist(), scales=scales.tolist(),
        off=np.nan, off_between=np.nan, right=np.nan, quantile=np.nan,
        corpora=[Corpus(name=one.name, characters=one.characters) for one in observed],
    )  # fmt: skip


def left_out(observed: Sequence[Observed]) -> dict[str, dict[str, float]]:
    """Each corpus's bits by column, predicted from the corpora of other texts."""
    predictions = {}
    for one in observed:
        predictions[one.name] = one.predicted(fitted([other for other in observed if other.source != one.source]))
    return predictions


def tried(fit: Fit, observed: Sequence[Observed], predictions: Mapping[str, Mapping[str, float]]) -> Fit:
    """The fit with how far off predictions were on corpora not fitted on."""
    errors, between, right = [], [], []
    for one in observed:
        made = predictions[one.name]
        off = {name: made[name] - one.measured[name] for name in made}
        errors += off.values()
        between += [off[a] - off[b] for a, b in combinations(off, 2)]
        right.append(min(made, key=lambda n: made[n]) == min(one.measured, key=lambda n: one.measured[n]))
    return fit.model_copy(
        update={
            "off": float(np.sqrt(np.mean(np.square(errors)))),
            "off_between": float(np.sqrt(np.mean(np.square(between)))),
            "right": fmean(right),
            "quantile": float(t.ppf(0.975, len(observed) - 1)),
        }
    )


def table(observed: Sequence[Observed], predictions: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The lines of the table: a corpus each, the smallest first."""
    names = list(observed[0].counted)
    heading = ["corpus", "training characters", *(f"`{name}`: predicted, measured, off by" for name in names), "best"]
    lines = ["| " + " | ".join(heading) + " |", "| --- |" + " ---: |" * (len(heading) - 2) + " --- |"]
    for one in sorted(observed, key=lambda one: one.characters):
        made = predictions[one.name]
        cells = [f"{made[n]:.3f}, {one.measured[n]:.3f}, {made[n] - one.measured[n]:+.3f}" for n in names]
        foretold, best = (min(bits, key=lambda n: bits[n]) for bits in (made, one.measured))
        said = f"`{best}`, as predicted" if best == foretold else f"`{best}`; predicted `{foretold}`"
        lines.append(f"| {one.name} | {one.characters:,} | {' | '.join(cells)} | {said} |".replace("-0.", "−0."))
    return lines


def main() -> None:
    """Print the table and what it comes to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("compared", type=Path)
    parser.add_argument("inspected", type=Path)
    parser.add_argument("--save", action="store_true", help=f"write {FIT}")
    arguments = parser.parse_args()
    observed = [
        Observed(folder.name, Comparison.load(folder / "comparison.json"), Inspection.load(other / INSPECTION))
        for folder in sorted(arguments.compared.iterdir())
        if (folder / "comparison.json").is_file() and (other := arguments.inspected / folder.name).is_dir()
    ]
    predictions = left_out(observed)
    fit = tried(fitted(observed), observed, predictions)
    print("\n".join(table(observed, predictions)))
    pairs = [(o, a, b) for o in observed for a, b in combinations(o.counted, 2)]
    ordered = sum(
        (predictions[o.name][a] < predictions[o.name][b]) == (o.measured[a] < o.measured[b]) for o, a, b in pairs
    )
    within = [abs(predictions[o.name][n] - o.measured[n]) <= 0.05 for o in observed for n in o.counted]
    counted_off = [(o.measured[n] - o.counted[n]) ** 2 for o in observed for n in o.counted]
    print(
        f"\nOff by {fit.off:.3f} bits per character (root of the mean square; the n-gram's bits alone: "
        f"{np.sqrt(np.mean(counted_off)):.3f}), differences between columns by {fit.off_between:.3f}; within 0.05 in "
        f"{sum(within)} of {len(within)}; the best column was named in {round(fit.right * len(observed))} of "
        f"{len(observed)} corpora, and {ordered} of {len(pairs)} pairs of columns were put in order."
    )
    if arguments.save:
        FIT.write_text(fit.model_dump_json(indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
