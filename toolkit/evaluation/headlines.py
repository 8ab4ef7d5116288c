"""The contrasts of a comparison in a few lines: what they rest on is said once, below them."""

import math

from toolkit.evaluation.statistics import smallest_p
from toolkit.evaluation.undertraining import AFTER, training, undertrained
from toolkit.evaluation.units import columns_over_units
from toolkit.evaluation.verdict import p_in_words
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import TOO_FEW, Contrast, about_models, fewer_first
from toolkit.results.text import ALPHA, amount, from_to, plural
from toolkit.results.units import unit_of

LINES = 5  # of contrasts, and of crossings, at most


def headlines(comparison: Comparison) -> list[str]:
    """The verdicts on folds and sweeps, a line for each of the leading contrasts, what these rest on, and where columns
    cross.

    With more than five contrasts, those of the best column lead, the nearest first. The last sentence counts the rest.
    With folds, what is about the first alone begins with "Fold 1".
    """
    lines = over_folds(comparison) + [comparison.of_its_cells(sweep.verdict) for sweep in comparison.sweeps]
    leading = comparison.leading_contrasts(LINES)
    if len(leading) < len(comparison.column_contrasts):
        leading = sorted(leading, key=lambda contrast: abs(contrast.difference))[:LINES]
    of = training(comparison)
    early = [c for c in leading if undertrained(c.a, c.b, c.difference, of, settled=c.settled)]
    lines += [comparison.of_its_cells(line(contrast, so_far=contrast in early)) for contrast in leading]
    if leading:
        lines.append(f"({'; '.join(grounds(comparison, early=bool(early)))}.)")
    if others := len(comparison.contrasts) - len(leading):
        lines.append(f"The report has {plural(others, 'more contrast')}.")
    return lines + crossed(comparison)


def over_folds(comparison: Comparison) -> list[str]:
    """A line for each of the leading contrasts over all folds, and what these rest on; nothing without folds."""
    if comparison.folds is None or not (leading := comparison.leading_over_folds):
        return []
    folds = comparison.folds
    documents = plural(sum(fold.documents for fold in folds.folds), "document")
    lines = [line(contrast, so_far=AFTER in contrast.verdict) for contrast in leading]
    rest = (
        f"(bits per character ± a 95 % interval over {documents}, each held out once in {len(folds.folds)} folds, and "
        f"over their training texts; about the methods on such texts.)"
    )
    return [*(f"All folds: {one}" for one in lines), rest]


def line(contrast: Contrast, *, so_far: bool) -> str:
    """One contrast in a line."""
    p = p_in_words(contrast)
    if not contrast.settled:
        return f"{contrast.a}, {contrast.b}: cannot tell, {amount(contrast.difference, contrast.half_width)}, {p}"
    winner, loser = fewer_first(contrast.a, contrast.b, contrast.difference)
    yet = " so far" if so_far else ""
    return f"{winner} beats {loser} by {amount(abs(contrast.difference), contrast.half_width)}{yet}, {p}"


def grounds(comparison: Comparison, *, early: bool) -> list[str]:
    """What all contrasts between columns rest on, in clauses."""
    columns = comparison.by_column
    seeds = [len(cells) for cells in columns.values()]
    units = len(columns_over_units(comparison, list(columns.values())).characters)
    pairs = math.comb(len(columns), 2)
    over = f"{plural(units, unit_of(comparison))} and {from_to(seeds, 'seed')}"
    several = f", for all {pairs} contrasts together, as p is" if pairs > 1 else ""
    clauses = [f"bits per character ± a 95 % interval over {over}{several}"]
    least = smallest_p(units, len(columns))
    if least > ALPHA:
        clauses.append(f"{TOO_FEW}: the smallest possible p is {least:.3g}")
    if early:
        clauses.append("so far: after this much training")
    return [*clauses, about_models([len(cells) for cells in columns.values() if not cells[0].counted])]


def crossed(comparison: Comparison) -> list[str]:
    """Where columns overtake each other, in a line each, and how many pairs do not; nothing without fractions."""
    crossings = comparison.scaling.crossings if comparison.scaling else []
    lines = [comparison.of_its_cells(f"{crossing.verdict}.") for crossing in crossings if crossing.at is not None]
    others = len(crossings) - len(lines[:LINES])
    none = comparison.of_its_cells("No column is seen to overtake another once and for all; the report")
    start = "The report" if lines else none
    pairs = plural(others, "more pair" if lines else "pair")
    return lines[:LINES] + ([f"{start} has {pairs} of columns over the amounts of training text."] if others else [])
