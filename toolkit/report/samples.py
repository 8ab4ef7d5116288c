"""Generated texts side by side: the columns' answers to the same prompt."""

from dataclasses import dataclass

from toolkit.report.columns import ColumnResult
from toolkit.results.generated import Fill, Sample

ROWS = 6
SAMPLE_CHARACTERS = 500


@dataclass(frozen=True)
class Piece:
    """A stretch of a text: as the model wrote it, or a word in the place of a placeholder of a class."""

    text: str
    word_class: str | None = None


@dataclass(frozen=True)
class Answer:
    """What one column wrote, or None if it has nothing for this prompt."""

    column: ColumnResult
    sample: Sample | None

    @property
    def seen(self) -> list[Piece]:
        """As much of the text as the page shows, its placeholders filled with words from training."""
        return pieces(self.sample.text[:SAMPLE_CHARACTERS], self.sample.fills) if self.sample else []

    @property
    def spelled(self) -> list[Piece]:
        """The same with words that the speller made; empty if no placeholder was drawn."""
        spelled = self.sample.spelled if self.sample else None
        return pieces(spelled.text[:SAMPLE_CHARACTERS], spelled.fills) if spelled else []

    @property
    def hidden(self) -> int:
        """How many characters the page leaves out."""
        return max(0, len(self.sample.text) - SAMPLE_CHARACTERS) if self.sample else 0


@dataclass(frozen=True)
class Matched:
    """One prompt, and every column's answer to it."""

    prompt: str
    answers: list[Answer]


def pieces(text: str, fills: list[Fill]) -> list[Piece]:
    """The text cut where a placeholder's word begins and ends; fills beyond its end are dropped.

    >>> pieces("an owl", [Fill(start=3, end=6, name="NOUN")])
    [Piece(text='an ', word_class=None), Piece(text='owl', word_class='NOUN')]
    """
    cut = []
    place = 0
    for fill in fills:
        cut += [Piece(text[place : fill.start]), Piece(text[fill.start : fill.end], fill.name)]
        place = fill.end
    return [piece for piece in [*cut, Piece(text[place:])] if piece.text]


def matched(columns: list[ColumnResult]) -> list[Matched]:
    """Rows of answers: every prompt once before any is repeated, so that few rows show many prompts."""
    by_column = [
        {prompt: [s for s in column.first.generated.samples if s.prompt == prompt] for prompt in _prompts(column)}
        for column in columns
    ]
    prompts = list(dict.fromkeys(prompt for texts in by_column for prompt in texts))
    deepest = max((len(texts) for answers in by_column for texts in answers.values()), default=0)
    rows = []
    for i in range(deepest):
        for prompt in prompts:
            texts = [answers.get(prompt, [])[i : i + 1] for answers in by_column]
            if any(texts):
                pairs = zip(columns, texts, strict=True)
                rows.append(Matched(prompt, [Answer(column, text[0] if text else None) for column, text in pairs]))
    return rows[:ROWS]


def filled(columns: list[ColumnResult]) -> list[ColumnResult]:
    """The columns that drew placeholders."""
    return [column for column in columns if any(sample.spelled for sample in column.first.generated.samples)]


def _prompts(column: ColumnResult) -> list[str]:
    return list(dict.fromkeys(sample.prompt for sample in column.first.generated.samples))
