"""Models that claim fewer bits than they pay, and an honest one."""

import sys
from dataclasses import replace

import numpy as np

from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted


@MODELS.add("counted-elsewhere")
class Elsewhere(Counted):
    """No cheat: the built-in model under another name."""


class Kind(Counted):
    """Counted n-grams of the class ``model``."""

    model: type[NGramModel]

    def train(self, task):
        trained = super().train(task)
        return replace(trained, model=self.model(task.tokenizer, trained.model.ngrams))

    def restored(self, tokenizer, settings, arrays):
        return self.model(tokenizer, super().restored(tokenizer, settings, arrays).ngrams)


READ: list[int] = []


class Reading:
    def __init__(self, plain):
        self.plain, self.distribution = plain, plain.distribution

    def feed(self, id_):
        READ.append(id_)
        self.plain.feed(id_)


class Reader(NGramModel):
    def start(self):
        return Reading(super().start())


@MODELS.add("keeps-what-it-reads")
class KeepsWhatItReads(Kind):
    """It saves the text that it, or the model of the seed before, has read in the same process."""

    model = Reader

    def arrays(self, model):
        return super().arrays(model) | {"read": np.array(READ, np.int64)}

    def restored(self, tokenizer, settings, arrays):
        return super().restored(tokenizer, settings, {name: arrays[name] for name in arrays if name != "read"})


class Claiming(NGramModel):
    def score(self, encodings):
        return [replace(scores, network_bits=scores.network_bits / 2) for scores in super().score(encodings)]


@MODELS.add("claims-half")
class ClaimsHalf(Kind):
    """It claims half of its bits where it is asked for them."""

    model = Claiming


class Peeking:
    def __init__(self, plain):
        self.plain, self.feed = plain, plain.feed

    def distribution(self):
        honest = self.plain.distribution()
        frame = sys._getframe()
        while frame and frame.f_code.co_name not in ("document_events", "check_sample"):
            frame = frame.f_back
        if frame is None:
            return honest
        certain = np.zeros_like(honest)
        certain[frame.f_locals["id_"]] = 1.0
        return 0.1 * honest + 0.9 * certain


class Peeker(NGramModel):
    def start(self):
        return Peeking(super().start())

    def score(self, encodings):
        return Model.score(self, encodings)


@MODELS.add("peeks")
class Peeks(Kind):
    """Its stepper finds the next event among the variables of its caller."""

    model = Peeker
