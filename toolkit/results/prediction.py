"""What training is predicted to come to, from what can be counted."""

from toolkit.results.record import Record


class PredictedColumn(Record):
    """The bits per character that a column's network will need for the held-out text, with a 95 % interval."""

    column: str
    bits_per_character: float
    low: float
    high: float


class Prediction(Record):
    """Each column's bits, the column that wins and how sure that is.

    ``beyond`` says in what this corpus differs from all that the prediction was fitted to. ``corpora`` is their number,
    and ``texts`` that of the texts they are taken from; ``off`` is the root of the mean square by which it was off on
    corpora of other texts, in bits per character, ``right`` the share of those whose best column it named, and
    ``constant`` the share that always naming the column ``best`` would have got right.
    """

    columns: list[PredictedColumn]
    verdict: str
    beyond: list[str] = []
    corpora: int
    texts: int
    off: float
    right: float
    best: str
    constant: float

    @property
    def sentence(self) -> str:
        """The verdict, and how far off such predictions have been."""
        beyond = f" It may be further off than on the corpora it was fitted to: {'; '.join(self.beyond)}."
        return (
            f"Predicted, not measured: {self.verdict}.{beyond if self.beyond else ''} On {self.corpora} corpora from "
            f"{self.texts} texts, each predicted from those of other texts, such predictions were off by "
            f"{self.off:.3f} bits per character (root of the mean square) and named the best column in "
            f"{self.right:.0%}; always naming {self.best} would have been right in {self.constant:.0%}."
        )
