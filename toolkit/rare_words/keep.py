"""No placeholder for what training has, however rare."""

from typing import ClassVar

from toolkit.rare_words.unk import Unknown


class Keep(Unknown):
    """The strategy ``keep``: every word of training is an id of its own, and only what it never had is unknown.

    Training so never shows the class; it lives from the reserve, which leaving documents out measures.
    """

    keeps_all: ClassVar[bool] = True
