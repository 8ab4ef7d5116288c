"""What each part of a mixture is worth: bits per character of the validation documents, scored as held-out text is.

    python -m tests.benchmarks.mixtures FOLDER [--rates 0,0.3] [--characters N]

FOLDER is a comparison of char, char@ngram, spaced and spaced@ngram. Its columns are mixed in several ways, all seeds of
a column as their mean; a rate of 0 means that networks stand still. Everything is read after what stands before it, so
columns alone are mixtures of one: their counts learn, too.
"""

import argparse
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from toolkit.inference.mixture import Mixture
from toolkit.inference.model import Model
from toolkit.results.comparison import FOUND, Comparison
from toolkit.runs.decoding import model_of
from toolkit.runs.folder import load_run
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
    options = parser.parse_args()
    cells = Comparison.load(options.folder / FOUND).by_column
    runs = {name: [options.folder / cell.run for cell in of_name] for name, of_name in cells.items()}
    documents = cut(own_split(load_run(next(chain(*runs.values()))).spec).valid, options.characters)
    print(f"{sum(len(document.text) for document in documents):,} characters of {len(documents)} validation documents")
    print("| mixed |", " | ".join(f"networks at rate {rate:g}" if rate else "networks stand still"
                                  for rate in options.rates), "|")  # fmt: skip
    print("| --- |", " | ".join("---:" for _ in options.rates), "|", flush=True)
    for names in MIXED:
        models = [model_of(runs[name][: 1 if name.endswith("ngram") else None], None) for name in names]
        found = [bits_per_character(Mixture(models, rate), documents) for rate in options.rates]
        print(
            "|", ", ".join(f"`{name}`" for name in names), "|", " | ".join(f"{b:.3f}" for b in found), "|", flush=True
        )


if __name__ == "__main__":
    main()
