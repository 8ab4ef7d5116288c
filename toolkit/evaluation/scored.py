"""What texts pay, each scored as one document; a model that learns from what it reads is proven by coding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolkit.errors import VerificationError
from toolkit.inference.adapting import Adapting
from toolkit.inference.model import Model
from toolkit.inference.verification import verify
from toolkit.results import PARTS
from toolkit.runs.folder import load
from toolkit.runs.isolated import decoder_of
from toolkit.text.corpus import Document


@dataclass(frozen=True)
class Scored:
    """The bits of one document, and by part of the ledger; ``adapt`` is the rate of a model that keeps learning."""

    name: str
    characters: int
    bits: float
    bits_per_character: float
    adapt: float | None
    parts: Mapping[str, float]


def scored(run: Path, documents: Sequence[Document], adapt: float | None) -> list[Scored]:
    """What each document pays under a run's model, which keeps learning from one to the next if there is a rate.

    Raises InputError for a damaged run or a wrong rate, and VerificationError if coding and decoding with a model that
    keeps learning does not give the same bits and text.
    """
    model: Model = load(run) if adapt is None else Adapting(load(run), adapt)
    scores = model.score([model.tokenizer.encode(document) for document in documents])
    if adapt is not None:
        bits = [of_document.total for of_document in scores]
        result = verify(model, decoder_of([run], adapt), documents, bits, lambda *_: None)
        if result.wrong:
            raise VerificationError(result.wrong)
    return [
        Scored(
            document.name,
            len(document.text),
            of_document.total,
            of_document.total / len(document.text),
            adapt,
            dict(zip(PARTS, of_document.parts().tolist(), strict=True)),
        )
        for document, of_document in zip(documents, scores, strict=True)
    ]
