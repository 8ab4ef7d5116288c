"""What betrays each model: measures and n-grams that tell it from the author, copies, and invented words."""

from dataclasses import dataclass

from toolkit.report.columns import ColumnResult, Results, WrittenColumn
from toolkit.results.comparison import Comparison
from toolkit.results.generated import Copy, Generated, Lane, NewWords, TellingNgram, ToldApart
from toolkit.results.text import ALPHA, decimals

WORDS = 12  # shown of the new words of a kind


@dataclass(frozen=True)
class Betrayal:
    """One lane: what is said of it, the n-grams of the samples and of the author, copies and new words."""

    column: ColumnResult | None
    sentences: tuple[str, ...]
    samples: tuple[TellingNgram, ...]
    author: tuple[TellingNgram, ...]
    copies: tuple[Copy, ...]
    new_words: dict[str, list[str]]  # by kind


def betrayals(results: Results) -> list[Betrayal]:
    """Each column, and before them the author's held-out passages."""
    written = results.written
    return [*map(_author, written[:1]), *(_betrayal(results.comparison, column) for column in written)]


def _author(column: WrittenColumn) -> Betrayal:
    """The author's held-out passages, which are the same for every column."""
    author = column.generated.author
    return Betrayal(None, (_told(author.told_apart, "These passages"),), (), (), (), _by_kind(author.new_words))


def _betrayal(comparison: Comparison, column: WrittenColumn) -> Betrayal:
    own = column.generated
    told = own.told_apart
    return Betrayal(
        column,
        (_measures(comparison, own), _told(told, "The samples")),
        tuple(told.samples) if told else (),
        tuple(told.author) if told else (),
        tuple(own.copies),
        _by_kind(own.new_words),
    )


def _measures(comparison: Comparison, own: Generated) -> str:
    """The measures that tell the samples from the author's passages, in a sentence."""
    if own.telling is None:
        return "No measure was tested: there are too few samples."
    labels = [facts.label for name, facts in comparison.measures.items() if name in own.telling]
    if not labels:
        return f"None of {len(own.measures)} measures tells the samples from the author’s passages."
    many = f"{len(labels)} of {len(own.measures)} measures {'tells' if len(labels) == 1 else 'tell'}"
    return f"{many} the samples from the author’s passages: {'; '.join(labels)}."


def _told(told: ToldApart | None, who: str) -> str:
    """How well a classifier tells them apart, in a sentence."""
    if told is None:
        return f"{who} are too short for a classifier."
    if 1 / told.labellings > ALPHA:
        return f"{who} are too few for a classifier: no p could be below {decimals(1 / told.labellings, 2)}."
    chance = f"area {decimals(told.area, 2)}, p = {decimals(told.p, 3)}"
    if told.p > ALPHA:
        return (
            f"A classifier of {told.passages} passages does not tell {who[0].lower()}{who[1:]} from the author’s "
            f"training text ({chance})."
        )
    return f"A classifier tells {who[0].lower()}{who[1:]} from the author’s training text ({chance})."


def _by_kind(words: NewWords) -> dict[str, list[str]]:
    """The new words of each kind that a page shows."""
    return {kind: of_kind[:WORDS] for kind, of_kind in words}


def telling_counts(columns: list[WrittenColumn]) -> list[str]:
    """For the author's other passages, then for each column, how many measures tell it from the author's passages."""
    written = [column.generated for column in columns]
    lanes: list[Generated | Lane | None] = [*(own.another for own in written[:1]), *written]
    return [
        "–" if lane is None or lane.telling is None else f"{len(lane.telling)} of {len(lane.measures)}"
        for lane in lanes
    ]
