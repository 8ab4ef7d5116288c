"""``model.fit`` with our recurrent layers beside Keras' own: steps of text per second.

    python -m tests.benchmarks.layer [--cell lstm]... [--shape 96,64,256,64,100,1]... [--policy float32]... [--turns 5]

A shape is V, embedding, units, batch, steps, layers. Both are the same ``keras.Sequential`` of an embedding, recurrent
layers and a dense layer, compiled and fitted by Keras with its Adam, on the same data, with Keras' and TensorFlow's own
settings; they differ in the class of the recurrent layers alone.
"""

import argparse

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, table
from tests.benchmarks.training import Shape

SHAPES: list[Shape] = [(96, 64, 128, 64, 100, 1), (96, 64, 256, 64, 100, 1), (96, 64, 512, 64, 100, 1),
                       (96, 64, 256, 32, 100, 2), (10000, 200, 200, 20, 35, 2)]  # fmt: skip
POLICIES = ["float32", "mixed_bfloat16"]
BATCHES = 6


def fitted(cell: str, ours: bool, shape: Shape, policy: str) -> Run:
    """Epochs of BATCHES batches."""
    import keras

    from toolkit.network.gru import GRU
    from toolkit.network.lstm import LSTM

    keras.config.set_dtype_policy(policy)
    layer = {("lstm", True): LSTM, ("lstm", False): keras.layers.LSTM,
             ("gru", True): GRU, ("gru", False): keras.layers.GRU}[cell, ours]  # fmt: skip
    vocabulary, embedding, units, batch, steps, layers = shape
    model = keras.Sequential(
        [
            keras.Input((steps,), dtype="int32"),
            keras.layers.Embedding(vocabulary, embedding),
            *(layer(units, return_sequences=True) for _ in range(layers)),
            keras.layers.Dense(vocabulary),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ids = np.random.default_rng(0).integers(1, vocabulary, (BATCHES * batch, steps + 1)).astype(np.int32)

    def run(epochs: int) -> None:
        model.fit(ids[:, :-1], ids[:, 1:], batch_size=batch, epochs=epochs, verbose=0)

    return run


def row(cell: str, shape: Shape, policy: str, turns: int) -> list[str]:
    """A line of the table."""
    systems = {name: (fitted, (cell, name == "ours", shape, policy)) for name in ("ours", "keras")}
    tokens = BATCHES * shape[3] * shape[4]
    speeds = {name: tokens / seconds for name, seconds in fewest_seconds(systems, turns).items()}
    ratio = f"{speeds['ours'] / speeds['keras']:.2f}"
    return [cell, ", ".join(map(str, shape)), policy, *(f"{speed:,.0f}" for speed in speeds.values()), ratio]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cell", action="append", choices=["lstm", "gru"])
    parser.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--policy", action="append", choices=POLICIES)
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    print(machine())
    header = ["layer", "V, embedding, units, batch, steps, layers", "policy", "ours", "keras", "ours / keras"]
    print(table(header, []), flush=True)
    for cell in chosen.cell or ["lstm", "gru"]:
        for shape in chosen.shape or SHAPES:
            for policy in chosen.policy or POLICIES:
                print(f"| {' | '.join(row(cell, shape, policy, chosen.turns))} |", flush=True)


if __name__ == "__main__":
    main()
