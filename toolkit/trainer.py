"""Training: the one trainer for every tokenizer."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from toolkit.backend import Tensor, tf
from toolkit.batches import epoch, window_length, windows_per_epoch
from toolkit.config import NetworkSettings, TrainSettings
from toolkit.corpus import Document
from toolkit.events import spelling_bits
from toolkit.network import Network
from toolkit.optimizers import Adam
from toolkit.results import HistoryRow
from toolkit.scoring import score_network
from toolkit.step import make_step
from toolkit.tokenizers.base import DOC, Encoding, Tokenizer

TOO_OFTEN = 3  # checks in a row with a training loss above a uniform model's: divergence


class DivergedError(ArithmeticError):
    """Training came to nothing; the message says how."""


@dataclass(frozen=True)
class Trained:
    """A trained network with the weights of its best check, and what happened on the way."""

    network: Network
    history: list[HistoryRow]
    updates: int
    characters_seen: int
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Where training stands: the share done, and the bits per character of the last check (None before it)."""

    share: float
    seconds: float
    updates: int
    train_bits_per_character: float | None
    valid_bits_per_character: float | None


def rate_at(share: float, settings: TrainSettings) -> float:
    """The learning rate after a share of training: a linear rise, then half a cosine down to 1 % of the peak.

    >>> rate_at(0.5, TrainSettings(learning_rate=1.0, warmup=0.0))
    0.505
    """
    if share < settings.warmup:
        return settings.learning_rate * max(share / settings.warmup, 0.01)
    falling = (min(share, 1.0) - settings.warmup) / (1 - settings.warmup)
    return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * falling)) / 2)


class Validation:
    """Complete bits per character of the validation documents, each read up to the same character."""

    def __init__(self, tokenizer: Tokenizer, documents: Sequence[Document], characters: int) -> None:
        self.tokenizer = tokenizer
        self.encodings = [
            tokenizer.encode(Document(document.name, beginning(document.text, characters))) for document in documents
        ]
        self.characters = sum(int(encoding.offsets[-1]) for encoding in self.encodings)
        self.other_bits = sum(other_bits(tokenizer, encoding) for encoding in self.encodings)

    def bits_per_character(self, network: Network) -> float:
        """Network bits and all others over characters."""
        network_bits = sum(float(bits.sum()) for bits in score_network(network, self.tokenizer, self.encodings))
        return (network_bits + self.other_bits) / self.characters


def other_bits(tokenizer: Tokenizer, encoding: Encoding) -> float:
    """The document's bits that no training of the network changes."""
    outside = tokenizer.vocabulary.reserve.outside_bits(encoding.ids)
    return float(spelling_bits(tokenizer, encoding).sum() + outside.sum())


def beginning(text: str, characters: int) -> str:
    """The text up to so many characters, cut before a space where there is one.

    >>> beginning("one two three", 9)
    'one two'
    """
    if len(text) <= characters:
        return text
    return text[: max(text.rfind(" ", 0, characters), 0) or characters]


def train(
    tokenizer: Tokenizer,
    train_documents: Sequence[Document],
    valid_documents: Sequence[Document],
    network_settings: NetworkSettings,
    settings: TrainSettings,
    seed: int,
    report: Callable[[Progress], None],
) -> Trained:
    """A network trained on the documents, with the weights of the check with the fewest valid bits per character.

    After a check that is not the best so far, training goes on from the best weights at a lower rate: how long a column
    can learn before it overfits differs between columns, and the validation documents tell it for each.
    Everything drawn at random is a function of the seed and the update. Raises DivergedError where the loss is no
    number, or where the training loss stays above a uniform model's.
    """
    network = Network(network_settings, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot, seed=seed)
    validation = Validation(tokenizer, valid_documents, settings.valid_characters)
    validation.bits_per_character(network)  # makes its graph before the clock starts
    loop = Loop(network, [tokenizer.encode(document) for document in train_documents], tokenizer, settings, seed)
    best: dict[str, npt.NDArray[np.float32]] = {}
    history: list[HistoryRow] = []
    checks_without = 0
    while loop.share < 1 and checks_without < settings.patience:
        train_bits = loop.run_to_next_check(lambda: report(progress(loop, history)))
        with loop.clock():
            valid_bits = validation.bits_per_character(network)
        if not math.isfinite(valid_bits):
            raise DivergedError(f"the validation loss became {valid_bits} after {loop.updates} updates")
        if all(valid_bits < row.valid_bits_per_character for row in history):
            best, checks_without = network.arrays(), 0
        else:
            network.assign(best)
            loop.cool()
            checks_without += 1
        history.append(
            HistoryRow(
                updates=loop.updates,
                characters_seen=loop.characters_seen,
                seconds=loop.seconds,
                train_bits_per_character=train_bits,
                valid_bits_per_character=valid_bits,
            )
        )
        report(progress(loop, history))
    network.assign(best)
    return Trained(network, history, loop.updates, loop.characters_seen, loop.seconds)


