"""A document as events, and the part of the ledger that each of them belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from toolkit.events.letters import in_words
from toolkit.results.bits import PARTS
from toolkit.text.code_points import code_points

Ids = npt.NDArray[np.int32]

DOC = 0  # the id of <doc>: the first input of a document and its last event


WORDS, CLASSES, SPELLING, SPACING, DOCUMENT_ENDS = range(len(PARTS))  # the ledger's parts, as in Events.parts


EVENT = np.dtype({"names": ["id", "end", "part"], "formats": [np.int32, np.int32, np.int8]}, align=True)


@dataclass(frozen=True)
class Events:
    """A document as n network events, the last of them ``<doc>``.

    Event i covers the text from the end of the event before it (0 for the first) to its own ``end``, an implied space
    before a word included. Ends never decrease, and the last is the text's length. ``part`` is the part of the ledger
    that the event's bits belong to; spelling bits have their own part. If an id does not determine the text,
    ``surfaces[i]`` is the text spelled behind it, including marks.
    """

    array: npt.NDArray[np.void]  # (n,) of EVENT
    surfaces: Mapping[int, str]

    @classmethod
    def of(cls, ids: npt.ArrayLike, ends: npt.ArrayLike, parts: npt.ArrayLike, surfaces: Mapping[int, str]) -> Self:
        """Return the events with these ids, ends and parts, each (n,)."""
        array = np.zeros(len(np.asarray(ids)), EVENT)
        array["id"], array["end"], array["part"] = ids, ends, parts
        return cls(array, surfaces)

    def __len__(self) -> int:
        return len(self.array)

    @property
    def ids(self) -> Ids:
        """The ids (n,)."""
        return self.array["id"]

    @property
    def ends(self) -> npt.NDArray[np.int32]:
        """The place (n,) in the text where each event ends."""
        return self.array["end"]

    @property
    def starts(self) -> npt.NDArray[np.int32]:
        """The place (n,) in the text where each event starts."""
        return np.concatenate([self.ends[:0], [0], self.ends[:-1]], dtype=np.int32)

    @property
    def widths(self) -> npt.NDArray[np.int32]:
        """The number of characters (n,) that each event covers."""
        return np.diff(self.ends, prepend=np.int32(0))

    @property
    def parts(self) -> npt.NDArray[np.int8]:
        """The part (n,) of the ledger of each event."""
        return self.array["part"]

    @property
    def characters(self) -> int:
        """The length of the text."""
        return int(self.ends[-1])


def parts_of(text: str, ends: npt.NDArray[np.int32]) -> npt.NDArray[np.int8]:
    """The ledger's parts (n,) of events that end with ``<doc>``, by the last character that each covers.

    An event that covers none has the part of the next event that covers one.

    >>> parts_of("a é!", np.array([1, 1, 3, 4, 4])).tolist()
    [0, 0, 0, 3, 4]
    """
    parts = np.full(len(ends), SPACING, np.int8)
    covering = np.flatnonzero(np.diff(ends, prepend=0))
    by_covering = np.where(in_words(code_points(text))[ends[covering] - 1], WORDS, SPACING)
    completing = np.repeat(by_covering, np.diff(covering, prepend=-1))  # events that cover nothing have the next one's
    parts[: len(completing)] = completing
    parts[-1] = DOCUMENT_ENDS
    return parts
