"""Encoded training documents, in memory or in the cache, and the windows of ids that a network reads."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.cache import entry, locked, unwritable
from toolkit.config import TrainSettings
from toolkit.environment import versions
from toolkit.events.checks import check_encoding
from toolkit.events.encoding import Encoding, Ids
from toolkit.events.protocols import Tokenizer
from toolkit.events.vocabulary import Vocabulary
from toolkit.text.corpus import Document, characters
from toolkit.text.gathering import IN_MEMORY

FORMAT = 3  # of an entry: increase it when its files change, or the encoding of a text
HEADER = "header.json"
EVENTS, FED, SURFACES = "events", "fed", "surfaces"  # files of an entry

Integers = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Stream:
    """n tokens, in memory or on disk. Document i has ``[starts[i]:starts[i + 1]]``; its last token is ``<doc>``."""

    ids: Integers  # (n,)
    widths: Integers  # (n,), in characters
    starts: npt.NDArray[np.int64]  # (documents + 1,)
    characters: int  # of all documents

    @property
    def tokens(self) -> int:
        """Return the number of tokens."""
        return int(self.starts[-1])


def stream(vocabulary: Vocabulary, encodings: Sequence[Encoding]) -> Stream:
    """Return the stream of encoded documents: all events that the network predicts and reads."""
    if isinstance(encodings, StoredEncodings):
        return encodings.stream
    fed = [vocabulary.fed(encoding) for encoding in encodings]
    return Stream(
        np.concatenate([encoding.ids for encoding in fed]),
        np.concatenate([np.diff(encoding.offsets) for encoding in fed]),
        np.cumsum([0, *(len(encoding.ids) for encoding in fed)]),
        sum(encoding.characters for encoding in fed),
    )


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
        self._shifts = stream.starts[order] - (self._ends - lengths)  # (documents,), from this order to the stream
        row = windows.per_epoch * windows.length
        self._starts = rng.integers(stream.tokens) + row * np.arange(windows.rows)  # (rows,)

    def window(self, number: int) -> tuple[Ids, Ids, int]:
        """Return inputs and next-token targets (rows, length) of a window, and the characters of the targets."""
        within = np.arange(number * self._length - 1, (number + 1) * self._length)  # from the token before the first
        places = np.add.outer(self._starts, within) % self._stream.tokens  # (rows, 1 + length)
        places += self._shifts[np.searchsorted(self._ends, places, "right")]
        ids = self._stream.ids[places].astype(np.int32)  # a document follows the <doc> that ends another one
        return ids[:, :-1], ids[:, 1:], int(self._stream.widths[places[:, 1:]].sum())


def checked(tokenizer: Tokenizer, document: Document) -> Encoding:
    """Return the encoding of a document. Raises ContractError if it is malformed."""
    encoding = tokenizer.encode(document)
    check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
    return encoding


def encoded(
    tokenizer: Tokenizer, documents: Sequence[Document], made_from: Mapping[str, Any], max_characters: int = IN_MEMORY
) -> Sequence[Encoding]:
    """Return the encodings of training documents, in the cache if these have more than ``max_characters``.

    ``made_from`` has the JSON values that decide the encodings, besides the documents, the tokenizer's state and the
    versions. Raises ContractError if an encoding is malformed, and InputError if the cache cannot be written.
    """
    encodings = (checked(tokenizer, document) for document in documents)
    if characters(documents) <= max_characters:
        return list(encodings)
    key = {"format": FORMAT, "versions": versions(), "state": tokenizer.state(), **made_from}
    digest = hashlib.sha256(json.dumps(key, sort_keys=True).encode())
    for document in documents:
        for field in (document.name, document.text):
            digest.update(hashlib.sha256(field.encode()).digest())
    folder = entry("ids", digest.hexdigest())
    try:
        with locked(folder.with_suffix(".lock")):  # another process may be writing the same entry
            with suppress(OSError, ValueError, KeyError, TypeError):  # missing or damaged
                return StoredEncodings(folder)
            _write(folder, tokenizer.vocabulary, encodings)
            return StoredEncodings(folder)
    except OSError as error:
        raise unwritable(error) from error


class StoredEncodings(Sequence[Encoding]):
    """The encodings in an entry of the cache, read one by one.

    ``events`` has a record for each event. ``fed`` exists only if the network does not read all events, and has records
    of the ones that it reads. ``surfaces`` has a JSON text per document: its surfaces with their positions. The header
    has the sizes of the files and the start of each document in each file. An incomplete entry raises OSError,
    ValueError, KeyError or TypeError.
    """

    def __init__(self, folder: Path) -> None:
        header = json.loads((folder / HEADER).read_text("utf-8"))
        if any((folder / name).stat().st_size != size for name, size in header["sizes"].items()):
            raise ValueError(f"{folder} is damaged")
        self._folder, self._characters = folder, header["characters"]
        self._fed = FED if FED in header["sizes"] else EVENTS
        self._record = _record(header["vocabulary_size"])
        self._starts = np.array(header["starts"], np.int64)  # (documents + 1, 3)

    def __reduce__(self) -> tuple[type["StoredEncodings"], tuple[Path]]:
        return type(self), (self._folder,)  # another process reads the same files

    def __len__(self) -> int:
        return len(self._starts) - 1

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        i = range(len(self))[index]
        (start, _, first), (end, _, last) = self._starts[i : i + 2].tolist()
        events = self._read(EVENTS, self._record, start, end)
        surfaces = json.loads(self._read(SURFACES, np.dtype(np.uint8), first, last).tobytes())
        offsets = np.zeros(end - start + 1, np.int32)
        np.cumsum(events["width"], out=offsets[1:])
        parts = events["part"].astype(np.int8)
        return Encoding(events["id"].astype(np.int32), offsets, parts, dict(surfaces))

    def _read(self, name: str, dtype: np.dtype[Any], start: int, end: int) -> npt.NDArray[Any]:
        """Return records of a file. A memory map would count as this process's memory."""
        return np.fromfile(self._folder / name, dtype, end - start, offset=start * dtype.itemsize)

    @cached_property
    def stream(self) -> Stream:
        """Return the stream, on disk."""
        records = np.asarray(np.memmap(self._folder / self._fed, self._record, "r"))
        starts = self._starts[:, 0 if self._fed == EVENTS else 1].copy()
        return Stream(records["id"], records["width"], starts, self._characters)


