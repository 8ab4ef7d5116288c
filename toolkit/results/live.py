"""What the living page has of a comparison: its columns, small enough to run in a browser.

It is made for the page, from the runs, and stands in no comparison.json.
"""

from toolkit.results.record import Record


class LiveColumn(Record):
    """A column of the living page.

    ``packed`` is what the page's scripts unpack: tables and weights, gzip in base85. Weights are rounded to ``levels``
    whole numbers on each side of 0. On the first ``characters`` of the held-out text, cut into ``texts``, the page's
    bits are ``difference`` per character more than those of ``score``, and in no text differ by more than ``most``;
    ``rounding`` is what rounding alone adds. It ``guesses`` the classes of words where a tagger would say them.
    """

    name: str
    temperature: float
    packed: str
    levels: int
    guesses: bool
    characters: int
    texts: int
    difference: float
    most: float
    rounding: float


class LeftOut(Record):
    """A column that the living page cannot have, and why, as the end of a sentence."""

    column: str
    reason: str


class Live(Record):
    """The living page: the columns that it has and those that it lacks, and the text that stands there at first."""

    columns: list[LiveColumn]
    left_out: list[LeftOut]
    text: str
