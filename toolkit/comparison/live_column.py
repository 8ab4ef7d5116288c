"""A column in the living page: packed with rounded weights, and how far its bits then are from those of ``score``."""

import base64
import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.events.encoding import Encoding
from toolkit.inference.model import Model
from toolkit.inference.page_bits import page_bits
from toolkit.results.cell import Cell
from toolkit.results.live import LiveColumn
from toolkit.text.corpus import Document
from toolkit.tokenizers.portable import guesses

NOT_ESCAPED = str.maketrans("<>&", ",.:")  # characters of base85 that embedded JSON would escape
ZIPPED = 6  # how hard gzip tries: 9 takes twice as long and saves one byte in a thousand

Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class Candidate:
    """A column that the page may have: its first seed's cell, its model and the tables of its tokenizer."""

    cell: Cell
    model: Any  # a NeuralModel
    tables: Mapping[str, Any]
    documents: Sequence[Document]

    def packed(self, levels: int | None) -> str:
        """Tables and weights as text for the page, rounded to so many levels; None keeps all digits, for tests."""
        return base64.b85encode(self.zipped(levels)).decode().translate(NOT_ESCAPED)

    def length(self, levels: int) -> int:
        """How many characters ``packed`` has: five for four bytes."""
        return -(-len(self.zipped(levels)) * 5 // 4)

    def zipped(self, levels: int | None) -> bytes:
        """The same as bytes."""
        arrays = weights(self.model, levels)
        vocabulary, network = self.model.tokenizer.vocabulary, self.model.network
        arrays["trained"] = vocabulary.reserve.trained.astype(np.uint8)
        arrays["ending"] = vocabulary.ends_words.astype(np.uint8)
        header = {
            "network": network.settings.model_dump(include={"cell", "units", "layers"}) | {"cutoff": network.cutoff},
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
        return gzip.compress(b"".join(content), ZIPPED, mtime=0)

    def measured(self, levels: int) -> LiveColumn:
        """The column as the page has it, with what its rounding, and guessing of classes, changes."""
        from toolkit.inference.neural import NeuralModel
        from toolkit.network.rounding import rounded_matrices, with_matrices

        model = self.model
        rounded = NeuralModel(model.tokenizer, with_matrices(model.network, rounded_matrices(model.network, levels)))
        encodings = [model.tokenizer.encode(document) for document in self.documents]
        guess, exact, on_page = (
            guesses(model.tokenizer),
            without_ends(model, encodings),
            without_ends(rounded, encodings),
        )
        rounding = sum(on_page) - sum(exact)
        if guess is not None:
            on_page = [page_bits(rounded, encoding, guess) for encoding in encodings]
        more = [here - bits for here, bits in zip(on_page, exact, strict=True)]
        lengths = [len(document.text) for document in self.documents]
        return LiveColumn(
            name=self.cell.column,
            temperature=self.cell.generated.temperature if self.cell.generated else 1.0,
            packed=self.packed(levels),
            levels=levels,
            guesses=guess is not None,
            characters=sum(lengths),
            texts=len(lengths),
            difference=sum(more) / sum(lengths),
            rounding=rounding / sum(lengths),
            most=max(abs(bits) / length for bits, length in zip(more, lengths, strict=True)),
        )


def without_ends(model: Model, encodings: Sequence[Encoding]) -> list[float]:
    """The bits of each document without those of its end."""
    return [float(scores.bits[:-1].sum()) for scores in model.score(encodings)]


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
    for name, rounded in rounded_matrices(network, levels).items():
        arrays |= {name: rounded.integers, f"{name}_scales": rounded.scales}
    return arrays
