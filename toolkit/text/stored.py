"""Documents whose text is in a file of the cache, all of a corpus in one file: it is read when it is asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from toolkit.errors import InputError
from toolkit.text.corpus import Document


class StoredDocument(Document):
    """A document whose text is the bytes of a file from ``start`` to ``end``, in UTF-8.

    ``of`` is the name of the whole document of which it is a part, or its own. To compare such documents, or to send
    them to another process, reads no text.
    """

    def __init__(self, name: str, of: str, path: Path, start: int, end: int, characters: int) -> None:
        vars(self).update(name=name, of=of, path=path, start=start, end=end, _characters=characters)  # it is frozen

    of: str
    path: Path
    start: int
    end: int
    _characters: int

    @property
    def characters(self) -> int:
        """How long the text is."""
        return self._characters

    @property
    def text(self) -> str:
        """The text, read anew each time. Raises InputError if it is no longer there."""
        try:
            with self.path.open("rb", buffering=0) as file:
                file.seek(self.start)
                text = file.read(self.end - self.start).decode()
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
    def _place(self) -> tuple[str, Path, int, int]:
        return self.name, self.path, self.start, self.end

    def __repr__(self) -> str:
        return f"StoredDocument({self.name!r}, {self.characters:,} characters)"

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        return type(self), (self.name, self.of, self.path, self.start, self.end, self._characters)


def whole_documents(documents: Sequence[Document]) -> int:
    """How many documents there are, the parts of one counted once."""
    return len({document.of if isinstance(document, StoredDocument) else i for i, document in enumerate(documents)})
