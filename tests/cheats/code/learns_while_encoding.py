"""What is encoded goes into the state that the run saves."""

from dataclasses import replace

import numpy as np

from toolkit.events.encoding import DOC, DOCUMENT_ENDS, WORDS, Encoding
from toolkit.spelling.uniform import UniformSpeller, UnseenTokens
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE, Characters


@TOKENIZERS.add("learns-while-encoding")
class LearnsWhileEncoding(Characters):
    def _set(self, *learnt):
        super()._set(*learnt)
        reserve = self.vocabulary.reserve  # what is encoded is always an escape, so training shows it
        self.vocabulary = replace(self.vocabulary, reserve=replace(reserve, trained=np.ones_like(reserve.trained)))
        return self._know(["", *map(str, range(63))])

    def _know(self, texts):
        self.texts = list(texts)
        self.speller = UniformSpeller(UnseenTokens(self.texts))
        return self

    def encode(self, document):
        n = len(document.text)
        if document.text not in self.texts:
            self._know([document.text, *self.texts[:-1]])
        return Encoding(
            np.array([ESCAPE, DOC], np.int32),
            np.array([0, n, n], np.int32),
            np.array([WORDS, DOCUMENT_ENDS], np.int8),
            {0: document.text},
        )

    def state(self):
        return super().state() | {"texts": self.texts}

    def restore(self, state):
        return super().restore(state)._know(state["texts"])

    def fill(self, word_class, rng):  # noqa: ARG002
        return "x"
