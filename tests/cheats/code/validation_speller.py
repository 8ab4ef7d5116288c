"""A speller taught on validation text: a law broken, though a decoder can follow."""

from dataclasses import replace

from toolkit.rare_words import RARE_WORDS, RareWords
from toolkit.spelling.speller import WordSpeller


@RARE_WORDS.add("validation-speller")
class ValidationSpeller(RareWords):
    classes = ("WORD",)

    def class_of(self, word):  # noqa: ARG002
        return "WORD"

    def fitted_speller(self, data):
        types = data.types | {word for document in data.valid for word in document}
        texts = [*data.characters, *("".join(surface for _, surface in document) for document in data.valid)]
        taught = replace(data, types=types, spelled=[*data.spelled, *data.valid], characters=texts, left_out=None)
        return WordSpeller(5).fit(taught)
