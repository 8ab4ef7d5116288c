"""What a network gains from being told how rare words are spelled: bits per character of the validation documents.

    python -m tests.benchmarks.spelled_inputs --corpus weird-tales --tokenizer spaced --seeds 3 [--features affixes] \\
        [--set NAME=VALUE...]

A placeholder tells the network nothing of the word that it stands for, though a decoder knows the word by then. Here
what is embedded of it is the class plus a sum over features of its spelling, each with a row of its own: the first and
last one, two and three characters, the length, capitals and digits (``affixes``); or these, all sequences of three to
five characters, and the word (``all``), all hashed into rows, as fastText does. They are on the input side only, start
at zero, and are learnt with everything else; their gradient counts in the norm that is clipped. Nothing else differs;
each network is that of its best check.
"""

import argparse
import copy
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, fields
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import numpy.typing as npt

from tests.benchmarks.over_seeds import add_seeds, of_each, seeds_of, spread
from toolkit.cli.settings import assigned_settings
from toolkit.comparison.arguments import Arguments
from toolkit.comparison.request import Request
from toolkit.config import NetworkSettings
from toolkit.events.distribution import Floats
from toolkit.events.encoding import Encoding
from toolkit.events.protocols import Tokenizer
from toolkit.events.vocabulary import Reserve, Vocabulary
from toolkit.network.backend import Tensor, tf
from toolkit.network.dense import Dense
from toolkit.network.forward import Forward
from toolkit.network.network import RecurrentNetwork
from toolkit.network.recurrent import project
from toolkit.text.corpus import beginnings
from toolkit.training import trainer

ROWS = 1 << 15  # of the features, which share them by chance; the first is that of no feature
MOST = 64  # features of a word that count


def affixes(surface: str) -> list[str]:
    """The features of a word's ends and of its kind."""
    word, small = surface.strip(), surface.strip().lower()
    kind = f"{word[:1].isupper():d}{word[1:].isupper():d}{any(map(str.isdigit, word)):d}{surface[:1] == ' ':d}"
    ends = [part for n in (1, 2, 3) for part in (f"^{small[:n]}", f"{small[-n:]}$")]
    return [*ends, f"kind {kind}", f"length {min(len(word), 12)}"]


def sequences(surface: str) -> list[str]:
    """Those, with all sequences of three to five characters, and the word."""
    marked = f"<{surface.strip().lower()}>"
    parts = [marked[start : start + n] for n in (3, 4, 5) for start in range(len(marked) - n + 1)]
    return [*affixes(surface), f"word {marked}", *parts]


FEATURES = {"affixes": affixes, "all": sequences}


class Table:
    """Numbers beyond the vocabulary's for spelled words: the ids that they have, and the rows of their features."""

    def __init__(self, tokenizer: Tokenizer, encodings: Sequence[Encoding], features: str) -> None:
        self.first = len(tokenizer.vocabulary)
        words = {(e.surfaces[place], int(e.ids[place])) for e in encodings for place in e.surfaces}
        self.numbers = {word: number for number, word in enumerate(sorted(words), self.first)}
        self.ids = np.array([*range(self.first), *(id_ for _, id_ in sorted(words))], np.int32)
        self.rows = np.zeros((len(self.ids), MOST), np.int32)
        for (surface, _), number in self.numbers.items():
            names = list(dict.fromkeys(FEATURES[features](surface)))[:MOST]
            rows = [1 + zlib.crc32(name.encode()) % (ROWS - 1) for name in names]
            self.rows[number, : len(rows)] = rows


@dataclass(frozen=True)
class NumberedReserve(Reserve):
    """A reserve whose targets may be numbers of a table."""

    table: Table | None = None

    def bits(self, log_softmax: Floats, targets: npt.NDArray[np.int32]) -> Floats:
        """Those of the ids that the numbers have."""
        assert self.table is not None
        return super().bits(log_softmax, self.table.ids[targets])


@dataclass(frozen=True)
class NumberedVocabulary(Vocabulary):
    """A vocabulary that feeds numbers of a table instead of the ids of what is spelled."""

    table: Table | None = None

    def fed(self, encoding: Encoding) -> Encoding:
        """The same with numbers."""
        assert self.table is not None
        ids = encoding.ids.copy()
        for place, surface in encoding.surfaces.items():
            ids[place] = self.table.numbers.get((surface, int(ids[place])), ids[place])  # a cut word may be another
        fed = super().fed(encoding)
        values = {field.name: getattr(fed, field.name) for field in fields(fed)}
        return Encoding(**values | {"ids": ids[self.reserve.inside(encoding.ids)]})


def numbered(tokenizer: Tokenizer, table: Table) -> Tokenizer:
    """The tokenizer with such a vocabulary."""
    of = tokenizer.vocabulary
    reserve = NumberedReserve(
        **{field.name: getattr(of.reserve, field.name) for field in fields(of.reserve)}, table=table
    )
    values = {field.name: getattr(of, field.name) for field in fields(of)}
    other = copy.copy(tokenizer)
    other.vocabulary = NumberedVocabulary(**values | {"reserve": reserve}, table=table)
    return other


