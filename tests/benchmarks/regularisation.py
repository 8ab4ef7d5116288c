"""What weight decay and averaged weights are worth: bits per character of the validation documents, best check of each.

    python -m tests.benchmarks.regularisation --column char --decay 0 --decay 0.01 [--corpus weird-tales] [--seeds 3]

Every training is the recipe's own, but for ``train.weight_decay`` where that is given. Averages are exponential: after
every update they move by 1 − d towards the weights; they are only scored, beside the weights, at every check, and guide
nothing. At first they are the mean of all weights so far.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unittest import mock

from tests.benchmarks.over_seeds import add_seeds, seeds_of, spread
from toolkit.cli.settings import assigned_settings
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.request import Request
from toolkit.config import TrainSettings
from toolkit.events.encoding import Encoding
from toolkit.network.backend import Tensor, tf
from toolkit.network.network import RecurrentNetwork
from toolkit.network.optimizers import optimizer_for
from toolkit.text.corpus import beginnings
from toolkit.tokenizers import Tokenizer
from toolkit.training.trainer import train
from toolkit.training.validation import Validation

AVERAGES = (0.99, 0.998)  # d


class Averaged:
    """The settings' optimizer, with averages of the weights that it leaves."""

    latest: "Averaged | None" = None  # what the training that runs now uses, once it has begun

    def __init__(self, settings: TrainSettings, weights: Sequence[Tensor], begun: int) -> None:
        self.of, self.weights = optimizer_for(settings, weights, begun), list(weights)
        self.averages = {d: [tf.Variable(weight) for weight in weights] for d in AVERAGES}
        Averaged.latest = self

    def apply(self, gradients: Sequence[Tensor], rate: Tensor, update: Tensor) -> None:
        """One update, then averages."""
        self.of.apply(gradients, rate, update)
        number = tf.cast(update, tf.float32) + 1
        for d, averages in self.averages.items():
            for average, weight in zip(averages, self.weights, strict=True):
                average.assign_add(tf.maximum(1 - d, 1 / number) * (weight - average))

    def arrays(self) -> Any:
        """The optimizer's own."""
        return self.of.arrays()

    def assign(self, arrays: Mapping[str, Any]) -> None:
        """The optimizer's own."""
        self.of.assign(arrays)


@contextmanager
def swapped(weights: Sequence[Tensor], others: Sequence[Tensor]) -> Iterator[None]:
    """Others in the place of weights."""
    kept = [weight.numpy() for weight in weights]
    for weight, other in zip(weights, others, strict=True):
        weight.assign(other)
    try:
        yield
    finally:
        for weight, values in zip(weights, kept, strict=True):
            weight.assign(values)


def best_checks(tokenizer: Tokenizer, training: Sequence[Encoding], asked: Request, seed: int, decay: float) -> Any:
    """By name, the best check of the weights and of each average."""
    settings = asked.cell_settings(asked.columns[0], 1)
    read = beginnings(asked.split.valid, settings.train.valid_characters)
    valid = [tokenizer.encode(document) for document in read]
    best = dict.fromkeys(["weights", *AVERAGES], float("inf"))
    checked = Validation.bits_per_character

    def bits_per_character(self: Validation, network: RecurrentNetwork) -> float:
        alone = checked(self, network)
        best["weights"] = min(best["weights"], alone)
        if of := Averaged.latest:
            for d, averages in of.averages.items():
                with swapped(of.weights, averages):
                    best[d] = min(best[d], checked(self, network))
        return alone

    Averaged.latest = None
    decaying = settings.train.model_copy(update={"weight_decay": decay})
    with (
        mock.patch.object(Validation, "bits_per_character", bits_per_character),
        mock.patch("toolkit.training.trainer.optimizer_for", Averaged),
    ):
        train(tokenizer, training, valid, settings.network, decaying, seed, lambda _: None)
    return best


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="weird-tales")
    parser.add_argument("--column", default="char")
    add_seeds(parser, 3)
    parser.add_argument("--decay", type=float, action="append", help="by default the recipe's")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    settings = assigned_settings(None, options.set)
    asked = Arguments(tokenizers=options.column, corpus=options.corpus, settings=settings).request()
    (tokenizer,) = (each.fit(asked.split.train, asked.split.valid) for each in asked.tokenizers())
    training = [tokenizer.encode(document) for document in asked.split.train]
    print("| decay | weights |", " | ".join(f"average, {d:g}" for d in AVERAGES), "|")
    print("| ---: | --- |", " | ".join("---" for _ in AVERAGES), "|", flush=True)
    for decay in options.decay or [asked.cell_settings(asked.columns[0], 1).train.weight_decay]:
        by_seed = []
        for seed in seeds_of(options):
            by_seed.append(best_checks(tokenizer, training, asked, seed, decay))
            told = ", ".join(f"{name} {bits:.4f}" for name, bits in by_seed[-1].items())
            print(f"decay {decay:g}, seed {seed}: {told}", file=sys.stderr, flush=True)
        cells = [spread([best[name] for best in by_seed]) for name in ("weights", *AVERAGES)]
        print(f"| {decay:g} |", " | ".join(cells), "|", flush=True)


if __name__ == "__main__":
    main()
