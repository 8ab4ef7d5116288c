"""Documents whose text is in a file of the cache, all of a corpus in one file: it is read when it is asked for."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from toolkit.errors import InputError
from toolkit.files import entry
from toolkit.text.corpus import Document

LAST = 4  # texts that stay in memory, for whoever asks for the same one again and again


class StoredDocument(Document):
    """A document whose text is the bytes from ``start`` to ``end`` of an entry ``store`` of the cache, in UTF-8.

    ``of`` is the name of the whole document of which it is a part, or its own. To compare such documents, or to send
    them to another process, reads no text.
    """

    def __init__(self, name: str, of: str, store: str, start: int, end: int, characters: int) -> None:
        vars(self).update(name=name, _of=of, store=store, start=start, end=end, _characters=characters)  # it is frozen

    _of: str
    store: str
    start: int
    end: int
    _characters: int

    @property
    def path(self) -> Path:
        """The file, in the cache of this machine."""
        return entry("texts", self.store)

    @property
    def of(self) -> str:
        """The name of the whole document."""
        return self._of

    @property
    def characters(self) -> int:
        """How long the text is."""
        return self._characters

    @property
    def text(self) -> str:
        """The text, which is read unless it was among the last. Raises InputError if it is no longer there."""
        try:
            text = read(self.path, self.start, self.end)
        except (OSError, UnicodeDecodeError) as error:
            raise self._damaged() from error
        if len(text) != self._characters:
            raise self._damaged()
        return text

    def _damaged(self) -> InputError:
        return InputError(
            f"The text of {self.name!r} is no longer in {self.path}, which was written when the corpus was read; leave "
            f"the cache alone while it is used, and repeat the command."
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StoredDocument) and self._place == other._place

    def __hash__(self) -> int:
        return hash(self._place)

    @property
    def _place(self) -> tuple[str, str, int, int]:
        return self.name, self.store, self.start, self.end

    def __repr__(self) -> str:
        return f"StoredDocument({self.name!r}, {self.characters:,} characters)"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self.name, self.of, self.store, self.start, self.end, self._characters)


def are_here(documents: Sequence[Document]) -> bool:
    """Whether the files of all documents whose texts are stored are in the cache of this machine, as long as needed."""
    ends: dict[Path, int] = {}
    for document in documents:
        if isinstance(document, StoredDocument):
            ends[document.path] = max(ends.get(document.path, 0), document.end)
    return all(path.is_file() and path.stat().st_size >= end for path, end in ends.items())


@lru_cache(LAST)
def read(path: Path, start: int, end: int) -> str:
    """The text of a file's bytes from ``start`` to ``end``, in UTF-8."""
    with path.open("rb", buffering=0) as file:
        file.seek(start)
        return file.read(end - start).decode()
