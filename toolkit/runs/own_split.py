"""What a run is verified on: its own split, whole or cut documents, and the bits reported for them."""

from collections.abc import Sequence
from pathlib import Path

from toolkit.errors import InputError
from toolkit.inference.scores import scores_of
from toolkit.runs.folder import Run, load_scores
from toolkit.runs.spec import Basis
from toolkit.text.catalogue import bundled, find_corpus
from toolkit.text.corpus import Document, Split, split


def own_split(basis: Basis) -> Split:
    """The run's own split, from its corpus.

    Raises InputError if the corpus has no place, is no longer where it was, cannot be read, or has different text now.
    """
    if not basis.corpus_path:
        raise InputError(
            f"The run's corpus {basis.corpus!r} was made in Python and cannot be read again; "
            f"save it as files and train on those."
        )
    exists = Path(basis.corpus_path).exists()
    if not exists and basis.corpus not in bundled():
        raise InputError(f"The run's corpus is no longer at {basis.corpus_path}; put it back there.")
    corpus = find_corpus(basis.corpus_path if exists else basis.corpus, basis.language)
    if corpus.sha256 != basis.corpus_sha256:
        raise InputError(f"The corpus at {corpus.path} is not the one that the run was made from; restore that one.")
    return split(corpus, basis.split_seed)


def reported_bits(
    run: Run, documents: Sequence[Document], most: int | None, *, own: bool
) -> tuple[list[Document], list[float]]:
    """The documents and their reported bits: from the run's scores, or scored now if they are cut or not its own.

    At most ``most`` characters are used; the document in which they end is cut, and scored as if it ended there.
    """
    if most is None and own:
        return list(documents), [scores.total for scores in scores_of(load_scores(run.folder))]
    kept: list[Document] = []
    left = most if most is not None else sum(len(document.text) for document in documents)
    for document in documents:
        if left > 0:
            kept.append(Document(document.name, document.text[:left]))
            left -= len(document.text)
    scores = run.model.score([run.model.tokenizer.encode(document) for document in kept])
    return kept, [document.total for document in scores]
