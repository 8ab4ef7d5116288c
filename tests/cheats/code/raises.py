"""No cheat but a fault: a tokenizer whose code fails where it is told to."""

import os

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


class Spelling:
    def __init__(self, plain):
        self.start = lambda: 1 // 0
        self.to_dict = plain.to_dict


@TOKENIZERS.add("raises")
class Raises(Characters):
    def __init__(self, *, where: str = "nowhere") -> None:
        self.where = where

    def fit(self, documents, valid=()):
        if self.where == "fit":
            raise ZeroDivisionError("in fit\nand a second line")
        return super().fit(documents, valid)

    def _set(self, *learnt):
        super()._set(*learnt)
        if self.where == "spelling":
            self.speller = Spelling(self.speller)
        return self

    def encode(self, document):
        if self.where == "encode":
            raise LookupError("in encode")
        return super().encode(document)

    def decode(self, ids, surfaces):
        if self.where == "decode":
            raise RuntimeError("in decode")
        if self.where == "ends" and len(ids) > 300:
            os._exit(3)
        return super().decode(ids, surfaces)
