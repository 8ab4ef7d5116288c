"""The verdict on two columns, in words."""

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from toolkit.evaluation.power import WITH_ROOM, documents_needed, permutations_needed, seeds_needed
from toolkit.evaluation.statistics import Estimate, resolution, smallest_p
from toolkit.evaluation.undertraining import AFTER, Training, undertrained
from toolkit.results.contrasts import GROUNDS, TOO_FEW, Contrast, about_models, fewer_first, on_its_side
from toolkit.results.corpus import DOCUMENT, SEGMENT
from toolkit.results.rows import RowKind
from toolkit.results.text import ALPHA, amount, plural

NAMED = 3  # columns that cannot be told from another; the rest are counted
MOST_TOLD = 1_000  # documents: nobody gathers more, so no such number is given


@dataclass(frozen=True)
class Subject:
    """What is compared: columns, or rows of a ``kind``, over units of this name; how far each was trained."""

    unit: str = DOCUMENT
    kind: RowKind | None = None
    training: Mapping[str, Training] = field(default_factory=dict)


def verdict(a: str, b: str, difference: Estimate, subject: Subject) -> str:
    """The verdict in words. One column beats the other if and only if the interval excludes 0 and p is at most 0.05.

    As the intervals of all contrasts hold together, so do their verdicts. If the training of a and b was too short for
    more, the verdict is about what they need after this much of it.
    """
    after = AFTER if undertrained(a, b, difference.estimate, subject.training, settled=difference.decided) else ""
    because = grounds(a, b, difference, subject)
    return in_words(a, b, difference, after, because, what_would_tell(difference, subject.unit))


def in_words(
    a: str, b: str, difference: Estimate, after: str, because: Sequence[str], would_tell: str, on: str = ""
) -> str:
    """Which of the two is better and by how much, ``after`` how much training and ``on`` what texts, and why."""
    why = f"({'; '.join(because)})"
    if difference.decided:
        winner, loser = fewer_first(a, b, difference.estimate)
        size = amount(abs(difference.estimate), difference.half_width)
        return f"{winner} beats {loser} by {size} bits per character{on}{after} {why}"
    size = amount(difference.estimate, difference.half_width)
    return f"cannot tell {a} from {b}{on}: the difference is {size} bits per character {why}; {would_tell}"


def either(names: Sequence[str]) -> str:
    """The names, or the first of them and how many more.

    >>> either(["a", "b"]), either(["a", "b", "c", "d", "e"])
    ('`a` or `b`', '`a`, `b`, `c` or 2 more')
    """
    shown = [f"`{name}`" for name in names]
    if len(names) > NAMED + 1:
        shown[NAMED:] = [f"{len(names) - NAMED} more"]
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def grounds(a: str, b: str, difference: Estimate, subject: Subject) -> list[str]:
    """What the verdict rests on, in clauses: the interval's units, p, their limits, training, and what it is about."""
    unit, several = subject.unit, difference.contrasts > 1
    over = plural(difference.documents, unit) + seeds_too(difference, subject)
    together = f", wide enough for {difference.contrasts} contrasts together" if several else ""
    clauses = [
        f"{GROUNDS} over {over}{together}",
        p_in_words(difference) + (", adjusted for all of them" if several else ""),
    ]
    if difference.estimate:
        lower, _ = fewer_first(a, b, difference.estimate)
        clauses.append(f"{lower} has fewer bits in {difference.fewer} of {plural(difference.documents, unit)}")
    clauses += disagreement(difference)
    clauses += [f"{name}: {subject.training[name].in_words()}" for name in (a, b) if name in subject.training]
    return [*clauses, *about(a, b, difference, subject)]


def disagreement(difference: Estimate) -> list[str]:
    """A clause where interval and p say different things, or p cannot say any; none where both agree."""
    least = smallest_p(difference.documents, difference.columns)
    if least > ALPHA:
        return [f"{TOO_FEW}: the smallest possible p is {least:.3g}"]
    if difference.excludes_zero and not difference.decided:
        return ["the interval excludes 0, but p does not confirm it"]
    if difference.p <= ALPHA and not difference.decided:
        return ["p alone would tell them apart, the interval does not"]
    return []


def seeds_too(difference: Estimate, subject: Subject) -> str:
    """The seeds of both columns; nothing for ensembles, each of which is made of several.

    >>> seeds_too(Estimate(0.1, 0.0, 0.0, 2.0, 9, (1, 3), 2), Subject())
    ' and 1 and 3 seeds'
    """
    if subject.kind in ("ensemble", "adapting ensemble"):
        return ""
    few, many = difference.seeds
    return f" and {plural(few, 'seed')}" if few == many else f" and {few} and {plural(many, 'seed')}"


