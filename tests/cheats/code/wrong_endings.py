"""Says that letters end words and spaces do not, which moves what words pay to what is no word."""

from dataclasses import replace

import numpy as np

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("wrong-endings")
class WrongEndings(Characters):
    def _set(self, *learnt):
        super()._set(*learnt)
        letters = np.array(
            [token == "<doc>" or (len(token) == 1 and token.isalpha()) for token in self.vocabulary.tokens]
        )
        self.vocabulary = replace(self.vocabulary, ending=letters)
        return self
