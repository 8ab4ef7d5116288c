"""Training speed, ours beside keras.layers.LSTM and torch.nn.LSTM: tokens per second of one update after another.

    python -m tests.benchmarks.training [--shape 96,64,256,64,100,1]... [--system ours]... [--precision float32]...
    python -m tests.benchmarks.training --system ours --before CHECKOUT

With ``--before``, our own step of another commit is timed beside this one's, in turns; give the path of its checkout.

A shape is V, embedding, units, batch, steps, layers. Needs the optional extra ``bench``. Ours is the trainer's own step
in two towers, with Adam and clipping; the others are their libraries' layers with their Adam, without clipping, the
state carried. GFLOP/s count what our products do: 6 · (Σ over layers of 4·units·(inputs + units) + units·V) per token,
a multiplication and an addition for each weight of a product, forward and, twice, backward; a small vocabulary's
embedding is projected once an update and tower, and not for each token. The peak is that of products of square
matrices.
"""

import argparse
import importlib.util
import os
from collections.abc import Sequence

import numpy as np

from tests.benchmarks.interleaved import Run, fewest_seconds, machine, of_checkout, table

Shape = tuple[int, int, int, int, int, int]
SHAPES: list[Shape] = [
    (96, 64, 128, 64, 64, 1), (96, 64, 256, 64, 100, 1), (96, 64, 512, 64, 100, 1), (96, 64, 256, 64, 100, 2),
    (10000, 200, 200, 20, 35, 2), (20000, 256, 256, 32, 50, 1),
]  # fmt: skip
PRECISIONS = ["float32", "bfloat16"]
TOWERS = 2  # and products at once, when the peak is measured
SIDE = 2048  # of the square matrices
BATCHES = 8  # different ones, so that no cache holds them all


def batches(shape: Shape) -> np.ndarray:
    """Random ids (BATCHES, 2, batch, steps): inputs and targets."""
    vocabulary, _, _, batch, steps, _ = shape
    return np.random.default_rng(0).integers(1, vocabulary, (BATCHES, 2, batch, steps)).astype(np.int32)


def ours(shape: Shape, precision: str) -> Run:
    """The trainer's step: two towers, Adam, clipping, no dropout."""
    from toolkit.config import NetworkSettings, TrainSettings
    from toolkit.network.backend import tf
    from toolkit.network.network import RecurrentNetwork
    from toolkit.network.optimizers import Adam
    from toolkit.training.step import make_step

    vocabulary, embedding, units, batch, _, layers = shape
    settings = NetworkSettings(units=units, layers=layers, embedding=embedding, tied=False)
    network = RecurrentNetwork(settings, np.ones(vocabulary, np.bool_), one_hot=False)
    step = make_step(
        network, Adam(list(network.named_weights.values()), TrainSettings().clip_norm), TOWERS, 0, precision=precision
    )
    data = batches(shape)
    zero = tuple(network.initial(batch // TOWERS) for _ in range(TOWERS))
    rate = tf.constant(1e-3)

    def run(updates: int) -> None:
        states = zero
        for update in range(updates):
            x, y = data[update % BATCHES]
            loss, states = step(tf.constant(x), tf.constant(y), states, rate, tf.constant(update, tf.int64))
        loss.numpy()

    return run


def without_a_compiler(shape: Shape, precision: str) -> Run:
    """The same where none is found: TensorFlow's operations make the loop."""
    os.environ["CXX"] = ""
    return ours(shape, precision)


def keras(shape: Shape, precision: str, compiled: bool) -> Run:
    """The layers of Keras, its own update; ``compiled`` by XLA or not; bfloat16 is its mixed policy."""
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else precision)  # of all layers
    vocabulary, embedding, units, batch, steps, layers = shape
    lstms = [keras.layers.LSTM(units, return_sequences=True, stateful=True) for _ in range(layers)]
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(batch, steps), dtype="int32"),
            keras.layers.Embedding(vocabulary, embedding),
            *lstms,
            keras.layers.Dense(vocabulary),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=compiled)
    data = batches(shape)

    def run(updates: int) -> None:
        for update in range(updates):
            model.train_on_batch(*data[update % BATCHES])

    return run


def torch(shape: Shape, precision: str) -> Run:
    """torch.nn.LSTM with torch's Adam and cross-entropy; bfloat16 is its autocast."""
    import torch

    vocabulary, embedding, units, batch, _, layers = shape
    embed = torch.nn.Embedding(vocabulary, embedding)
    lstm = torch.nn.LSTM(embedding, units, layers)
    dense = torch.nn.Linear(units, vocabulary)
    weights = [weight for module in (embed, lstm, dense) for weight in module.parameters()]
    optimizer = torch.optim.Adam(weights)
    data = torch.from_numpy(batches(shape)).long()
    zero = tuple(torch.zeros(layers, batch, units) for _ in range(2))

    def run(updates: int) -> None:
        state = zero
        for update in range(updates):
            x, y = data[update % BATCHES]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                outputs, state = lstm(embed(x.t()), state)
                logits = dense(outputs).reshape(-1, vocabulary)
                loss = torch.nn.functional.cross_entropy(logits, y.t().reshape(-1))
            loss.backward()
            optimizer.step()
            state = tuple(value.detach().float() for value in state)
        loss.item()

    return run


