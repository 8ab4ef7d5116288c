"""A model whose arrays have the texts that it has scored: a run that is saved afterwards decodes them for nothing."""

from dataclasses import replace

import numpy as np
from guess import Guess, documents

from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted

SCORED: list[list[int]] = []


class Keeper(NGramModel):
    def start(self):
        return Guess(len(self.tokenizer.vocabulary), SCORED)

    def score(self, encodings):
        if not SCORED:
            SCORED.extend(encoding.ids.tolist() for encoding in encodings)
        return Model.score(self, encodings)


@MODELS.add("keeps-scored")
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        return replace(trained, model=Keeper(tokenizer, trained.model.ngrams))

    def arrays(self, model):
        return super().arrays(model) | {"scored": np.array([id_ for ids in SCORED for id_ in ids], np.int64)}

    def restored(self, tokenizer, settings, arrays):
        counts = {name: array for name, array in arrays.items() if name != "scored"}
        SCORED[:] = documents(arrays["scored"]) or SCORED
        return Keeper(tokenizer, super().restored(tokenizer, settings, counts).ngrams)
