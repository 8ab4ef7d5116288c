"""What is compared beside the columns: models made of finished cells, and compressors."""

from typing import Literal

from pydantic import Field

from toolkit.results.bits import BitsPerCharacter, DocumentBits
from toolkit.results.cell import Verified
from toolkit.results.record import Record

RowKind = Literal["ensemble", "adapting", "adapting ensemble", "mixture"]

MIXTURE: RowKind = "mixture"
MOST_BITS = 1e6  # per character, of what a compressor needs: more than the largest of its own headers


class Row(Record):
    """A model made of finished cells with these seeds: of one column or, a mixture, of several.

    Ensemble: the mean of their probabilities, event by event. Adapting: a model that keeps learning, at a rate, from
    what it has paid for, from one held-out document to the next. Mixture: models of characters and of words, mixed
    character by character; weights, counts and networks keep learning. ``column`` has the names of all its columns.
    """

    column: str
    kind: RowKind
    seeds: list[int]
    rate: float | None
    rule: str | None = None  # by which its networks learn; none of older versions
    bits_per_character: BitsPerCharacter
    bits_per_byte: float | None = None
    documents: list[DocumentBits]
    verified: Verified | None

    @property
    def title(self) -> str:
        """Its name in contrasts, whatever its seeds."""
        return row_title(self.column, self.kind)


def row_title(column: str, kind: RowKind) -> str:
    """The name of a row, whatever its seeds: a mixture's does not list its columns.

    >>> row_title("char", "ensemble"), row_title("char + spaced:unk", "mixture")
    ('char (ensemble)', 'mixture')
    """
    return kind if kind == MIXTURE else f"{column} ({kind})"


class Baseline(Record):
    """What a compressor needs for the held-out text. Cold: nothing seen before; primed: after the training text.

    Older versions have bzip2 primed too, by a difference that is no length of a code.
    """

    name: str
    variant: Literal["cold", "primed"]
    bits_per_character: float = Field(ge=0, le=MOST_BITS)
    bits_per_byte: float | None = None