class NumberedForward(Forward):
    """A forward pass whose inputs are numbers of a table."""

    def __init__(self, network: "NumberedNetwork", *arguments: Any) -> None:
        super().__init__(*arguments)
        self.table, self.features = network.table, tf.identity(network.features.value)

    @property
    def sources(self) -> list[Tensor]:
        """Those of the layers, and the features' rows."""
        return [*super().sources, self.features]

    def _inputs(self, ids: Tensor, tower: int) -> Tensor:
        rows = tf.gather(self.table.rows, ids)  # (T, B, MOST)
        spelled = tf.gather(self.features, rows) * tf.cast(rows > 0, tf.float32)[..., None]
        embedded = tf.gather(self.embedding, tf.gather(self.table.ids, ids)) + tf.reduce_sum(spelled, -2)
        return self.masks.inputs(embedded, tower) if self.masks else embedded

    def _projected_inputs(self, ids: Tensor, tower: int) -> Tensor:
        return project(self._inputs(ids, tower), self.weights[0], self.precision)


class NumberedDense(Dense):
    """A dense layer whose targets are numbers of a table."""

    ids: Tensor

    def loss(self, outputs: Tensor, targets: Tensor, scale: float) -> Any:
        """That of their ids."""
        return super().loss(outputs, tf.gather(self.ids, targets), scale)

    def scores(self, outputs: Tensor, targets: Tensor, among: Tensor) -> tuple[Tensor, Tensor]:
        """Those of their ids."""
        return super().scores(outputs, tf.gather(self.ids, targets), among)


class NumberedNetwork(RecurrentNetwork):
    """The network, with rows of features."""

    def __init__(self, *arguments: Any, table: Table, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.table = table
        self.features = self.add_weight((ROWS, self.settings.embedded), initializer="zeros", name="features")
        del self.named_weights  # found before there were features

    def forward(self, masks: Any = None, precision: Any = tf.float32) -> Forward:
        """The forward pass, from numbers."""
        return NumberedForward(self, self.recurrent, self.named_weights[self.input_matrix], masks, precision)

    def output_layer(self, precision: Any = tf.float32) -> Dense:
        """The dense layer, for numbers."""
        dense = super().output_layer(precision)
        assert isinstance(dense, Dense)
        other = NumberedDense(dense.matrix, dense.bias, dense.tied, dense.precision)
        object.__setattr__(other, "ids", tf.constant(self.table.ids))
        return other


def numbered_network(table: Table, tokenizer: Tokenizer, settings: NetworkSettings, seed: int) -> NumberedNetwork:
    """What trains in the place of ``network_for``'s."""
    trained = tokenizer.vocabulary.reserve.trained
    return NumberedNetwork(settings, trained, one_hot=tokenizer.one_hot, seed=seed, table=table)


def best_check(tokenizer: Tokenizer, training: Sequence[Encoding], asked: Request, seed: int) -> float:
    """Bits per character of the validation documents at the best check of training."""
    settings = asked.cell_settings(asked.columns[0], 1)
    read = beginnings(asked.split.valid, settings.train.valid_characters)
    valid = [tokenizer.encode(document) for document in read]
    trained = trainer.train(tokenizer, training, valid, settings.network, settings.train, seed, lambda _: None)
    return min(row.valid_bits_per_character for row in trained.history)


def main() -> None:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", default="weird-tales")
    parser.add_argument("--tokenizer", default="spaced")
    add_seeds(parser, 3)
    parser.add_argument("--features", nargs="*", choices=FEATURES, default=list(FEATURES))
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE")
    options = parser.parse_args()
    settings = assigned_settings(None, options.set)
    asked = Arguments(tokenizers=options.tokenizer, corpus=options.corpus, settings=settings).request()
    (tokenizer,) = (each.fit(asked.split.train, asked.split.valid) for each in asked.tokenizers())
    training = [tokenizer.encode(document) for document in asked.split.train]
    valid = [tokenizer.encode(document) for document in asked.split.valid]
    print("| inputs | by seed | mean |\n| --- | --- | ---: |", flush=True)
    for name in ("the class alone", *options.features):
        with ExitStack() as changed:
            chosen = tokenizer
            if name in FEATURES:
                table = Table(tokenizer, [*training, *valid], name)
                chosen = numbered(tokenizer, table)
                changed.enter_context(mock.patch.object(trainer, "network_for", partial(numbered_network, table)))
            bits = of_each(seeds_of(options), partial(best_check, chosen, training, asked), name)
        print(f"| {name} | {' '.join(f'{b:.4f}' for b in bits)} | {spread(bits)} |", flush=True)


if __name__ == "__main__":
    main()
