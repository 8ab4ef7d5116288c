"""``--json``: one document on standard output and nothing else there, which carries what the text says."""

import json
import shutil

import pytest

from toolkit.cli.summary import show
from toolkit.results.bits import PARTS
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.rows import COMPRESSORS
from toolkit.training import trainer
from toolkit.training.trained import DivergedError

pytestmark = pytest.mark.slow

TINY = [f"--set={setting}" for setting in (
    "network.units=8", "train.updates=4", "train.checks=1", "train.batch=2",
    "train.window_characters=40", "samples.characters=60", "samples.count=2",
)]  # fmt: skip
BY_THE_CLOCK = [setting for setting in TINY if "updates" not in setting]


@pytest.fixture
def both(toolkit):
    """Run a command as text and as JSON: exit code and standard error, the same for both; the text; the document."""

    def run(*arguments):
        code, text, err = toolkit(*arguments)
        json_code, out, json_err = toolkit(*arguments, "--json")
        assert (json_code, json_err) == (code, err)
        return code, err, text, json.loads(out, parse_constant=pytest.fail)

    return run


@pytest.fixture
def compared(brief_folder, folder, made_once, toolkit):
    """A command for a comparison that is finished, with rows, in a copy of its own."""

    def command(out):
        columns = ("--tokenizers", "char@ngram,word:unk@ngram", "--seeds", 2, "--adapt", 0.3, "--budget", "9s")
        return ("compare", *columns, "--corpus", brief_folder, "--out", out, "--quiet", *BY_THE_CLOCK)

    def make(once):
        assert toolkit(*command(once / "out"))[0] == 0

    shutil.copytree(made_once("to-tell", make) / "out", folder / "out")
    return command("out")


def test_compare_prints_what_comparison_json_has_and_the_page(both, compared, capsys):
    code, err, text, document = both(*compared)
    assert (code, err) == (0, "")
    page = document.pop("page")
    assert page == "out/index.html"
    comparison = Comparison.model_validate(document)
    assert comparison == Comparison.load("out/comparison.json")
    assert comparison.corpus.notes == []  # nothing is by the clock
    assert [(row.kind, row.seeds) for row in comparison.rows] == [("adapting", [0, 1])] * 2
    show(comparison)  # all that the text says follows from the document
    assert text == f"{capsys.readouterr().out}Report:  {page}\n"


def test_progress_stays_on_standard_error(toolkit, brief_folder, folder):
    asked = ("compare", "--tokenizers", "char@ngram", "--corpus", brief_folder, "--out", folder / "out", *TINY)
    code, out, err = toolkit(*asked, "--json")
    assert code == 0
    assert json.loads(out)["corpus"]["name"] == "brief"
    assert "writing the report" in err


def failing(*_):
    raise DivergedError("the loss is nan")


@pytest.mark.usefixtures("folder")
def test_a_failed_cell_is_in_the_document(toolkit, brief_folder, monkeypatch):
    monkeypatch.setattr(trainer, "train", failing)
    asked = ("--corpus", brief_folder, "--quiet", "--json", *TINY)
    code, out, err = toolkit("compare", "--tokenizers", "char,char@ngram", "--workers", 1, *asked)
    assert (code, err) == (1, "")
    failed, done = json.loads(out)["cells"]
    assert (failed["status"], failed["reason"], done["status"]) == ("failed", "the loss is nan", "done")
    code, out, err = toolkit("train", "--tokenizer", "char", *asked)
    assert (code, err) == (1, "toolkit: training failed: the loss is nan\n")
    assert FailedCell.model_validate_json(out).reason == "the loss is nan"


def test_train_prints_the_cell_and_its_folder(toolkit, brief_folder, folder):
    asked = ("train", "--tokenizer", "char@ngram", "--corpus", brief_folder, "--quiet", *TINY)
    code, text, err = toolkit(*asked, "--out", "run")
    assert (code, err) == (0, "")
    shutil.rmtree(folder / "run")
    code, out, err = toolkit(*asked, "--out", "run", "--json")
    assert (code, err) == (0, "")
    cell = Cell.model_validate_json(out)
    assert text == f"{cell.bits_per_character.total:.4f} bits per character on the held-out text\n{cell.run}\n"


def test_score_prints_an_entry_per_file(both, runs, folder):
    (folder / "a.txt").write_text("The harbour lay still.", "utf-8")
    (folder / "b.txt").write_text("“Ask the water,” she said.\n", "utf-8")
    for options, adapting in (([], ""), (["--adapt", 0.3], ", adapting")):
        code, err, text, document = both("score", runs / "char-seed0", "a.txt", "b.txt", *options)
        assert (code, err) == (0, "")
        for line, entry in zip(text.splitlines(), document, strict=True):
            bits, characters = f"{entry['bits']:,.2f} bits", f"{entry['characters']:,} characters"
            rates = f"{entry['bits_per_character']:.4f} bits per character, {entry['bits_per_byte']:.4f} per byte"
            assert line.split() == f"{bits} {characters} {rates}{adapting} {entry['name']}".split()
            assert sum(entry["parts"][part] for part in PARTS) == pytest.approx(entry["bits"])


