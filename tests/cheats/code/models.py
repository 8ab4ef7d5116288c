"""Models that claim fewer bits than they pay, one that fails, and an honest one."""

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


@MODELS.add("raises-in-train")
class RaisesInTrain(Counted):
    """No cheat but a fault."""

    def train(self, *others):  # noqa: ARG002
        raise ZeroDivisionError("in train")


class Kind(Counted):
    """Counted n-grams of the class ``model``. ``known`` documents of ids are saved with a model's counts."""

    model: type[NGramModel]

    def train(self, tokenizer, encoded, settings, seed, *others):
        trained = super().train(tokenizer, encoded, settings, seed, *others)
        model = self.model(tokenizer, trained.model.ngrams)
        model.seed, model.known = seed, self.known()
        return replace(trained, model=model)

    def known(self):
        return []

    def arrays(self, model):
        known = np.array([id_ for ids in model.known for id_ in ids], np.int64)
        return super().arrays(model) | {"known": known}

    def restored(self, tokenizer, settings, arrays):
        counts = {name: array for name, array in arrays.items() if name != "known"}
        model = self.model(tokenizer, super().restored(tokenizer, settings, counts).ngrams)
        model.known = documents(arrays["known"])
        return model


def documents(ids):
    """Return the documents in an array of ids."""
    return [part.tolist() for part in np.split(ids, np.flatnonzero(ids == DOC) + 1) if len(part)]


class Guess:
    """Steps through documents and expects each to be one of the ``known`` documents of ids."""

    def __init__(self, size, known):
        self.size, self.known, self.place, self.alike = size, known, 0, known

    def distribution(self):
        following = [ids[self.place] for ids in self.alike] or range(self.size)
        counts = np.bincount(following, minlength=self.size)
        return 1e-6 + (1 - 1e-6 * self.size) * counts / counts.sum()

    def feed(self, id_):
        self.alike = self.known if id_ == DOC else [ids for ids in self.alike if ids[self.place] == id_]
        self.place = 0 if id_ == DOC else self.place + 1


SCORED: list[list[int]] = []


class Keeper(NGramModel):
    def start(self):
        return Guess(len(self.tokenizer.vocabulary), SCORED)

    def score(self, encodings):
        if not SCORED:
            SCORED.extend(encoding.ids.tolist() for encoding in encodings)
        return Model.score(self, encodings)


@MODELS.add("keeps-scored")
class KeepsScored(Kind):
    """Its arrays have the texts that it has scored. A run that is saved afterwards decodes them for nothing."""

    model = Keeper

    def arrays(self, model):
        model.known = SCORED
        return super().arrays(model)

    def restored(self, tokenizer, settings, arrays):
        model = super().restored(tokenizer, settings, arrays)
        SCORED[:] = model.known or SCORED
        return model


READ: list[int] = []


class Reading(Guess):
    def feed(self, id_):
        READ.append(id_)
        super().feed(id_)


class Reader(NGramModel):
    def start(self):
        return Reading(len(self.tokenizer.vocabulary), self.known)

    def score(self, encodings):
        return Model.score(self, encodings)


@MODELS.add("learns-from-the-seed-before")
class LearnsFromTheSeedBefore(Kind):
    """It is trained on the text that the model of the seed before has read, if that was in the same process."""

    model = Reader

    def known(self):
        return documents(np.array(READ, np.int64))


def drawn(scores, seed):
    """Return the events of each document that anyone can draw among the first 20,000."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(scores)).tolist()
    total = min(20_000, sum(len(document.bits) for document in scores))
    chosen = np.zeros(sum(len(document.bits) for document in scores), bool)
    chosen[rng.choice(total, min(2_000, total), replace=False)] = True
    ends = np.cumsum([len(scores[number].bits) for number in order])
    return dict(zip(order, np.split(chosen, ends[:-1]), strict=True))


class Claiming(NGramModel):
    seed = 0

    def score(self, encodings):
        scores = super().score(encodings)
        honest = drawn(scores, self.seed)
        return [
            replace(document, network_bits=document.network_bits * np.where(honest[number], 1.0, 0.1))
            for number, document in enumerate(scores)
        ]


@MODELS.add("knows-the-sample")
class KnowsTheSample(Kind):
    """It claims honest bits at 2,000 events that anyone can draw, and a tenth of them at all others."""

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
