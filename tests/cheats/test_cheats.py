"""Columns that claim fewer bits than they pay, or fail: whether compare, verify and the contract refuse them.

The cheats are in files of ``--code``. ``compare`` gets all of them at once. ``verify`` gets a run of each that was made
without any check. The contract is what a plug-in's own tests call.
"""

import errno
import os
import shutil
from pathlib import Path

import pytest
from safetensors.numpy import load_file

from tests.helpers.registries import restored
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.contracts import check_tokenizer
from toolkit.errors import ContractError, InputError
from toolkit.evaluation.scoring import prove, scored
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import score_arrays
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.folder import FAILURE, load, load_scores, save_run, save_scores
from toolkit.runs.spec import parse_column, parse_columns
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters
from toolkit.training import MODELS, Counted

pytestmark = pytest.mark.slow

CHEATS = [  # columns, and whether compare, verify and the contract refuse them
    ("shifted-offsets", True, True, True),
    ("whitespace:free-spelling", True, True, True),
    ("whitespace:negative-bits", True, True, True),
    ("whitespace:sums-to-two", True, True, True),
    ("held-out-before-fit", False, True, False),  # compare shows it no held-out text before it is fitted
    ("trains-on-held-out", False, False, False),  # nor before it has encoded the training text
    ("module-global", True, True, False),
    ("class-names", True, True, True),
    ("whitespace:validation-speller", False, False, True),
    ("empty-decode", True, True, True),
    ("lossy", True, True, True),
    ("learns-while-encoding", True, True, True),
    ("whitespace:remembers", True, True, True),
    ("late", True, True, True),
    ("late-spelled", True, True, True),
    ("wrong-endings", True, True, True),
    ("half-reserve", True, True, True),
    ("environment", False, False, False),  # code that reads its surroundings is trusted, as all of --code must be
    ("whitespace:one-outcome", False, False, False),  # no cheat
]
HONEST = "whitespace:one-outcome"
FAULTS = {  # what the reason names
    "raises-in-fit": "ZeroDivisionError",
    "raises-in-prompt": "LookupError",
    "ends-in-decode": "exit code 3",
    "char@peeks": "",
}
SETTINGS = {"samples": {"characters": 20, "count": 2}}


@pytest.fixture(scope="module", autouse=True)
def code():
    """All the code, known to this process while these tests run."""
    with restored(TOKENIZERS, RARE_WORDS, MODELS), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHEATS_TEXTS", "[]")
        patch.setenv("CHEATS_PROCESS", str(os.getpid()))
        yield {str(file): load_code(file) for file in sorted(Path(__file__).parent.glob("code/*.py"))}


def request(corpus, code, columns, options=None, **fields):
    return Request(corpus, parse_columns(columns, options or {}), SETTINGS, code=code, **fields)


@pytest.fixture(scope="module")
def compared(brief, brief_split, code, tmp_path_factory):
    """The outcome of every column, in one comparison with honest and faulty ones."""
    unchecked = {
        f"unchecked-{part}": {"tokenizer": "unchecked@ngram", "document": getattr(brief_split, part)[0].name}
        for part in ("train", "valid")
    }
    columns = ["char", "char@counted-elsewhere", *(cheat[0] for cheat in CHEATS), *FAULTS]
    counted = [column if "@" in column else f"{column}@ngram" for column in columns]
    comparison = request(brief, code, [*counted, *unchecked], unchecked)
    cells = compute(comparison, tmp_path_factory.mktemp("cheats") / "out", Reporter()).cells
    return {cell.column.removesuffix("@ngram"): cell for cell in cells}


@pytest.fixture(scope="module")
def run_of(brief, brief_split, code, tmp_path_factory):
    """A function that makes a run in one process, with nothing checked."""

    def make(column):
        (spec,) = request(brief, code, [f"{column}@ngram"]).specs()
        tokenizer, parts = spec.make_tokenizer(), brief_split
        if hasattr(tokenizer, "check_texts"):
            tokenizer.check_texts(parts.train, (*parts.valid, *parts.test))
        tokenizer.fit(parts.train, parts.valid)
        train, valid, test = (
            [tokenizer.encode(d) for d in part] for part in (parts.train, parts.valid, parts.test)
        )
        model = NGramModel.fitted(tokenizer, train, valid)
        folder = tmp_path_factory.mktemp("runs") / spec.name
        folder.mkdir()
        scores = model.score(test)
        save_run(folder, spec, tokenizer.state(), spec.kind().arrays(model), {})
        save_scores(folder, score_arrays(scores))
        return folder

    return make


