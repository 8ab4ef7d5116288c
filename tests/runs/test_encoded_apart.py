"""What someone else's column is trained on and selected by is encoded where no held-out document is known."""

import os

import numpy as np
import pytest

from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.comparison.work import Work
from toolkit.errors import ContractError
from toolkit.plugins import load_code
from toolkit.runs.columns import parse_columns
from toolkit.tokenizers import TOKENIZERS

REMEMBERS = """
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

SEEN = []


@TOKENIZERS.add("mine")
class Mine(Characters):
    def check_texts(self, training, others):
        SEEN.extend(document.text for document in others)

    def encode(self, document):
        return super().encode(Document(document.name, document.text.upper() if SEEN else document.text))
"""
UNCHECKED = """
import os

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

if os.environ["TOOLKIT_TESTS"] != str(os.getpid()):  # elsewhere nothing is checked any more
    from toolkit.training import stream

    stream.check_encoding = lambda *_: None


@TOKENIZERS.add("mine")
class Mine(Characters):
    def encode(self, document):
        encoding = super().encode(document)
        if "{document}" in document.name:
            encoding.ids[0] = len(self.vocabulary)
        return encoding
"""


@pytest.fixture
def work_of(corpus, tmp_path):
    """The work on a column whose code is this text, its cell, and its tokenizer, fitted."""

    def made(code, column="mine"):
        file = tmp_path / "mine.py"
        file.write_text(f"{code}\n# {column}", "utf-8")  # a text is run once in a process
        loaded = {str(file): load_code(file)}
        request = Request(corpus, parse_columns([column], {}), code=loaded)
        tokenizer = request.columns[0].make(language="en", spacy_model=None)
        tokenizer.fit(request.split.train, request.split.valid)
        return Work(request, tmp_path / "out", Reporter()), request.specs()[0], tokenizer

    with TOKENIZERS.restored():
        yield made


@pytest.mark.parametrize("column", ["mine", "mine@ngram"])
def test_nothing_that_a_tokenizer_has_seen_of_others_is_in_the_encodings(work_of, column):
    work, spec, tokenizer = work_of(REMEMBERS, column)
    honest = {document.name: tokenizer.encode(document).ids for document in (*work.split.train, *work.split.valid)}
    tokenizer.check_texts(work.split.train, work.split.test)
    assert (tokenizer.encode(work.split.valid[0]).ids != honest[work.split.valid[0].name]).any()  # here it has
    encoded = work.encoded(spec, tokenizer.state())
    for documents, encodings in ((work.split.train, encoded.training), (work.split.valid, encoded.selecting)):
        for document, encoding in zip(documents, encodings, strict=True):
            np.testing.assert_array_equal(encoding.ids, honest[document.name])


@pytest.mark.parametrize("part", ["train", "valid"])
def test_encodings_that_come_from_elsewhere_are_checked_here(work_of, part, corpus, monkeypatch):
    monkeypatch.setenv("TOOLKIT_TESTS", str(os.getpid()))
    document = getattr(Request(corpus, parse_columns(["char"], {})).split, part)[0]
    work, spec, tokenizer = work_of(UNCHECKED.replace("{document}", document.name))
    with pytest.raises(ContractError, match=f"{document.name}"):
        work.encoded(spec, tokenizer.state())
