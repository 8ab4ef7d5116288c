"""What a network reads of documents: the ids of one after another, and how many characters each of them covers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from toolkit.events.encoding import Encoding
from toolkit.events.vocabulary import Vocabulary

Integers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Stream:
    """n tokens, in memory or on disk: those of document i are ``[starts[i]:starts[i + 1]]``, the last one ``<doc>``."""

    ids: Integers  # (n,)
    widths: Integers  # (n,), in characters
    starts: npt.NDArray[np.int64]  # (documents + 1,)
    characters: int  # of all documents

    @property
    def tokens(self) -> int:
        """How many there are."""
        return int(self.starts[-1])


@runtime_checkable
class Streamed(Protocol):
    """Encodings that keep their stream."""

    @property
    def stream(self) -> Stream:
        """What a network reads of them."""
        ...


def stream(vocabulary: Vocabulary, encodings: Sequence[Encoding]) -> Stream:
    """The stream of encoded documents: all events but those that the network neither predicts nor is fed."""
    if isinstance(encodings, Streamed):
        return encodings.stream
    fed = [vocabulary.fed(encoding) for encoding in encodings]
    return Stream(
        np.concatenate([encoding.ids for encoding in fed]),
        np.concatenate([np.diff(encoding.offsets) for encoding in fed]),
        np.cumsum([0, *(len(encoding.ids) for encoding in fed)]),
        sum(encoding.characters for encoding in fed),
    )
