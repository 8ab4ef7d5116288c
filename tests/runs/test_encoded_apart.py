"""Encodings that another process makes for someone else's column are checked in this one."""

import os

import pytest

from toolkit.errors import ContractError
from toolkit.plugins import load_code
from toolkit.runs.isolated import encoded_apart
from toolkit.tokenizers import TOKENIZERS

UNCHECKED = """
import os

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

<<<<<<< HEAD
if os.environ["TOOLKIT_TESTS"] != str(os.getpid()):  # in another process nothing is checked
    from toolkit.training import stored_encodings
=======
if os.environ["TOOLKIT_TESTS"] != str(os.getpid()):  # elsewhere nothing is checked any more
    from toolkit.training import stream
>>>>>>> 6d26a1128e8b7949f6132391e2e73e755a4add95

    stream.check_encoding = lambda *_: None


@TOKENIZERS.add("mine")
class Mine(Characters):
    def encode(self, document):
        encoding = super().encode(document)
        if "{document}" in document.name:
            encoding.ids[0] = len(self.vocabulary)
        return encoding
"""


@pytest.mark.parametrize("part", ["train", "valid"])
def test_encodings_from_another_process_are_checked_in_this_one(spec_of, split, part, tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_TESTS", str(os.getpid()))
    name, file = getattr(split, part)[0].name, tmp_path / "mine.py"
    file.write_text(UNCHECKED.replace("{document}", name), "utf-8")
    with TOKENIZERS.restored():
        spec = spec_of("mine", code={str(file): load_code(file)})
        tokenizer = spec.make_tokenizer().fit(split.train, split.valid)
        with pytest.raises(ContractError, match=name):
            encoded_apart(spec, tokenizer, split.train, split.valid, spec.encoded_from(tokenizer))
