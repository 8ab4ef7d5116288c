"""What a comparison comes to."""

from toolkit.results.record import Record


class Answer(Record):
    """``sentence`` names the ``column`` to use, or says that none can be recommended; names stand in backquotes.

    ``step`` is the command to run next, and ``why`` what it gives; both are empty where nothing is left to run. Where
    someone else's code may have to change before, ``why`` says so, and only ``step`` is empty.
    """

    column: str | None
    sentence: str
    step: str = ""
    why: str = ""
