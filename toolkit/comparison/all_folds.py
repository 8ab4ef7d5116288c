"""All folds of a comparison: the first is the comparison itself, each of the others one in a folder below it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from toolkit.comparison.folder import FOLDS
from toolkit.comparison.request import Request
from toolkit.evaluation.folds import folds_of
from toolkit.results.comparison import Comparison
from toolkit.text.folds import Fold


def later_folds(request: Request) -> Iterator[Request]:
    """The requests for the folds after the first; none for a later fold itself, or without folds."""
    if request.fold.number == 1:
        for number in range(2, request.fold.of + 1):
            yield request.in_fold(Fold(number, request.fold.of))


def fold_notes(request: Request) -> list[str]:
    """A sentence if other folds hold out other documents."""
    fold = request.fold
    if fold.of == 1:
        return []
    where = "this one" if fold.number == 1 else "that of the first"
    return [f"This comparison is fold {fold}; what all say together stands in {where}."]


def with_all_folds(
    first: Comparison, request: Request, compare: Callable[[Request, Path], Comparison], out: Path
) -> Comparison:
    """The comparison of the first fold, with what all say together; ``compare`` computes another in a folder."""
    places = {one.fold.number: f"{FOLDS}/{one.fold.number}" for one in later_folds(request)}
    others = [compare(one, out / places[one.fold.number]) for one in later_folds(request)]
    return first.model_copy(update={"folds": folds_of([first, *others], [".", *places.values()])}) if others else first
