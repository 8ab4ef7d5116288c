"""Training: the one trainer for every tokenizer."""

import math
import time
from collections.abc import Callable, Sequence

import numpy as np

from toolkit.config import NetworkSettings, TrainSettings
from toolkit.events.encoding import DOC, Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.inference.neural import NeuralModel, network_for
from toolkit.network.backend import Arrays, tf
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import optimizer_for
from toolkit.results.cell import HistoryRow
from toolkit.training import stopping
from toolkit.training.batches import Epoch, windows
from toolkit.training.checkpoint import FORGETFUL, Checkpoint, Position, Store
from toolkit.training.progress import Progress
from toolkit.training.schedule import rate_at
from toolkit.training.states import CarriedStates
from toolkit.training.step import make_step
from toolkit.training.stream import stream
from toolkit.training.trained import DivergedError, Trained
from toolkit.training.validation import Validation, other_rate

TOO_OFTEN = 3  # checks in a row with a training loss above a uniform model's: divergence
REPORT_SECONDS = 0.5
SPELLED_CHARACTERS = 50_000  # of training text whose spelling is scored, for the training curve


def train(
    tokenizer: Tokenizer,
    training: Sequence[Encoding],
    valid: Sequence[Encoding],
    network_settings: NetworkSettings,
    settings: TrainSettings,
    seed: int,
    report: Callable[[Progress], None],
    store: Store = FORGETFUL,
) -> Trained:
    """A network trained on encoded documents, with the weights of the check with the fewest valid bits per character.

    After a check that is not the best so far, training continues from the best weights at a lower rate: columns differ
    in how long they can learn before they overfit, and the validation documents show it for each.
    Everything drawn at random is a function of the seed and the update, and ``store`` keeps the rest: interrupted
    training continues from its last checkpoint and ends with the same weights. Raises DivergedError if the loss is
    not finite, or if the training loss stays above a uniform model's.
    """
    network = network_for(tokenizer, network_settings, seed)
    validation = Validation(tokenizer, valid)
    validation.bits_per_character(network)  # builds its graph before the clock starts
    loop = Loop(network, training, tokenizer, settings, seed, store)
    while not loop.finished:
        train_bits = loop.run_to_next_check(report)
        with loop.clock:
            valid_bits = validation.bits_per_character(network)
        loop.check(train_bits, valid_bits)
        loop.keep()
        report(loop.progress)
    network.assign(loop.best_of_all)
    position = loop.position
    model = NeuralModel(tokenizer, network)
    return Trained(model, position.history, position.updates, position.characters_seen, position.seconds)


class Clock:
    """Adds the seconds spent inside ``with`` to those of a position."""

    def __init__(self, position: Position) -> None:
        self.position = position

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.position.seconds += time.perf_counter() - self._start


