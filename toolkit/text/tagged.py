"""The tokens of a text with their tags, in columns."""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import NamedTuple, Self, overload

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int32]


class Tags(NamedTuple):
    """A token's fine tag, coarse tag and morphology.

    All three are empty without a tagger; the fine tag is also empty if the model has only coarse tags.
    """

    tag: str
    pos: str
    morph: str


NO_TAGS = Tags("", "", "")


class Tagged(NamedTuple):
    """A token: text[start:end], with the fields of its ``Tags``."""

    start: int
    end: int
    tag: str
    pos: str
    morph: str


@dataclass(frozen=True, eq=False)
class TaggedText(Sequence[Tagged]):
    """The n tokens of a text in order: where they start and end, and which of the ``tags`` each has."""

    starts: Places  # (n,)
    ends: Places  # (n,)
    labels: Places  # (n,): places in ``tags``
    tags: Sequence[Tags]

    @classmethod
    def of(cls, tokens: Iterable[Tagged]) -> Self:
        """These tokens in columns."""
        listed = list(tokens)
        numbers: dict[Tags, int] = {}
        labels = [numbers.setdefault(Tags(*token[2:]), len(numbers)) for token in listed]
        places = np.array([token[:2] for token in listed], np.int32).reshape(-1, 2)
        return cls(places[:, 0], places[:, 1], np.array(labels, np.int32), tuple(numbers))

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, place: int) -> Tagged: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Tagged]: ...
    def __getitem__(self, place: int | slice) -> Tagged | Sequence[Tagged]:
        if isinstance(place, slice):
            return TaggedText(self.starts[place], self.ends[place], self.labels[place], self.tags)
        return Tagged(int(self.starts[place]), int(self.ends[place]), *self.tags[self.labels[place]])

    def __iter__(self) -> Iterator[Tagged]:
        tags = map(self.tags.__getitem__, self.labels.tolist())
        return starmap(
            Tagged,
            ((start, end, *of) for start, end, of in zip(self.starts.tolist(), self.ends.tolist(), tags, strict=True)),
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def to_bytes(self) -> bytes:
        """The tokens as the content of a file: a line of JSON that describes it, then three columns."""
        gaps = self.starts - np.concatenate([[0], self.ends[:-1]])
        columns = [narrow(column) for column in (gaps, self.ends - self.starts, self.labels)]
        content = b"".join(column.tobytes() for column in columns)
        sizes = [column.itemsize for column in columns]
        header = {"tokens": len(self), "bytes": sizes, "tags": self.tags, "crc32": zlib.crc32(content)}
        return json.dumps(header).encode() + b"\n" + content

    @classmethod
    def from_bytes(cls, content: bytes) -> Self | None:
        """What ``to_bytes`` gave; None if it is damaged."""
        line, _, rest = content.partition(b"\n")
        try:
            header = json.loads(line)
            tokens, tags = header["tokens"], tuple(Tags(*names) for names in header["tags"])
            types = [np.dtype(f"u{int(size)}") for size in header["bytes"]]
            if header["crc32"] != zlib.crc32(rest) or len(rest) != tokens * sum(of.itemsize for of in types):
                return None
        except (ValueError, TypeError, KeyError):
            return None
        places = np.cumsum([0, *(tokens * of.itemsize for of in types[:-1])]).tolist()
        columns = zip(types, places, strict=True)
        gaps, lengths, labels = (np.frombuffer(rest, of, tokens, place).astype(np.int32) for of, place in columns)
        if (lengths < 1).any() or labels.max(initial=-1) >= len(tags):
            return None
        ends = np.cumsum(gaps + lengths, dtype=np.int32)
        return cls(ends - lengths, ends, labels, tags)


def narrow(numbers: npt.NDArray[np.int32]) -> npt.NDArray[np.unsignedinteger]:
    """Numbers (n,) from 0 in the narrowest type that holds them.

    >>> narrow(np.array([3, 300])).dtype.name
    'uint16'
    """
    return numbers.astype(np.min_scalar_type(int(numbers.max(initial=0))))
