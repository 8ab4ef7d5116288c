"""What recalling the tokens of a document is worth beside a network of words, in bits per character of validation text.

    python -m tests.benchmarks.recalling FOLDER [--rate 0.3] [--characters 20000] [--column spaced:unk]

FOLDER is a comparison with such a column. Each of its networks is read alone, and all as their mean, standing still at
the rate 0 or learning. Beside it stand the document's tokens, with the formula of toolkit/inference/recall.py and its
settings, and with each of the settings changed in turn; tokens of any length are kept. A token has the probability of
its text, however it is made up; only what is recalled differs, so what the network says is found once.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Ids
from toolkit.inference.expecting import window_reader
from toolkit.inference.neural import NeuralModel
from toolkit.inference.recall import CONCENTRATION, FADING, KEPT, SHARPNESS
from toolkit.inference.scoring import WINDOW, in_windows
from toolkit.inference.spelled_out import Alphabet, SpelledOut
from toolkit.network.network import RecurrentNetwork
from toolkit.results.comparison import FOUND, Comparison
from toolkit.runs.decoding import model_of
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import cut, own_split
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.spaced import Spaced

BESIDE = {"θ": (5.0, 7.0, 14.0, 20.0), "τ": (300, 3000, 10**9), "κ": (3.0, 4.0, 8.0, 12.0)}


def outputs(network: RecurrentNetwork, ids: Ids) -> Floats:
    """The outputs (n, H), of length 1, before each id of a document."""
    inputs = in_windows(np.array([[DOC, *ids[:-1]]], np.int32))
    reader, state = window_reader(network, 1), network.initial(1)
    windows = []
    for start in range(0, inputs.shape[1], WINDOW):
        window, state = reader(inputs[:, start : start + WINDOW], state)
        windows.append(window.numpy()[:, 0])
    hidden: Floats = np.concatenate(windows)[: len(ids)]
    return hidden / np.linalg.norm(hidden, axis=1, keepdims=True)


class Read(NamedTuple):
    """A token, or the end of a document, as it was read."""

    text: str | None
    probability: float
    outlook: Floats  # (H,), of length 1


def read(by_character: SpelledOut, first: NeuralModel, documents: Sequence[Document]) -> list[list[Read]]:
    """Each document's tokens and its end."""
    found = []
    for document in documents:
        ids = first.tokenizer.encode(document).ids
        outlooks = iter(outputs(first.network, ids))
        tokens = []
        for text in first.tokenizer.segmenter.cut(document).texts:
            for character in text:
                by_character.masses()
                by_character.feed(character)
            tokens.append(Read(text, float(by_character.masses()[-1]), next(outlooks)))
            by_character.token()
        tokens.append(Read(None, float(by_character.masses()[DOC]), next(outlooks)))
        by_character.document()
        found.append(tokens)
    return found


def bits(documents: Sequence[Sequence[Read]], sharpness: float, fading: float, concentration: float) -> float:
    """What the documents need."""
    total = 0.0
    for tokens in documents:
        outlooks, texts = np.array([token.outlook for token in tokens]), [token.text for token in tokens]
        numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        ids = np.array([numbers[text] for text in texts])
        for place, token in enumerate(tokens):
            kept = slice(max(0, place - KEPT), place)
            ago = place - np.arange(kept.start, place)
            weights = np.exp(sharpness * (outlooks[kept] @ outlooks[place] - 1) - ago / fading)
            same = weights[ids[kept] == ids[place]].sum()
            total -= np.log2((concentration * token.probability + same) / (concentration + weights.sum()))
    return float(total)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rate", type=float, default=0.3)
    parser.add_argument("--characters", type=int, default=20_000)
    parser.add_argument("--column", default="spaced:unk")
    options = parser.parse_args()
    runs = [options.folder / cell.run for cell in Comparison.load(options.folder / FOUND).by_column[options.column]]
    split = own_split(load_run(runs[0]).spec)
    documents = cut(split.valid, options.characters)
    characters = sum(len(document.text) for document in documents)
    alphabet = Alphabet.of(Characters().fit(split.train, split.valid).vocabulary.tokens)
    print(f"{characters:,} characters of {len(documents)} validation documents, networks at rate {options.rate:g}")
    print("| networks | alone | recalling | gain |\n| --- | ---: | ---: | ---: |")
    for chosen in [*([run] for run in runs), *([runs] if len(runs) > 1 else [])]:
        model, first = model_of(chosen, None), load_run(chosen[0]).model
        assert isinstance(first, NeuralModel)
        assert isinstance(first.tokenizer, Spaced)
        stepper = model.learner(options.rate) if options.rate else model.start()
        tokens = read(SpelledOut(stepper, first.tokenizer, alphabet), first, documents)
        alone = -sum(np.log2(token.probability) for document in tokens for token in document) / characters
        now = bits(tokens, SHARPNESS, FADING, CONCENTRATION) / characters
        name = chosen[0].name if len(chosen) == 1 else "their mean"
        print(f"| {name} | {alone:.4f} | {now:.4f} | {alone - now:.4f} |", flush=True)
    usual = {"θ": SHARPNESS, "τ": float(FADING), "κ": CONCENTRATION}
    print("\n| of the last row: setting | recalling |\n| --- | ---: |")
    for name, values in BESIDE.items():
        for value in values:
            print(
                f"| {name} = {value:g} | {bits(tokens, *(usual | {name: value}).values()) / characters:.4f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
