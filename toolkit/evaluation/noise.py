"""What noise costs: the bits that noisy held-out text needs more than the same text without noise."""

from collections.abc import Callable, Sequence
from itertools import islice

from toolkit.errors import InputError
from toolkit.evaluation.segments import pieces_of
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import Noise, Share
from toolkit.text.corpus import Document, characters
from toolkit.text.noise import Noisy

Score = Callable[[Sequence[Document], Sequence[Encoding]], list[DocumentScores]]


def noise_costs(
    texts: Sequence[Noisy], tokenizer: Tokenizer, clean: Sequence[DocumentScores], score: Score
) -> list[Noise]:
    """What each of the noisy texts costs more than the ``clean`` one; ``score`` gets all that are not refused at once.

    A tokenizer refuses a text by raising InputError when it encodes it.
    """
    documents: list[Document] = []
    encodings: list[Encoding] = []
    refusals: dict[str, str] = {}
    for noisy in texts:
        try:
            encodings += [tokenizer.encode(document) for document in noisy.documents]
            documents += noisy.documents
        except InputError as error:
            refusals[noisy.name] = str(error)
    scores = iter(score(documents, encodings) if documents else [])
    return [
        cost(noisy, clean, list(islice(scores, len(clean))))
        if noisy.name not in refusals
        else refused(noisy, refusals[noisy.name])
        for noisy in texts
    ]


def refused(noisy: Noisy, why: str) -> Noise:
    """The noise, with the sentence that says why there are no bits."""
    length = characters(noisy.documents)
    return Noise(name=noisy.name, letters=noisy.letters, changed=noisy.changed, characters=length, refused=why)


def cost(noisy: Noisy, clean: Sequence[DocumentScores], scores: Sequence[DocumentScores]) -> Noise:
    """What the noise costs, from the scores of the noisy documents and of the whole clean ones.

    What comes later changes no bits, so those of a document's beginning are the first of the whole document.
    """
    paid = [document.by_character()[0] for document in scores]  # (characters,) of each document
    before = [whole.by_character()[0][: len(part)] for whole, part in zip(clean, paid, strict=True)]
    return Noise(
        name=noisy.name,
        letters=noisy.letters,
        changed=noisy.changed,
        characters=sum(map(len, paid)),
        bits=float(sum(part.sum() for part in paid)),
        clean_bits=float(sum(part.sum() for part in before)),
        documents=shares([after - part for after, part in zip(paid, before, strict=True)]),
    )


def shares(documents: Sequence[Floats]) -> list[Share]:
    """Characters and bits of each document, or of the pieces of a single one, from the bits of each character."""
    units = documents if len(documents) > 1 else pieces_of(documents[0])
    return [Share(characters=len(unit), bits=float(unit.sum())) for unit in units]
