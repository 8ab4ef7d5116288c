"""Measure speed as ratios and compare each ratio with its threshold.

    python -m tests.benchmarks.speed training [--shape 96,64,256,64,100,1]... [--precision float32]... [--turns 5]
    python -m tests.benchmarks.speed layer [--cell lstm]... [--shape …]... [--precision …]...
    python -m tests.benchmarks.speed scoring [--shape …]...
    python -m tests.benchmarks.speed sampling [--shape …]...
    python -m tests.benchmarks.speed coding RUN... [--characters 5000] [--corpus weird-tales]

A shape is: vocabulary, embedding, units, batch, steps, layers. Every system runs in a process of its own, because
libraries fix their threads once. The systems take turns, because the speed of a machine changes over time. The best
turn counts, because other work can only slow a turn. ``--before CHECKOUT`` also runs our side with the package of
another checkout of this project. The command exits with 1 if a ratio is below its threshold.

``training``: the trainer's update (two towers, Adam, clipping) beside the same update without the compiled operation,
Keras with and without XLA, torch if it is installed (extra ``bench``), and the products of square matrices that need as
many operations. ``layer``: ``model.fit`` with our recurrent layer beside Keras' own. ``scoring``: documents of equal
and of unequal lengths beside the loss of a Keras model. ``sampling``: tokens beside the bound that the product with the
output matrix sets. ``coding``: the coder's bits beside the scorer's, decompression beside compression, and whether
files decode in processes with other kernels of BLAS and numpy.
"""

import argparse
import importlib.util
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
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
STREAMS: list[Shape] = [(tokens, 256, 256, streams, 1, 1) for tokens in (96, 16_000) for streams in (1, 64)]
WORDS = 1000  # a vocabulary of at least this size counts as one of words
BATCHES = 8  # different batches, so that no cache holds them all
TOWERS = 2
SIDE = 2048  # rows of the square matrices
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


def network_of(shape: Shape, one_hot: bool = False) -> Any:
    """Our network of a shape, untrained."""
    from toolkit.config import NetworkSettings
    from toolkit.network.network import Network

    vocabulary, embedding, units, _, _, layers = shape
    settings = NetworkSettings(units=units, layers=layers, embedding=embedding, tied=False)
    return Network(settings, np.ones(vocabulary, np.bool_), one_hot=one_hot)


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


def square_products(precision: str) -> Run:
    """Products of two square matrices at once, one thread each, as our update uses TensorFlow."""
    from toolkit.network.backend import one_thread_per_operation, tf

    one_thread_per_operation()
    matrices = tf.cast(tf.random.stateless_normal((TOWERS, 2, SIDE, SIDE), (0, 0)), precision)
    pairs = [tf.unstack(pair) for pair in tf.unstack(matrices)]

    @tf.function(autograph=False)
    def products() -> list:
        return [tf.matmul(*pair)[0, 0] for pair in pairs]

    def run(times: int) -> None:
        for _ in range(times):
            result = products()
        result[0].numpy()

    return run


def operations(shape: Shape) -> float:
    """Floating-point operations per token in the products of an update, forward and backward.

    The embedding of a small vocabulary is projected once per update and tower instead of once per token.
    """
    vocabulary, embedding, units, batch, steps, layers = shape
    inputs = embedding * min(1.0, vocabulary * TOWERS / (batch * steps)) + units * (layers - 1)
    return 6 * (4 * units * (inputs + units * layers) + units * vocabulary)


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
                "square products": System(
                    square_products, (precision,), 2 * TOWERS * SIDE**3 / operations(shape)
                ),
            }
            least = {
                "without the compiled operation": 1.0,
                "keras": 1.2 if words else 2.2 if units <= 256 else 1.6,
            }
            if importlib.util.find_spec("torch"):
                others["torch"] = System(torch_update, (shape, precision), tokens)
                least |= {"torch": 1.2 if words else 1.0} if words or units >= 256 else {}
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


def document_lengths(shape: Shape, spread: float) -> list[int]:
    """Tokens of each document, together about ten batches; lengths differ by the given share."""
    *_, batch, steps, _ = shape
    shares = np.random.default_rng(1).uniform(1 - spread, 1 + spread, batch)
    return [max(1, int(10 * steps * share)) for share in shares]


