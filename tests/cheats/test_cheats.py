"""Columns that claim fewer bits than they pay: what each claims, and whether compare, verify or the contract says no.

Each cheat is a file of ``--code`` in code/. ``compare`` gets all of them at once; ``verify`` gets a run of each that
was made without any check; the contract is what a plug-in's own tests call.
"""

import errno
import os
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from conftest import story

from tests.conftest import TINY
from tests.helpers.registries import restored
from toolkit.cli.model import verify as verify_command
from toolkit.comparison.compare import compute
from toolkit.comparison.progress import Reporter
from toolkit.comparison.request import Request
from toolkit.contracts import ContractError, check_rare_words, check_tokenizer
from toolkit.errors import InputError
from toolkit.evaluation.scoring import prove, scored
from toolkit.inference.ngram import NGramModel
from toolkit.inference.scores import score_arrays
from toolkit.plugins import load_code
from toolkit.rare_words import RARE_WORDS
from toolkit.results.cell import Cell, FailedCell
from toolkit.runs.folder import load, load_scores, save_run, save_scores
from toolkit.runs.spec import parse_columns
from toolkit.text.corpus import Corpus, Document
from toolkit.text.splits import split
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters
from toolkit.training import MODELS

pytestmark = pytest.mark.slow

CODE = Path(__file__).with_name("code")
NOT_COVERED = "do not cover"
NOT_ONE = "sum to 16"
NOT_ONE_BUT_TWO = r"sum to 2\b"
LOST = "differs at character 0"
OTHER_STATE = "the tokenizer has another state"
LOST_CAPITAL = "differs at character"


@dataclass(frozen=True)
class Cheat:
    """The sentence that each check answers a cheat with, as a regular expression, or None if it lets the cheat pass."""

    column: str
    compare: str | None
    verify: str | None
    contract: str | None


CHEATS = (
    Cheat("shifted-offsets", f"{NOT_COVERED} the text", NOT_COVERED, NOT_COVERED),
    Cheat("whitespace:free-spelling", "outcome|decoder|differs", "altered|differs", "outcome|decoder|differs"),
    Cheat("whitespace:negative-bits", NOT_ONE, NOT_ONE, NOT_ONE),
    Cheat("whitespace:sums-to-two", NOT_ONE_BUT_TWO, NOT_ONE_BUT_TWO, NOT_ONE_BUT_TWO),
    Cheat("held-out-before-fit", None, OTHER_STATE, None),  # compare shows it nothing before it is fitted
    Cheat("trains-on-held-out", None, None, None),  # nor before it has encoded what is trained on
    Cheat("module-global", LOST, LOST, None),
    Cheat("class-names", "differs from the one of the saved state", LOST, LOST),
    Cheat("whitespace:validation-speller", None, None, "a word of the validation text"),
    Cheat("empty-decode", LOST, LOST, LOST),
    Cheat(
        "learns-while-encoding",
        "has changed the tokenizer's state",
        OTHER_STATE,
        "has changed the tokenizer's state",
    ),
    Cheat("whitespace:remembers", *["a decoder pays"] * 3),
    Cheat("late", "the first .* events: the text differs", "the first .* events", "the first .* events"),
    Cheat("late-spelled", "the first .* events: the text differs", "the first .* events", "the first .* events"),
    Cheat("wrong-endings", *["the vocabulary is wrong"] * 3),
    Cheat("half-reserve", "the reserve is a Half", "bits were reported", "the reserve is a Half"),
    Cheat("lossy", LOST_CAPITAL, LOST_CAPITAL, NOT_COVERED),
    Cheat("environment", None, None, None),  # what reads its surroundings is trusted, as all of --code must be
    Cheat("file", None, None, None),
)
NAMES = [cheat.column for cheat in CHEATS]
HONEST = "whitespace:one-outcome"
FAULTY = CODE / "raises.py"
FAULTS = {
    "fit": "its code raises ZeroDivisionError: in fit",
    "encode": "its code raises LookupError: in encode",
    "decode": "its code raises RuntimeError: in decode",
    "spelling": "its code raises ZeroDivisionError: integer division or modulo by zero",
    "ends": "its process ended before its task, with exit code 3",
}
OPTIONS = {f"faulty-{where}": {"tokenizer": "raises@ngram", "where": where} for where in FAULTS}


