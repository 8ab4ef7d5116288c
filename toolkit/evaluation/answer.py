"""The answer of a comparison: which column to use, in one sentence, and what to run next."""

import re
import shlex
from collections.abc import Sequence
from statistics import fmean

from toolkit.errors import PASSING
from toolkit.evaluation.commands import latest, longer_only_by, to_run_again
from toolkit.evaluation.folds import answer_over
from toolkit.evaluation.statistics import smallest_p
from toolkit.evaluation.undertraining import AFTER, training, undertrained
from toolkit.evaluation.units import columns_over_units
from toolkit.evaluation.verdict import either
from toolkit.results.answer import Answer
from toolkit.results.comparison import Comparison
from toolkit.results.contrasts import Contrast
from toolkit.results.grouping import grouped
from toolkit.results.text import ALPHA, amount, from_to, listing, plural
from toolkit.results.units import unit_of
from toolkit.runs.columns import Column

ENOUGH_SEEDS = 3  # with fewer, a verdict is about the trained models alone


def answer(comparison: Comparison) -> Answer:
    """What the comparison comes to: with folds, over all documents, and what to run next is that of the first fold.

    A column is recommended if it has the fewest bits and beats at least one other; those that it cannot be told from
    are named with it.
    """
    found = answer_of_one_split(comparison)
    return found if comparison.folds is None else answer_over(comparison.folds, found)


def answer_of_one_split(comparison: Comparison) -> Answer:
    """What the cells of the comparison itself come to, whatever other folds there are."""
    totals = comparison.totals
    step, why = next_step(comparison)
    if not totals:
        return Answer(column=None, sentence="Nothing can be recommended: no column has a result.", step=step, why=why)
    ranked = sorted(totals, key=lambda name: totals[name])
    best = ranked[0]
    if len(ranked) == 1:
        bits = f"{totals[best]:.3f} bits per character"
        alone = f"`{best}` needs {bits}, and there is no second column to compare it with."
        return Answer(column=None, sentence=alone, step=step, why=why)
    against = [comparison.contrast(best, name) for name in ranked[1:]]
    if not any(contrast.settled for contrast in against):
        return Answer(column=None, sentence=undecided(comparison, best, against), step=step, why=why)
    return Answer(column=best, sentence=recommended(comparison, best, against), step=step, why=why)


def recommended(comparison: Comparison, best: str, against: Sequence[Contrast]) -> str:
    """The sentence on a column that beats another; ``against`` are its contrasts, that with the next best first."""
    tied = [contrast.b for contrast in against if not contrast.settled]
    over_next = next(contrast for contrast in against if contrast.settled)
    others = f" (or {either(tied)}, which this comparison cannot tell from it)" if tied else ""
    return (
        f"Use `{best}`{others}: it needs {less(comparison, over_next, ' bits per character')}, "
        f"and {fewer_in(comparison, best, over_next.b)}{over_other_kind(comparison, best, against)}; "
        f"{seeds_of(comparison)}{price(comparison, best, over_next.b)}."
    )


def less(comparison: Comparison, over: Contrast, of: str = "") -> str:
    """By how much (``of`` what) the first column of a contrast needs less than the second, and whether only so far."""
    early = undertrained(over.a, over.b, over.difference, training(comparison), settled=over.settled)
    after = f" ({AFTER.strip()})" if early else ""
    return f"{amount(abs(over.difference), over.half_width)}{of} less than `{over.b}`{after}"


def over_other_kind(comparison: Comparison, best: str, against: Sequence[Contrast]) -> str:
    """By how much the best column of words beats the best that is not of words, or the other way round.

    The rest of a sentence, which is about the next column that is beaten: nothing where that is the one, or where it is
    not beaten.
    """
    of_words = {name: cells[0].strategy is not None for name, cells in comparison.by_column.items()}
    others = [contrast for contrast in against if of_words[contrast.b] != of_words[best]]
    over_next = next(contrast for contrast in against if contrast.settled)
    if not others or not others[0].settled or others[0].b == over_next.b:
        return ""
    kind = "not of words" if of_words[best] else "of words"
    return f"; {less(comparison, others[0])}, the best that is {kind}"


