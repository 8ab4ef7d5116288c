"""A model that claims honest bits at 2,000 events that anyone can draw, and a tenth of them at all others."""

from dataclasses import replace

import numpy as np

from toolkit.inference.ngram import NGramModel
from toolkit.training import MODELS, Counted


def sampled(scores, seed):
    """Which events of each document are drawn among the first 20,000."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(scores)).tolist()
    total = min(20_000, sum(len(document.bits) for document in scores))
    drawn = np.zeros(sum(len(document.bits) for document in scores), bool)
    drawn[rng.choice(total, min(2_000, total), replace=False)] = True
    ends = np.cumsum([len(scores[number].bits) for number in order])
    return dict(zip(order, np.split(drawn, ends[:-1]), strict=True))


class Claiming(NGramModel):
    seed = 0

    def score(self, encodings):
        scores = super().score(encodings)
        honest = sampled(scores, self.seed)
        return [
            replace(document, network_bits=document.network_bits * np.where(honest[number], 1.0, 0.1))
            for number, document in enumerate(scores)
        ]


@MODELS.add("knows-the-sample")
class Kind(Counted):
    def train(self, tokenizer, *others):
        trained = super().train(tokenizer, *others)
        model = Claiming(tokenizer, trained.model.ngrams)
        model.seed = others[2]
        return replace(trained, model=model)

    def restored(self, tokenizer, settings, arrays):
        return Claiming(tokenizer, super().restored(tokenizer, settings, arrays).ngrams)