@pytest.fixture(scope="module", autouse=True)
def code():
    """All the code, known to this process while these tests run."""
    with restored(TOKENIZERS, RARE_WORDS, MODELS), pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHEATS_TEXTS", "[]")
        yield {str(file): load_code(file) for file in sorted(CODE.glob("*.py"))}
        CODE.joinpath("file.json").unlink(missing_ok=True)


@pytest.fixture(scope="module")
def compared(corpus, code, tmp_path_factory):
    """The outcome of every column, in one comparison with honest and faulty ones."""
    columns = parse_columns([*(f"{name}@ngram" for name in (*NAMES, HONEST, "char")), *OPTIONS], OPTIONS)
    request = Request(corpus, columns, TINY, code=code)
    found = compute(request, tmp_path_factory.mktemp("cheats") / "out", Reporter())
    return {cell.column.removesuffix("@ngram"): cell for cell in found.cells}


@pytest.fixture(scope="module")
def run_of(corpus, code, tmp_path_factory):
    """A function that makes a run in one process, with nothing checked."""

    def made(column):
        name = column if column in OPTIONS else f"{column}@ngram"
        options = {name: OPTIONS[name]} if name in OPTIONS else {}
        (spec,) = Request(corpus, parse_columns([name], options), TINY, code=code).specs()
        tokenizer, parts = spec.make_tokenizer(), split(corpus)
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

    return made


def proven(run):
    return prove(run, None, None, lambda *_: None).verification


@pytest.mark.parametrize("cheat", CHEATS, ids=NAMES)
def test_compare_shows_a_cheat_as_failed_with_the_reason(cheat, compared):
    cell = compared[cheat.column]
    if cheat.compare is None:
        assert isinstance(cell, Cell)
    else:
        assert isinstance(cell, FailedCell)
        assert re.search(cheat.compare, cell.reason), cell.reason


@pytest.mark.parametrize("cheat", CHEATS, ids=NAMES)
def test_verify_answers_a_cheat_with_a_sentence(cheat, run_of):
    wrong = proven(run_of(cheat.column)).wrong
    assert (wrong is None) == (cheat.verify is None), wrong
    assert cheat.verify is None or re.search(cheat.verify, wrong), wrong


@pytest.mark.parametrize("cheat", CHEATS, ids=NAMES)
def test_the_contract_names_what_a_cheat_breaks(cheat):
    def check():
        tokenizer, _, strategy = cheat.column.partition(":")
        if strategy:
            check_rare_words(strategy)
        else:
            check_tokenizer(lambda: TOKENIZERS.make(tokenizer))

    if cheat.contract is None:
        check()
    else:
        with pytest.raises(ContractError, match=cheat.contract):
            check()


@pytest.mark.parametrize("column", ["held-out-before-fit", "trains-on-held-out"])
def test_what_is_shown_no_held_out_text_before_training_gains_nothing(column, compared):
    assert compared[column].bits_per_character.total == pytest.approx(compared["char"].bits_per_character.total)


@pytest.mark.parametrize("column", ["environment", "file"])
def test_what_reads_its_surroundings_is_not_caught_and_brings_nothing_along_in_its_run(compared, column):
    """It is said instead: code is trusted. A run of it, taken elsewhere, is worth nothing."""
    assert compared[column].bits_per_character.total < 0.05
    assert compared[column].run_bytes.tokenizer < 500


