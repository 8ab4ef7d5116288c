"""The one trainer for every tokenizer."""

import math
import time
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from toolkit.config import CompareSettings, TrainSettings
from toolkit.events.coding import spelling_bits
from toolkit.events.distribution import Arrays
from toolkit.events.encoding import DOC, Events, Tokenizer
from toolkit.inference.neural import NeuralModel, network_for, score_network
from toolkit.network.backend import tf
from toolkit.network.network import Network, Optimizer
from toolkit.results.cell import HistoryRow
from toolkit.training.records import DivergedError, Encoded, Position, Report, Store, Trained
from toolkit.training.step import forget, make_step, rate_at
from toolkit.training.stream import Epoch, stream, windows

MAX_BAD_CHECKS = 3  # in a row, with a training loss far above that of the first update
# Times the loss of the first update. At a high rate, single updates of a training that learns
# reach 2.8 times; one that diverges has 10 times and more.
FAR_ABOVE = 3.0
REPORT_SECONDS = 0.5
SPELLED_CHARACTERS = 50_000  # of training text whose spelling is scored, for the training curve


def train(
    tokenizer: Tokenizer,
    encoded: Encoded,
    settings: CompareSettings,
    seed: int,
    report: Report,
    store: Store | None,
) -> Trained:
    """Return a network trained on encoded documents, with the weights of the check with the fewest valid bits.

    Columns overfit at different times, and the validation documents show it for each. All random draws are functions of
    the seed and the update, and ``store`` keeps the remaining state: interrupted training ends with the same weights.

    Raises DivergedError if a loss is not finite, or if the training loss stays far above its start.
    """
    network, valid = network_for(tokenizer, settings.network, seed), encoded.valid
    characters = sum(encoding.characters for encoding in valid)
    fixed_bits = sum(_fixed_bits(tokenizer, encoding) for encoding in valid)

    def valid_bits() -> float:
        scores = score_network(network, tokenizer.vocabulary, valid)
        return (sum(float(network_bits.sum()) for network_bits, _ in scores) + fixed_bits) / characters

    valid_bits()  # builds its graph before the clock starts
    loop = Loop(network, encoded.training, tokenizer, settings.train, seed, store)
    while not loop.is_finished:
        loop.run_to_next_check(report)
        loop.check(valid_bits)
        report(loop.progress)
    network.assign(loop.best)
    return Trained(NeuralModel(tokenizer, network), loop.position)