def scored_documents(shape: Shape, spread: float) -> Run:
    """All documents once."""
    from toolkit.events.encoding import Events, Reserve, Vocabulary
    from toolkit.inference.neural import score_network

    (size, *_), network, rng = shape, network_of(shape), np.random.default_rng(2)
    reserve, ending = Reserve(np.ones(size, bool), 0, 1), rng.integers(0, 2, size).astype(bool)
    vocabulary = Vocabulary(("",) * size, {}, reserve, ending=ending)
    lengths = document_lengths(shape, spread)
    documents = [Events.of(rng.integers(1, size, n), np.arange(n), np.zeros(n), {}) for n in lengths]

    def run(times: int) -> None:
        for _ in range(times):
            score_network(network, vocabulary, documents)

    return run


def keras_loss(shape: Shape) -> Run:
    """The loss of one batch after another, without training."""
    model, data = keras_model(shape, "float32", stateful=True), batches(shape)

    def run(times: int) -> None:
        for n in range(times):
            model.test_on_batch(*data[n % BATCHES])

    return run


def scoring(options: argparse.Namespace) -> Iterator[Case]:
    """Documents of equal and of unequal lengths beside the loss of a Keras model."""
    for shape in options.shape or SHAPES:
        keras = System(keras_loss, (shape,), shape[3] * shape[4])
        for label, spread in (("equal lengths", 0.0), ("unequal lengths", 0.5)):
            ours = System(scored_documents, (shape, spread), sum(document_lengths(shape, spread)))
            yield Case(labelled(shape, label), ours, {"keras": keras}, {"keras": 1.0})


def sampled_chunks(shape: Shape) -> Run:
    """Chunks of tokens from the sampler's graph."""
    from toolkit.inference.neural import CHUNK, chunk_graph, sampling_layer
    from toolkit.network.backend import tf

    streams, network = shape[3], network_of(shape, one_hot=shape[0] < WORDS)
    draw_chunk, seeds = chunk_graph(network, streams), tf.range(streams, dtype=tf.int64)
    layer = sampling_layer(network, 0.8)

    def run(chunks: int) -> None:
        last, state = tf.zeros(streams, tf.int32), tf.nest.flatten(network.initial(streams))
        for chunk in range(chunks):
            ids, *state = draw_chunk(last, state, seeds, tf.constant(chunk * CHUNK, tf.int64), layer)
            last = ids[:, -1]
        last.numpy()

    return run


