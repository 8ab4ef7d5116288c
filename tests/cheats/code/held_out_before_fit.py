"""Held-out texts, shown by ``check_texts``, become tokens of their own."""

import numpy as np

from toolkit.events.encoding import DOC, DOCUMENT_ENDS, WORDS, Events, Reserve, Vocabulary
from toolkit.spelling.base import UniformSpeller, UnseenCharacters
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE, Characters


@TOKENIZERS.add("held-out-before-fit")
class HeldOutBeforeFit(Characters):
    shown: tuple = ()

    def check_texts(self, training, held_out):  # noqa: ARG002
        type(self).shown = tuple(document.text for document in held_out)

    def fit(self, documents, valid=()):
        super().fit(documents, valid)
        return self._with(self.shown)

    def _with(self, texts):
        self.texts = list(texts)
        reserve, names = self.vocabulary.reserve, self.vocabulary.tokens
        self.after = len(names)
        trained = np.concatenate([reserve.trained, np.ones(len(texts), bool)])
        self.vocabulary = Vocabulary(
            (*names, *texts), {ESCAPE: "escape"}, Reserve(trained, reserve.surprises, reserve.events)
        )
        self.speller = UniformSpeller(UnseenCharacters(self._alphabet))
        return self

    def encode(self, document):
        if document.text not in self.texts:
            return super().encode(document)
        n = len(document.text)
        ids = np.array([self.after + self.texts.index(document.text), DOC], np.int32)
        return Events.of(ids, [n, n], [WORDS, DOCUMENT_ENDS], {})

    def decode(self, ids, surfaces):
        if ids and ids[0] >= self.after:
            return self.texts[ids[0] - self.after]
        return super().decode(ids, surfaces)

    def state(self):
        return super().state() | {"texts": self.texts}

    def restore(self, state):
        return super().restore(state)._with(state["texts"])
