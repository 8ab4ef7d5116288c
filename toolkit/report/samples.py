"""Generated texts side by side: the columns' answers to the same prompt."""

from dataclasses import dataclass

from toolkit.report.columns import Column
from toolkit.results import Sample

ROWS = 6
SAMPLE_CHARACTERS = 900


@dataclass(frozen=True)
class Answer:
    """What one column wrote, or None where it has nothing for this prompt."""

    column: Column
    sample: Sample | None

    @property
    def shown(self) -> str:
        """The text, as much as the page shows of it."""
        return self.sample.text[:SAMPLE_CHARACTERS] if self.sample else ""

    @property
    def hidden(self) -> int:
        """How many characters the page leaves out."""
        return len(self.sample.text) - len(self.shown) if self.sample else 0


@dataclass(frozen=True)
class Matched:
    """One prompt, and every column's answer to it."""

    prompt: str
    answers: list[Answer]


def matched(columns: list[Column]) -> list[Matched]:
    """Rows of answers: each prompt once before any comes again, so that few rows show many prompts."""
    given = [
        {prompt: [s for s in column.first.generated.samples if s.prompt == prompt] for prompt in _prompts(column)}
        for column in columns
    ]
    prompts = list(dict.fromkeys(prompt for texts in given for prompt in texts))
    deepest = max((len(texts) for answers in given for texts in answers.values()), default=0)
    found = []
    for i in range(deepest):
        for prompt in prompts:
            texts = [answers.get(prompt, [])[i : i + 1] for answers in given]
            if any(texts):
                pairs = zip(columns, texts, strict=True)
                found.append(Matched(prompt, [Answer(column, text[0] if text else None) for column, text in pairs]))
    return found[:ROWS]


def _prompts(column: Column) -> list[str]:
    return list(dict.fromkeys(sample.prompt for sample in column.first.generated.samples))
