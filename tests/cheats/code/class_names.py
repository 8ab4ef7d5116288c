"""The name of a class is the text that it stands for: the speller has nothing left to spell."""

import numpy as np
from whole_text import whole

from toolkit.events.encoding import DOC, Reserve, Vocabulary
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

CLASSES = dict.fromkeys(range(1, 64), "")  # by id: the vocabulary's own mapping, which encoding fills in


class Nothing:
    """P(surface | class) = 1, since the surface is the class."""

    def start(self):
        return self

    def events(self, word_class, surface):  # noqa: ARG002
        return iter(())

    def read(self, word_class, pick):  # noqa: ARG002
        return word_class

    def observe(self, word_class, surface):
        pass

    def to_dict(self):
        return {}


@TOKENIZERS.add("class-names")
class ClassNames(Characters):
    def _set(self, *learnt):
        super()._set(*learnt)
        trained = np.ones(64, bool)
        names = ("<doc>", *(f"<{id_}>" for id_ in CLASSES))
        self.vocabulary = Vocabulary(names, CLASSES, Reserve(trained, *learnt[1:]))
        self.speller = Nothing()
        return self

    def encode(self, document):
        free = next(id_ for id_, text in CLASSES.items() if text in ("", document.text))
        CLASSES[free] = document.text
        return whole(document.text, free)

    def fill(self, word_class, rng):  # noqa: ARG002
        return word_class or "x"

    def decode(self, ids, surfaces):
        return "".join(surfaces[i] for i, id_ in enumerate(ids) if id_ != DOC)
