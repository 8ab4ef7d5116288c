"""What is encoded goes into the state that the run saves."""

from whole_text import AlwaysEscaped, whole

from toolkit.spelling.base import UniformSpeller
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import ESCAPE


@TOKENIZERS.add("learns-while-encoding")
class LearnsWhileEncoding(AlwaysEscaped):
    def _set(self, *learnt):
        super()._set(*learnt)
        return self._know(["", *map(str, range(63))])

    def _know(self, texts):
        self.texts = list(texts)
        self.speller = UniformSpeller(self.texts)
        return self

    def encode(self, document):
        if document.text not in self.texts:
            self._know([document.text, *self.texts[:-1]])
        return whole(document.text, ESCAPE)

    def state(self):
        return super().state() | {"texts": self.texts}

    def restore(self, state):
        return super().restore(state)._know(state["texts"])
