"""A module that keeps each text that it encodes, and writes its number."""

from whole_text import KeptTexts

from toolkit.tokenizers import TOKENIZERS

TEXTS: list[str] = []


@TOKENIZERS.add("module-global")
class ModuleGlobal(KeptTexts):
    def texts(self):
        return TEXTS

    def keep(self, text):
        TEXTS.append(text)