def p_in_words(difference: Estimate | Contrast) -> str:
    """p, not below what permutations can show, in at least two digits and as many as leave it on its side of 0.05.

    >>> p_in_words(Estimate(0.1, 0.0, 0.0, 2.0, 9, (1, 1), columns=2, p=0.0234375))
    'p = 0.023'
    >>> p_in_words(Estimate(0.1, 0.0, 0.0, 2.0, 9, (1, 1), columns=9, p=1 / 10_001))
    'p ≤ 0.0001'
    >>> p_in_words(Estimate(0.1, 0.0, 0.0, 2.0, 9, (1, 1), columns=2, p=0.0504))
    'p = 0.0504'
    """
    if difference.p <= resolution():
        return f"p ≤ {math.ceil(difference.p * 1e5) / 1e5:.1g}"
    rounded = (f"{difference.p:.{digits}g}" for digits in range(2, sys.float_info.dig + 3))
    return f"p = {on_its_side(difference.p, rounded)}"


def about(a: str, b: str, difference: Estimate, subject: Subject) -> list[str]:
    """Clauses on the subject of the verdict: never the methods, since there is one training text and one split."""
    clauses = []
    if subject.kind in ("adapting", "adapting ensemble"):
        clauses.append("each document was read after those before it, so they are not independent")
    if subject.kind in ("ensemble", "adapting ensemble"):
        return [*clauses, "about these two ensembles, not about the methods"]
    counted = {name for name, training in subject.training.items() if not training.trained}
    if difference.seeds == (1, 1) and counted.isdisjoint((a, b)):
        return [*clauses, "about these two trained models, not about the methods"]
    seeds = zip((a, b), difference.seeds, strict=True)
    return [*clauses, about_models([number for name, number in seeds if name not in counted])]


def could_be_told(difference: Estimate, unit: str) -> str:
    """The smallest difference that could have been told, in words, and where p would hardly confirm what the interval
    tells: of a few documents whose number can grow.
    """
    least = smallest_p(difference.documents, difference.columns)
    if least > ALPHA:
        return "no difference could have been told"
    told = f"a difference of about {difference.smallest_detectable:.2g} could have been told"
    if least <= WITH_ROOM or unit == SEGMENT:
        return told
    return f"{told} by the interval, though p would confirm it only where nearly all {unit}s agree"


def what_would_tell(difference: Estimate, unit: str) -> str:
    """The smallest difference that could have been told, what limits it, and how much more of that would decide.

    The true difference is taken to be the estimate.
    """
    limit = f"{'the length of the held-out text' if unit == SEGMENT else f'the number of {unit}s'} limits"
    told = could_be_told(difference, unit)
    if difference.estimate and smallest_p(difference.documents, difference.columns) > ALPHA:
        return f"{told}; {limit} it: {more_documents(difference, unit)} would be needed"
    if said := nothing_of_that_size(difference, limit):
        return said
    if difference.seed_variance > difference.document_variance:
        return f"{told}; chance in training limits it: {more_seeds(difference)} would be needed"
    return f"{told}; {limit} it: {more_documents(difference, unit)} would be needed"


def nothing_of_that_size(difference: Estimate, limit: str) -> str:
    """Why no size of a difference is told that could have been: there is none, or the interval excludes 0 as it is.

    Nothing where there is a size to be told. ``limit`` is what limits p.
    """
    if not difference.estimate:
        return "the two are equal here, and no number of documents would tell them apart"
    if difference.excludes_zero:
        return f"the interval alone would tell them apart; {limit} p, and how much more it would need cannot be said"
    return ""


def more_seeds(difference: Estimate) -> str:
    """About how many more seeds, if they alone suffice; of what has a single one, without a number."""
    few, many = difference.seeds
    if few == 1:
        return "more seeds of both columns" if many == 1 else "more seeds of the column that has one"
    seeds = seeds_needed(difference)
    if seeds is None:
        return "many more seeds and documents, both together,"
    return f"about {plural(seeds - min(difference.seeds), 'more seed')} of each column"


def more_documents(difference: Estimate, unit: str) -> str:
    """About how many more documents, if they alone suffice; or how much more text, if there is one document."""
    documents = documents_needed(difference)
    if documents is None or documents > MOST_TOLD:
        seeds = " and seeds, both together," if difference.seed_variance else ""
        return f"much more held-out text{seeds}" if unit == SEGMENT else f"many more {unit}s{seeds}"
    documents = max(documents, permutations_needed(difference.columns, ALPHA if unit == SEGMENT else WITH_ROOM))
    if unit == SEGMENT:
        return f"about {documents / difference.documents:.1f} times as much held-out text"
    return f"about {plural(documents - difference.documents, f'more {unit}')}"