def proof(run, file=None, most=None):
    return prove(run, file, most, lambda *_: None)


@pytest.mark.parametrize(("column", "compare", "verify", "contract"), CHEATS)
def test_cheats_are_refused(compared, run_of, column, compare, verify, contract):
    assert isinstance(compared[column], FailedCell if compare else Cell)
    assert bool(proof(run_of(column)).verification.wrong) == verify
    tokenizer = parse_column(column, {}).make
    if contract:
        with pytest.raises(ContractError):
            check_tokenizer(tokenizer)
    else:
        check_tokenizer(tokenizer)


def test_code_that_sees_no_held_out_text_before_training_gains_nothing(compared):
    honest = compared["char"].bits_per_character.total
    for column in ("held-out-before-fit", "trains-on-held-out", "char@counted-elsewhere"):
        assert compared[column].bits_per_character.total == pytest.approx(honest)
    assert compared["environment"].bits_per_character.total < honest / 10  # but its run takes no text along
    assert compared["environment"].run_bytes.tokenizer < 500


def test_foreign_code_is_always_verified_and_built_in_code_on_request(compared, run_of):
    foreign = (HONEST, "char@counted-elsewhere", "held-out-before-fit")
    assert all(compared[column].verified.characters > 0 for column in foreign)
    assert compared["char"].verified is None
    columns = parse_columns(["char@counted-elsewhere", HONEST, "char@ngram"], {})
    assert [column.ours for column in columns] == [False, False, True]
    model = load(run_of(HONEST))
    assert model.decompress(model.compress("The zyzzyvas lay still.")) == "The zyzzyvas lay still."


@pytest.mark.parametrize(("column", "named"), list(FAULTS.items()))
def test_code_that_fails_fails_its_column_alone(compared, column, named):
    assert isinstance(compared[column], FailedCell)
    assert named in compared[column].reason
    assert isinstance(compared["char"], Cell)


@pytest.mark.parametrize("part", ["train", "valid"])
def test_encodings_from_another_process_are_checked(compared, brief_split, part):
    assert compared[f"unchecked-{part}"].reason.startswith(getattr(brief_split, part)[0].name)


def test_verify_reports_failing_code(run_of):
    assert "exit code 3" in proof(run_of("ends-in-decode")).verification.wrong


def test_a_run_with_changed_bits_is_not_verified(run_of, tmp_path):
    run, file = run_of("char"), tmp_path / "a.txt"
    file.write_text("The harbour lay still.\n", "utf-8")
    for verified, outcome in ((True, proof(run, most=150)), (False, proof(run, file))):  # no saved bits of a file
        assert (outcome.run_verified, outcome.verification.wrong) == (verified, None)
    arrays = load_scores(run)
    save_scores(run, arrays | {"network_bits": arrays["network_bits"] / 2})
    for most in (None, 150):
        outcome = proof(run, most=most)
        assert outcome.verification.wrong
        assert not outcome.run_verified


def test_a_text_that_does_not_come_back_has_no_score(run_of):
    with pytest.raises(InputError):
        scored(run_of("empty-decode"), [Document("a", "The moon.")], None)


def test_models_that_cheat_gain_nothing(brief, code, tmp_path):
    """A second seed begins in a process that has scored the held-out text with the first."""
    columns, out = ["char@keeps-what-it-reads", "char@claims-half", "char@ngram"], tmp_path / "out"
    cells = compute(request(brief, code, columns, seeds=(0, 1)), out, Reporter()).cells
    for cell in cells:
        assert cell.bits_per_character.total == pytest.approx(cells[-1].bits_per_character.total)
        if cell.model == "keeps-what-it-reads":
            assert load_file(out / cell.run / Counted.file)["read"].size == 0


def test_code_of_a_script_is_refused(brief, tmp_path):
    with restored(TOKENIZERS):
        TOKENIZERS.add("of-a-script")(type("OfAScript", (Characters,), {}))
        with pytest.raises(InputError, match="of-a-script"):
            compute(request(brief, {}, ["of-a-script@ngram"]), tmp_path / "out", Reporter())


def test_a_full_disk_is_not_blamed_on_foreign_code(brief, code, tmp_path, monkeypatch):
    """Such a column would have failed for good."""

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copytree", full)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        compute(request(brief, code, [f"{HONEST}@ngram"]), tmp_path / "out", Reporter())
    assert not list(tmp_path.rglob(FAILURE))