def output_products(shape: Shape) -> Run:
    """As many products of all streams with the output matrix, one after another, each in two parts at once."""
    from toolkit.inference.neural import CHUNK
    from toolkit.network.backend import one_thread_per_operation, tf
    from toolkit.network.recurrent import looped

    one_thread_per_operation()
    vocabulary, _, units, streams, _, _ = shape
    rows = tf.random.stateless_normal((streams, units), (0, 0))
    parts = [tf.random.stateless_normal((units, vocabulary // 2), (0, part)) for part in (1, 2)]

    @tf.function(autograph=False)
    def chunk() -> Any:
        def step(_: Any, last: Any) -> list:
            return [1e-20 * tf.add_n([tf.matmul(rows + last, part)[0, 0] for part in parts])]

        return looped(CHUNK, step, [tf.constant(0.0)])[0]

    def run(chunks: int) -> None:
        for _ in range(chunks):
            result = chunk()
        result.numpy()

    return run


def sampling(options: argparse.Namespace) -> Iterator[Case]:
    """The sampler beside the bound that the output matrix sets; a shape's batch is its number of streams."""
    from toolkit.inference.neural import CHUNK

    for shape in options.shape or STREAMS:
        ours, bound = (System(make, (shape,), shape[3] * CHUNK) for make in (sampled_chunks, output_products))
        least = 0.25 if shape[0] >= WORDS else 0.05
        yield Case(labelled(shape), ours, {"output products": bound}, {"output products": least})


PROCESSES = {
    "as it is": {},
    "Haswell, 1 thread": {"OPENBLAS_CORETYPE": "Haswell", "OPENBLAS_NUM_THREADS": "1"},
    "SkylakeX, 2 threads": {"OPENBLAS_CORETYPE": "SkylakeX", "OPENBLAS_NUM_THREADS": "2"},
    "Nehalem, 4 threads": {"OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_NUM_THREADS": "4"},
    "numpy without AVX-512": {"NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL"},
    "numpy without AVX": {"NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4 AVX512_ICL", "OPENBLAS_CORETYPE": "Nehalem"},
}
PROCESS_CHARACTERS = 500  # with more threads than cores a process is slow


def coding(options: argparse.Namespace) -> bool:
    """Print the tables of coding. Return whether the coder pays what the scorer says and all files decode."""
    from toolkit.text.catalogue import find_corpus
    from toolkit.text.splits import split

    text = split(find_corpus(options.corpus)).test[0].text[: options.characters].rstrip()
    header = ["run", "V", "compress, characters/s", "decompress, characters/s", "decompress / compress"]
    print_lines([*header, "coder / scorer, bits"], heading=True)
    ratios = [coded_line(run, text) for run in options.runs]
    print()
    print_lines(["coded by, in", *PROCESSES], heading=True)
    decoded = [decoded_elsewhere(run, text[:PROCESS_CHARACTERS].rstrip()) for run in options.runs]
    return all(abs(ratio - 1) < 1e-6 for ratio in ratios) and all(decoded)


def coded_line(run: Path, text: str) -> float:
    """Print a run's speed of coding in processor time. Return the coder's bits divided by the scorer's."""
    import toolkit
    from toolkit.events.coding import document_events
    from toolkit.inference.coding import Encoder
    from toolkit.text.corpus import Document

    model, encoder = toolkit.load(run), Encoder()
    compressed = model.compress(text)
    seconds = []
    for function, argument in ((model.compress, text), (model.decompress, compressed)):
        start = time.process_time()
        function(argument)
        seconds.append(time.process_time() - start)
    encoding = model.tokenizer.encode(Document("text", text))
    for _, distribution, outcome in document_events(model.tokenizer, encoding, model.start()):
        encoder.put(distribution, outcome)
    ratio = encoder.bits / model.bits(text)
    rates = [f"{len(text) / taken:,.0f}" for taken in seconds]
    print_lines(
        [
            run.name,
            f"{len(model.tokenizer.vocabulary):,}",
            *rates,
            f"{seconds[0] / seconds[1]:.2f}",
            f"{ratio:.9f}",
        ]
    )
    return ratio


def decoded_elsewhere(run: Path, text: str) -> bool:
    """Print in which processes a file decodes that another coded. Return whether all do."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "text").write_text(text, "utf-8")
        for decode in (False, True):
            for name, variables in PROCESSES.items():
                call = f"code_in_process({str(folder)!r}, {name!r}, {decode}, {str(run.resolve())!r})"
                code = f"from tests.benchmarks.speed import code_in_process; {call}"
                subprocess.run([sys.executable, "-c", code], env={**os.environ, **variables}, check=True)
        outcomes = {
            coder: [(folder / f"{coder} > {decoder}").read_text() for decoder in PROCESSES] for coder in PROCESSES
        }
    for coder, cells in outcomes.items():
        print_lines([f"{run.name}, {coder}", *cells])
    return all(cell == "same" for cells in outcomes.values() for cell in cells)


def code_in_process(folder: str, process: str, decode: bool, run: str) -> None:
    """Compress the text of a folder in this process, or decompress what all processes compressed."""
    import toolkit
    from toolkit.errors import InputError
    from toolkit.inference import coding

    coding.threadpool_limits = lambda *_: nullcontext()  # allows as many threads as the process has
    model, text = toolkit.load(run), Path(folder, "text").read_text("utf-8")
    if not decode:
        Path(folder, process).write_bytes(model.compress(text))
        return
    for coder in PROCESSES:
        try:
            outcome = "same" if model.decompress(Path(folder, coder).read_bytes()) == text else "other text"
        except InputError:
            outcome = "refused"
        Path(folder, f"{coder} > {process}").write_text(outcome)


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
    for measurement in (training, layer, scoring, sampling):
        command = commands.add_parser(measurement.__name__)
        command.set_defaults(cases=measurement)
        command.add_argument("--shape", action="append", type=lambda text: tuple(map(int, text.split(","))))
        command.add_argument("--precision", action="append", choices=["float32", "bfloat16"])
        command.add_argument("--cell", action="append", choices=["lstm", "gru"])
        command.add_argument("--turns", type=int, default=5)
        command.add_argument("--before", metavar="CHECKOUT")
    command = commands.add_parser("coding")
    command.add_argument("runs", nargs="+", type=Path, metavar="RUN")
    command.add_argument("--characters", type=int, default=5000)
    command.add_argument("--corpus", default="weird-tales")
    options = parser.parse_args()
    if options.command == "coding":
        sys.exit(not coding(options))
    print_lines(["case", "ours, tokens/s", "other", "other, tokens/s", "ours / other", "at least"], heading=True)
    reached = True
    for case in options.cases(options):
        lines, of_case = measure(case, options.turns, options.before)
        print_lines(*lines)
        reached = reached and of_case
    sys.exit(not reached)


if __name__ == "__main__":
    main()
