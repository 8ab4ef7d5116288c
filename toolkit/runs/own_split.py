"""What a run is verified on: its own split, and whole or cut documents."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import InputError
from toolkit.runs.spec import CellSpec
from toolkit.text.catalogue import find_corpus, readable
from toolkit.text.corpus import Document, Split
from toolkit.text.folds import fold_split
from toolkit.text.fractions import part_of


def own_split(spec: CellSpec) -> Split:
    """The run's own split, from its corpus, with the fraction of training documents that it was made from.

    Raises InputError if the corpus has no place, is no longer where it was, cannot be read, or has different text now.
    """
    if not spec.corpus_path:
        raise InputError(
            f"The run's corpus {spec.corpus!r} was made in Python and cannot be read again; "
            f"save it as files and train on those."
        )
    exists = Path(spec.corpus_path).exists()
    if not exists and spec.corpus not in readable():
        raise InputError(f"The run's corpus is no longer at {spec.corpus_path}; put it back there.")
    corpus = find_corpus(spec.corpus_path if exists else spec.corpus, spec.language, text_column=spec.text_column)
    if corpus.sha256 != spec.corpus_sha256:
        raise InputError(f"The corpus at {corpus.path} is not the one that the run was made from; restore that one.")
    whole = fold_split(corpus, spec.split_seed, spec.fold)
    if whole.cut != spec.cut:
        raise InputError(f"Another version of toolkit made the run and split {corpus.path} differently; train again.")
    return part_of(whole, spec.fraction)


def cut(documents: Sequence[Document], characters: int) -> list[Document]:
    """The first so many characters; the document in which they end is cut, and then a document of its own.

    >>> [document.text for document in cut([Document("a", "moon"), Document("b", "light"), Document("c", "!")], 6)]
    ['moon', 'li']
    """
    kept: list[Document] = []
    for document in documents:
        if characters > 0:
            kept.append(Document(document.name, document.text[:characters]))
            characters -= len(document.text)
    return kept
