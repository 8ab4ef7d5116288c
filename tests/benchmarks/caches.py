"""What a neural cache is worth beside a network (Grave, Joulin & Usunier 2017), on validation text.

    python -m tests.benchmarks.caches RUN... [--adapt RATE]

Beside the network's probability of an event stands that of the events before it in the document, each weighted by how
similar the network's outputs were: P(x) is proportional to the sum, over earlier events i that were x, of
exp(θ · cosine of the outputs before i and now). Both are added with a weight λ. What is printed is the best of some θ
and λ chosen on the same text, the first 20,000 characters, so the gain is at most this. Spelled parts cost what they
did. With a rate the network goes on learning; the outputs that are compared are those of the network before.
"""

import argparse
from itertools import product
from pathlib import Path

import numpy as np

from toolkit.events.distribution import Floats
from toolkit.events.encoding import Ids
from toolkit.inference.adapting import Adapting
from toolkit.inference.expecting import window_reader
from toolkit.inference.neural import NeuralModel
from toolkit.inference.scoring import MOST_STEPS
from toolkit.network.protocol import Network
from toolkit.runs.folder import load_run
from toolkit.runs.own_split import cut, own_split

SHARPNESS = (5.0, 10.0, 20.0, 40.0)  # θ
SHARES = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2)  # λ
CHARACTERS = 20_000


def outputs(network: Network, ids: Ids) -> Floats:
    """The outputs (n, H), of length 1, before each id of a document."""
    inputs = np.concatenate([[0], ids[:-1], np.zeros(-len(ids) % MOST_STEPS)]).astype(np.int32)
    reader, state = window_reader(network, 1, MOST_STEPS), network.initial(1)
    windows = []
    for start in range(0, len(inputs), MOST_STEPS):
        window, state = reader(inputs[None, start : start + MOST_STEPS], state)
        windows.append(window.numpy()[:, 0])
    hidden: Floats = np.concatenate(windows)[: len(ids)]
    return hidden / np.linalg.norm(hidden, axis=1, keepdims=True)


def cached(hidden: Floats, ids: Ids, sharpness: float) -> Floats:
    """The cache's probability (n,) of each id; 0 where nothing stands before it."""
    weights = np.exp(sharpness * (hidden @ hidden.T - 1)) * np.tri(len(ids), k=-1)
    sums = weights.sum(1)
    return (weights * (ids[:, None] == ids)).sum(1) / np.where(sums > 0, sums, 1.0)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--adapt", type=float)
    options = parser.parse_args()
    print("| run | alone | with a cache | gain | θ | λ |\n| --- | ---: | ---: | ---: | ---: | ---: |")
    for run in options.runs:
        loaded = load_run(run)
        model = loaded.model
        assert isinstance(model, NeuralModel)
        documents = cut(own_split(loaded.spec).valid, CHARACTERS)
        characters = sum(len(document.text) for document in documents)
        encodings = [model.tokenizer.encode(document) for document in documents]
        scores = (model if options.adapt is None else Adapting(model, options.adapt)).score(encodings)
        alone = sum(of_document.total for of_document in scores) / characters
        gains = dict.fromkeys(product(SHARPNESS, SHARES), 0.0)
        for encoding, of_document in zip(encodings, scores, strict=True):
            ids = encoding.ids
            network, hidden = 2.0**-of_document.network_bits, outputs(model.network, ids)
            for sharpness in SHARPNESS:
                cache = cached(hidden, ids, sharpness)
                for share in SHARES:
                    mixed = np.where(np.arange(len(ids)) > 0, (1 - share) * network + share * cache, network)
                    gains[sharpness, share] += np.log2(mixed / network).sum() / characters
        (sharpness, share), gain = max(gains.items(), key=lambda item: item[1])
        print(f"| {run.name} | {alone:.3f} | {alone - gain:.3f} | {gain:.3f} | {sharpness:g} | {share:g} |", flush=True)


if __name__ == "__main__":
    main()
