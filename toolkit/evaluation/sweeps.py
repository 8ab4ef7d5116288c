"""Which value of a setting is the best, and which cannot be told from it, by the contrasts that a comparison has."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from toolkit.evaluation.undertraining import Training, training, undertrained
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast
from toolkit.results.grouping import grouped
from toolkit.results.sweeps import Point, Standing, Sweep
from toolkit.results.text import listing, plural


def sweep_of(comparison: Comparison, sweep: Sweep) -> Sweep:
    """The sweep with what its columns need, its best value, how the others differ from it, and all that in words.

    The best value is chosen by the validation bits of each network's best check, so that its held-out bits are not
    flattered by the choice; if any of the columns is counted and so has no checks, by the held-out bits. Differences
    have the intervals and p of the comparison's contrasts, which hold for all pairs of its columns together.
    """
    cells = comparison.by_column
    points = [measured(point, cells.get(point.column, [])) for point in sweep.asked.points]
    having = [point for point in points if point.bits_per_character is not None]
    by_valid = all(point.valid_bits_per_character is not None for point in having)
    quantity = "valid_bits_per_character" if by_valid else "bits_per_character"
    best = min(having, key=lambda point: getattr(point, quantity), default=None)
    if best is None:
        nothing = f"No value of {sweep.key} for {sweep.column} has a result."
        return sweep.model_copy(update={"points": points, "verdict": nothing})
    contrasts = {frozenset((contrast.a, contrast.b)): contrast for contrast in comparison.column_contrasts}
    points = [against_best(point, contrasts.get(frozenset((point.column, best.column)))) for point in points]
    chosen_on = "validation" if by_valid else "held-out"
    found = sweep.model_copy(update={"points": points, "best": best.column, "chosen_on": chosen_on})
    return found.model_copy(update={"verdict": verdict(found, best, training(comparison))})


def measured(point: Point, cells: Sequence[Cell]) -> Point:
    """The point with the bits of its column's finished cells."""
    if not cells:
        return point
    checks = [[row.valid_bits_per_character for row in cell.history] for cell in cells]
    return point.model_copy(
        update={
            "bits_per_character": fmean(cell.bits_per_character.total for cell in cells),
            "valid_bits_per_character": fmean(map(min, checks)) if all(checks) else None,
        }
    )


def against_best(point: Point, contrast: Contrast | None) -> Point:
    """The point with its difference from the best, from the contrast between the two, if there is one."""
    if contrast is None:
        return point
    own = contrast if contrast.a == point.column else contrast.turned
    return point.model_copy(
        update={"difference": own.difference, "low": own.low, "high": own.high, "settled": own.settled}
    )


def verdict(sweep: Sweep, best: Point, training: Mapping[str, Training]) -> str:
    """The best value, those that cannot be told from it and those that can be, in a sentence.

    If the difference from any of them holds only after this much training, it says so.
    """
    others = [point for point in sweep.measured if point.column != best.column]
    of_values = f"of {plural(len(sweep.points), 'value')} of {sweep.key} for {sweep.column}, "
    early = any(
        undertrained(best.column, other.column, -other.difference, training, settled=bool(other.settled))
        for other in others
        if other.difference is not None
    )
    after = "after this much training, " if early else ""
    bits = f"{best.bits_per_character:.3f}"
    if not others:
        chosen = f"only {best.text} has a result: {bits} bits per character of the held-out text"
    elif sweep.chosen_on == "validation":
        chosen = (
            f"{best.text}{extreme(sweep, best)} is the best on the validation text and needs {bits} bits per character "
            f"of the held-out text"
        )
    else:
        chosen = (
            f"{best.text}{extreme(sweep, best)} needs the fewest bits per character of the held-out text, {bits}, "
            f"which flatters it (what is counted has no validation bits to choose by)"
        )
    clauses = standing(sweep) if others else []
    sentence = "; ".join([after + of_values + chosen, *clauses])
    return sentence[0].upper() + sentence[1:] + "."


def extreme(sweep: Sweep, best: Point) -> str:
    """That no smaller, or no larger, value was tried; of two values, the best is always one or the other."""
    values = [point.value for point in sweep.points]
    if not sweep.numeric or len(values) < 3 or best.value not in (min(values), max(values)):
        return ""
    return f", the {'smallest' if best.value == min(values) else 'largest'} value tried,"


def equal_to_each_other(sweep: Sweep) -> list[list[str]]:
    """Groups of values that need exactly as many bits as each other, but not as many as the best one."""
    others = [point for point in sweep.measured if sweep.standing(point) not in ("best", "the same")]
    groups = grouped(others, lambda point: point.bits_per_character).values()
    return [[point.text for point in group] for group in groups if len(group) > 1]


def standing(sweep: Sweep) -> list[str]:
    """How the other values stand to the best one, in clauses."""
    values: dict[Standing, list[str]] = {}
    for point in sweep.points:
        values.setdefault(sweep.standing(point), []).append(point.text)
    clauses = [f"it cannot be told from {listing(near)}"] if (near := values.get("cannot tell")) else []
    if same := values.get("the same"):
        need = "needs" if len(same) == 1 else "need"
        clauses.append(f"{listing(same)} {need} exactly as many bits as it: between them {sweep.key} changes nothing")
    clauses += [f"between {listing(equal)} {sweep.key} changes nothing" for equal in equal_to_each_other(sweep)]
    said: dict[Standing, tuple[str, str]] = {
        "needs more": ("needs more", "need more"),
        "needs fewer": ("needs fewer", "need fewer"),
        "no result": ("has no result", "have no result"),
    }
    for how, (one, several) in said.items():
        if texts := values.get(how):
            clauses.append(f"{listing(texts)} {one if len(texts) == 1 else several}")
    return clauses
