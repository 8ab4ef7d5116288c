"""A document as events, and the part of the ledger that each of them belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.events.letters import in_words
from toolkit.results.bits import PARTS
from toolkit.text.code_points import code_points

DOC = 0  # the id of <doc>: the first input of a document and its last event


WORDS, CLASSES, SPELLING, SPACING, DOCUMENT_ENDS = range(len(PARTS))  # the ledger's parts, as in Encoding.parts


@dataclass(frozen=True)
class Encoding:
    """A document as n network events, the last of them ``<doc>``.

    Event i covers ``text[offsets[i]:offsets[i + 1]]``, including an implied space before it; offsets start at 0, never
    decrease, and end at the text's length. If an id does not determine the text, ``surfaces[i]`` is what is spelled
    behind it, including marks. ``parts[i]`` is the part of the ledger that the event's bits belong to; spelling bits
    have their own part.
    """

    ids: npt.NDArray[np.int32]  # (n,)
    offsets: npt.NDArray[np.int32]  # (n + 1,)
    parts: npt.NDArray[np.int8]  # (n,)
    surfaces: Mapping[int, str]

    @property
    def characters(self) -> int:
        """How long the text is."""
        return int(self.offsets[-1])


def parts_of(text: str, offsets: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The ledger's parts (n,) of events that end with ``<doc>``, by the last character that each covers.

    An event that covers none has the part of the next event that covers one.

    >>> parts_of("a é!", np.array([0, 1, 1, 3, 4, 4])).tolist()
    [0, 0, 0, 3, 4]
    """
    parts = np.full(len(offsets) - 1, SPACING, np.int8)
    covering = np.flatnonzero(np.diff(offsets))
    by_covering = np.where(in_words(code_points(text))[offsets[1:][covering] - 1], WORDS, SPACING)
    completing = np.repeat(by_covering, np.diff(covering, prepend=-1))  # events that cover nothing have the next one's
    parts[: len(completing)] = completing
    parts[-1] = DOCUMENT_ENDS
    return parts


Ids = npt.NDArray[np.int32]
