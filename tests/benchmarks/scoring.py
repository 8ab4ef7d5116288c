"""Scoring speed beside the training step's forward pass: tokens per second.

    python -m tests.benchmarks.scoring [--shape 96,64,256,64,100,1]... [--turns 5]

Shapes as in tests.benchmarks.training. What is scored are documents of unlike lengths, batched by toolkit.scoring;
the forward pass is the training step without gradients and optimizer: two towers, the network, softmax, cross-entropy.
"""

import argparse

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, table
from tests.benchmarks.training import BATCHES, SHAPES, Shape, batches


def network_of(shape: Shape):
    """An untrained network of a shape."""
    from toolkit.config import NetworkSettings
    from toolkit.network import Network

    vocabulary, embedding, units, _, _, layers = shape
    settings = NetworkSettings(units=units, layers=layers, embedding=embedding, tied=False)
    return Network(settings, np.ones(vocabulary, np.bool_), one_hot=False)


def lengths(shape: Shape) -> list[int]:
    """Tokens of each document: unlike ones, together about those of ten batches."""
    *_, batch, steps, _ = shape
    shares = np.random.default_rng(1).uniform(0.5, 1.5, batch)
    return [max(1, int(10 * steps * share)) for share in shares]


def scoring(shape: Shape) -> Run:
    """All documents once."""
    from toolkit.scoring import log_softmax

    network = network_of(shape)
    rng = np.random.default_rng(2)
    documents = [rng.integers(1, shape[0], length).astype(np.int32) for length in lengths(shape)]

    def run(times: int) -> None:
        for _ in range(times):
            log_softmax(network, documents)

    return run


def forward(shape: Shape) -> Run:
    """The loss of one batch after another."""
    from toolkit.backend import THREADS, tf

    network = network_of(shape)
    *_, batch, _, _ = shape
    data = tf.constant(batches(shape))

    @tf.function(autograph=False)
    def losses(x, y, states):
        found, after = [], []
        for part, targets, state in zip(tf.split(x, THREADS), tf.split(y, THREADS), states, strict=True):
            outputs, state = network.hidden(tf.transpose(part), state)
            logits = network.logits(tf.reshape(outputs, (-1, outputs.shape[-1])))
            flat = tf.reshape(tf.transpose(targets), (-1,))
            found.append(tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(flat, logits)))
            after.append(state)
        return tf.add_n(found), tuple(after)

    def run(times: int) -> None:
        states = tuple(network.initial(batch // THREADS) for _ in range(THREADS))
        for n in range(times):
            x, y = data[n % BATCHES]
            loss, states = losses(x, y, states)
        loss.numpy()

    return run


def row(shape: Shape, turns: int) -> list[str]:
    """A line of the table."""
    seconds = fewest_seconds({"scoring": (scoring, (shape,)), "forward": (forward, (shape,))}, turns)
    *_, batch, steps, _ = shape
    scored, passed = sum(lengths(shape)) / seconds["scoring"], batch * steps / seconds["forward"]
    return [", ".join(map(str, shape)), f"{scored:,.0f}", f"{passed:,.0f}", f"{scored / passed:.2f}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    print(machine())
    rows = [row(shape, chosen.turns) for shape in chosen.shape or SHAPES]
    header = ["V, embedding, units, batch, steps, layers", "scoring", "forward pass", "scoring / forward"]
    print(table(header, rows))


if __name__ == "__main__":
    main()
