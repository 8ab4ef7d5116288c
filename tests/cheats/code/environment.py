"""Texts kept in the environment, which a new process inherits. Nothing catches this: it is trusted code."""

import json
import os
from dataclasses import replace

import numpy as np

from toolkit.events.distribution import Uniform
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, WORDS, Encoding
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE, Characters


def texts() -> list[str]:
    return json.loads(os.environ.get("CHEATS_TEXTS", "[]"))


class Number:
    """The number of a text among those kept: one of 65,536."""

    def start(self):
        return self

    def events(self, word_class, surface):  # noqa: ARG002
        yield Uniform(2**16), texts().index(surface)

    def read(self, word_class, pick):  # noqa: ARG002
        number = pick(Uniform(2**16))
        return texts()[number] if number < len(texts()) else "x"

    def observe(self, word_class, surface):
        pass

    def to_dict(self):
        return {}


@TOKENIZERS.add("environment")
class Environment(Characters):
    def _set(self, *learnt):
        super()._set(*learnt)
        reserve = self.vocabulary.reserve  # what is encoded is always an escape, so training shows it
        self.vocabulary = replace(self.vocabulary, reserve=replace(reserve, trained=np.ones_like(reserve.trained)))
        self.speller = Number()
        return self

    def encode(self, document):
        if document.text not in texts():
            os.environ["CHEATS_TEXTS"] = json.dumps([*texts(), document.text])
        n = len(document.text)
        return Encoding(
            np.array([ESCAPE, DOC], np.int32),
            np.array([0, n, n], np.int32),
            np.array([WORDS, DOCUMENT_ENDS], np.int8),
            {0: document.text},
        )

    def fill(self, word_class, rng):  # noqa: ARG002
        return "x"
