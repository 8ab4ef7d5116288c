"""Generation speed through the sampler's own graph, and what bounds it: tokens per second.

    python -m tests.benchmarks.sampling [--vocabulary 96]... [--streams 1]... [--units 256] [--turns 5]

One stream over a large vocabulary is bound by reading the output matrix, many streams by the product with it. Both
bounds are measured beside, step after step in one graph as the sampler's are, in the best of the ways tried: the matrix
cut in two by columns or, for many streams, the streams parted; for reading, the product of one row as well as
the plain sum of the matrix.
"""

import argparse

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, table

VOCABULARIES = [96, 16_000]
STREAMS = [1, 64]
PARTS = 2  # of the bounds' work, computed at the same time


def ours(vocabulary: int, streams: int, units: int) -> Run:
    """Chunks of tokens from the sampler's graph."""
    from toolkit.config import NetworkSettings
    from toolkit.inference.drawing import ALL
    from toolkit.inference.sampling import CHUNK, graph, output
    from toolkit.network.backend import tf
    from toolkit.network.network import RecurrentNetwork

    one_hot = vocabulary < 1000
    network = RecurrentNetwork(
        NetworkSettings(units=units, embedding=units), np.ones(vocabulary, np.bool_), one_hot=one_hot
    )
    sample, layer = graph(network, streams, ALL), output(network, 0.8, streams)
    seeds = tf.range(streams, dtype=tf.int64)

    def run(chunks: int) -> None:
        last, state = tf.zeros(streams, tf.int32), network.initial(streams)
        for chunk in range(chunks):
            ids, state = sample(last, state, seeds, tf.constant(chunk * CHUNK), layer)
            last = ids[:, -1]
        last.numpy()

    return run


def product(vocabulary: int, streams: int, units: int, by: str) -> Run:
    """The product of all streams with the output matrix, parted by streams or by columns."""
    from toolkit.network.backend import one_thread_per_operation, tf

    one_thread_per_operation()
    rows = tf.random.stateless_normal((streams, units), (0, 0))
    matrix = tf.random.stateless_normal((units, vocabulary), (0, 1))
    columns = vocabulary // PARTS * PARTS
    if by == "streams":
        factors = [(part, matrix) for part in tf.split(rows, PARTS if streams >= PARTS else 1)]
    else:
        factors = [(rows, part) for part in tf.split(matrix[:, :columns], PARTS, 1)]
    return chunks(lambda last: [tf.matmul(left + last, right)[0, 0] for left, right in factors])


def reading(vocabulary: int, units: int) -> Run:
    """The sum of an array of the output matrix's size, in two parts."""
    from toolkit.network.backend import one_thread_per_operation, tf

    one_thread_per_operation()
    parts = [tf.random.stateless_normal((vocabulary * units // PARTS,), (0, k)) for k in range(PARTS)]

    def sums(last):  # under a condition that always holds: otherwise TensorFlow moves them out of the loop
        return [tf.cond(last < 1, lambda part=part: tf.reduce_sum(part), lambda: 0.0) for part in parts]

    return chunks(sums)


def chunks(step) -> Run:
    """CHUNK steps in one graph, as the sampler's are; each gives numbers and waits for one of the step before."""
    from toolkit.inference.sampling import CHUNK
    from toolkit.network.backend import tf
    from toolkit.network.loops import looped

    @tf.function(autograph=False)
    def chunk():
        return looped(CHUNK, lambda _, last: [1e-20 * tf.add_n(step(last))], [tf.constant(0.0)])[0]

    def run(times: int) -> None:
        for _ in range(times):
            found = chunk()
        found.numpy()

    return run


def row(vocabulary: int, streams: int, units: int, turns: int) -> list[str]:
    """A line of the table."""
    from toolkit.inference.sampling import CHUNK

    shape = (vocabulary, streams, units)
    systems = {"ours": (ours, shape)} | {f"by {by}": (product, (*shape, by)) for by in ("streams", "columns")}
    if streams == 1:
        systems["reading"] = (reading, (vocabulary, units))
    seconds = fewest_seconds(systems, turns)
    speed = streams * CHUNK / seconds.pop("ours")
    way, least = min(seconds.items(), key=lambda found: found[1])
    bound = streams * CHUNK / least
    return [f"{vocabulary:,}", str(streams), f"{speed:,.0f}", f"{bound:,.0f}", way, f"{bound / speed:.2f}"]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vocabulary", action="append", type=int)
    parser.add_argument("--streams", action="append", type=int)
    parser.add_argument("--units", type=int, default=256)
    parser.add_argument("--turns", type=int, default=5)
    chosen = parser.parse_args()
    print(machine())
    header = ["V", "streams", "tokens/s", "bound, tokens/s", "bound by the product or by", "bound / ours"]
    rows = [
        row(vocabulary, streams, chosen.units, chosen.turns)
        for vocabulary in chosen.vocabulary or VOCABULARIES
        for streams in chosen.streams or STREAMS
    ]
    print(table(header, rows))


if __name__ == "__main__":
    main()