def progress(loop: "Loop", history: Sequence[HistoryRow]) -> Progress:
    """Where training stands."""
    last = history[-1] if history else None
    return Progress(
        loop.share,
        loop.seconds,
        loop.updates,
        last.train_bits_per_character if last else None,
        last.valid_bits_per_character if last else None,
    )


class Stopwatch:
    """Seconds spent inside ``with``."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._start = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.perf_counter() - self._start


class Loop:
    """The updates: position in the streams, carried state, and the clock, which does not run while graphs are made."""

    def __init__(
        self, network: Network, encodings: Sequence[Encoding], tokenizer: Tokenizer, settings: TrainSettings, seed: int
    ) -> None:
        self.encodings = [tokenizer.vocabulary.fed(encoding) for encoding in encodings]
        self.settings, self.seed = settings, seed
        self.rows = -(-settings.batch // settings.towers) * settings.towers
        self.length = window_length(self.encodings, settings.window_characters)
        self.per_epoch = windows_per_epoch(self.encodings, self.rows, self.length)
        self.last = settings.epochs * self.per_epoch if settings.epochs else settings.updates
        self.other_bits = sum(other_bits(tokenizer, encoding) for encoding in encodings)
        self.characters = sum(int(encoding.offsets[-1]) for encoding in encodings)
        self.uniform_nats = math.log(tokenizer.vocabulary.reserve.trained.sum())
        self.network = network
        self.updates = self.characters_seen = self.bad_checks = 0
        self.stopwatch = Stopwatch()
        self.cooled = 1.0  # what the schedule's rate is multiplied by
        adam = Adam(list(network.weights.values()), settings.clip_norm)
        self.step = make_step(network, adam, settings.towers, seed, settings.precision)
        self.make_graph(adam)

    @property
    def seconds(self) -> float:
        """Seconds of training and validation so far."""
        return self.stopwatch.seconds

    def clock(self) -> Stopwatch:
        """The clock of the budget, for ``with``."""
        return self.stopwatch

    @property
    def share(self) -> float:
        """Share of training done: of the updates; with a budget, of its time; with epochs too, of what ends first."""
        by_updates = self.updates / self.last
        budget = self.settings.budget_seconds
        if budget is None:
            return by_updates
        by_clock = self.seconds / budget
        return max(by_clock, by_updates) if self.settings.epochs else by_clock

    def zero_states(self) -> Tensor:
        """The zero state of every tower."""
        return tuple(self.network.initial(self.rows // self.settings.towers) for _ in range(self.settings.towers))

    def make_graph(self, adam: Adam) -> None:
        """Make the graph before the clock starts, by an update at rate 0 that the optimizer then forgets."""
        ids = np.full((self.rows, self.length), DOC, np.int32)
        self.step(tf.constant(ids), tf.constant(ids), self.zero_states(), tf.constant(0.0), tf.constant(0, tf.int64))
        adam.forget()

    def run_to_next_check(self, report: Callable[[], None]) -> float:
        """Train up to the next check; the bits per character of the text trained on since the last one.

        With dropout, as training saw it; all other bits are the training text's mean.
        """
        goal = (math.floor(self.share * self.settings.checks + 1e-9) + 1) / self.settings.checks
        nats: list[Tensor] = []
        characters = 0
        reported = time.monotonic()
        while self.share < goal - 1e-9:
            with self.clock():
                loss, covered = self.update()
                nats.append(loss)
                if len(nats) % 8 == 0:
                    loss.numpy()  # the clock must not run ahead of the work
            characters += covered
            if time.monotonic() - reported > 0.5:
                report()
                reported = time.monotonic()
        self.characters_seen += characters
        mean = float(np.mean([loss.numpy() for loss in nats]))
        self.guard(mean)
        bits = mean / math.log(2) * len(nats) * self.rows * self.length
        return bits / max(characters, 1) + self.other_bits / self.characters

    def cool(self) -> None:
        """Lower the rate from now on."""
        self.cooled /= self.settings.cooling

    def guard(self, nats_per_token: float) -> None:
        """Raises DivergedError where training has come to nothing."""
        if not math.isfinite(nats_per_token):
            raise DivergedError(f"the training loss became {nats_per_token} within {self.updates} updates")
        self.bad_checks = self.bad_checks + 1 if nats_per_token > self.uniform_nats else 0
        if self.bad_checks >= TOO_OFTEN:
            raise DivergedError(
                f"the training loss stayed above a uniform model's ({self.uniform_nats:.2f} nats per token) "
                f"for {TOO_OFTEN} checks, up to {self.updates} updates"
            )

    def update(self) -> tuple[Tensor, int]:
        """One update; its mean nats per token, and the characters that it covered."""
        number, window = divmod(self.updates, self.per_epoch)
        if window == 0:
            self.epoch = epoch(self.encodings, self.rows, self.length, (self.seed, number))
            self.states = self.zero_states()
        x, y, covered = self.epoch.window(window, self.length)
        rate = self.cooled * rate_at(self.share, self.settings)
        loss, self.states = self.step(
            tf.constant(x),
            tf.constant(y),
            self.states,
            tf.constant(rate, tf.float32),
            tf.constant(self.updates, tf.int64),
        )
        self.updates += 1
        return loss, covered