def _record(vocabulary_size: int) -> np.dtype[Any]:
    return np.dtype([("id", np.min_scalar_type(vocabulary_size - 1)), ("width", np.uint32), ("part", np.uint8)])


def _records(encoding: Encoding, record: np.dtype[Any]) -> bytes:
    records = np.zeros(len(encoding.ids), record)
    records["id"], records["width"], records["part"] = encoding.ids, np.diff(encoding.offsets), encoding.parts
    return records.tobytes()


def _write(folder: Path, vocabulary: Vocabulary, encodings: Iterable[Encoding]) -> None:
    """Write an entry of the cache, whole or not at all."""
    record, total, starts = _record(len(vocabulary)), 0, [[0, 0, 0]]
    names = (EVENTS, SURFACES, FED) if vocabulary.reserve.outside else (EVENTS, SURFACES)
    with TemporaryDirectory(prefix=".", dir=folder.parent) as temporary, ExitStack() as stack:
        new = Path(temporary) / "entry"  # with the usual permissions, for a cache that users share
        new.mkdir()
        files = {name: stack.enter_context((new / name).open("wb")) for name in names}
        for encoding in encodings:
            fed = vocabulary.fed(encoding)
            surfaces = json.dumps([(int(place), surface) for place, surface in encoding.surfaces.items()]).encode()
            content = {EVENTS: _records(encoding, record), FED: _records(fed, record), SURFACES: surfaces}
            for name, file in files.items():
                file.write(content[name])
            counts = (len(encoding.ids), len(fed.ids), len(surfaces))
            starts.append([start + count for start, count in zip(starts[-1], counts, strict=True)])
            total += encoding.characters
        stack.close()
        sizes = {name: (new / name).stat().st_size for name in names}
        header = {"vocabulary_size": len(vocabulary), "characters": total, "starts": starts, "sizes": sizes}
        (new / HEADER).write_text(json.dumps(header), "utf-8")
        rmtree(folder, ignore_errors=True)  # damaged
        new.replace(folder)