def test_a_distribution_with_one_outcome_is_one(compared, run_of):
    check_rare_words(HONEST.partition(":")[2])
    run = run_of(HONEST)
    assert isinstance(compared[HONEST], Cell)
    assert proven(run).wrong is None
    model = load(run)
    assert model.decompress(model.compress("The zyzzyvas lay still.")) == "The zyzzyvas lay still."


@pytest.mark.parametrize("where", FAULTS)
def test_what_someone_elses_code_raises_fails_its_column_alone(where, compared):
    assert isinstance(compared[f"faulty-{where}"], FailedCell)
    assert compared[f"faulty-{where}"].reason == FAULTS[where]
    assert isinstance(compared["char"], Cell)


@pytest.mark.parametrize("where", ["decode", "ends"])
def test_verify_answers_what_someone_elses_code_does_with_a_sentence_and_exit_code_1(where, run_of, capsys):
    with pytest.raises(typer.Exit) as ended:
        verify_command(run_of(f"faulty-{where}"), None, None, quiet=True, code=[])
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == f"NOT verified: {FAULTS[where]}\n"


def test_what_a_script_has_registered_is_refused(brief, tmp_path):
    with restored(TOKENIZERS):
        TOKENIZERS.add("of-a-script")(type("OfAScript", (Characters,), {}))
        with pytest.raises(InputError, match="of-a-script"):
            compute(Request(brief, parse_columns(["of-a-script@ngram"], {}), TINY), tmp_path / "out", Reporter())


def test_a_model_of_a_file_is_someone_elses_code(brief, tmp_path):
    """It is verified by a process that has the file, and what it raises fails its column alone."""
    file = tmp_path / "models.py"
    file.write_text(
        "from toolkit.training import MODELS, Counted\n\n\n"
        "@MODELS.add('counted-elsewhere')\nclass Elsewhere(Counted):\n    pass\n\n\n"
        "@MODELS.add('raises')\nclass Raises(Counted):\n    def train(self, *others):\n"
        "        raise ZeroDivisionError('in train')\n",
        "utf-8",
    )
    with restored(MODELS):
        code = {str(file): load_code(file)}
        columns = parse_columns(["char@counted-elsewhere", "char@raises", "char@ngram"], {})
        assert [column.ours for column in columns] == [False, False, True]
        request = Request(brief, columns, TINY, code=code, verify=True)
        elsewhere, raises, ours = compute(request, tmp_path / "out", Reporter()).cells
    assert elsewhere.bits_per_character.total == pytest.approx(ours.bits_per_character.total)
    assert elsewhere.verified.bits == pytest.approx(ours.verified.bits)
    assert raises.reason == "its code raises ZeroDivisionError: in train"


MODEL_CHEATS = {
    "keeps-scored": None,  # nobody asks it for scores
    "knows-the-sample": None,
    "learns-from-the-seed-before": None,  # each is trained in a new process
    "peeks": "altered|differs",
}


@pytest.fixture(scope="module")
def compared_models(code, tmp_path_factory):
    """A comparison of two seeds of every model that cheats, and of an honest one; nobody has asked for a proof."""
    columns = parse_columns([f"char@{name}" for name in (*MODEL_CHEATS, "ngram")], {})
    corpus = Corpus("long tales", tuple(Document(str(seed), story(seed, 24)) for seed in range(10)))
    request = Request(corpus, columns, TINY, seeds=(0, 1), code=code)
    return compute(request, tmp_path_factory.mktemp("models") / "out", Reporter())


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("model", MODEL_CHEATS)
def test_a_model_that_cheats_fails_or_gains_nothing(compared_models, model, seed):
    """A second seed begins in a process that has scored the held-out text with the first."""
    cells = {(cell.model, cell.seed): cell for cell in compared_models.cells}
    cell, honest = cells[model, seed], cells["ngram", seed]
    if MODEL_CHEATS[model]:
        assert isinstance(cell, FailedCell)
        assert re.search(MODEL_CHEATS[model], cell.reason), cell.reason
        assert not (compared_models.folder / cell.run / "cell.json").exists()
    else:
        assert cell.bits_per_character.total >= honest.bits_per_character.total * (1 - 1e-6)
        assert cell.verified


