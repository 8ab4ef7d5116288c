"""All folds of a comparison: the first is the comparison itself, each of the others one in a folder below it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from toolkit.comparison.folder import FOLDS
from toolkit.comparison.growing import with_command
from toolkit.comparison.request import Request
from toolkit.evaluation.conclusions import answered
from toolkit.evaluation.folds import folds_of
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison


def later_folds(request: Request) -> Iterator[Request]:
    """The requests for the folds after the first; none for a later fold itself, or without folds."""
    if request.fold.number == 1:
        yield from map(request.in_fold, range(2, request.fold.of + 1))


def in_its_fold(comparison: Comparison, request: Request) -> Comparison:
    """The comparison with the number of its fold, if there are several, and a new answer.

    One that was made without folds gets the command that asked for them.
    """
    fold, command = request.fold, comparison.command
    if fold.of == 1:
        return comparison
    if any(cell.fold != fold.number for cell in comparison.done):
        command = with_command(command, request.command)
    marked = comparison.model_copy(
        update={
            "cells": [
                cell.model_copy(update={"fold": fold.number}) if isinstance(cell, Cell) else cell
                for cell in comparison.cells
            ],
            "command": command,
            "settings": comparison.settings | ({"folds": fold.of} if fold.number == 1 else {}),
        }
    )
    return answered(marked)


def with_all_folds(
    first: Comparison, request: Request, compare: Callable[[Request, Path], Comparison], out: Path
) -> Comparison:
    """The comparison of the first fold, with what all say together; ``compare`` computes another in a folder."""
    comparisons, folders = [first], ["."]
    for one in later_folds(request):
        folders.append(f"{FOLDS}/{one.fold.number}")
        comparisons.append(compare(one, out / folders[-1]))
    folds = folds_of(comparisons, folders)
    corpus = first.corpus.model_copy(update={"splits": [comparison.corpus.split for comparison in comparisons]})
    return answered(first.model_copy(update={"folds": folds, "corpus": corpus}))
