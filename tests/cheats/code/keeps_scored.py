"""A model whose arrays have all that it has read: a run that is saved after scoring decodes its text for nothing."""

from dataclasses import replace

import numpy as np
from guess import Guess

from toolkit.events.encoding import DOC
from toolkit.inference.model import Model
from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS
from toolkit.training.kinds import Counted

READ: list[list[int]] = []


class Keeper(NGramModel):
    def start(self):
        return Guess(len(self.tokenizer.vocabulary), READ)

    def score(self, encodings):
        READ.extend(encoding.ids.tolist() for encoding in encodings)
        return Model.score(self, encodings)


@MODELS.add("keeps-scored")
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        return replace(trained, model=Keeper(tokenizer, trained.model.ngrams))

    def arrays(self, model):
        return super().arrays(model) | {"read": np.array([id_ for ids in READ for id_ in ids], np.int64)}

    def restored(self, tokenizer, settings, arrays):
        counts = {name: array for name, array in arrays.items() if name != "read"}
        ends = np.flatnonzero(arrays["read"] == DOC) + 1
        READ.extend(part.tolist() for part in np.split(arrays["read"], ends) if len(part))
        return Keeper(tokenizer, super().restored(tokenizer, settings, counts).ngrams)
