"""Everything that follows from the cells of a comparison: anyone can compute it again from comparison.json."""

import re
import shlex

from toolkit.config import HOW_LONG
from toolkit.errors import PASSING
from toolkit.evaluation.contrasts import contrasts_of, leads, noise_differences
from toolkit.evaluation.scaling import fraction_differences
from toolkit.evaluation.warnings import warnings_of
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Answer, Step, find
from toolkit.results.record import grouped
from toolkit.runs.spec import Column

ENOUGH_SEEDS = 3  # with fewer, a verdict is about the trained models alone
NOT_AGAIN = ("--fresh", "--open", "--quiet", "--json")  # options that the next command does without
LAST_COMMAND = re.compile(r"(?:.*; )?(toolkit compare(?: \S+)?(?: -.*)?)", re.DOTALL)


def concluded(comparison: Comparison) -> Comparison:
    """Return the comparison with contrasts, leads, noise, scaling, warnings and answer from its cells."""
    compared = comparison.model_copy(
        update={
            "contrasts": contrasts_of(comparison),
            "leads": leads(comparison),
            "noise": noise_differences(comparison),
            "scaling": fraction_differences(comparison),
        }
    )
    return answered(compared)


def answered(comparison: Comparison) -> Comparison:
    """Return the comparison with the warnings and the answer that follow from its contrasts."""
    warned = comparison.model_copy(update={"warnings": warnings_of(comparison)})
    return warned.model_copy(update={"answer": answer(warned)})


def answer(comparison: Comparison) -> Answer:
    """Return the answer, over all folds if there are several. The next command continues the first fold.

    The column with the fewest bits is recommended if it beats at least one more column.
    """
    totals, contrasts = comparison.answering
    ranked = sorted(totals, key=lambda name: totals[name])
    step, command = next_step(comparison)
    against = [find(contrasts, ranked[0], name) for name in ranked[1:]]
    beaten = [contrast.b for contrast in against if contrast.significant]
    if not beaten:
        return Answer(tied=ranked, next=step, command=command)
    tied = [str(contrast.b) for contrast in against if not contrast.significant]
    return Answer(column=ranked[0], tied=tied, runner_up=beaten[0], next=step, command=command)


def next_step(comparison: Comparison) -> tuple[Step | None, str | None]:
    """Return the next step and its command, if the comparison was made by a command.

    After a failure of foreign code there is no step, since the code may have to change first. If longer training needs
    another comparison, the step has no command.
    """
    match = LAST_COMMAND.fullmatch(comparison.command)
    if not match:
        return None, None
    words = [word for word in shlex.split(match[1]) if word not in NOT_AGAIN]
    command, options = shlex.join(words), {word.partition("=")[0] for word in words}
    later = comparison.folds.warnings if comparison.folds else []
    if any(cell.may_succeed for cell in comparison.failed) or any(warning.value in PASSING for warning in later):
        return "repeat", command
    if not all(Column.of_cell(cell).ours for cell in comparison.failed):
        return None, None
    if any(contrast.undertrained for contrast in comparison.column_contrasts) and "--more" not in options:
        return "more", f"{command} --more 2x" if can_train_further(comparison) else None
    requested = grouped((cell for cell in comparison.cells if cell.fraction == 1), lambda cell: cell.column)
    seeds = [len(requested[name]) for name, cells in comparison.by_column.items() if not cells[0].counted]
    if min(seeds, default=ENOUGH_SEEDS) < ENOUGH_SEEDS:
        return "seeds", f"{re.sub(r' --seeds[ =][0-9]+', '', command)} --seeds {ENOUGH_SEEDS}"
    if any(cell.verified is None for cell in comparison.full) and "--verify" not in options:
        return "verify", f"{command} --verify"
    return None, None


def can_train_further(comparison: Comparison) -> bool:
    """Check whether ``--more`` is allowed: all cells have one length of training, in one split."""
    tables = comparison.settings.get("columns", {}).values()
    lengths_differ = any(not HOW_LONG.isdisjoint(table.get("train", {})) for table in tables)
    in_folds = any(cell.fold for cell in comparison.done)
    return not (comparison.settings.get("match") or lengths_differ or in_folds or comparison.corpus.fractions)
