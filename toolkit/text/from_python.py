"""Corpora that were made in Python, as if they had been read from files."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from toolkit.errors import InputError
from toolkit.text.corpus import SPLIT_PARTS, Corpus, Document, canonical, check_name, described, encode_utf8
from toolkit.text.gathering import Gathering
from toolkit.text.stored import StoredDocument


def checked(corpus: Corpus) -> Corpus:
    """A corpus that was made in Python, in canonical form; a large one is moved to the cache.

    A given split is described as one that a folder prescribes. Raises InputError for a document without text or with
    text that UTF-8 has not, for two of one name, or if the corpus's name is not a plain one.
    """
    check_name(corpus.name, "The name of the corpus")
    if not corpus.documents and corpus.given is None:
        raise InputError(f"The corpus {corpus.name} has no documents; give several, or a long one.")
    groups = corpus.given.parts if corpus.given else {"": corpus.documents}
    if all(isinstance(document, StoredDocument) for of_part in groups.values() for document in of_part):
        return corpus  # it was read from files
    with Gathering() as gathering:
        check_documents([document for of_part in groups.values() for document in of_part])
        for part, of_part in groups.items():
            for document in of_part:
                gathering.add(part, document.name, [canonical(document.text)])
        gathered = gathering.gathered()
    documents = gathered.documents
    given = corpus.given
    if given is not None:
        parts = (gathered.by_part.get(part, ()) for part in SPLIT_PARTS)
        given = replace(described(*parts, notes=given.notes, unit=given.unit), cut=given.cut)
    return replace(corpus, documents=documents, given=given, digest=gathered.digest(documents))


def check_documents(documents: Sequence[Document]) -> None:
    """Raises InputError for a document without text, or with text that is no ``str`` or that UTF-8 has not, and for two
    of one name.
    """
    for document in documents:
        for what, value in (("name", document.name), ("text", document.text)):
            if not isinstance(value, str):
                raise InputError(f"The {what} of a document is of the type {type(value).__name__}; give a str.")
        encode_utf8(document.name, "The name of a document")
        encode_utf8(document.text, f"The document {document.name!r}")
        if not document.text.strip():
            raise InputError(f"The document {document.name!r} has no text; remove it from the corpus or add some.")
    for name, number in Counter(document.name for document in documents).items():
        if number > 1:
            raise InputError(f"There are {number:,} documents {name!r}; give each a name of its own.")
