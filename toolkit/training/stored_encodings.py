"""Encoded training documents; those of a text that does not fit in memory are in the cache, and read one by one."""

import hashlib
import json
import secrets
import shutil
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from toolkit.cache import entry, unwritable
from toolkit.environment import versions
from toolkit.errors import InputError
from toolkit.events.checks import check_encoding
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.events.vocabulary import Vocabulary
from toolkit.text.corpus import Document, characters
from toolkit.text.gathering import fits
from toolkit.training.stream import Stream

FORMAT = 1  # of an entry: increase it when its files change, or what a tokenizer makes of a text
HEADER = "header.json"
ABANDONED_SECONDS = 86_400.0  # after which nobody writes to what is half-written any more
CHUNK = 1 << 20  # elements, or bytes, that are read at once

Array = npt.NDArray[Any]


def encoded(tokenizer: Tokenizer, documents: Sequence[Document], made_from: Mapping[str, Any]) -> Sequence[Encoding]:
    """The encodings of training documents, in memory or, if their texts would not fit there, in the cache.

    ``made_from`` has, as JSON values, what they depend on besides the documents, the tokenizer's state and versions.
    Raises ContractError if one is malformed, and InputError if the cache cannot be written.
    """
    encodings = (checked(tokenizer, document) for document in documents)
    if fits(characters(documents)):
        return list(encodings)
    folder = entry("ids", key(tokenizer, documents, made_from))
    stored = opened(folder)
    if stored is None:
        write(folder, tokenizer.vocabulary, encodings)
        stored = StoredEncodings(folder)
    return stored


def checked(tokenizer: Tokenizer, document: Document) -> Encoding:
    """The encoding of a document. Raises ContractError if it is malformed."""
    encoding = tokenizer.encode(document)
    check_encoding(tokenizer.vocabulary, encoding, len(document.text), document.name)
    return encoding


def key(tokenizer: Tokenizer, documents: Iterable[Document], made_from: Mapping[str, Any]) -> str:
    """The name of an entry: whatever its content depends on, hashed."""
    depends = {"format": FORMAT, "versions": versions(), "state": tokenizer.state(), **made_from}
    digest = hashlib.sha256(json.dumps(depends, sort_keys=True).encode())
    for document in documents:
        for field in (document.name.encode(), document.text.encode()):
            digest.update(len(field).to_bytes(8, "big"))
            digest.update(field)
    return digest.hexdigest()


class StoredEncodings(Sequence[Encoding]):
    """The encodings in an entry of the cache. An array's file has its elements alone; the header says the rest.

    By event, ``ids``, ``widths`` and ``parts``, and ``fed_ids`` and ``fed_widths`` where the network is not fed all;
    by surface, its ``places`` in the document and its ``lengths`` in the bytes of ``surfaces``; and by document, the
    ``counts`` of events, of fed ones, of surfaces and of their bytes. Raises ValueError, KeyError, TypeError or OSError
    if the entry is not as it was written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        header = json.loads((folder / HEADER).read_text("utf-8"))
        self.arrays: dict[str, Mapping[str, Any]] = header["arrays"]
        self.characters = int(header["characters"])
        for name, array in self.arrays.items():
            if array != described(folder / name, np.dtype(array["dtype"])):
                raise ValueError(f"{folder / name} is not as it was written")
        counts = self._read("counts", 0, self.arrays["counts"]["size"]).reshape(-1, 4)
        self._starts = np.concatenate([np.zeros((1, 4), np.int64), np.cumsum(counts, 0, np.int64)])

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, index: int) -> Encoding: ...
    @overload
    def __getitem__(self, index: slice) -> list[Encoding]: ...
    def __getitem__(self, index: int | slice) -> Encoding | list[Encoding]:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        i = range(len(self))[index]
        (start, _, first, byte), (end, _, last, byte_end) = self._starts[i : i + 2].tolist()
        offsets = np.zeros(end - start + 1, np.int32)
        np.cumsum(self._read("widths", start, end), out=offsets[1:])
        surfaces = self._read("surfaces", byte, byte_end).tobytes()
        ends = np.cumsum(self._read("lengths", first, last), dtype=np.int64).tolist()
        texts = [surfaces[a:b].decode("utf-8", "surrogatepass") for a, b in zip([0, *ends], ends, strict=False)]
        return Encoding(
            self._read("ids", start, end).astype(np.int32),
            offsets,
            self._read("parts", start, end).astype(np.int8),
            dict(zip(self._read("places", first, last).tolist(), texts, strict=True)),
        )

    @cached_property
    def stream(self) -> Stream:
        """What a network reads of them."""
        prefix, column = ("fed_", 1) if "fed_ids" in self.arrays else ("", 0)
        ids, widths = (self._mapped(f"{prefix}{name}") for name in ("ids", "widths"))
        return Stream(ids, widths, self._starts[:, column].copy(), self.characters)

    def _read(self, name: str, start: int, end: int) -> Array:
        """Elements of an array, read from its file: what is mapped would count as this process's memory."""
        dtype = np.dtype(self.arrays[name]["dtype"])
        return np.fromfile(self._there(name), dtype, end - start, offset=start * dtype.itemsize)

    def _mapped(self, name: str) -> Array:
        """An array, read where it is used."""
        return np.asarray(np.memmap(self._there(name), np.dtype(self.arrays[name]["dtype"]), "r"))

    def _there(self, name: str) -> Path:
        """The file of an array. Raises InputError if it was removed after the entry was opened."""
        if not (file := self.folder / name).exists():
            raise InputError(
                f"{file} was removed from the cache while it was in use; repeat the command, which goes on from what "
                f"is finished."
            )
        return file

    def __reduce__(self) -> tuple[type["StoredEncodings"], tuple[Path]]:
        """To another process on this machine goes the place alone."""
        return type(self), (self.folder,)


