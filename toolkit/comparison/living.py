"""The columns of the living page, made from the runs of a comparison: rounded, packed, and measured."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.inference.model import Model
from toolkit.inference.page_bits import page_bits
from toolkit.results.cell import Cell
from toolkit.results.comparison import Comparison
from toolkit.results.live import LeftOut, Live, LiveColumn
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import cut, own_split
from toolkit.text.corpus import Document
from toolkit.tokenizers.portable import UnportableError, guesses, tables

MOST_BYTES = 5_000_000  # of a living page
NO_ROOM = "the page may have 5 MB, and it does not fit even when its weights are rounded as much as they can be"
AROUND = 20_000  # bytes around the columns, at most
CHARACTERS = 10_000  # of the held-out text that the rounding is measured on
TEXT_CHARACTERS = 1_000  # at most, of each text that they are cut into
TEXT = "The old house stood at the end of the street."  # where no sample has a prompt

NOT_ESCAPED = str.maketrans("<>&", ",.:")  # characters of base85 that embedded JSON would escape

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A column that the page may have: its first seed's cell, its model and the tables of its tokenizer."""

    cell: Cell
    model: Any  # a NeuralModel
    tables: Mapping[str, Any]
    documents: Sequence[Document]

    def packed(self, levels: int | None) -> str:
        """Tables and weights for the page, rounded to so many levels; None keeps all digits (to test the page)."""
        arrays = weights(self.model, levels)
        vocabulary, network = self.model.tokenizer.vocabulary, self.model.network
        arrays["trained"] = vocabulary.reserve.trained.astype(np.uint8)
        arrays["ending"] = vocabulary.ends_words.astype(np.uint8)
        header = {
            "network": network.settings.model_dump(include={"cell", "units", "layers"}),
            "reserve": {
                "share": vocabulary.reserve.share,
                "floor": vocabulary.reserve.floor,
                "outside": list(vocabulary.reserve.outside.items()),
            },
            "spelled": list(vocabulary.spelled.items()),
            **self.tables,
            "arrays": [{"name": n, "type": str(array.dtype), "size": array.size} for n, array in arrays.items()],
        }
        tabled = json.dumps(header, separators=(",", ":")).encode()
        content = [len(tabled).to_bytes(4, "little"), tabled, *(array.tobytes() for array in arrays.values())]
        return base64.b85encode(gzip.compress(b"".join(content), 9, mtime=0)).decode().translate(NOT_ESCAPED)

    def measured(self, levels: int) -> LiveColumn:
        """The column as the page has it, with what its rounding, and guessing of classes, changes."""
        from toolkit.inference.neural import NeuralModel
        from toolkit.network.rounding import rounded_matrices, with_matrices

        model = self.model
        rounded = NeuralModel(model.tokenizer, with_matrices(model.network, rounded_matrices(model.network, levels)))
        encodings = [model.tokenizer.encode(document) for document in self.documents]
        guess = guesses(model.tokenizer)
        exact = [float(scores.bits[:-1].sum()) for scores in model.score(encodings)]
        on_page = [page_bits(rounded, encoding, guess) for encoding in encodings]
        more = [here - bits for here, bits in zip(on_page, exact, strict=True)]
        lengths = [len(document.text) for document in self.documents]
        return LiveColumn(
            name=self.cell.column,
            temperature=self.cell.generated.temperature,
            packed=self.packed(levels),
            levels=levels,
            guesses=guess is not None,
            characters=sum(lengths),
            texts=len(lengths),
            difference=sum(more) / sum(lengths),
            most=max(abs(bits) / length for bits, length in zip(more, lengths, strict=True)),
        )


def weights(model: Any, levels: int | None) -> dict[str, Array]:
    """The network's arrays by the page's names: matrices (rows, inputs) with a scale for each row, and biases."""
    from toolkit.network.rounding import matrices, rounded_matrices, vectors

    network = model.network
    arrays: dict[str, Array] = {name: array.astype(np.float32) for name, array in vectors(network).items()}
    if levels is None:
        exact = network.arrays()
        for name, place in matrices(network).items():
            matrix = place.matrix(exact[place.weight])
            arrays |= {name: np.ascontiguousarray(matrix), f"{name}_scales": np.ones(len(matrix), np.float32)}
        return arrays
    for name, matrix in rounded_matrices(network, levels).items():
        arrays |= {name: matrix.integers, f"{name}_scales": matrix.scales}
    return arrays


