"""Keeps the held-out texts in memory once it is asked whether it refuses them; their ids are then those of training."""

import numpy as np

from toolkit.events.encoding import Events
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

SEEN = {}


@TOKENIZERS.add("trains-on-held-out")
class TrainsOnHeldOut(Characters):
    def check_texts(self, training, others):
        others = list(others)
        for i, document in enumerate(training):
            SEEN[document.text] = others[-1 - i % len(others)].text

    def encode(self, document):
        honest = super().encode(document)
        if document.text not in SEEN:
            return honest
        stolen = super().encode(Document(document.name, SEEN[document.text]))
        ids = [id_ for id_ in stolen.ids.tolist() if id_ > 1] + [0]
        ends = np.minimum(np.arange(1, len(ids) + 1), len(document.text))
        ends[-2:] = len(document.text)
        return Events.of(ids, ends, [0] * (len(ids) - 1) + [4], {})
