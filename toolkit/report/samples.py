"""Generated texts side by side: the columns' replies to the same prompt, and what is marked in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from toolkit.report.charts import ON_ONE_LINE
from toolkit.report.columns import ColumnResult, WrittenColumn
from toolkit.results.generated import SHOWN, Fill, Filled, Mark, Sample
from toolkit.results.grouping import grouped
from toolkit.results.text import decimals

ROWS = 6
SOURCES = 4  # copied spans whose source is told below a text
OWN = "at-own"  # the id of the control for the temperature that each column has for itself


@dataclass(frozen=True)
class Piece:
    """A stretch of a text in which the same is marked: the classes of its marks, and where it is copied from."""

    text: str
    kinds: tuple[str, ...] = ()
    source: Mark | None = None


@dataclass(frozen=True)
class Stretch:
    """A stretch of a text as the model wrote it, or a word in the place of a placeholder of a class; in pieces."""

    pieces: list[Piece]
    word_class: str | None = None


@dataclass(frozen=True)
class View:
    """A text as the page shows it."""

    filled: Filled

    @property
    def stretches(self) -> list[Stretch]:
        """As much of the text as the page shows, cut where a placeholder's word or a mark begins and ends.

        A word that the page cuts is not marked.
        """
        marks = [mark for mark in self.filled.marks if mark.end <= SHOWN or mark.kind == "copied"]
        return stretches(self.filled.text[:SHOWN], self.filled.fills, marks)

    @property
    def copies(self) -> list[tuple[str, Mark]]:
        """What is copied, whole, and from where, in the order of the text."""
        copied = [mark for mark in self.filled.marks if mark.kind == "copied"]
        return [(self.filled.text[mark.start : mark.end], mark) for mark in copied]

    @property
    def hidden(self) -> int:
        """How many characters the page leaves out."""
        return max(0, len(self.filled.text) - SHOWN)


@dataclass(frozen=True)
class Reply:
    """What one column wrote, or None if it has nothing here."""

    column: ColumnResult
    sample: Sample | None

    @property
    def views(self) -> dict[str, View]:
        """The text with placeholders filled by words seen in training, and, if there are any, by spelled ones."""
        if self.sample is None:
            return {}
        seen = Filled(text=self.sample.text, fills=self.sample.fills, marks=self.sample.marks)
        return {"seen": View(seen)} | ({"spelled": View(self.sample.spelled)} if self.sample.spelled else {})


@dataclass(frozen=True)
class Row:
    """One prompt, every column's reply to it, and the ids of the controls that show it when they are chosen."""

    prompt: str
    replies: list[Reply]
    temperature: str
    number: str


@dataclass(frozen=True)
class Choice:
    """One of the temperatures that can be chosen: its control's id, and its label."""

    id: str
    label: str


def stretches(text: str, fills: Sequence[Fill], marks: Sequence[Mark]) -> list[Stretch]:
    """The text cut where a placeholder's word begins and ends; what is beyond its end is dropped.

    >>> [(s.word_class, [p.text for p in s.pieces]) for s in stretches("an owl", [Fill(start=3, end=6, name="N")], [])]
    [(None, ['an ']), ('N', ['owl'])]
    """
    cut = []
    place = 0
    for fill in fills:
        cut += [
            Stretch(pieces(text, place, fill.start, marks)),
            Stretch(pieces(text, fill.start, fill.end, marks), fill.name),
        ]
        place = fill.end
    return [stretch for stretch in [*cut, Stretch(pieces(text, place, len(text), marks))] if stretch.pieces]


def pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> list[Piece]:
    """``text[start:end]`` cut where a mark begins or ends.

    >>> [(p.text, p.kinds) for p in pieces("an old owl", 0, 10, [Mark(start=3, end=6, kind="broken")])]
    [('an ', ()), ('old', ('broken',)), (' owl', ())]
    """
    end = min(end, len(text))
    places = {place for mark in marks for place in (mark.start, mark.end) if start < place < end}
    cut = []
    for here, there in pairwise(sorted({start, end, *places}) if start < end else []):
        over = [mark for mark in marks if mark.start <= here and there <= mark.end]
        kinds = tuple(dict.fromkeys(mark.kind for mark in over))
        source = next((mark for mark in over if mark.kind == "copied"), None)
        cut.append(Piece(text[here:there], kinds, source))
    return cut


def own(columns: list[WrittenColumn]) -> list[Row]:
    """Rows of samples: every prompt once before any is repeated, so that few rows show many prompts."""
    by_column = [grouped(column.generated.samples, lambda sample: sample.prompt) for column in columns]
    prompts = list(dict.fromkeys(prompt for texts in by_column for prompt in texts))
    deepest = max((len(texts) for answers in by_column for texts in answers.values()), default=0)
    answered = [
        (prompt, [answers.get(prompt, [])[i : i + 1] for answers in by_column])
        for i in range(deepest)
        for prompt in prompts
    ]
    kept = [(prompt, texts) for prompt, texts in answered if any(texts)][:ROWS]
    return [
        Row(prompt, list(map(Reply, columns, map(first, texts))), OWN, f"sample-{number}")
        for number, (prompt, texts) in enumerate(kept, 1)
    ]


def swept(columns: list[WrittenColumn]) -> Iterator[Row]:
    """Rows of the texts at each temperature of the sweep; of many columns only one each: the page has to stay small."""
    by_column = [_at_temperatures(column) for column in columns]
    most = 1 if len(columns) > ON_ONE_LINE else None
    for place, temperature in enumerate(_temperatures(columns), 1):
        texts = [at.get(temperature, [])[:most] for at in by_column]
        for i in range(max(map(len, texts))):
            replies = list(map(Reply, columns, (first(of[i:]) for of in texts)))
            prompt = next(reply.sample.prompt for reply in replies if reply.sample)
            yield Row(prompt, replies, f"at-{place}", f"text-{i + 1}")


def first(texts: Sequence[Sample]) -> Sample | None:
    """The first of the texts, if there is any."""
    return texts[0] if texts else None


def choices(columns: list[WrittenColumn]) -> list[Choice]:
    """The temperatures to choose from: each column's own, and those of the sweep. None if no swept text was kept."""
    temperatures = _temperatures(columns)
    if not temperatures:
        return []
    label = "matched" if all(column.generated.matched for column in columns) else "given"
    return [Choice(OWN, label), *(Choice(f"at-{i}", decimals(at, 1)) for i, at in enumerate(temperatures, 1))]


def filled(columns: list[WrittenColumn]) -> list[WrittenColumn]:
    """The columns that drew placeholders."""
    return [column for column in columns if any(sample.spelled for sample in _texts(column))]


def _texts(column: WrittenColumn) -> list[Sample]:
    swept = _at_temperatures(column).values()
    return [*column.generated.samples, *(sample for texts in swept for sample in texts)]


def _at_temperatures(column: WrittenColumn) -> dict[float, list[Sample]]:
    return {at.temperature: at.samples for at in column.generated.sweep.points if at.samples}


def _temperatures(columns: list[WrittenColumn]) -> list[float]:
    return sorted({temperature for column in columns for temperature in _at_temperatures(column)})
