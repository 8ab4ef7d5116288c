"""No placeholder for words in training, however rare."""

from collections.abc import Sequence
from typing import ClassVar

from toolkit.errors import InputError
from toolkit.rare_words.base import Symbol
from toolkit.rare_words.unk import Unknown


class Keep(Unknown):
    """The strategy ``keep``: no word in training is rare; only other words are unknown.

    So training never shows the class; its probability comes from the reserve, measured by leaving documents out. With
    ``closed`` nothing is unknown: there is no class and no reserve for it, and a text with other words is refused.
    """

    keeps_all: ClassVar[bool] = True

    def __init__(self, *, closed: bool = False) -> None:
        if type(closed) is not bool:
            raise InputError(f"closed is {closed!r}; give true, to refuse words that are not in training, or false.")
        self.closed = closed

    def symbols(self, characters: Sequence[str]) -> list[Symbol]:
        """The class, or nothing if nothing is unknown."""
        return [] if self.closed else super().symbols(characters)
