"""Measure speed as ratios and compare each ratio with its threshold.

    python -m tests.benchmarks.speed training [--shape 96,64,256,64,100,1]... [--precision float32]... [--turns 5]
    python -m tests.benchmarks.speed layer [--cell lstm]... [--shape …]... [--precision …]...

A shape is: vocabulary, embedding, units, batch, steps, layers. Every system runs in a process of its own, because
libraries fix their threads once. The systems take turns, because the speed of a machine changes over time. The best
turn counts, because other work can only slow a turn. ``--before CHECKOUT`` also runs our side with the package of
another checkout of this project. The command exits with 1 if a ratio is below its threshold.

``training``: the trainer's update (two towers, Adam, clipping) beside the same update without the compiled operation,
Keras with and without XLA, and torch if it is installed (extra ``bench``). ``layer``: ``model.fit`` with our recurrent
layer beside Keras' own.
"""

import argparse
import importlib.util
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Shape = tuple[int, int, int, int, int, int]
Run = Callable[[int], None]  # does so many units of work

SHAPES: list[Shape] = [
    (96, 64, 128, 64, 64, 1), (96, 64, 256, 64, 100, 1), (96, 64, 512, 64, 100, 1), (96, 64, 256, 64, 100, 2),
    (10000, 200, 200, 20, 35, 2), (20000, 256, 256, 32, 50, 1),
]  # fmt: skip
WORDS = 1000  # a vocabulary of at least this size counts as one of words
BATCHES = 8  # different batches, so that no cache holds them all
TOWERS = 2
TURN_SECONDS = 1.5


class System(NamedTuple):
    """One side of a ratio: its maker, the maker's arguments, and the tokens in a unit of work."""

    make: Callable[..., Run]
    arguments: tuple[Any, ...]
    tokens: float


class Case(NamedTuple):
    """A line of the table for each other system; ``least`` has the thresholds of some ratios ours / other."""

    label: str
    ours: System
    others: Mapping[str, System]
    least: Mapping[str, float]


def serve(connection: Connection, system: System, checkout: str | None) -> None:
    """Make a system, then answer each number of units with the seconds that they took."""
    if checkout:
        sys.path.insert(0, checkout)
    run = system.make(*system.arguments)
    if checkout:
        import toolkit

        assert str(toolkit.__file__).startswith(checkout), toolkit.__file__
    run(1)  # makes graphs and lays out memory
    connection.send(0.0)
    while units := connection.recv():
        start = time.perf_counter()
        run(units)
        connection.send(time.perf_counter() - start)


class Worker:
    """A system in its process; ``tokens_per_second`` is that of its best turn so far."""

    def __init__(self, system: System, checkout: str | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, system, checkout), daemon=True)
        self._process.start()
        theirs.close()
        self._connection.recv()
        self._tokens, self.tokens_per_second = system.tokens, 0.0
        self._units = max(1, round(TURN_SECONDS / self._seconds(1)))

    def turn(self) -> None:
        """Time it once more."""
        rate = self._tokens * self._units / self._seconds(self._units)
        self.tokens_per_second = max(self.tokens_per_second, rate)

    def end(self) -> None:
        """End the process."""
        self._connection.send(0)
        self._process.join()

    def _seconds(self, units: int) -> float:
        self._connection.send(units)
        return float(self._connection.recv())


def measure(case: Case, turns: int, before: str | None) -> tuple[list[list[str]], bool]:
    """The lines of a case, and whether all of its ratios reach their thresholds."""
    workers = {"ours": Worker(case.ours)} | {name: Worker(system) for name, system in case.others.items()}
    if before:
        workers["ours before"] = Worker(case.ours, str(Path(before).resolve()))
    for _ in range(turns):
        for worker in workers.values():
            worker.turn()
    ours = workers.pop("ours")
    lines, reached = [], True
    for name, other in workers.items():
        ratio, least = ours.tokens_per_second / other.tokens_per_second, case.least.get(name)
        rates = [f"{worker.tokens_per_second:,.0f}" for worker in (ours, other)]
        lines.append([case.label, rates[0], name, rates[1], f"{ratio:.2f}", f"{least:.2f}" if least else ""])
        reached = reached and ratio >= (least or 0)
    for worker in (ours, *workers.values()):
        worker.end()
    return lines, reached


def labelled(shape: Shape, *more: str) -> str:
    """A shape and what else a case is about, in one cell of the table."""
    return "; ".join([", ".join(map(str, shape)), *more])


def batches(shape: Shape) -> np.ndarray:
    """Random ids (BATCHES, 2, batch, steps): inputs and targets."""
    vocabulary, _, _, batch, steps, _ = shape
    return np.random.default_rng(0).integers(1, vocabulary, (BATCHES, 2, batch, steps)).astype(np.int32)


def network_of(shape: Shape) -> Any:
    """Our network of a shape, untrained."""
    from toolkit.config import NetworkSettings
    from toolkit.network.network import Network

    vocabulary, embedding, units, _, _, layers = shape
    settings = NetworkSettings(units=units, layers=layers, embedding=embedding, tied=False)
    return Network(settings, np.ones(vocabulary, np.bool_), one_hot=False)


def keras_model(
    shape: Shape, precision: str, layer: Any = None, stateful: bool = False, compiled: bool = False
) -> Any:
    """A Keras model of a shape with the given class of recurrent layers, by default Keras' LSTM."""
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16" if precision == "bfloat16" else precision)
    vocabulary, embedding, units, batch, steps, layers = shape
    recurrent = layer or keras.layers.LSTM
    model = keras.Sequential(
        [
            keras.Input(batch_shape=(batch, steps), dtype="int32"),
            keras.layers.Embedding(vocabulary, embedding),
            *(recurrent(units, return_sequences=True, stateful=stateful) for _ in range(layers)),
            keras.layers.Dense(vocabulary),
        ]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=compiled)
    return model


