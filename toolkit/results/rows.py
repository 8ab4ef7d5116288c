"""What is compared beside the columns: models made of finished cells, and compressors."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from toolkit.results.bits import BitsPerCharacter, DocumentBits
from toolkit.results.cell import Verified
from toolkit.results.record import Record

RowKind = Literal["ensemble", "adapting", "adapting ensemble", "mixture"]

MIXTURE: RowKind = "mixture"
COMPRESSORS = {"xz": "xz", "bz2": "bzip2", "zstd": "zstd", "ppmd": "PPMd", "ppmd_documents": "PPMd by text"}
ALONE = ("ppmd_documents", "ppmd")  # PPMd as a column is scored, each document by itself, if that was computed
LEARNING = ("ppmd",)  # as what learns from one document to the next is
MOST_BITS = 1e6  # per character, of what a compressor needs: more than the largest of its own headers


class Row(Record):
    """A model made of finished cells with these seeds: of one column or, a mixture, of several.

    Ensemble: the mean of their probabilities, event by event. Adapting: a model that keeps learning, at a rate, from
    what it has paid for, from one held-out document to the next; a counted column has one such row for all seeds.
    Mixture: models of characters and of words, mixed character by character; weights, counts and networks keep
    learning. ``column`` has the names of all its columns.
    """

    column: str
    kind: RowKind
    seeds: list[int]
    rate: float | None
    rule: str | None  # the update rule of its networks; None if no network learns
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
    """The name of a row, whatever its seeds: a mixture's does not list its columns.

    >>> row_title("char", "ensemble"), row_title("char + spaced:unk", "mixture")
    ('char (ensemble)', 'mixture')
    """
    return kind if kind == MIXTURE else f"{column} ({kind})"


class Baseline(Record):
    """What a compressor needs for the held-out text. Cold: nothing seen before; primed: after the training text."""

    name: str
    variant: Literal["cold", "primed"]
    bits_per_character: float = Field(ge=0, le=MOST_BITS)
    bits_per_byte: float

    @property
    def label(self) -> str:
        """Its name for people."""
        return compressor_label(self.name)


def compressor_label(name: str) -> str:
    """A compressor's name for people: its label, or where it has none its name.

    >>> compressor_label("bz2"), compressor_label("my_zip")
    ('bzip2', 'my zip')
    """
    return COMPRESSORS.get(name, name.replace("_", " "))


def ppmd(baselines: Sequence[Baseline], names: Sequence[str] = ALONE) -> Baseline | None:
    """PPMd after the training text, by the first of these names that there is; None if there is none."""
    primed = {b.name: b for b in baselines if b.variant == "primed"}
    return next((primed[name] for name in names if name in primed), None)