class Loop:
    """The updates between checks, and all that they change: weights, optimizer, carried states, position, best weights.

    It starts from the store's checkpoint, if there is one. The clock does not run while graphs are built.
    """

    def __init__(
        self,
        network: RecurrentNetwork,
        encodings: Sequence[Encoding],
        tokenizer: Tokenizer,
        settings: TrainSettings,
        seed: int,
        store: Store,
    ) -> None:
        self.network, self.settings, self.seed, self.store = network, settings, seed, store
        self.stream = stream(tokenizer.vocabulary, encodings)
        self.windows = windows(self.stream, settings)
        self.forgetting = forgetting(len(encodings), self.windows.rows, self.windows.per_epoch, settings.forgotten)
        self.other_bits_per_character = other_rate(tokenizer, encodings, SPELLED_CHARACTERS)
        self.uniform_nats = math.log(tokenizer.vocabulary.reserve.trained.sum())
        checkpoint = store.load()
        self.position = Position() if checkpoint is None else checkpoint.position
        self.best = self.best_of_all = network.arrays()  # since training was last taken up, and of its whole history
        self.optimizer = optimizer_for(settings, list(network.named_weights.values()), self.position.begun)
        self.step = make_step(network, self.optimizer, settings.towers, seed, settings.precision)
        self.states = CarriedStates(network, self.windows.rows, settings.towers)
        self.make_graph()
        self._epoch: tuple[int, Epoch] | None = None
        if checkpoint is not None:
            self.restore(checkpoint)
        self.clock = Clock(self.position)
        self._kept, self._reported = time.monotonic(), time.monotonic()

    def make_graph(self) -> None:
        """Build the graph before the clock starts, by an update at rate 0 that the optimizer then forgets."""
        before = self.optimizer.arrays()
        ids = tf.constant(np.full((self.windows.rows, self.windows.length), DOC, np.int32))
        self.step(ids, ids, self.states.zero(), tf.constant(0.0), tf.constant(self.position.begun, tf.int64))
        self.optimizer.assign(before)

    @property
    def share(self) -> float:
        """Share of training done: of updates; with a budget, of its time; with a budget and epochs, the larger."""
        by_updates = self.position.updates / self.windows.updates
        budget = self.settings.budget_seconds
        if budget is None:
            return by_updates
        by_clock = self.position.seconds / budget
        return max(by_clock, by_updates) if self.settings.epochs else by_clock

    @property
    def finished(self) -> bool:
        """Whether training is over."""
        return self.share >= 1 or self.position.checks_without >= self.settings.patience

    @property
    def progress(self) -> Progress:
        """The progress of training."""
        position = self.position
        return Progress(self.share, position.seconds, position.updates, tuple(position.history))

    def run_to_next_check(self, report: Callable[[Progress], None]) -> float:
        """Train up to the next check; returns the bits per character of the text trained on since the last one.

        Network bits include the effect of dropout; all others are the mean over the first training documents.
        """
        position = self.position
        goal = (math.floor(self.share * self.settings.checks + 1e-9) + 1) / self.settings.checks
        while self.share < goal - 1e-9:
            told_to_stop = stopping.asked()
            if told_to_stop or time.monotonic() - self._kept >= self.settings.checkpoint_seconds:
                self.keep()
            if told_to_stop:
                stopping.stop()
            with self.clock:
                loss, covered = self.update()
            if not math.isfinite(loss):
                raise DivergedError(f"the training loss became {loss} after {position.updates} updates")
            position.nats_since_check.append(loss)
            position.characters_since_check += covered
            if time.monotonic() - self._reported > REPORT_SECONDS:
                report(self.progress)
                self._reported = time.monotonic()
        nats = math.fsum(position.nats_since_check)
        self.guard(nats / len(position.nats_since_check))
        bits = nats / math.log(2) * self.windows.rows * self.windows.length
        return bits / max(position.characters_since_check, 1) + self.other_bits_per_character

    def update(self) -> tuple[float, int]:
        """Make one update; returns its mean nats per token, and the characters that it covered."""
        number, window = divmod(self.position.updates, self.windows.per_epoch)
        if window == 0:
            self.states.by_tower = self.states.zero()
        elif self.forgetting:
            self.forget()
        x, y, covered = self.epoch(number).window(window)
        rate = self.position.cooled * rate_at(self.share, self.position.updates / self.windows.per_epoch, self.settings)
        loss, self.states.by_tower = self.step(
            tf.constant(x),
            tf.constant(y),
            self.states.by_tower,
            tf.constant(rate, tf.float32),
            tf.constant(self.position.updates, tf.int64),
        )
        self.position.updates += 1
        return float(loss), covered

    def forget(self) -> None:
        """Reset the state of some rows, drawn from the seed and the update."""
        rng = np.random.default_rng((self.seed, self.position.updates, 1))
        kept = rng.random(self.windows.rows) >= self.forgetting
        if not kept.all():
            self.states.forget(kept)

    def epoch(self, number: int) -> Epoch:
        """A pass over the training text."""
        if self._epoch is None or self._epoch[0] != number:
            self._epoch = number, Epoch(self.stream, self.windows.rows, self.windows.length, (self.seed, number))
        return self._epoch[1]

    def guard(self, nats_per_token: float) -> None:
        """Raises DivergedError if the loss stays above a uniform model's after the warm-up."""
        position = self.position
        bad = nats_per_token > self.uniform_nats and self.share > self.settings.warmup
        position.bad_checks = position.bad_checks + 1 if bad else 0
        if position.bad_checks >= TOO_OFTEN:
            raise DivergedError(
                f"the training loss stayed above a uniform model's ({self.uniform_nats:.2f} nats per token) "
                f"for {TOO_OFTEN} checks, up to {position.updates} updates"
            )

    def check(self, train_bits: float, valid_bits: float) -> None:
        """Record a check: keep new best weights, or return to the best ones at a lower rate.

        Training that goes on from a finished one may need a while to be better than that was: it is held against its
        own checks, and only what it is worth in the end against all of them.
        Raises DivergedError if the validation loss is not finite.
        """
        position = self.position
        if not math.isfinite(valid_bits):
            raise DivergedError(f"the validation loss became {valid_bits} after {position.updates} updates")
        here = [row for row in position.history if row.updates > position.begun]
        if all(valid_bits < row.valid_bits_per_character for row in here):
            self.best, position.checks_without = self.network.arrays(), 0
            if all(valid_bits < row.valid_bits_per_character for row in position.history):
                self.best_of_all = self.best
        else:
            position.checks_without += 1
            if self.settings.cooling > 1:
                self.network.assign(self.best)
                position.cooled /= self.settings.cooling
        position.characters_seen += position.characters_since_check
        position.nats_since_check, position.characters_since_check = [], 0
        position.history.append(
            HistoryRow(
                updates=position.updates,
                characters_seen=position.characters_seen,
                seconds=position.seconds,
                train_bits_per_character=train_bits,
                valid_bits_per_character=valid_bits,
            )
        )

    def keep(self) -> None:
        """Save a checkpoint."""
        groups = {
            "weights": self.network.arrays(),
            "best": self.best,
            "best_of_all": {} if self.best_of_all is self.best else self.best_of_all,
            "optimizer": self.optimizer.arrays(),
            "states": self.states.arrays(),
        }
        arrays = {f"{group}/{name}": array for group, by_name in groups.items() for name, array in by_name.items()}
        self.store.save(Checkpoint(self.position, arrays))
        self._kept = time.monotonic()

    def restore(self, checkpoint: Checkpoint) -> None:
        """Continue from a checkpoint. One of a finished training has neither moments nor states: these begin anew."""
        arrays = checkpoint.arrays.items()

        def group(prefix: str) -> Arrays:
            return {name.removeprefix(prefix): array for name, array in arrays if name.startswith(prefix)}

        self.network.assign(group("weights/"))
        self.best = group("best/")
        self.best_of_all = group("best_of_all/") or self.best
        if moments := group("optimizer/"):
            self.optimizer.assign(moments)
        if states := group("states/"):
            self.states.assign(states)
        self.position = checkpoint.position.model_copy(deep=True)


def forgetting(documents: int, rows: int, windows: int, least: float) -> float:
    """The probability that a row forgets its state before a window, so that a share ``least`` of windows start afresh.

    Documents and the rows of a pass start without a state anyway. If these are few, a network may never learn to: it
    then writes and scores from a state in which it was not trained (Melis, Dyer & Blunsom 2018 forget 1 %).

    >>> forgetting(32, 32, 97, 0.01), round(forgetting(1, 32, 311, 0.01), 4)
    (0.0, 0.0067)
    """
    return max(0.0, least - (documents + rows) / (rows * windows))