def shown(document):
    """The text of ``toolkit verify``, written from its document."""
    difference = f"({document['coded_bytes'] - document['reported_bits'] / 8:+,.1f} from reported bits / 8)"
    lines = [
        ["characters", f"{document['characters']:,}"],
        ["reported bits", f"{document['reported_bits']:,.2f}"],
        ["coded bits", f"{document['coded_bits']:,.2f}"],
        ["coded bytes", f"{document['coded_bytes']:,}", difference],
        ["tokenizer bytes", f"{document['run_bytes']['tokenizer']:,}", "in the run"],
        ["model bytes", f"{document['run_bytes']['model']:,}", "in the run"],
        ["bytes by", *document["compressors"]],
    ]
    for name in dict.fromkeys(name for of_variant in document["compressors"].values() for name in of_variant):
        sizes = [f"{of_variant[name]:,}" for of_variant in document["compressors"].values() if name in of_variant]
        lines.append([COMPRESSORS[name], *sizes])
    if document["training_text_missing"]:
        missing = document["training_text_missing"]
        lines.append([f"Primed sizes need the run's training text, which is missing: {missing}"])
    if document["verified"]:
        lines.append(["verified: the canonical text came back byte for byte, and its size matches the reported bits"])
        if not document["run_verified"]:
            lines[-1][0] += "; the run is not verified, because it has no saved bits of this text"
    return [" ".join(line).split() for line in lines]


def test_verify_prints_sizes_compressors_and_the_verdict(both, runs):
    code, err, text, document = both("verify", runs / "char-seed0", "--characters", 150, "--quiet")
    assert (code, err) == (0, "")
    assert [line.split() for line in text.splitlines()] == shown(document)
    assert document["verified"]
    assert document["reason"] is None
    assert set(document["compressors"]) == {"cold", "primed"}
    expected = document["coded_bytes"] - document["reported_bits"] / 8
    assert document["bytes_over_reported_bits"] == pytest.approx(expected)
    files = {"tokenizer": "tokenizer/tokenizer.json", "model": "weights.safetensors"}
    assert document["run_bytes"] == {part: (runs / "char-seed0" / file).stat().st_size for part, file in files.items()}


def test_generate_prints_prompt_settings_and_a_text_per_seed(both, runs):
    options = ["--length", 30, "-n", 2, "--seed", 5, "--temperature", 1.2, "--top-k", 5, "--top-p", 0.9]
    run = runs / "word-unk-seed0"
    code, err, text, document = both("generate", run, "--prompt", "The keeper’s ", "--fill", "spelled", *options)
    assert (code, err) == (0, "")
    texts = document.pop("texts")
    assert text == "\n\n---\n\n".join(document["prompt"] + written["text"] for written in texts) + "\n"
    assert [written["seed"] for written in texts] == [5, 6]
    assert document == {
        "run": str(run), "prompt": "The keeper’s ", "length": 30, "temperature": 1.2, "top_k": 5, "top_p": 0.9,
        "fill": "spelled",
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["tokenizers", "strategies", "corpora", "measures"])
def test_list_prints_the_names(both, kind):
    code, err, text, document = both("list", kind)
    assert (code, err) == (0, "")
    assert document == [line.split()[0] for line in text.splitlines()]


def test_a_compressed_file_its_text_again_and_an_export_are_told_with_their_bytes(both, runs, folder):
    text = "The harbour lay still."
    (folder / "a.txt").write_text(text, "utf-8")
    for command, read, written in (
        (("compress", runs / "char-seed0", "a.txt"), len(text), "a.tkc"),
        (("decompress", runs / "char-seed0", "a.tkc"), None, "b.txt"),
        (("export", runs / "char-seed0"), None, "c.keras"),
    ):
        code, err, said, document = both(*command, "-o", written)
        size = (folder / written).stat().st_size
        assert (code, err) == (0, "")
        assert (document["out"], document["bytes"]) == (written, size)
        assert said.endswith(f"{size:,} bytes: {written}\n")
        if read is not None:
            assert document["bytes_read"] == read
    assert (folder / "b.txt").read_text("utf-8") == text


def test_the_cache_is_told_as_it_is_and_what_was_done_to_it(toolkit, folder, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(folder / "cache"))
    (folder / "cache" / "tags").mkdir(parents=True)
    (folder / "cache" / "tags" / "a.json").write_text("x" * 1000)
    there = {"folder": str(folder / "cache"), "files": 1, "bytes": 1000, "removed": 0, "cleared": False}
    assert json.loads(toolkit("cache", "--json")[1]) == there
    assert json.loads(toolkit("cache", "clear", "--json")[1]) == there | {"cleared": True}
    assert json.loads(toolkit("cache", "--json")[1]) == there | {"files": 0, "bytes": 0}