def our_update(shape: Shape, precision: str, compiler: bool = True) -> Run:
    """The trainer's update without dropout, with the compiled operation or without."""
    if not compiler:
        os.environ["CXX"] = ""
    from toolkit.config import TrainSettings
    from toolkit.network.backend import tf
    from toolkit.network.network import Optimizer
    from toolkit.training.step import make_step

    network = network_of(shape)
    optimizer = Optimizer(TrainSettings(), list(network.named_weights.values()))
    step = make_step(network, optimizer, TOWERS, 0, precision=precision)
    data, rate = batches(shape), tf.constant(1e-3)
    zero = tuple(network.initial(shape[3] // TOWERS) for _ in range(TOWERS))

    def run(updates: int) -> None:
        states = zero
        for update in range(updates):
            x, y = data[update % BATCHES]
            loss, states = step(tf.constant(x), tf.constant(y), states, rate, tf.constant(update, tf.int64))
        loss.numpy()

    return run


def keras_update(shape: Shape, precision: str, compiled: bool) -> Run:
    """Keras' own update with its Adam, compiled by XLA or not."""
    model, data = keras_model(shape, precision, stateful=True, compiled=compiled), batches(shape)

    def run(updates: int) -> None:
        for update in range(updates):
            model.train_on_batch(*data[update % BATCHES])

    return run


def torch_update(shape: Shape, precision: str) -> Run:
    """torch.nn.LSTM with torch's Adam and cross-entropy; bfloat16 is its autocast."""
    import torch

    vocabulary, embedding, units, batch, _, layers = shape
    embed = torch.nn.Embedding(vocabulary, embedding)
    lstm = torch.nn.LSTM(embedding, units, layers)
    dense = torch.nn.Linear(units, vocabulary)
    optimizer = torch.optim.Adam([weight for module in (embed, lstm, dense) for weight in module.parameters()])
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


def training(options: argparse.Namespace) -> Iterator[Case]:
    """The trainer's update beside other updates."""
    for shape in options.shape or SHAPES:
        for precision in options.precision or ["float32"]:
            vocabulary, _, units, batch, steps, _ = shape
            tokens, words = batch * steps, vocabulary >= WORDS
            others = {
                "without the compiled operation": System(our_update, (shape, precision, False), tokens),
                "keras": System(keras_update, (shape, precision, False), tokens),
                "keras XLA": System(keras_update, (shape, precision, True), tokens),
            }
            least = {
                "without the compiled operation": 1.0,
                "keras": 1.2 if words else 2.2 if units <= 256 else 1.6,
            }
            if importlib.util.find_spec("torch"):
                others["torch"] = System(torch_update, (shape, precision), tokens)
                least |= {"torch": 1.3 if words else 1.0} if words or units >= 256 else {}
            yield Case(labelled(shape, precision), System(our_update, (shape, precision), tokens), others, least)


def fit_epochs(cell: str, ours: bool, shape: Shape, precision: str) -> Run:
    """Epochs of ``model.fit`` with our layer or Keras' own."""
    import keras

    from toolkit.network.cells import GRU, LSTM

    layers = {"lstm": (keras.layers.LSTM, LSTM), "gru": (keras.layers.GRU, GRU)}
    model = keras_model(shape, precision, layers[cell][ours])
    inputs, targets = (ids.reshape(-1, shape[4]) for ids in batches(shape).swapaxes(0, 1))

    def run(epochs: int) -> None:
        model.fit(inputs, targets, batch_size=shape[3], epochs=epochs, verbose=0)

    return run


def layer(options: argparse.Namespace) -> Iterator[Case]:
    """``model.fit`` with our recurrent layers beside Keras' own."""
    for cell in options.cell or ["lstm", "gru"]:
        for shape in options.shape or SHAPES:
            for precision in options.precision or ["float32"]:
                ours, keras = (
                    System(fit_epochs, (cell, mine, shape, precision), BATCHES * shape[3] * shape[4])
                    for mine in (True, False)
                )
                least = 1.5 if cell == "lstm" and shape[0] < WORDS and shape[2] == 256 else 1.0
                yield Case(labelled(shape, precision, cell), ours, {"keras": keras}, {"keras": least})


def print_lines(*lines: Sequence[str], heading: bool = False) -> None:
    """Print lines of a Markdown table at once."""
    for line in lines:
        print(f"| {' | '.join(line)} |", flush=True)
        if heading:
            print("|" + " --- |" * len(line), flush=True)


def main() -> None:
    """Print the table of a measurement and exit with 1 if a threshold is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for measurement in (training, layer):
        command = commands.add_parser(measurement.__name__)
        command.set_defaults(cases=measurement)
        command.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
        command.add_argument("--precision", action="append", choices=["float32", "bfloat16"])
        command.add_argument("--cell", action="append", choices=["lstm", "gru"])
        command.add_argument("--turns", type=int, default=5)
        command.add_argument("--before", metavar="CHECKOUT")
    options = parser.parse_args()
    print_lines(["case", "ours, tokens/s", "other", "other, tokens/s", "ours / other", "at least"], heading=True)
    reached = True
    for case in options.cases(options):
        lines, of_case = measure(case, options.turns, options.before)
        print_lines(*lines)
        reached = reached and of_case
    sys.exit(not reached)


if __name__ == "__main__":
    main()
