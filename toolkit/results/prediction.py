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
    corpora of other texts, in bits per character. If these columns are those of that trial, ``right`` is the share of
    the corpora whose best column it named, and ``constant`` the share that always naming the column ``best`` would have
    got right. ``seen`` names the corpus fitted to that has this one's name or as many training characters.
    """

    columns: list[PredictedColumn]
    verdict: str
    beyond: list[str] = []
    corpora: int
    texts: int
    off: float
    right: float | None
    best: str
    constant: float | None
    seen: str = ""

    @property
    def sentence(self) -> str:
        """The verdict, and how far off such predictions have been."""
        beyond = f" It may be further off than on the corpora it was fitted to: {'; '.join(self.beyond)}."
        named = ""
        if self.right is not None and self.constant is not None:
            named = (
                f" and named the best column in {self.right:.0%}; always naming {self.best} would have been right in "
                f"{self.constant:.0%}"
            )
        seen = (
            f" One of them, {self.seen}, has the name or the length of this corpus: if it is this text, the fit has "
            f"seen what it came to, and will be less far off."
        )
        return (
            f"Predicted, not measured: {self.verdict}.{beyond if self.beyond else ''} On {self.corpora} corpora from "
            f"{self.texts} texts, each predicted from those of other texts, such predictions were off by "
            f"{self.off:.3f} bits per character (root of the mean square){named}.{seen if self.seen else ''}"
        )
