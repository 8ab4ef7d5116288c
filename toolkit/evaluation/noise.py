"""What noise costs each column: the bits that the noisy held-out text needs more than the same text without noise.

The unit is the document, as for verdicts: the extra bits of a column are compared with those of another, and with none.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations, islice

import numpy as np

from toolkit.errors import InputError
from toolkit.evaluation.segments import in_units, pieces_of
from toolkit.evaluation.statistics import FEW_THOUSANDS, Columns
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.scores import DocumentScores
from toolkit.results.bits import Share
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.noise import Noise, NoiseContrast
from toolkit.results.units import unit_of
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


def noise_contrasts(comparison: Comparison) -> list[NoiseContrast]:
    """For each kind of noise, how columns' extra bits differ from each other's, and from none.

    Kinds of noise are read one by one. A column whose tokenizer refused a text is left out there.
    """
    names = dict.fromkeys(noise.name for cell in comparison.done for noise in cell.noise)
    return [contrast for name in names for contrast in contrasts_in(name, comparison.by_column, unit_of(comparison))]


def contrasts_in(name: str, columns: Mapping[str, Sequence[Cell]], unit: str) -> list[NoiseContrast]:
    """The contrasts in one kind of noise; none over fewer than two documents, or pieces of a single one."""
    found = {column: [kinds(cell)[name] for cell in cells] for column, cells in columns.items()}
    measured = {column: [n.documents for n in of if n.documents] for column, of in found.items()}
    measured = {column: of for column, of in measured.items() if len(of) == len(columns[column])}
    if not measured or len(next(iter(measured.values()))[0]) < 2:
        return []
    lengths = np.array([share.characters for share in next(iter(measured.values()))[0]], float)
    extra = [np.array([[share.bits for share in documents] for documents in of]) for of in measured.values()]
    none = np.zeros((2, len(lengths)))  # of two seeds, so it is known that chance in training adds nothing
    differences = in_units(Columns([*extra, none], lengths, thousands=FEW_THOUSANDS), unit).contrasts()
    return [
        NoiseContrast(
            noise=name, a=str(a), b=b, difference=difference.estimate,
            low=difference.estimate - difference.half_width, high=difference.estimate + difference.half_width,
            p=difference.p,
        )
        for (a, b), difference in zip(combinations([*measured, None], 2), differences, strict=True)
    ]  # fmt: skip


def kinds(cell: Cell) -> dict[str, Noise]:
    """What each kind of noise costs a cell, by name."""
    return {noise.name: noise for noise in cell.noise}