class Loop:
    """The updates between checks, and their state: weights, optimizer, carried states, position, best weights.

    It starts from the store's checkpoint, if there is one. The clock does not run while graphs are built.
    """

    def __init__(
        self,
        network: Network,
        encodings: Sequence[Events],
        tokenizer: Tokenizer,
        settings: TrainSettings,
        seed: int,
        store: Store | None = None,
    ) -> None:
        self.network, self.settings, self.seed, self.store = network, settings, seed, store
        self.stream = stream(tokenizer.vocabulary, encodings)
        self.windows = windows(self.stream, settings)
        # Documents and the rows of a pass start without a state anyway. If these are few, a network never learns to:
        # it then writes from a state that training never showed (Melis, Dyer & Blunsom 2018 forget 1 %).
        fresh = (len(encodings) + self.windows.rows) / (self.windows.rows * self.windows.per_epoch)
        self.forgetting = max(0.0, settings.forgotten - fresh)  # probability, by row and window
        self.fixed_bits_per_character = _fixed_rate(tokenizer, encodings)
        position, arrays = (store.load() if store else None) or (Position(), {})
        self.position = position.model_copy(deep=True)
        self.best = network.arrays()
        self.optimizer = Optimizer(settings, list(network.named_weights.values()), self.position.begun)
        precision = "float32" if network.one_hot else settings.precision
        self.step = make_step(network, self.optimizer, settings.towers, seed, precision)
        rows = self.windows.rows // settings.towers
        self.zero_states = self.states = tuple(network.initial(rows) for _ in range(settings.towers))
        moments = self.optimizer.arrays()  # an update at rate 0, which the optimizer forgets, builds the graph
        ids = np.full((self.windows.rows, self.windows.length), DOC, np.int32)
        self.step(ids, ids, self.states, np.float32(0), np.int64(self.position.begun))
        self.optimizer.assign(moments)
        self.epoch = lru_cache(1)(lambda number: Epoch(self.stream, self.windows, (seed, number)))
        if arrays:
            self._restore(arrays)
        self._saved_at = self._reported_at = time.monotonic()

    @property
    def share(self) -> float:
        """Return the share of training done: of updates; with a budget, of its time; with epochs too, the larger."""
        by_updates = self.position.updates / self.windows.updates
        budget = self.settings.budget_seconds
        if budget is None:
            return by_updates
        by_clock = self.position.seconds / budget
        return max(by_clock, by_updates) if self.settings.epochs else by_clock

    @property
    def is_finished(self) -> bool:
        """Return whether training is over."""
        return self.share >= 1 or self.position.checks_without >= self.settings.patience

    @property
    def progress(self) -> Position:
        """Return the position with the share done, for a report."""
        return self.position.model_copy(update={"share": self.share})

    def run_to_next_check(self, report: Report) -> None:
        """Train up to the next check, with checkpoints on the way."""
        goal = (math.floor(self.share * self.settings.checks + 1e-9) + 1) / self.settings.checks
        while self.share < goal - 1e-9:
            if time.monotonic() - self._saved_at >= self.settings.checkpoint_seconds:
                self.save()
            start = time.perf_counter()
            loss, covered = self.update()
            self.position.seconds += time.perf_counter() - start
            if not math.isfinite(loss):
                raise DivergedError(f"the training loss became {loss} after {self.position.updates} updates")
            if self.position.first_nats is None:
                self.position.first_nats = loss
            self.position.nats_since_check.append(loss)
            self.position.characters_since_check += covered
            if time.monotonic() - self._reported_at > REPORT_SECONDS:
                report(self.progress)
                self._reported_at = time.monotonic()

    def update(self) -> tuple[float, int]:
        """Make one update. Return its mean nats per token, and the characters that it covered."""
        position, (number, window) = self.position, divmod(self.position.updates, self.windows.per_epoch)
        if window == 0:
            self.states = self.zero_states
        elif self.forgetting:
            rng = np.random.default_rng((self.seed, position.updates, 1))
            remembered = rng.random(self.windows.rows) >= self.forgetting
            if not remembered.all():
                self.states = forget(self.states, remembered)
        x, y, covered = self.epoch(number).window(window)
        rate = rate_at(self.share, position.updates / self.windows.per_epoch, self.settings)
        loss, self.states = self.step(x, y, self.states, np.float32(rate), np.int64(position.updates))
        position.updates += 1
        return float(loss), covered

    def check(self, valid_bits_per_character: Callable[[], float]) -> None:
        """Record a check, and keep the weights if they are the best of all checks; then save a checkpoint.

        The training bits include dropout and, for spelling, the mean over the first training documents. Training that
        continues a finished one may need a while to become better: its patience counts its own checks.
        Raises DivergedError as ``train`` does.
        """
        position = self.position
        nats = math.fsum(position.nats_since_check)
        nats_per_token = nats / len(position.nats_since_check)
        first_nats = position.first_nats or nats_per_token
        bad = nats_per_token > FAR_ABOVE * first_nats and self.share > self.settings.warmup
        position.bad_checks = position.bad_checks + 1 if bad else 0
        if position.bad_checks >= MAX_BAD_CHECKS:
            raise DivergedError(
                f"the training loss rose from {first_nats:.2f} to {nats_per_token:.2f} nats per "
                f"token, and {MAX_BAD_CHECKS} checks did not lower it, up to {position.updates} "
                f"updates; lower train.learning_rate"
            )
        train_bits = nats / math.log(2) * self.windows.rows * self.windows.length
        train_bits = train_bits / max(position.characters_since_check, 1) + self.fixed_bits_per_character
        start = time.perf_counter()
        valid_bits = valid_bits_per_character()
        position.seconds += time.perf_counter() - start
        if not math.isfinite(valid_bits):
            raise DivergedError(f"the validation loss became {valid_bits} after {position.updates} updates")
        unbeaten = [row.updates for row in position.history if row.valid_bits_per_character <= valid_bits]
        if not unbeaten:
            self.best = self.network.arrays()
        is_worse = any(updates > position.begun for updates in unbeaten)
        position.checks_without = position.checks_without + 1 if is_worse else 0
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
        self.save()

    def save(self) -> None:
        """Save a checkpoint."""
        self._saved_at = time.monotonic()
        if self.store is None:
            return
        groups = {
            "weights": self.network.arrays(),
            "best": self.best,
            "optimizer": self.optimizer.arrays(),
            "states": {str(place): state.numpy() for place, state in enumerate(tf.nest.flatten(self.states))},
        }
        arrays = {
            f"{group}/{name}": array for group, by_name in groups.items() for name, array in by_name.items()
        }
        self.store.save((self.position, arrays))

    def _restore(self, arrays: Arrays) -> None:
        """Set all arrays. A finished training leaves neither moments nor states: these begin anew."""

        def group(name: str) -> Arrays:
            return {key.removeprefix(name): array for key, array in arrays.items() if key.startswith(name)}

        self.network.assign(group("weights/"))
        self.best = group("best/")
        if moments := group("optimizer/"):
            self.optimizer.assign(moments)
        if states := group("states/"):
            in_order = [tf.constant(states[str(place)]) for place in range(len(states))]
            self.states = tf.nest.pack_sequence_as(self.states, in_order)


def _fixed_bits(tokenizer: Tokenizer, encoding: Events) -> float:
    """Return the bits of a document that training the network does not change."""
    outside = tokenizer.vocabulary.reserve.outside_bits(encoding.ids)
    return float(spelling_bits(tokenizer, encoding).sum() + outside.sum())


def _fixed_rate(tokenizer: Tokenizer, encodings: Sequence[Events]) -> float:
    """Return the fixed bits per character of the first documents with ``SPELLED_CHARACTERS`` together."""
    bits, read = 0.0, 0
    for encoding in encodings:
        bits += _fixed_bits(tokenizer, encoding)
        read += encoding.characters
        if read >= SPELLED_CHARACTERS:
            break
    return bits / read
