"""Scoring speed beside the training step's forward pass: tokens per second.

    python -m tests.benchmarks.scoring [--shape 96,64,256,64,100,1]... [--turns 5]

Shapes as in tests.benchmarks.training. What is scored are documents, batched as toolkit score does it: all as long, or
of unlike lengths, half to one and a half times as long, where rows stand empty towards the end. The forward pass is the
training step without gradients and optimizer: two towers, the network, softmax, cross-entropy; it keeps what the
gradient needs.
"""

import argparse

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, table
from tests.benchmarks.training import BATCHES, SHAPES, Shape, batches

UNLIKE = {"alike": 0.0, "unlike": 0.5}
PARTS = 2  # of a batch, computed at the same time


def network_of(shape: Shape):
    """An untrained network of a shape."""
    from toolkit.config import NetworkSettings
    from toolkit.network.network import RecurrentNetwork

    vocabulary, embedding, units, _, _, layers = shape
    settings = NetworkSettings(units=units, layers=layers, embedding=embedding, tied=False)
    return RecurrentNetwork(settings, np.ones(vocabulary, np.bool_), one_hot=False)


def lengths(shape: Shape, unlike: float) -> list[int]:
    """Tokens of each document, together about those of ten batches: ``unlike`` is by how much of it they may differ."""
    *_, batch, steps, _ = shape
    shares = np.random.default_rng(1).uniform(1 - unlike, 1 + unlike, batch)
    return [max(1, int(10 * steps * share)) for share in shares]


def scoring(shape: Shape, unlike: float) -> Run:
    """All documents once."""
    from toolkit.inference.scoring import softmax_scores

    network = network_of(shape)
    rng = np.random.default_rng(2)
    ending = rng.integers(0, 2, shape[0]).astype(bool)
    documents = [rng.integers(1, shape[0], length).astype(np.int32) for length in lengths(shape, unlike)]

    def run(times: int) -> None:
        for _ in range(times):
            softmax_scores(network, documents, ending)

    return run


def forward(shape: Shape) -> Run:
    """The loss of one batch after another."""
    from toolkit.network import lstm
    from toolkit.network.backend import tf

    pruned = lstm.forward

    def forward(*arguments):
        hs, h, c, kept = pruned(*arguments)
        with tf.control_dependencies([array.flow for array in kept]):  # without a gradient none would be kept
            return hs, tf.identity(h), c, kept

    lstm.forward = forward  # in this process
    network = network_of(shape)
    *_, batch, _, _ = shape
    data = tf.constant(batches(shape))

    @tf.function(autograph=False)
    def losses(x, y, states):
        found, after = [], []
        for part, targets, state in zip(tf.split(x, PARTS), tf.split(y, PARTS), states, strict=True):
            outputs, state = network.forward().window(tf.transpose(part), state)
            logits = network.output_layer().logits(tf.reshape(outputs, (-1, outputs.shape[-1])))
            flat = tf.reshape(tf.transpose(targets), (-1,))
            found.append(tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(flat, logits)))
            after.append(state)
        return tf.add_n(found), tuple(after)

    def run(times: int) -> None:
        states = tuple(network.initial(batch // PARTS) for _ in range(PARTS))
        for n in range(times):
            x, y = data[n % BATCHES]
            loss, states = losses(x, y, states)
        loss.numpy()

    return run


def row(shape: Shape, turns: int) -> list[str]:
    """A line of the table."""
    seconds = fewest_seconds(
        {"forward": (forward, (shape,))} | {name: (scoring, (shape, unlike)) for name, unlike in UNLIKE.items()}, turns
    )
    *_, batch, steps, _ = shape
    passed = batch * steps / seconds["forward"]
    scored = [sum(lengths(shape, unlike)) / seconds[name] for name, unlike in UNLIKE.items()]
    cells = [f"{speed:,.0f}" for speed in (passed, *scored)] + [f"{speed / passed:.2f}" for speed in scored]
    return [", ".join(map(str, shape)), *cells]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    print(machine())
    rows = [row(shape, chosen.turns) for shape in chosen.shape or SHAPES]
    names = [f"scoring, {name}" for name in UNLIKE]
    header = [
        "V, embedding, units, batch, steps, layers",
        "forward pass",
        *names,
        *(f"{name} / forward" for name in UNLIKE),
    ]
    print(table(header, rows))


if __name__ == "__main__":
    main()
