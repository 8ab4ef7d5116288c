"""The answer of a comparison: the column to use, and the command to run next."""

import re
import shlex
from collections.abc import Sequence

from toolkit.config import HOW_LONG
from toolkit.errors import PASSING
from toolkit.results.comparison import Comparison
from toolkit.results.conclusions import Answer, Step, find
from toolkit.results.record import grouped
from toolkit.runs.spec import Column

ENOUGH_SEEDS = 3  # with fewer, a verdict is about the trained models alone
NOT_AGAIN = ("--fresh", "--open", "--quiet", "--json")  # options that the next command does without


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
    words = rerun_words(comparison.command)
    if not words:
        return None, None
    command = shlex.join(words)
    later = comparison.folds.warnings if comparison.folds else []
    if any(cell.may_succeed for cell in comparison.failed) or any(warning.value in PASSING for warning in later):
        return "repeat", command
    if not all(Column.of_cell(cell).ours for cell in comparison.failed):
        return None, None
    if any(contrast.undertrained for contrast in comparison.column_contrasts) and not has_option(words, "--more"):
        return "more", f"{command} --more 2x" if can_train_further(comparison) else None
    trained = {name for name, cells in comparison.by_column.items() if not cells[0].counted}
    requested = grouped((cell for cell in comparison.cells if cell.fraction == 1), lambda cell: cell.column)
    if min((len(requested[name]) for name in trained), default=ENOUGH_SEEDS) < ENOUGH_SEEDS:
        return "seeds", f"{re.sub(r' --seeds[ =][0-9]+', '', command)} --seeds {ENOUGH_SEEDS}"
    if any(cell.verified is None for cell in comparison.full) and not has_option(words, "--verify"):
        return "verify", f"{command} --verify"
    return None, None


def rerun_words(command: str) -> list[str]:
    """Return the words of the last ``toolkit compare`` of a command, to be run again; empty if it is no such command.

    >>> rerun_words("toolkit compare; toolkit compare --corpus 'my novels' --fresh")
    ['toolkit', 'compare', '--corpus', 'my novels']
    >>> rerun_words("toolkit compare for Anna's class")
    []
    """
    try:
        words = shlex.split(re.split(r"; (?=toolkit)", command)[-1])
    except ValueError:  # a quote that does not end
        return []
    if words[:2] != ["toolkit", "compare"] or not all(word.startswith("-") for word in words[2:3]):
        return []
    return [word for word in words if word not in NOT_AGAIN]


def has_option(words: Sequence[str], option: str) -> bool:
    """Check whether a command has an option, whose value may be part of the same word.

    >>> has_option(["toolkit", "compare", "--more=2x"], "--more"), has_option(["--out", "a--more"], "--more")
    (True, False)
    """
    return any(word.partition("=")[0] == option for word in words)


def can_train_further(comparison: Comparison) -> bool:
    """Check whether ``--more`` is allowed: all cells have one length of training, in one split."""
    tables = comparison.settings.get("columns", {}).values()
    lengths_differ = any(not HOW_LONG.isdisjoint(table.get("train", {})) for table in tables)
    in_folds = any(cell.fold for cell in comparison.done)
    return not (comparison.settings.get("match") or lengths_differ or in_folds or comparison.corpus.fractions)
