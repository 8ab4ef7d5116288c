"""What noise in the held-out text costs (text/noise.py), and how columns differ in it."""

from toolkit.results.bits import Share
from toolkit.results.contrasts import is_settled
from toolkit.results.record import Record


class Noise(Record):
    """What a cell pays for the held-out text with one kind of noise, or for the beginnings of its documents.

    Of all ``letters``, ``changed`` differ. ``bits`` pay for the noisy text and ``clean_bits`` for the same characters
    without noise; documents' ends, which may be cut off, are in neither. ``documents``: how many bits more the noise
    costs in each document, or in each piece of a single one. If the column's tokenizer ``refused`` the noisy text, that
    is why, and there are no bits.
    """

    name: str
    letters: int
    changed: int
    characters: int
    bits: float | None = None
    clean_bits: float | None = None
    documents: list[Share] = []
    refused: str | None = None

    @property
    def title(self) -> str:
        """Its name for people, which says what happened to the letters; its name in results does not.

        >>> Noise(name="1 % of letters", letters=200, changed=2, characters=230).title
        '1 % of letters mistyped'
        """
        return f"{self.name} mistyped" if self.name.endswith(" of letters") else self.name

    @property
    def key(self) -> str:
        """The name of the extra bits per character in a table of numbers.

        >>> Noise(name="1 % of letters", letters=200, changed=2, characters=230).key
        'extra_bits_per_character_1_percent_of_letters'
        """
        return f"extra_bits_per_character_{self.name.replace('%', 'percent').replace(' ', '_')}"

    @property
    def extra(self) -> float | None:
        """Extra bits per character; None if the tokenizer refused the text."""
        if self.bits is None or self.clean_bits is None:
            return None
        return (self.bits - self.clean_bits) / self.characters


class NoiseContrast(Record):
    """The extra bits per character of column ``a``, minus those of column ``b``, or minus nothing if that is None.

    ``noise`` is the name of its kind. The 95 % intervals of all contrasts in one kind of noise hold together, and p is
    adjusted for all of them.
    """

    noise: str
    a: str
    b: str | None
    difference: float
    low: float
    high: float
    p: float

    @property
    def settled(self) -> bool:
        """Whether the interval excludes 0, and p is at most 0.05."""
        return is_settled(self.low, self.high, self.p)
