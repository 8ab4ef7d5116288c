"""The documents of a corpus as they are read: in memory if they fit, or else in one SQLite file of the cache.

SQLite is in the standard library, unlike Arrow, and finds one text by its number without reading others.
"""

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path

from toolkit.errors import InputError
from toolkit.files import check_cache, entry
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, Split, characters, encode_utf8

MEMORY_CHARACTERS = 20_000_000  # of a corpus that stays in memory
LONG_CHARACTERS = 1_000_000  # of a document of a larger corpus; a longer one is cut into parts
# Of such a part, at most, and half as many at least; of the last, at most twice as many.
PART_CHARACTERS = 100_000
EXCERPT_CHARACTERS = 20_000_000  # of a larger corpus, for whatever needs its text in memory
ENDINGS = ("\n\n", "\n", " ")  # of a paragraph, of a line, of a word


def fits(characters: int) -> bool:
    """Return whether a corpus of this length stays in memory."""
    return characters <= MEMORY_CHARACTERS


class StoredDocument(Document):
    """A document, or a part of one, whose text is a row of a file in the cache. It is read when it is needed."""

    store: str
    row: int

    def __init__(self, name: str, whole: str, row: int, characters: int, store: str) -> None:
        # The class is frozen.
        vars(self).update(name=name, whole=whole, row=row, characters=characters, store=store)

    @property
    def path(self) -> Path:
        """The file in the cache of this machine."""
        return entry("texts", self.store)

    @property
    def text(self) -> str:
        """The text. Raises InputError if it is no longer in the cache."""
        try:
            return read_text(self.path, self.row)
        except (sqlite3.Error, TypeError) as error:  # TypeError: there is no such row
            raise InputError(f"{self.name!r} is no longer in {self.path}. Repeat the command.") from error

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredDocument) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((self.store, self.row))


def read_text(path: Path, row: int) -> str:
    """Return a text of a store."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        (text,) = database.execute("SELECT text FROM texts WHERE rowid = ?", (row,)).fetchone()
    return str(text)


class Gathering(ExitStack):
    """The documents of a corpus while they are read, in a new file. A context manager removes an unfinished file."""

    def __init__(self) -> None:
        super().__init__()
        check_cache()
        self._file = entry("texts", f".{secrets.token_hex(8)}")
        self._file.parent.mkdir(exist_ok=True)
        self.callback(self._file.unlink, missing_ok=True)
        self._database = self.enter_context(closing(sqlite3.connect(self._file)))
        self._database.execute("PRAGMA synchronous = OFF")  # each reading of a corpus writes the file
        self._database.execute("CREATE TABLE texts (part, whole, text)")
        self._digest = hashlib.sha256()
        self._names: set[str] = set()
        self._characters = 0

    def add(self, part: str, name: str, chunks: Iterable[str]) -> bool:
        """Add a document in canonical text unless it has no text. Return whether it has.

        ``part`` is its part of the given split, or "" without one; documents of a part follow each other. Raises
        InputError if another document has the name, or UTF-8 cannot encode the name or the text.
        """
        encode_utf8(name, "The name of a document")
        if name in self._names:
            raise InputError(f"Two documents are called {name!r}. Rename one.")
        texts, has_text = list[str](), False
        for text in parts(chunks):
            self._digest.update(len(text).to_bytes(8, "big") + encode_utf8(text, name))
            texts.append(text)
            has_text = has_text or bool(text.strip())
            if has_text:
                self._names.add(name)
                self._characters += sum(map(len, texts))
                self._database.executemany(
                    "INSERT INTO texts VALUES (?, ?, ?)", [(part, name, text) for text in texts]
                )
                texts.clear()
        return has_text

    def corpus(self, corpus: Corpus) -> Corpus:
        """Return a corpus with the documents that were added, and with their split if they have parts."""
        self._database.commit()
        store = "" if fits(self._characters) else self._digest.hexdigest()
        if store:
            self._file.replace(entry("texts", store))
        query = "SELECT part, whole, rowid, length(text), CASE ? WHEN '' THEN text ELSE '' END FROM texts"
        pieces = self._database.execute(query, (store,))
        documents: dict[str, list[Document]] = {}
        for (part, whole), group in groupby(pieces, itemgetter(0, 1)):
            rows = [row[2:] for row in group]
            digits = max(3, len(str(len(rows))))
            of_part = documents.setdefault(part, [])
            if not store:
                of_part.append(Document(whole, "".join(text for *_, text in rows)))
                continue
            for number, (row, length, _) in enumerate(rows, 1):
                name = f"{whole}#{number:0{digits}}" if len(rows) > 1 else whole
                of_part.append(StoredDocument(name, whole, row, length, store))
        split = None
        if "" not in documents:
            train, valid, test = (tuple(documents.get(part, ())) for part in SPLIT_PARTS)
            split = replace(corpus.given or Split((), (), ()), train=train, valid=valid, test=test)
        return replace(corpus, documents=tuple(chain.from_iterable(documents.values())), given=split)


def parts(chunks: Iterable[str]) -> Iterator[str]:
    """Yield a text that comes in chunks: whole, or, if it is long, in parts that end with a paragraph."""
    text, long = "", False
    for chunk in chunks:
        text += chunk
        long = long or len(text) > LONG_CHARACTERS
        start = 0
        while long and len(text) - start > 2 * PART_CHARACTERS:
            latest = start + PART_CHARACTERS
            end = nearest_end(text, latest, start + PART_CHARACTERS // 2, latest)
            yield text[start:end]
            start = end
        text = text[start:]
    yield text


def fitting(documents: Sequence[Document], most: int = EXCERPT_CHARACTERS) -> tuple[Document, ...]:
    """Return all documents if they fit into memory, or else evenly spaced ones of at most ``most`` characters."""
    return tuple(documents[place] for place in fitting_places(documents, most))


def fitting_places(documents: Sequence[Document], most: int) -> range:
    """Return the places of the documents that ``fitting`` returns."""
    whole = characters(documents)
    if fits(whole):
        return range(len(documents))
    for step in range(max(1, -(-whole // most)), len(documents)):
        places = range(step // 2, len(documents), step)
        if sum(documents[place].characters for place in places) <= most:
            return places
    middle = len(documents) // 2
    return range(middle, middle + 1)


def cut(documents: Sequence[Document], characters: int) -> list[Document]:
    """Return the first ``characters`` of documents. The last document is cut there."""
    beginning: list[Document] = []
    for document in documents:
        if characters > 0:
            beginning.append(Document(document.name, document.text[:characters]))
            characters -= len(document.text)
    return beginning


def nearest_end(text: str, wanted: int, earliest: int, latest: int) -> int:
    """Return the end of a paragraph nearest to the wanted place, or else of a line, of a word, or the place itself."""
    for ending in ENDINGS:
        left = text.rfind(ending, earliest, wanted)
        right = text.find(ending, max(earliest, wanted - len(ending) + 1), latest)
        ends = [place + len(ending) for place in (left, right) if place >= 0]
        if ends:
            return min(ends, key=lambda end: abs(end - wanted))
    return wanted
