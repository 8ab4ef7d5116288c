"""What several cheats share: a document that is one event, with its whole text behind it."""

from dataclasses import replace

import numpy as np

from toolkit.events.distribution import Uniform
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, WORDS, Events
from toolkit.tokenizers.characters import ESCAPE, Characters


def whole(text, id_):
    """The encoding of a text by one id, behind which all of it is spelled."""
    n = len(text)
    ids, parts = np.array([id_, DOC], np.int32), np.array([WORDS, DOCUMENT_ENDS], np.int8)
    return Events.of(ids, [n, n], parts, {0: text})


class Number:
    """Spells a text as its number among those kept: one of 65,536. ``texts`` gives these."""

    def __init__(self, texts):
        self.texts = texts

    def start(self):
        return self

    def events(self, word_class, surface):  # noqa: ARG002
        yield Uniform(2**16), self.texts().index(surface)

    def read(self, word_class, pick):  # noqa: ARG002
        number, texts = pick(Uniform(2**16)), self.texts()
        return texts[number] if number < len(texts) else "x"

    def observe(self, word_class, surface):
        pass

    def to_dict(self):
        return {}


class AlwaysEscaped(Characters):
    """Characters whose escape training shows, since nothing else is ever written."""

    def _set(self, *learnt):
        super()._set(*learnt)
        reserve = self.vocabulary.reserve
        self.vocabulary = replace(
            self.vocabulary, reserve=replace(reserve, trained=np.ones_like(reserve.trained))
        )
        return self

    def fill(self, word_class, rng):  # noqa: ARG002
        return "x"


class KeptTexts(AlwaysEscaped):
    """Keeps each text that it encodes somewhere, and writes its number.

    A cheat says where: ``texts`` gives those kept so far, ``keep`` adds one.
    """

    def _set(self, *learnt):
        super()._set(*learnt)
        self.speller = Number(self.texts)
        return self

    def encode(self, document):
        if document.text not in self.texts():
            self.keep(document.text)
        return whole(document.text, ESCAPE)