def opened(folder: Path) -> StoredEncodings | None:
    """The encodings in an entry of the cache; None if it is missing, or not as it was written."""
    try:
        return StoredEncodings(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def described(file: Path, dtype: np.dtype[Any]) -> dict[str, Any]:
    """What a header says of an array: the type and number of its elements, and a checksum of its bytes."""
    checksum = size = 0
    with file.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            checksum, size = zlib.crc32(chunk, checksum), size + len(chunk)
    return {"dtype": dtype.str, "size": size // dtype.itemsize, "crc32": checksum}


def write(folder: Path, vocabulary: Vocabulary, encodings: Iterable[Encoding]) -> None:
    """Write an entry of the cache, whole or not at all. Raises InputError if that is impossible."""
    for left in folder.parent.glob(f".{folder.name}.*"):  # by processes that were killed
        with suppress(FileNotFoundError):  # another process has finished it
            if time.time() - left.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(left, ignore_errors=True)
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(4)}")
    try:
        temporary.mkdir(parents=True)
        fill(temporary, vocabulary, encodings)
        put(temporary, folder)
    except OSError as error:
        raise unwritable(error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def put(temporary: Path, folder: Path) -> None:
    """Rename a complete entry, unless another process has made it meanwhile: then that one stays, and is read.

    It is not waited for until it is on the disk: what is damaged is made anew.
    """
    try:
        temporary.replace(folder)  # raises OSError if there is an entry
    except OSError:
        if opened(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)
            temporary.replace(folder)


def fill(folder: Path, vocabulary: Vocabulary, encodings: Iterable[Encoding]) -> None:
    """Write the arrays of an entry, and at last its header."""
    names = ["ids", "widths", "parts", "places", "lengths", "surfaces", "counts"]
    names += ["fed_ids", "fed_widths"] if vocabulary.reserve.outside else []
    characters = 0
    with ExitStack() as stack:
        arrays = {name: stack.enter_context(closing(Growing(folder / name))) for name in names}
        for encoding in encodings:
            written = written_of(encoding, vocabulary.fed(encoding))
            for name, array in arrays.items():
                array.append(written[name])
            characters += encoding.characters
    header = {
        "characters": characters,
        "arrays": {name: described(array.path, array.dtype) for name, array in arrays.items()},
    }
    (folder / HEADER).write_text(json.dumps(header), "utf-8")


def written_of(encoding: Encoding, fed: Encoding) -> dict[str, npt.ArrayLike]:
    """What is written of an encoding, by array; ``fed`` is what the network is fed of it."""
    surfaces = [surface.encode("utf-8", "surrogatepass") for surface in encoding.surfaces.values()]
    content = b"".join(surfaces)
    return {
        "ids": encoding.ids,
        "widths": np.diff(encoding.offsets),
        "parts": encoding.parts,
        "places": list(encoding.surfaces),
        "lengths": [len(surface) for surface in surfaces],
        "surfaces": np.frombuffer(content, np.uint8),
        "counts": [len(encoding.ids), len(fed.ids), len(surfaces), len(content)],
        "fed_ids": fed.ids,
        "fed_widths": np.diff(fed.offsets),
    }


class Growing:
    """A new file of whole numbers, none of them negative, in the smallest type that holds all that were appended."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.dtype: np.dtype[Any] = np.dtype(np.uint8)
        self._file = path.open("wb")

    def append(self, numbers: npt.ArrayLike) -> None:
        """Add numbers at the end."""
        array = np.asarray(numbers)
        self._widen(np.promote_types(self.dtype, np.min_scalar_type(int(array.max(initial=0)))))
        self._file.write(array.astype(self.dtype).tobytes())

    def _widen(self, dtype: np.dtype[Any]) -> None:
        """Write all numbers anew if they were of another type."""
        if dtype == self.dtype:
            return
        self.close()
        narrow = self.path.rename(self.path.with_name(f"{self.path.name}.narrow"))
        self._file = self.path.open("wb")
        with narrow.open("rb") as before:
            while (chunk := np.fromfile(before, self.dtype, CHUNK)).size:
                self._file.write(chunk.astype(dtype).tobytes())
        narrow.unlink()
        self.dtype = dtype

    def close(self) -> None:
        """Nothing more is added."""
        self._file.close()
