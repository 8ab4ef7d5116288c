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

    ``corpora`` is the number of corpora that the prediction was fitted on, ``off`` the root of the mean square by which
    it was off on corpora it was not fitted on, in bits per character, and ``right`` the share of those whose best
    column it named.
    """

    columns: list[PredictedColumn]
    verdict: str
    corpora: int
    off: float
    right: float

    @property
    def sentence(self) -> str:
        """The verdict, and how far off such predictions have been."""
        return (
            f"Predicted, not measured: {self.verdict}. On {self.corpora} corpora, each predicted from those of other "
            f"texts, such predictions were off by {self.off:.3f} bits per character (root of the mean square) and "
            f"named the best column in {self.right:.0%}."
        )
