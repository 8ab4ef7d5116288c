"""Encoded training documents, in memory or in the cache, and the windows of ids that a network reads."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.config import TrainSettings
from toolkit.environment import versions
from toolkit.events.encoding import DOC, EVENT, Events, Ids, Tokenizer, Vocabulary
from toolkit.files import entry, locked, unwritable, write_whole
from toolkit.text.corpus import Document, characters
from toolkit.text.store import MEMORY_CHARACTERS

FORMAT = 6  # of an entry: increase it when its files change, or the encoding of a text
EVENTS, SURFACES, STARTS = "events", "surfaces", "starts.npy"  # of an entry


class Stream(NamedTuple):
    """n tokens, in memory or on disk. Document i has ``[starts[i]:starts[i + 1]]``; its last token is ``<doc>``."""

    events: npt.NDArray[np.void]  # (n,) of EVENT
    starts: npt.NDArray[np.int64]  # (documents + 1,)

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return int(self.starts[-1])

    @property
    def characters(self) -> int:
        """The characters of all documents."""
        return int(self.events["end"][self.starts[1:] - 1].sum(dtype=np.int64))


def stream(vocabulary: Vocabulary, encodings: Sequence[Events]) -> Stream:
    """Return the stream of encoded documents: all events that the network predicts and reads.

    It is on disk if the encodings are and the network reads all of their events.
    """
    if isinstance(encodings, StoredEncodings) and not vocabulary.reserve.outside:
        return encodings.stream
    fed = [vocabulary.fed(encoding) for encoding in encodings]
    return Stream(np.concatenate([encoding.array for encoding in fed]), np.cumsum([0, *map(len, fed)]))


class Windows(NamedTuple):
    """An update reads a window of ``length`` tokens in each of ``rows``. Training ends after ``updates`` at most."""

    rows: int
    length: int
    per_epoch: int
    updates: int


def windows(stream: Stream, settings: TrainSettings) -> Windows:
    """Return the windows of a stream.

    Every tokenizer reads about ``window_characters`` characters in a window. A text too short for one is repeated.
    """
    tokens = settings.window_characters * stream.tokens / stream.characters
    length = settings.window_tokens or max(1, round(tokens))
    per_epoch = max(1, stream.tokens // (settings.batch * length))
    updates = settings.epochs * per_epoch if settings.epochs else settings.updates
    return Windows(settings.batch, length, per_epoch, updates)


class Epoch:
    """A pass over the documents in an order drawn from the seed, as rows that are contiguous streams of windows.

    The documents follow each other, each with ``<doc>`` as its first input and last target. The result is rotated by a
    random number of tokens, so that rows start elsewhere in each pass, and cut into rows. A pass leaves out an
    incomplete last window. Only the requested windows are read.
    """

    def __init__(self, stream: Stream, windows: Windows, seed: tuple[int, ...]) -> None:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(stream.starts) - 1)
        lengths = np.diff(stream.starts)[order]
        self._stream, self._length = stream, windows.length
        self._ends = np.cumsum(lengths)  # (documents,), of the documents in this order
        # (documents,), from this order to the stream.
        self._shifts = stream.starts[order] - (self._ends - lengths)
        row = windows.per_epoch * windows.length
        self._starts = rng.integers(stream.tokens) + row * np.arange(windows.rows)  # (rows,)

    def window(self, number: int) -> tuple[Ids, Ids, int]:
        """Return inputs and next-token targets (rows, length) of a window, and the characters of the targets."""
        # From the token before the first.
        within = np.arange(number * self._length - 1, (number + 1) * self._length)
        places = np.add.outer(self._starts, within) % self._stream.tokens  # (rows, 1 + length)
        places += self._shifts[np.searchsorted(self._ends, places, "right")]
        ids, ends = self._stream.events["id"][places], self._stream.events["end"][places]
        # A document follows the <doc> that ends another one.
        starts = np.where(ids[:, :-1] == DOC, 0, ends[:, :-1])
        return ids[:, :-1], ids[:, 1:], int((ends[:, 1:] - starts).sum())


def encoded(
    tokenizer: Tokenizer,
    documents: Sequence[Document],
    made_from: Mapping[str, Any],
    max_characters: int = MEMORY_CHARACTERS,
) -> Sequence[Events]:
    """Return the encodings of training documents, in the cache if these have more than ``max_characters``.

    ``made_from`` has the JSON values that decide the encodings, besides the documents, the tokenizer's state and the
    versions. Raises InputError if the cache cannot be written.
    """
    encodings = map(tokenizer.encode, documents)
    if characters(documents) <= max_characters:
        return list(encodings)
    key = {"format": FORMAT, "versions": versions(), "state": tokenizer.state(), **made_from}
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode())
    for document in documents:
        for field in (document.name, document.text):
            digest.update(hashlib.sha256(field.encode()).digest())
    folder = entry("ids", digest.hexdigest())
    try:
        with locked(folder, replaceable=True, wait=True):  # another process may be writing the same entry
            with suppress(OSError, ValueError, EOFError):  # missing or damaged
                return StoredEncodings(folder)
            write_whole(folder, partial(_write, encodings))
            return StoredEncodings(folder)
    except OSError as error:
        raise unwritable(error) from error


class StoredEncodings(Sequence[Events]):
    """The encodings in an entry of the cache, read one by one.

    ``events`` has a record for each event, and ``surfaces`` a JSON text for each document: its surfaces with their
    positions. ``starts.npy`` has the first event and the first byte of each document in them. An incomplete one raises
    OSError, ValueError or EOFError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._starts = folder, np.load(folder / STARTS)  # (documents + 1, 2)
        tokens, size = self._starts[-1].tolist()
        self._events = np.asarray(np.memmap(folder / EVENTS, EVENT, "r", shape=tokens))
        self._surfaces = np.memmap(folder / SURFACES, mode="r", shape=size)

    def __reduce__(self) -> tuple[type["StoredEncodings"], tuple[Path]]:
        return type(self), (self._folder,)  # another process reads the same files

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: Any) -> Any:
        i = range(len(self))[index]
        (start, first), (end, last) = self._starts[i : i + 2].tolist()
        return Events(self._events[start:end].copy(), dict(json.loads(self._surfaces[first:last].tobytes())))

    @property
    def stream(self) -> Stream:
        """The stream of all events, on disk."""
        return Stream(self._events, self._starts[:, 0])


def _write(encodings: Iterable[Events], folder: Path) -> None:
    starts = [[0, 0]]
    with (folder / EVENTS).open("wb") as events, (folder / SURFACES).open("wb") as surfaces:
        for encoding in encodings:
            events.write(encoding.array.tobytes())
            surfaces.write(json.dumps([(int(i), surface) for i, surface in encoding.surfaces.items()]).encode())
            starts.append([starts[-1][0] + len(encoding), surfaces.tell()])
    np.save(folder / STARTS, starts)
