"""A reserve that charges half of what it gives."""

from dataclasses import replace

from toolkit.events.encoding import Reserve
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


class Half(Reserve):
    def bits(self, log_softmax, targets):
        return super().bits(log_softmax, targets) / 2


@TOKENIZERS.add("half-reserve")
class HalfReserve(Characters):
    def _set(self, *learnt):
        super()._set(*learnt)
        right = self.vocabulary.reserve
        self.vocabulary = replace(self.vocabulary, reserve=Half(right.trained, right.surprises, right.events))
        return self
