"""A corpus as it is read: documents are kept in memory while they are few, and else moved to a file of the cache."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import NamedTuple, Self

from toolkit.files import entry, unwritable
from toolkit.text.corpus import Digest, Document
from toolkit.text.paragraphs import nearest_end
from toolkit.text.reading import chunks_of
from toolkit.text.stored import StoredDocument

IN_MEMORY = 20_000_000  # characters of a corpus that is kept in memory
LONGEST = 1_000_000  # characters of a document of a larger corpus; a longer one is cut into parts
PART = 100_000  # characters of such a part, at most, and half as many at least; of the last, at most twice as many


def fits(characters: int) -> bool:
    """Whether a corpus of so many characters is kept in memory."""
    return characters <= IN_MEMORY


def parts(chunks: Iterable[str]) -> Iterator[str]:
    """A text that comes in chunks: whole, or, if it is longer than ``LONGEST``, in parts that end with a paragraph."""
    held, long = "", False
    for chunk in chunks:
        held += chunk
        long = long or len(held) > LONGEST
        start = 0
        while long and len(held) - start > 2 * PART:
            most = start + PART
            end = nearest_end(held, most, start + PART // 2, most)
            yield held[start:end]
            start = end
        held = held[start:]
    yield held


class Place(NamedTuple):
    """Where a text is in the store."""

    start: int
    end: int
    characters: int


class Store:
    """A new file of the cache, written under another name until its own is known. Raises InputError if it cannot be."""

    def __init__(self) -> None:
        self.temporary = entry("texts", f".{secrets.token_hex(8)}")
        try:
            self.temporary.parent.mkdir(parents=True, exist_ok=True)
            self.file = self.temporary.open("w+b")
        except OSError as error:
            raise unwritable(error) from error
        self.size = 0

    def write(self, text: str) -> Place:
        """Write a text."""
        content = text.encode()
        try:
            self.file.write(content)
        except OSError as error:
            raise unwritable(error) from error
        start, self.size = self.size, self.size + len(content)
        return Place(start, self.size, len(text))

    def between(self, start: int, end: int) -> Iterator[bytes]:
        """What was written from one place to another, in chunks."""
        self.file.seek(start)
        left = end - start
        for chunk in chunks_of(self.file):
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                break
        self.file.seek(self.size)

    def forget_after(self, size: int) -> None:
        """Take back all that was written after so many bytes."""
        self.file.truncate(size)
        self.file.seek(size)
        self.size = size

    def finish(self, name: str) -> None:
        """Give the file its name. It is not waited for until it is on the disk: each reading of a corpus writes it."""
        try:
            self.file.close()
            self.temporary.replace(entry("texts", name))
        except OSError as error:
            raise unwritable(error) from error

    def abandon(self) -> None:
        """Remove the file, unless it has its name."""
        self.file.close()
        self.temporary.unlink(missing_ok=True)


class Gathered(NamedTuple):
    """Documents by the part of a given split, "" without one; and the hash of those in the cache."""

    by_part: dict[str, tuple[Document, ...]]
    sha256: str | None

    @property
    def documents(self) -> tuple[Document, ...]:
        """All documents."""
        return sum(self.by_part.values(), ())

    def digest(self, documents: tuple[Document, ...]) -> Digest | None:
        """The hash, if there is one, as that of these documents."""
        return Digest(self.sha256, documents) if self.sha256 else None


class Gathering:
    """The documents of a corpus, in memory or, once they have more than ``IN_MEMORY`` characters, in the cache.

    ``part`` is that of the split that is given, if one is: all documents of a part come one after another.
    """

    def __init__(self) -> None:
        self.characters = 0
        self._kept: list[tuple[str, Document]] = []  # with their part of the split
        self._stored: list[tuple[str, str, str, Place]] = []  # part of the split, name, name of the whole, place
        self._store: Store | None = None
        self._digest = hashlib.sha256()

    def add(self, part: str, name: str, chunks: Iterable[str]) -> bool:
        """Add a document in canonical text, unless it has no text; whether it has."""
        held: list[str] = []
        places: list[Place] = []
        before, has_text = self.characters, False
        for piece in parts(chunks):
            held.append(piece)
            has_text = has_text or not (piece.isspace() or not piece)
            self.characters += len(piece)
            if self._store is None and not fits(self.characters):
                self._store = self._moved()
            if self._store is not None:
                places += map(self._store.write, held)
                held = []
        if not has_text:
            self.characters = before
            if self._store is not None and places:
                self._store.forget_after(places[0].start)
        elif self._store is None:
            self._kept.append((part, Document(name, "".join(held))))
        else:
            self._list(self._store, part, name, places)
        return has_text

    def _moved(self) -> Store:
        """A store that has what was kept in memory."""
        store = Store()
        for part, document in self._kept:
            self._list(store, part, document.name, [store.write(piece) for piece in parts([document.text])])
        self._kept = []
        return store

    def _list(self, store: Store, part: str, name: str, places: list[Place]) -> None:
        """List a document that was stored, and hash it as ``Corpus.sha256`` does."""
        start, end = places[0].start, places[-1].end
        for field in (part, name):
            self._digest.update(len(field.encode()).to_bytes(8, "big") + field.encode())
        self._digest.update((end - start).to_bytes(8, "big"))
        for chunk in store.between(start, end):
            self._digest.update(chunk)
        digits = max(3, len(str(len(places))))
        for number, place in enumerate(places, 1):
            self._stored.append((part, name if len(places) == 1 else f"{name}#{number:0{digits}}", name, place))

    def gathered(self) -> Gathered:
        """All documents; call it once, at the end."""
        documents, sha256 = self._kept, None
        if self._store is not None:
            sha256 = self._digest.hexdigest()
            self._store.finish(sha256)
            documents = [(part, StoredDocument(name, of, sha256, *place)) for part, name, of, place in self._stored]
        by_part: dict[str, list[Document]] = {}
        for part, document in documents:
            by_part.setdefault(part, []).append(document)
        return Gathered({part: tuple(of_part) for part, of_part in by_part.items()}, sha256)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left behind of what was not finished."""
        if self._store is not None:
            self._store.abandon()