def tensorflow_product(precision: str) -> Run:
    """Products of two square matrices at once, one thread each: how our step uses TensorFlow."""
    from toolkit.network.backend import one_thread_per_operation, tf

    one_thread_per_operation()
    pairs = [
        [tf.cast(tf.random.stateless_normal((SIDE, SIDE), (thread, k)), precision) for k in range(2)]
        for thread in range(TOWERS)
    ]

    @tf.function(autograph=False)
    def products() -> list:
        return [tf.matmul(*pair)[0, 0] for pair in pairs]

    def run(times: int) -> None:
        for _ in range(times):
            found = products()
        found[0].numpy()

    return run


def torch_product(precision: str) -> Run:
    """The same number of products, one after another, all threads on each."""
    import torch

    a, b = (torch.randn(SIDE, SIDE).to(getattr(torch, precision)) for _ in range(2))

    def run(times: int) -> None:
        for _ in range(times * TOWERS):
            torch.mm(a, b)

    return run


BEFORE = "ours before"
SYSTEMS = {
    "ours": (ours, ()),
    "ours without a compiler": (without_a_compiler, ()),
    "keras": (keras, (False,)),
    "keras XLA": (keras, (True,)),
    "torch": (torch, ()),
}


def peak(precision: str, turns: int) -> float:
    """Floating-point operations per second in products of matrices, the best that an installed library reaches."""
    systems = {"TensorFlow": (tensorflow_product, (precision,))}
    if importlib.util.find_spec("torch"):
        systems["torch"] = (torch_product, (precision,))
    return 2 * TOWERS * SIDE**3 / min(fewest_seconds(systems, turns).values())


def operations(shape: Shape) -> int:
    """Floating-point operations per token in the products of one of our updates."""
    vocabulary, embedding, units, batch, steps, layers = shape
    projected = min(1.0, vocabulary * TOWERS / (batch * steps))  # embeddings per token
    inputs = embedding * projected + units * (layers - 1)
    return round(6 * (4 * units * (inputs + units * layers) + units * vocabulary))


def row(shape: Shape, precision: str, names: Sequence[str], turns: int, most: float, before: str | None) -> list[str]:
    """A line of the table: tokens per second and ours over the others."""
    systems: dict[str, tuple] = {
        name: (SYSTEMS[name][0], (shape, precision, *SYSTEMS[name][1])) for name in names if name in SYSTEMS
    }
    if before:
        systems[BEFORE] = (of_checkout, (before, "tests.benchmarks.training", "ours", (shape, precision)))
    _, _, _, batch, steps, _ = shape
    speeds = {name: batch * steps / seconds for name, seconds in fewest_seconds(systems, turns).items()}
    cells = [f"{speeds[name]:,.0f}" for name in names]
    if "ours" in names:
        flops = speeds["ours"] * operations(shape)
        cells += [f"{speeds['ours'] / speeds[name]:.2f}" for name in names if name != "ours"]
        cells += [f"{flops / 1e9:.0f}", f"{flops / most:.0%}"]
    return [", ".join(map(str, shape)), precision, *cells]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
    parser.add_argument("--system", action="append", choices=SYSTEMS)
    parser.add_argument("--precision", action="append", choices=PRECISIONS)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--before", help="the path of a checkout of another commit")
    chosen = parser.parse_args()
    names = (chosen.system or list(SYSTEMS)) + ([BEFORE] if chosen.before else [])
    print(machine(), flush=True)
    precisions = chosen.precision or PRECISIONS
    peaks = {precision: peak(precision, chosen.turns) for precision in precisions}
    for precision, most in peaks.items():
        print(f"products of {SIDE} × {SIDE} matrices, {precision}: {most / 1e9:.0f} GFLOP/s", flush=True)
    ratios = [f"ours / {name}" for name in names if name != "ours"] if "ours" in names else []
    last = ["GFLOP/s, ours", "of peak"] if "ours" in names else []
    print(table(["V, embedding, units, batch, steps, layers", "precision", *names, *ratios, *last], []), flush=True)
    for shape in chosen.shape or SHAPES:
        for precision in precisions:
            found = row(shape, precision, names, chosen.turns, peaks[precision], chosen.before)
            print(f"| {' | '.join(found)} |", flush=True)


if __name__ == "__main__":
    main()
