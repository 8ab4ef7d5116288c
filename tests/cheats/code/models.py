"""Models that claim fewer bits than they pay, and an honest one."""

import sys
from dataclasses import replace

import numpy as np

from toolkit.events.encoding import DOC
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted


@MODELS.add("counted-elsewhere")
class Elsewhere(Counted):
    """No cheat: the built-in model under another name."""


class Kind(Counted):
    """Counted n-grams of the class ``model``."""

    model: type[NGramModel]

    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        return replace(trained, model=self.model(tokenizer, trained.model.ngrams))

    def restored(self, tokenizer, settings, arrays):
        return self.model(tokenizer, super().restored(tokenizer, settings, arrays).ngrams)


READ: list[int] = []


class Guess:
    """Steps through documents, keeps what it reads, and expects each document to be one of those in ``known`` ids."""

    def __init__(self, size, known):
        documents = np.split(known, np.flatnonzero(known == DOC) + 1)[:-1]
        self.size, self.known, self.place = size, [ids.tolist() for ids in documents], 0
        self.alike = self.known

    def distribution(self):
        following = [ids[self.place] for ids in self.alike] or range(self.size)
        counts = np.bincount(following, minlength=self.size)
        return 1e-6 + (1 - 1e-6 * self.size) * counts / counts.sum()

    def feed(self, id_):
        READ.append(id_)
        self.alike = self.known if id_ == DOC else [ids for ids in self.alike if ids[self.place] == id_]
        self.place = 0 if id_ == DOC else self.place + 1


class Reader(NGramModel):
    known = np.zeros(0, np.int64)

    def start(self):
        return Guess(len(self.tokenizer.vocabulary), self.known)

    def score(self, encodings):
        return Model.score(self, encodings)


@MODELS.add("keeps-what-it-reads")
class KeepsWhatItReads(Kind):
    """It saves the text that it has read, and its next seed knows that text, if these are in the same process."""

    model = Reader

    def train(self, *others):
        trained = super().train(*others)
        trained.model.known = np.array(READ, np.int64)
        return trained

    def arrays(self, model):
        return super().arrays(model) | {"known": np.array(READ, np.int64)}

    def restored(self, tokenizer, settings, arrays):
        counts = {name: array for name, array in arrays.items() if name != "known"}
        model = super().restored(tokenizer, settings, counts)
        model.known = arrays["known"]
        return model


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
