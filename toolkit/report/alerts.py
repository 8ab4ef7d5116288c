"""What a reader must know before believing a comparison: a short line each, with the whole sentence behind it."""

import re
from dataclasses import dataclass

from toolkit.report.columns import ColumnResult, Results, best_check
from toolkit.report.html import cut
from toolkit.results.comparison import Comparison
from toolkit.results.text import percent

CLAUSE = re.compile(r"^(?P<head>.{12,}?)(?::|;|\.) (?=\S)")  # a first clause, before more follows
QUOTED = re.compile(r"(?<!\w)(['\"`]).*?\1(?!\w)")  # a name or a command, of which a clause has all or nothing
LONGEST = 110  # characters of a short line
OVERFITTING = 0.8  # a best check before this share of training, and what follows is overfitting
RISE = 0.01  # bits per character of the validation text, above the best check


@dataclass(frozen=True)
class Alert:
    """A short line; ``whole`` is empty if the line is all there is. ``failure``: something has no result."""

    short: str
    whole: str = ""
    failure: bool = False


def alerts(results: Results) -> list[Alert]:
    """What failed first, then warnings and notes, then which columns overfitted."""
    comparison = results.comparison
    return [
        *(Alert(f"{cell.title} has no result", cell.reason, failure=True) for cell in comparison.failed),
        *(Alert(f"{sentence.split(', ')[0]} has no result", sentence, failure=True) for sentence in later(comparison)),
        *map(shortened, [*comparison.warnings, *comparison.corpus.notes]),
        *(alert for column in results.columns if (alert := overfitting(column))),
    ]


def later(comparison: Comparison) -> list[str]:
    """What has no result in a fold after the first."""
    return [one for one in comparison.folds.failed if not one.startswith("Fold 1:")] if comparison.folds else []


def shortened(sentence: str) -> Alert:
    """A sentence by its first clause, or if that is long by its first words.

    >>> shortened("The verdicts hold so far: char needs more bits than PPMd.").short
    'The verdicts hold so far'
    >>> shortened("The document 'Dr. Jekyll' shares much with 'Mr. Hyde': remove one of the two.").short
    "The document 'Dr. Jekyll' shares much with 'Mr. Hyde'"
    """
    clause = CLAUSE.match(QUOTED.sub(lambda quoted: "x" * len(quoted[0]), sentence))
    if clause is None and len(sentence) <= LONGEST:
        return Alert(sentence)
    head = sentence[: clause.end("head")] if clause else sentence
    short = cut(head, LONGEST)
    return Alert(short if short == head else re.sub(r" \S*…$", " …", short), sentence)


def overfitting(column: ColumnResult) -> Alert | None:
    """From where on a column's training overfitted, if it did: the earliest of its seeds."""
    points = []
    for cell in column.cells:
        if not cell.history:
            continue
        best, last = best_check(cell), cell.history[-1]
        share = best.updates / last.updates
        if share < OVERFITTING and last.valid_bits_per_character > best.valid_bits_per_character + RISE:
            points.append((share, best, last))
    if not points:
        return None
    share, best, last = min(points, key=lambda point: point[0])
    return Alert(
        f"{column.name} overfits after {percent(share, 0)} of its training",
        f"{column.name} needed the fewest bits of the validation text after {best.updates:,} of {last.updates:,} "
        f"updates, and {last.valid_bits_per_character - best.valid_bits_per_character:.3f} bits per character more at "
        f"the end. The weights of its best check are the ones that were kept: longer training gives nothing here.",
    )
