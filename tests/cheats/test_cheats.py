"""Columns that claim fewer bits than they pay: what each claims, and whether compare, verify or the contract says no.

Each cheat is a file of ``--code`` in code/. ``compare`` gets all of them at once; ``verify`` gets a run of each as an
earlier version made it, which looked at nothing; the contract is what a plug-in's own tests call.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from toolkit.comparison.comparison import compare
from toolkit.comparison.reporter import Silent
from toolkit.comparison.request import Request
from toolkit.contracts import ContractError, check_rare_words, check_tokenizer
from toolkit.evaluation.proof import prove
from toolkit.events.protocols import MayRefuse
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import score_arrays
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results import Cell, FailedCell
from toolkit.runs.columns import parse_columns
from toolkit.runs.folder import save_run, save_scores
from toolkit.text.corpus import split
from toolkit.tokenizers import TOKENIZERS

CODE = Path(__file__).with_name("code")


@dataclass(frozen=True)
class Cheat:
    """The sentence that each check answers a cheat with, as a regular expression, or None if it lets the cheat pass."""

    column: str
    compare: str | None
    verify: str | None
    contract: str | None

    @property
    def file(self):
        return CODE / (self.column.removeprefix("whitespace:").replace("-", "_") + ".py")


CHEATS = (
    Cheat("shifted-offsets", "offsets do not cover the text", "offsets do not cover the text", "offsets do not cover"),
    Cheat(
        "whitespace:free-spelling", "reads more than was written", "altered|differs", "cannot know as much|scoring says"
    ),
    Cheat("whitespace:negative-bits", "sum to 16, not to 1", "sum to 16, not to 1", "sum to 16, not to 1"),
    Cheat("whitespace:sums-to-two", "sum to 2, not to 1", "sum to 2, not to 1", "sum to 2, not to 1"),
    Cheat("held-out-before-fit", None, "has another state than the run's", None),
    Cheat("module-global", "differs at character 0", "differs at character 0", None),
    Cheat("class-names", "not the one that the saved state gives", "differs at character 0", None),
    Cheat("whitespace:validation-speller", None, None, "a word of the validation text"),
    Cheat("empty-decode", "differs at character 0", "differs at character 0", "comes back as"),
    Cheat("learns-while-encoding", "has changed the tokenizer's state", "another state than the run's", "."),
    Cheat("half-reserve", "the reserve is a Half", "bits were reported", "scoring says"),
    Cheat("environment", None, None, None),  # code that reads its surroundings is trusted
    Cheat("file", None, None, None),
)
HONEST = "whitespace:one-outcome"
COLUMNS = [cheat.column for cheat in CHEATS]


@pytest.fixture(scope="module", autouse=True)
def code():
    """All the code, known to this process while these tests run."""
    with TOKENIZERS.restored(), RARE_WORDS.restored(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHEATS_TEXTS", "[]")
        yield {str(file): load_code(file) for file in sorted(CODE.glob("*.py"))}
        CODE.joinpath("file.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def compared(corpus, tiny_settings, code, tmp_path_factory):
    """The outcome of every column, in one comparison with honest ones."""
    names = [f"{name}@ngram" for name in (*COLUMNS, HONEST, "char")]
    request = Request(corpus, parse_columns(names, {}), tiny_settings, code=code)
    found = compare(request, tmp_path_factory.mktemp("cheats") / "out", Silent())
    return {cell.column.removesuffix("@ngram"): cell for cell in found.cells}


@pytest.fixture(scope="module")
def run_of(corpus, tiny_settings, code, tmp_path_factory):
    """A function that makes a run as an earlier version did: everything in one process, and nothing checked."""

    def made(column):
        request = Request(corpus, parse_columns([f"{column}@ngram"], {}), tiny_settings, code=code)
        (spec,), parts = request.specs(), split(corpus)
        tokenizer = spec.make_tokenizer()
        if isinstance(tokenizer, MayRefuse):
            tokenizer.check_texts(parts.train, (*parts.valid, *parts.test))
        tokenizer.fit(parts.train, parts.valid)
        encoded = {part: [tokenizer.encode(d) for d in getattr(parts, part)] for part in ("train", "valid", "test")}
        model = NGramModel.fitted(tokenizer, encoded["train"], encoded["valid"])
        folder = tmp_path_factory.mktemp("runs") / spec.name
        folder.mkdir()
        scores = model.score(encoded["test"])
        save_run(folder, spec, model, {})
        save_scores(folder, score_arrays(scores))
        return folder

    return made


@pytest.mark.parametrize("cheat", CHEATS, ids=COLUMNS)
def test_compare_shows_a_cheat_as_failed_with_the_reason(cheat, compared):
    cell = compared[cheat.column]
    if cheat.compare is None:
        assert isinstance(cell, Cell)
    else:
        assert isinstance(cell, FailedCell)
        assert re.search(cheat.compare, cell.reason), cell.reason


@pytest.mark.parametrize("name", [HONEST, "char"])
def test_honest_columns_beside_cheats_are_compared(name, compared):
    assert isinstance(compared[name], Cell)
    assert compared[name].run_bytes.tokenizer > 0


@pytest.mark.parametrize("cheat", CHEATS, ids=COLUMNS)
def test_verify_answers_a_cheat_with_a_sentence(cheat, run_of):
    wrong = prove(run_of(cheat.column), None, None, lambda *_: None).verification.wrong
    assert (wrong is None) == (cheat.verify is None), wrong
    assert cheat.verify is None or re.search(cheat.verify, wrong), wrong


@pytest.mark.parametrize("cheat", CHEATS, ids=COLUMNS)
def test_the_contract_names_what_a_cheat_breaks(cheat):
    def check():
        if cheat.column.startswith("whitespace:"):
            check_rare_words(cheat.column.removeprefix("whitespace:"), examples=2)
        else:
            check_tokenizer(lambda: TOKENIZERS.make(cheat.column), examples=2)

    if cheat.contract is None:
        check()
    else:
        with pytest.raises(ContractError, match=cheat.contract):
            check()
