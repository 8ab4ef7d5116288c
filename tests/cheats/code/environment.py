"""Texts kept in the environment, which a new process inherits. Nothing catches this: it is trusted code."""

import json
import os

from whole_text import KeptTexts

from toolkit.tokenizers import TOKENIZERS


@TOKENIZERS.add("environment")
class Environment(KeptTexts):
    def texts(self):
        return json.loads(os.environ.get("CHEATS_TEXTS", "[]"))

    def keep(self, text):
        os.environ["CHEATS_TEXTS"] = json.dumps([*self.texts(), text])
