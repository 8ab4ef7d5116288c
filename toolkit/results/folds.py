"""What several folds say together: each document is held out in one of them, by models that have learnt from others."""

from toolkit.results.contrasts import Contrast, find
from toolkit.results.record import Record


class FoldFacts(Record):
    """One fold: a comparison of its own, in ``folder`` (from that of the first), with these characters held out.

    A published comparison has no others beside it, and no folder for them.
    ``bits_per_character`` has those of its held-out documents by column, the mean over its seeds.
    """

    number: int
    folder: str
    documents: int
    characters: int
    train_characters: int
    bits_per_character: dict[str, float]


class FoldedDocument(Record):
    """A document and the fold that holds it out: its characters, and the bits of a column, the mean over seeds."""

    name: str
    fold: int
    characters: int
    bits: float


class FoldedColumn(Record):
    """A column with a result in every fold, and what its models, ``seeds`` in each, pay for all documents."""

    column: str
    seeds: int
    bits_per_character: float
    documents: list[FoldedDocument]


class Folds(Record):
    """What the folds say together: all documents, each held out once, and the contrasts between columns over them.

    ``deviation`` is the standard deviation, in bits per character, between folds of what a column needs beside the
    others, beyond what documents explain. ``failed`` says what has no result, and in which fold, ``warnings`` what
    later folds warn of; the first fold's own stand in its comparison.
    """

    folds: list[FoldFacts]
    columns: list[FoldedColumn]
    deviation: float
    contrasts: list[Contrast]
    failed: list[str] = []
    warnings: list[str] = []

    @property
    def ranked(self) -> list[FoldedColumn]:
        """The columns, the fewest bits over all documents first."""
        return sorted(self.columns, key=lambda column: column.bits_per_character)

    def contrast(self, a: str, b: str) -> Contrast:
        """Column ``a`` minus column ``b``. Raises InputError if there is no such contrast."""
        return find(self.contrasts, a, b)