UNCHECKED = """
import os

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters

if os.environ["CHEATS_PROCESS"] != str(os.getpid()):  # its own process checks nothing any more
    from toolkit.training import stream

    stream.check_encoding = lambda *_: None


@TOKENIZERS.add("unchecked")
class Unchecked(Characters):
    def encode(self, document):
        encoding = super().encode(document)
        if document.name == "{document}":
            encoding.ids[0] = len(self.vocabulary)
        return encoding
"""


@pytest.mark.parametrize("part", ["train", "valid"])
def test_encodings_from_the_process_of_someone_elses_code_are_checked(
    brief, brief_split, tmp_path, monkeypatch, part
):
    monkeypatch.setenv("CHEATS_PROCESS", str(os.getpid()))
    document, file = getattr(brief_split, part)[0].name, tmp_path / "unchecked.py"
    file.write_text(UNCHECKED.replace("{document}", document), "utf-8")
    with restored(TOKENIZERS):
        code = {str(file): load_code(file)}
        request = Request(brief, parse_columns(["unchecked@ngram"], {}), TINY, code=code)
        (cell,) = compute(request, tmp_path / "out", Reporter()).cells
    assert isinstance(cell, FailedCell)
    assert cell.reason.startswith(document)


@pytest.mark.parametrize("column", [HONEST, "shifted-offsets"])
def test_someone_elses_column_is_always_verified(compared, column):
    assert isinstance(compared[column], FailedCell) or compared[column].verified.characters > 0


def test_a_run_with_changed_bits_is_not_called_verified(run_of):
    run = run_of("char")
    proof = prove(run, None, 150, lambda *_: None)
    assert proof.run_verified
    assert proof.verification.wrong is None
    arrays = load_scores(run)
    save_scores(run, arrays | {"network_bits": arrays["network_bits"] / 2})
    for most in (None, 150, 4_000):
        proof = prove(run, None, most, lambda *_: None)
        assert not proof.run_verified
        assert proof.verification.wrong


def test_a_text_without_saved_bits_does_not_verify_the_run(run_of, tmp_path):
    (tmp_path / "a.txt").write_text("The harbour lay still.\n", "utf-8")
    proof = prove(run_of("char"), tmp_path / "a.txt", None, lambda *_: None)
    assert proof.verification.wrong is None
    assert not proof.run_verified


def test_a_lossy_tokenizer_has_no_score(run_of):
    with pytest.raises(InputError, match="The moon"):
        scored(run_of("lossy"), [Document("a", "The moon.")], None)


def test_a_full_disk_is_not_blamed_on_someone_elses_code(brief, code, tmp_path, monkeypatch):
    """Such a column would have failed for good."""
    request = Request(brief, parse_columns([f"{HONEST}@ngram"], {}), TINY, code=code)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device", "scores.npz")

    with monkeypatch.context() as patch:
        patch.setattr("toolkit.runs.folder.save_scores", full)
        with pytest.raises(OSError, match="No space left"):
            compute(request, tmp_path / "out", Reporter())
    assert [cell.status for cell in compute(request, tmp_path / "out", Reporter()).cells] == ["done"]


def test_a_disk_without_room_for_a_decoder_refutes_no_run(brief, code, tmp_path, monkeypatch):
    """The same command computes and proves it later."""
    columns = parse_columns([f"{HONEST}@ngram"], {})
    request = Request(brief, columns, TINY, code=code, verify=True)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("toolkit.runs.isolated.copy_for_decoding", full)
        with pytest.raises(OSError, match="No space left"):
            compute(request, tmp_path / "out", Reporter())
    assert compute(request, tmp_path / "out", Reporter()).cells[0].verified