def undecided(comparison: Comparison, best: str, against: Sequence[Contrast]) -> str:
    """The sentence where the best column beats no other; ``against`` are its contrasts, that with the next first."""
    nearest, tied = against[0], [contrast.b for contrast in against]
    size = amount(nearest.difference, nearest.half_width)
    second = f"`{nearest.b}`" if len(tied) == 1 else f"{either(tied)}: from `{nearest.b}` it differs by {size}"
    size = f" ({size} bits per character" if len(tied) == 1 else " (bits per character"
    needed = nearest.needed
    return (
        f"Nothing can be recommended: `{best}` cannot be told from {second}{size}, "
        f"{fewer_in(comparison, best, nearest.b)}; {seeds_of(comparison)}){'; ' if needed else ''}{needed}."
    )


def fewer_in(comparison: Comparison, a: str, b: str) -> str:
    """In how many held-out documents ``a`` has fewer bits than ``b``."""
    ours, theirs = columns_over_units(comparison, [comparison.by_column[name] for name in (a, b)]).means
    fewer, several = int((ours < theirs).sum()), plural(len(ours), unit_of(comparison))
    limit = "" if smallest_p(len(ours), len(comparison.by_column)) <= ALPHA else ", too few to tell anything"
    return f"fewer bits in {fewer} of {several}{limit}"


def seeds_of(comparison: Comparison) -> str:
    """How many seeds the columns have."""
    return from_to([len(cells) for cells in comparison.by_column.values()], "seed")


def price(comparison: Comparison, a: str, b: str) -> str:
    """The training times of two columns, means over seeds, as the rest of a sentence.

    Empty if one of the columns is counted, or if they may have been trained on different machines.
    """
    cells = [comparison.by_column[name] for name in (a, b)]
    if len(comparison.machines) > 1 or any(of_column[0].counted for of_column in cells):
        return ""
    ours, theirs = (fmean(cell.train_seconds for cell in of_column) for of_column in cells)
    return f"; it trained for {ours:,.0f} s, `{b}` for {theirs:,.0f} s" if max(ours, theirs) >= 1 else ""


def next_step(comparison: Comparison) -> tuple[str, str]:
    """The command to run next, and what it gives; two empty texts if there is none, or the last was no command.

    Where it is someone else's code that may have failed, the command is empty, and the other text says so.
    """
    words = to_run_again(latest(comparison.command))
    if not words:
        return "", ""
    plain = shlex.join(words)
    in_folds = comparison.folds.failed if comparison.folds else []  # sentences, each with its reason at the end
    if any(cell.may_succeed for cell in comparison.failed) or any(said.endswith(tuple(PASSING)) for said in in_folds):
        return plain, "compute what failed; the rest is kept"
    foreign = list(dict.fromkeys(cell.column for cell in comparison.failed if not Column.of_cell(cell).ours))
    if has_option(words, "--code") and foreign:
        have, whose = ("has", "its") if len(foreign) == 1 else ("have", "their")
        again = "repeat the command with --fresh, or with another --out"  # the folder refuses cells of other code
        return "", f"see why {listing(foreign)} {have} no result; after a change of {whose} code {again}"
    return step_of_finished(comparison, words)


def has_option(words: Sequence[str], option: str) -> bool:
    """Whether a command has an option, whose value may be part of the same word.

    >>> has_option(["toolkit", "compare", "--code=a.py"], "--code"), has_option(["--out", "a--code"], "--code")
    (True, False)
    """
    return any(word.partition("=")[0] == option for word in words)


def step_of_finished(comparison: Comparison, words: Sequence[str]) -> tuple[str, str]:
    """What ``next_step`` gives after a command, of these words, of which nothing is to be repeated."""
    of, plain = training(comparison), shlex.join(words)
    trained_on = has_option(words, "--more") or longer_only_by(comparison)
    early = (undertrained(c.a, c.b, c.difference, of, settled=c.settled) for c in comparison.column_contrasts)
    if any(early) and not trained_on:
        return f"{plain} --more 2x", "train on, to see whether the order stays"
    trained = {name for name, cells in comparison.by_column.items() if not cells[0].counted}
    asked = grouped((cell for cell in comparison.cells if cell.fraction == 1), lambda cell: cell.column)
    if min((len(asked[name]) for name in trained), default=ENOUGH_SEEDS) < ENOUGH_SEEDS:  # also those that failed
        without = re.sub(r" --seeds[ =]\d+", "", plain)
        return (
            f"{without} --seeds {ENOUGH_SEEDS}",
            "more seeds, so that the answer is about more than these trained models",
        )
    if any(cell.verified is None for cell in comparison.full) and not has_option(words, "--verify"):
        return (
            f"{plain} --verify",
            "prove the numbers: compress the held-out text with every model, and decompress it again",
        )
    return "", ""
