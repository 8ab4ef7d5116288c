"""What each part of a mixture is worth: bits per character of the validation documents, scored as held-out text is.

    python -m tests.benchmarks.mixtures FOLDER [--rates 0,0.3] [--characters N] [--cache 20,0.05]

FOLDER is a comparison of char, char@ngram, spaced and spaced@ngram. Its columns are mixed in several ways, all seeds of
a column as their mean; a rate of 0 means that networks stand still. Everything is read after what stands before it, so
columns alone are mixtures of one: their counts learn, too. About a quarter of a millisecond per character and network
at a rate of 0, twice that at another. With a cache, the network of words gives a share of every distribution to the
words of the document so far, weighted by how alike the outputs of its first seed were (tests/benchmarks/caches.py), and
mixtures without words are left out.
"""

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from toolkit.comparison.folder import FOUND
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.protocols import Stepper
from toolkit.inference.mixture import Mixture
from toolkit.inference.model import Model
from toolkit.inference.neural import NeuralModel
from toolkit.network.stepper import NumpyStepper
from toolkit.results.comparison import Comparison
from toolkit.runs.folder import load_run
from toolkit.runs.isolated import model_of
from toolkit.runs.own_split import cut, own_split
from toolkit.text.corpus import Document

LETTERS, COUNTED, WORDS, COUNTED_WORDS = "char", "char@ngram", "spaced:unk", "spaced:unk@ngram"
MIXED = (
    [LETTERS],
    [COUNTED],
    [LETTERS, COUNTED],
    [LETTERS, WORDS],
    [COUNTED, COUNTED_WORDS],
    [LETTERS, COUNTED, WORDS],
    [LETTERS, COUNTED, WORDS, COUNTED_WORDS],
)


class Cached:
    """A model with a cache beside it, as far as a mixture asks for it; ``first`` compares what has been read."""

    counts = False

    def __init__(self, model: Model, first: NeuralModel, sharpness: float, share: float) -> None:
        self.model, self.tokenizer, self._of = model, model.tokenizer, (first, sharpness, share)

    def start(self) -> Stepper:
        """Without learning."""
        return CachedStepper(self.model.start(), *self._of)

    def learner(self, rate: float) -> Stepper:
        """With learning, of the model alone."""
        return CachedStepper(self.model.learner(rate), *self._of)


class CachedStepper:
    """A ``Stepper`` that gives a ``share`` to a document's ids so far: θ is the ``sharpness``, λ the share."""

    def __init__(self, stepper: Stepper, first: NeuralModel, sharpness: float, share: float) -> None:
        self._stepper, self._memory = stepper, NumpyStepper(first.network)
        self._sharpness, self._share = sharpness, share
        self.feed(DOC, begins=True)

    def distribution(self) -> Floats:
        """P (V,) of the next id."""
        alone = self._stepper.distribution()
        if not self._read:
            return alone
        likeness = np.array(self._before) @ self._direction()
        cache = np.bincount(self._read, np.exp(self._sharpness * (likeness - 1)), len(alone))
        mixed: Floats = (1 - self._share) * alone + self._share * cache / cache.sum()
        return mixed

    def _direction(self) -> Floats:
        """The outputs (H,) now, of length 1."""
        direction: Floats = self._memory.outputs / np.linalg.norm(self._memory.outputs)
        return direction

    def feed(self, id_: int, *, begins: bool = False) -> None:
        """Pass an id; with a document its cache ends."""
        if id_ == DOC:
            self._before, self._read = list[Floats](), list[int]()
        else:
            self._before.append(self._direction())
            self._read.append(id_)
        self._memory.feed(id_)
        if not begins:
            self._stepper.feed(id_)


def bits_per_character(model: Model, documents: Sequence[Document]) -> float:
    """What the documents need, read one after another."""
    scores = model.score([model.tokenizer.encode(document) for document in documents])
    return sum(of_document.total for of_document in scores) / sum(len(document.text) for document in documents)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rates", default="0,0.3", type=lambda text: [float(rate) for rate in text.split(",")])
    parser.add_argument("--characters", type=int, default=10**9)
    parser.add_argument("--cache", type=lambda text: [float(number) for number in text.split(",")])
    options = parser.parse_args()
    cells = Comparison.load(options.folder / FOUND).by_column
    runs = {name: [options.folder / cell.run for cell in of_name] for name, of_name in cells.items()}
    documents = cut(own_split(load_run(next(chain(*runs.values()))).spec).valid, options.characters)
    print(f"{sum(len(document.text) for document in documents):,} characters of {len(documents)} validation documents")
    print("| mixed |", " | ".join(f"networks at rate {rate:g}" if rate else "networks stand still"
                                  for rate in options.rates), "|")  # fmt: skip
    print("| --- |", " | ".join("---:" for _ in options.rates), "|", flush=True)
    for names in MIXED:
        if options.cache and WORDS not in names:
            continue
        models: list[Any] = [model_of(runs[name][: 1 if name.endswith("ngram") else None], None) for name in names]
        if options.cache:
            place, first = names.index(WORDS), load_run(runs[WORDS][0]).model
            assert isinstance(first, NeuralModel)
            models[place] = Cached(models[place], first, *options.cache)
        found = [bits_per_character(Mixture(models, rate), documents) for rate in options.rates]
        print(
            "|", ", ".join(f"`{name}`" for name in names), "|", " | ".join(f"{b:.3f}" for b in found), "|", flush=True
        )


if __name__ == "__main__":
    main()
