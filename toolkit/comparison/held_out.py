"""The held-out text of a finished comparison: passages as every column read them, and the words that differ most.

Everything is of each column's first seed that has a result.
"""

from collections.abc import Sequence
from functools import cached_property
from statistics import fmean
from typing import TYPE_CHECKING

from toolkit.comparison.work import Work
from toolkit.results.cell import Cell
from toolkit.results.corpus import SEGMENT
from toolkit.results.grouping import grouped
from toolkit.results.words import Passage, WordBits
from toolkit.runs.folder import load_scores

if TYPE_CHECKING:
    from toolkit.events.distribution import Floats
    from toolkit.inference.scores import DocumentScores


class HeldOut:
    """What the columns of finished cells paid for the held-out documents: by column, in the order of the request."""

    def __init__(self, work: Work, done: Sequence[Cell]) -> None:
        self.work, self.test = work, work.split.test
        by_column = grouped(done, lambda cell: cell.column)
        self.totals = {name: fmean(c.bits_per_character.total for c in cells) for name, cells in by_column.items()}
        self.runs = {name: work.out / cells[0].run for name, cells in by_column.items()}

    @cached_property
    def scores(self) -> "dict[str, list[DocumentScores]]":
        """The scores of the documents, by column."""
        from toolkit.inference.scores import scores_of

        return {column: scores_of(load_scores(run)) for column, run in self.runs.items()}

    @cached_property
    def paid(self) -> "dict[str, list[Floats]]":
        """By column, the bits of each character of each document, with the ends of words charged to the words."""
        from toolkit.inference.word_costs import bits_by_word

        texts = [document.text for document in self.test]
        return {
            column: [bits_by_word(*pair)[0] for pair in zip(texts, scores, strict=True)]
            for column, scores in self.scores.items()
        }

    def words(self) -> WordBits:
        """The words on which the columns differ most; parts of a single text give no intervals."""
        from toolkit.evaluation.metrics.coverage import word_bits

        words = word_bits(self.paid, [document.text for document in self.test], self.work.shared.counts)
        return words.model_copy(update={"intervals": []}) if self.work.split.unit == SEGMENT else words

    def passages(self) -> list[Passage]:
        """Passages, chosen by the best column and the next, with what each column read in them.

        They are read in this process: others would take longer to start.
        """
        from toolkit.evaluation.passages import passages

        if not self.runs:
            return []
        ranked = sorted(self.totals, key=lambda column: self.totals[column])
        scores, paid = self.scores, self.paid
        chosen = passages(self.test, {name: scores[name] for name in ranked}, {name: paid[name] for name in ranked})
        readings = {column: self.work.readings(run, chosen) for column, run in self.runs.items()}
        return [
            passage.model_copy(update={"readings": {column: of_all[i] for column, of_all in readings.items()}})
            for i, passage in enumerate(chosen)
        ]