def page(comparison: Comparison, folder: Path, *, live: bool = False) -> str:
    """The page of a comparison in a folder; a living one is made from the runs there, which are loaded for it.

    Raises InputError if one of them is missing.
    """
    from toolkit.report import render

    if not live:
        return render(comparison)
    without_columns = render(comparison, Live(columns=[], left_out=[], text=""))
    return render(comparison, living(comparison, folder, len(without_columns.encode()) + AROUND))


def living(comparison: Comparison, folder: Path, taken: int) -> Live:
    """What the living page has of a comparison in a folder, when ``taken`` bytes of it are taken by everything else.

    A column that does not fit, or that the page cannot compute, is left out. Raises InputError if a run, or the corpus, is not where the comparison has it.
    """
    candidates, left_out = [], []
    for column, cells in comparison.by_column.items():
        try:
            candidates.append(candidate(cells[0], folder))
        except UnportableError as error:
            left_out.append(LeftOut(column=column, reason=str(error)))
    fitting = fitted(candidates, MOST_BYTES - taken)
    left_out += [LeftOut(column=c.cell.column, reason=NO_ROOM) for c in candidates if c not in fitting]
    return Live(
        columns=[candidate.measured(levels) for candidate, levels in fitting.items()],
        left_out=left_out,
        text=example(comparison),
    )


def fitted(candidates: Sequence[Candidate], most: int) -> dict[Candidate, int]:
    """As many of the candidates as fit into so many bytes, with the levels of each.

    It is always the largest that gets fewer levels; if all have the fewest, the largest is left out.
    """
    from toolkit.network.rounding import LEVELS

    steps = dict.fromkeys(candidates, 0)
    sizes = {candidate: len(candidate.packed(LEVELS[0])) for candidate in candidates}
    while sum(sizes.values()) > most:
        coarser = [candidate for candidate in sizes if steps[candidate] + 1 < len(LEVELS)]
        largest = max(coarser or sizes, key=sizes.__getitem__)
        if not coarser:
            del sizes[largest]
            continue
        steps[largest] += 1
        sizes[largest] = len(largest.packed(LEVELS[steps[largest]]))
    return {candidate: LEVELS[steps[candidate]] for candidate in sizes}


def candidate(cell: Cell, folder: Path) -> Candidate:
    """A column's first cell, if the page can compute it.

    Raises UnportableError if it cannot, and InputError if the run or its corpus is not there.
    """
    if not (folder / cell.run).is_dir():
        raise InputError(
            f"A living page is made from the runs, and {folder / cell.run} is not there; "
            f"repeat the comparison, or leave out --live."
        )
    run = load_run(folder / cell.run)
    if not is_network(run.model):
        raise UnportableError(f"its model ({cell.model}) is no network")
    tabled = tables(run.model.tokenizer)
    documents = cut(own_split(run.spec).test, CHARACTERS)
    return Candidate(cell, run.model, tabled, [text for document in documents for text in texts(document)])


def is_network(model: Model) -> bool:
    """Whether a model is a network whose cell the page has."""
    from toolkit.inference.neural import NeuralModel

    return isinstance(model, NeuralModel) and model.network.settings.cell in ("lstm", "gru")


def texts(document: Document) -> list[Document]:
    """The document cut into texts of about the same length; each is read from its own beginning."""
    text = document.text
    size = max(1, -(-len(text) // max(1, -(-len(text) // TEXT_CHARACTERS))))
    return [Document(document.name, text[start : start + size]) for start in range(0, len(text), size)]


def example(comparison: Comparison) -> str:
    """The prompt of the first sample that has one, or a sentence of ours."""
    prompts = (sample.prompt.strip() for cell in comparison.full for sample in cell.generated.samples)
    return next(filter(None, prompts), TEXT)
