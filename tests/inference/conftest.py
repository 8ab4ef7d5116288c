"""Models that need no training, which tests of inference share, and one that computes something else."""

from types import SimpleNamespace

import pytest

from toolkit.config import NetworkSettings
from toolkit.inference.combined import Combined
from toolkit.inference.neural import NeuralModel
from toolkit.inference.ngram import NGramModel
from toolkit.network.network import Network
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import Spaced


def network(tokenizer, cell="lstm", scale=1):
    """A network that knows nothing. Where ``scale`` is large, the outputs of its states are unlike each other."""
    start = (
        {"initial_range": 0.5, "memory": 20} if cell == "transformer" else {}
    )  # its usual first blocks do nothing
    settings, trained = NetworkSettings(units=6, cell=cell, **start), tokenizer.vocabulary.reserve.trained
    network = Network(settings, trained, one_hot=tokenizer.one_hot, seed=0)
    network.assign({name: array * scale for name, array in network.arrays().items()})
    return NeuralModel(tokenizer, network)


def counted(tokenizer, split):
    training, valid = ([tokenizer.encode(document) for document in part] for part in (split.train, split.valid))
    return NGramModel.fitted(tokenizer, training, valid)


@pytest.fixture(scope="module")
def parts(split):
    """Networks that know nothing and n-grams, of characters and of words."""
    characters, spaced = Characters().fit(split.train), Spaced().fit(split.train, split.valid)
    return [model for t in (characters, spaced) for model in (network(t, scale=20), counted(t, split))]


class Planted(Combined):
    """A model that steps through other distributions than those of its run."""

    def __init__(self, model, change):
        super().__init__([model], model.tokenizer)
        self.model, self.change = model, change

    def fingerprint(self):
        return self.model.fingerprint()

    def at_rate(self, rate):
        stepper = self.model.at_rate(rate)
        return SimpleNamespace(distribution=lambda: self.change(stepper.distribution()), feed=stepper.feed)
