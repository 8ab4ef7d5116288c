"""The article's restriction: letters, digits and a few marks; everything else becomes a space."""

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]

SPACE = " "
MARKS = ".,;:!?'\"()-"
TYPEWRITER = str.maketrans("‘’‚“”„–—―‐‑", "'''\"\"\"-----")
OTHERS = re.compile(rf"(?:[^\w{re.escape(MARKS)}]|_)+")


def restricted(text: str) -> str:
    r"""The text in letters, digits, ``MARKS`` and single spaces; quotes and dashes become those of a typewriter.

    >>> restricted("“Don’t—”\n\nhe said: £5 …")
    '"Don\'t-" he said: 5 '
    """
    return OTHERS.sub(SPACE, text.translate(TYPEWRITER))


@dataclass(frozen=True)
class Alphabet:
    """The characters that a network reads and predicts, each known by its place."""

    characters: str

    @classmethod
    def of(cls, text: str) -> "Alphabet":
        """The characters of a restricted text, and the space.

        >>> Alphabet.of("abba").characters
        ' ab'
        """
        return cls("".join(sorted({SPACE, *text})))

    @cached_property
    def places(self) -> dict[str, int]:
        """The place of each character."""
        return {character: place for place, character in enumerate(self.characters)}

    def encode(self, text: str) -> Ids:
        """Places (len(text),); a character that is not in the alphabet is read as a space.

        >>> Alphabet(" ab").encode("baß").tolist()
        [2, 1, 0]
        """
        space = self.places[SPACE]
        return np.array([self.places.get(character, space) for character in text], np.int32)

    def decode(self, places: npt.ArrayLike) -> str:
        """The text at the given places.

        >>> Alphabet(" ab").decode([2, 1, 0])
        'ba '
        """
        return "".join(self.characters[place] for place in np.asarray(places).tolist())
