"""Models made of finished cells, and compressors, which are compared beside the columns."""

from collections.abc import Sequence
from statistics import fmean
from typing import Literal

from pydantic import Field

from toolkit.results.bits import BitsPerCharacter, DocumentBits, Verified
from toolkit.results.cell import Cell
from toolkit.results.record import Record

RowKind = Literal["ensemble", "adapting", "adapting ensemble", "mixture"]

MIXTURE: RowKind = "mixture"
COMPRESSORS = {"xz": "xz", "ppmd": "PPMd", "ppmd_documents": "PPMd by text"}
ALONE = ("ppmd_documents", "ppmd")  # PPMd as a column is scored, each document by itself, if that was computed
LEARNING = ("ppmd",)  # as a row is scored that keeps learning from one document to the next


class Row(Record):
    """A model made of finished cells with these seeds: of one column or, a mixture, of several.

    Ensemble: the mean of their probabilities, event by event. Adapting: a model that keeps learning, at a rate, from
    the held-out text that it has paid for; a counted column has one such row for all seeds. Mixture: models of
    characters and of words, mixed character by character, whose ``column`` lists all its columns. ``rule`` is the
    update rule of its networks; None if no network learns.
    """

    column: str
    kind: RowKind
    seeds: list[int]
    rate: float | None
    rule: str | None
    bits_per_character: BitsPerCharacter
    bits_per_byte: float
    perplexity_per_token: float = Field(gt=0)  # a mixture's tokens are characters
    documents: list[DocumentBits]
    verified: Verified | None

    @property
    def title(self) -> str:
        """Its name in contrasts, whatever its seeds."""
        return row_title(self.column, self.kind)


def row_title(column: str, kind: RowKind) -> str:
    """Return the name of a row, whatever its seeds. A mixture's does not list its columns.

    >>> row_title("char", "ensemble"), row_title("char + spaced:unk", "mixture")
    ('char (ensemble)', 'mixture')
    """
    return kind if kind == MIXTURE else f"{column} ({kind})"


class Baseline(Record):
    """A compressor's bits for the held-out text. Cold: nothing seen before; primed: after the training text."""

    name: str
    variant: Literal["cold", "primed"]
    bits_per_character: float
    bits_per_byte: float

    @property
    def label(self) -> str:
        """Its name for readers."""
        return COMPRESSORS[self.name]


def mean_total(paying: Sequence[Cell | Row]) -> float:
    """Return bits per character, the mean over cells or rows."""
    return fmean(cell.bits_per_character.total for cell in paying)


def ppmd(baselines: Sequence[Baseline], names: Sequence[str] = ALONE) -> Baseline | None:
    """Return PPMd after the training text, by the first of these names that was computed."""
    primed = {baseline.name: baseline for baseline in baselines if baseline.variant == "primed"}
    return next((primed[name] for name in names if name in primed), None)
