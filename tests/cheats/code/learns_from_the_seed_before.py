"""A model that is trained on what the model of the seed before has read, if that was in the same process."""

from dataclasses import replace

import numpy as np
from guess import Guess, documents

from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted

READ: list[int] = []


class Reading(Guess):
    def feed(self, id_):
        READ.append(id_)
        super().feed(id_)


class Reader(NGramModel):
    known = ()

    def start(self):
        return Reading(len(self.tokenizer.vocabulary), list(self.known))

    def score(self, encodings):
        return Model.score(self, encodings)


@MODELS.add("learns-from-the-seed-before")
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        model = Reader(tokenizer, trained.model.ngrams)
        model.known = documents(np.array(READ, np.int64))
        return replace(trained, model=model)

    def arrays(self, model):
        return super().arrays(model) | {"known": np.array([id_ for ids in model.known for id_ in ids], np.int64)}

    def restored(self, tokenizer, settings, arrays):
        counts = {name: array for name, array in arrays.items() if name != "known"}
        model = Reader(tokenizer, super().restored(tokenizer, settings, counts).ngrams)
        model.known = documents(arrays["known"])
        return model
