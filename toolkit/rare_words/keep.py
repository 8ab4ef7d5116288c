"""No placeholder for what training has, however rare."""

from collections.abc import Sequence
from typing import ClassVar

from toolkit.errors import InputError
from toolkit.rare_words.base import Symbol
from toolkit.rare_words.unk import Unknown


class Keep(Unknown):
    """The strategy ``keep``: every word of training is an id of its own, and only what it never had is unknown.

    Training so never shows the class; it lives from the reserve, which leaving documents out measures. With ``closed``
    nothing is unknown: there is no class and no reserve for it, and a text that has other words is refused.
    """

    keeps_all: ClassVar[bool] = True

    def __init__(self, *, closed: bool = False) -> None:
        if type(closed) is not bool:
            raise InputError(f"closed is {closed!r}; give true, to refuse words that training lacks, or false.")
        self.closed = closed

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:
        """The class, or nothing where nothing is unknown."""
        return [] if self.closed else super().symbols(characters)
