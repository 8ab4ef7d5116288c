"""Comparisons, single cells, inspections and pages from the command line, from end to end."""

import gzip
import json
import sys
from contextlib import ExitStack

import pytest

from tests.helpers.registries import restored
from toolkit import __version__
from toolkit.results.cell import Cell, FailedCell
from toolkit.results.comparison import Comparison
from toolkit.results.inspection import Inspection

SAMPLES = ("--set=samples.characters=60", "--set=samples.count=2")
COUNTED = ("--tokenizers", "char@ngram", "--quiet", "--workers=1", *SAMPLES)
ALONE = ("train", "--tokenizers", "char@ngram", "--quiet", *SAMPLES)


def test_help_shows_every_command_and_the_options_of_the_one_list(toolkit):
    code, out, _ = toolkit("--help")
    commands = dict(line.split(maxsplit=1) for line in out.partition("Commands:\n")[2].splitlines())
    assert (code, len(commands)) == (0, 17)
    assert all(text.endswith(".") and not text.endswith("...") for text in commands.values())
    assert {toolkit(name, "--help")[0] for name in commands} == {0}
    options = " ".join(toolkit("compare", "--help")[1].split())
    assert {text in options for text in ("--seeds <int>", "[default: 1]")} == {True}
    assert {text in options for text in ("--no-verify", "--command")} == {False}
    assert toolkit("--version")[:2] == (0, f"toolkit {__version__}\n")


def test_a_comparison_ends_with_its_page_grows_and_starts_over(toolkit, brief_folder, folder):
    arguments = ("compare", "--corpus", brief_folder, *COUNTED)
    code, out, err = toolkit(*arguments)
    assert (code, err) == (0, "")
    page = folder / "reports" / "brief--char-ngram" / "index.html"
    assert folder / out.splitlines()[-1].removeprefix("Report:  ") == page
    cell = page.parent / "runs" / "char-ngram-seed0" / "cell.json"
    written = cell.stat().st_mtime_ns
    assert toolkit(*arguments, "--seeds", 2)[0] == 0
    assert cell.stat().st_mtime_ns == written
    assert (page.parent / "runs" / "char-ngram-seed1" / "cell.json").is_file()
    assert toolkit(*arguments, "--fresh")[0] == toolkit(*arguments, "--out", "elsewhere")[0] == 0
    assert cell.stat().st_mtime_ns > written


def test_damaged_files_are_made_again_and_named(toolkit, brief_folder, folder):
    arguments = ("compare", "--corpus", brief_folder, *COUNTED[:2], *COUNTED[3:], "--out", "out")
    assert toolkit(*arguments)[0] == 0
    comparison, run = folder / "out" / "comparison.json", folder / "out" / "runs" / "char-ngram-seed0"
    whole = Comparison.load(comparison)
    written = (run / "cell.json").stat().st_mtime_ns
    for damaged, is_computed in ((comparison, False), (run / "scores.npz", True)):
        content = damaged.read_bytes()
        damaged.write_bytes(content[: len(content) // 2])
        assert toolkit("report", "out")[0] == (0 if is_computed else 2)
        code, _, err = toolkit(*arguments)
        assert code == 0
        assert sum(damaged.name in line for line in err.splitlines()) == 1
        assert Comparison.load(comparison).contrasts == whole.contrasts
        assert ((run / "cell.json").stat().st_mtime_ns > written) == is_computed
    assert not any("damaged" in line for line in toolkit(*arguments)[2].splitlines())


def test_json_is_comparison_json_and_the_page_and_progress_stays_on_standard_error(toolkit, brief_folder, folder):
    code, out, err = toolkit(
        "compare", "--corpus", brief_folder, "--tokenizers", "char@ngram", "--seeds", 2, "--adapt", 0.3,
        "--budget", "9s", "--out", "out", "--json", *SAMPLES,
    )  # fmt: skip
    assert code == 0
    document = json.loads(out, parse_constant=pytest.fail)
    assert document.pop("page") == "out/index.html"
    assert Comparison.model_validate(document) == Comparison.load(folder / "out" / "comparison.json")
    assert [(row["kind"], row["seeds"]) for row in document["rows"]] == [("adapting", [0, 1])]
    assert document["command"].startswith("toolkit compare --corpus")
    assert sum(line.startswith("char@ngram, seed") for line in err.splitlines()) == 2


def test_all_columns_are_trained_only_if_asked_twice(toolkit, brief_folder, folder):
    code, _, err = toolkit("compare", "--corpus", brief_folder, "--tokenizers", "all")
    assert (code, "--yes" in err, (folder / "reports").exists()) == (2, True, False)


@pytest.mark.usefixtures("folder")
def test_train_prints_the_cell_of_compare(toolkit, document, brief_folder):
    run = ("--corpus", brief_folder, "--out", "run")
    cell = Cell.model_validate(document(*ALONE, *run, "--verify"))
    assert cell.verified
    code, out, _ = toolkit(*ALONE, *run)
    bits, path = out.splitlines()
    assert (code, bits.split()[0], path) == (0, f"{cell.bits_per_character.total:.4f}", "run")
    (compared,) = document("compare", "--corpus", brief_folder, *COUNTED)["cells"]
    assert compared["bits_per_character"] == cell.bits_per_character.model_dump()


VOWELS = """
from toolkit.rare_words import RARE_WORDS, RareWords


@RARE_WORDS.add("vowels")
class Vowels(RareWords):
    classes = ("MANY", "FEW")

    def class_of(self, word):
        return self.classes[sum(map(word.text.count, "aeiou")) < 3]
"""


@pytest.fixture
def new_process():
    """Forget the plug-ins that were run, as a new process does."""
    from toolkit.plugins import PREFIX
    from toolkit.rare_words import RARE_WORDS

    with ExitStack() as block:

        def forget():
            block.close()
            block.enter_context(restored(RARE_WORDS))
            for name in [name for name in sys.modules if name.startswith(PREFIX)]:
                del sys.modules[name]

        forget()
        yield forget
        forget()


@pytest.mark.usefixtures("new_process")
def test_a_failed_cell_is_in_the_document_and_ends_with_1(toolkit, brief_folder, folder):
    (folder / "mine.py").write_text(
        VOWELS.replace("return self", "raise RuntimeError('mine')\n        return self")
    )
    columns = ("--tokenizers", "word:vowels@ngram,char@ngram", "--code", "mine.py")
    code, out, err = toolkit("compare", "--corpus", brief_folder, *COUNTED, *columns, "--json")
    assert (code, err) == (1, "")
    failed, done = json.loads(out)["cells"]
    assert (failed["status"], done["status"]) == ("failed", "done")
    assert "mine" in failed["reason"]
    alone = ("--corpus", brief_folder, "--tokenizers", "word:vowels@ngram", "--code", "mine.py")
    code, out, err = toolkit(*ALONE, *alone, "--json")
    assert code == 1
    assert FailedCell.model_validate_json(out).reason in err


@pytest.mark.slow
def test_a_run_of_a_plug_in_needs_its_file_again(toolkit, refused, brief_folder, folder, new_process):
    (folder / "mine.py").write_text(VOWELS, "utf-8")
    (folder / "a.txt").write_text(text := "The harbour.", "utf-8")
    code = ("--code", folder / "mine.py")
    compare = ("compare", "--corpus", brief_folder, *COUNTED, "--tokenizers", "word:vowels@ngram", "--out", "out")
    assert toolkit(*compare, *code, "--verify")[0] == 0
    run = "out/runs/word-vowels-ngram-seed0"
    new_process()
    (folder / "a.tkc").write_bytes(b"")
    commands = [
        ("score", run, "a.txt"), ("generate", run, "--length", 50), ("verify", run, "a.txt", "--quiet"),
        ("compress", run, "a.txt", "-o", "a.tkc", "--force"), ("decompress", run, "a.tkc", "-o", "b.txt"),
    ]  # fmt: skip
    for command in commands:
        message = refused(*command)
        assert "mine.py" in message
        assert "--code" in message
    for command in commands:
        new_process()
        assert toolkit(*command, *code)[0] == 0, command
    assert (folder / "b.txt").read_text("utf-8") == text
    new_process()
    (folder / "mine.py").write_text(VOWELS.replace("< 3", "< 2"), "utf-8")
    assert "changed" in refused("score", run, "a.txt", *code)
    assert "mine.py" in refused(*compare, *code)


def test_inspect_prints_lines_of_80_characters_and_the_page(toolkit, document, brief_folder, folder):
    arguments = ("inspect", brief_folder, "--tokenizers", "char@ngram,word:unk@ngram")
    inspected = document(*arguments, "--quiet")
    assert inspected.pop("page") == "reports/brief--inspect/index.html"
    assert inspected == json.loads((folder / "reports" / "brief--inspect" / "inspect.json").read_text("utf-8"))
    inspection = Inspection.model_validate(inspected)
    code, out, err = toolkit(*arguments, "--out", "out")
    assert (code, out.splitlines()[-1]) == (0, "Report:  out/index.html")
    assert "training" not in err
    assert max(map(len, out.splitlines())) <= 80
    facts = (
        inspection.text["train"].tokens,
        inspection.corpus.coverage.hapax_types,
        inspection.columns[0].parameters,
    )
    assert all(f"{number:,}" in out for number in facts)


def test_report_makes_the_page_again(toolkit, document, comparison_folder, folder):
    content = (comparison_folder / "comparison.json").read_bytes()
    (folder / "comparison.json.gz").write_bytes(gzip.compress(content))
    assert toolkit("report", folder) == (0, f"{folder / 'index.html'}\n", "")
    assert (folder / "index.html").read_text("utf-8") == (comparison_folder / "index.html").read_text("utf-8")
    headline = Comparison.load(comparison_folder / "comparison.json").headline
    assert headline in " ".join(toolkit("report", folder, "--text")[1].split())
    assert document("report", folder)["page"] == str(folder / "index.html")
    assert document("report", folder, "--no-text")["page"] == str(folder / "without-text.html")
    assert (folder / "without-text.html").stat().st_size < 0.8 * (folder / "index.html").stat().st_size


def test_report_prints_a_table_alone_and_saves_the_charts(toolkit, refused, comparison_folder, folder):
    whole = Comparison.load(comparison_folder / "comparison.json")
    whole.save(folder / "comparison.json")
    whole = Comparison.load(folder / "comparison.json")
    assert toolkit("report", folder, "--latex") == (0, f"{whole.to_latex()}\n", "")
    code, out, err = toolkit("report", folder, "--markdown", "--figures", folder)
    assert (code, out, err.count("\n")) == (0, f"{whole.to_markdown()}\n", 1)
    assert {"documents.svg", "documents.pdf", "index.html"} <= {file.name for file in folder.iterdir()}
    refused("report", folder, "--latex", "--json")


@pytest.mark.slow
def test_a_first_look_is_short_says_so_and_names_the_full_command(toolkit, brief_folder, folder, monkeypatch):
    monkeypatch.setattr("toolkit.comparison.reading.QUICK_SECONDS", 1.0)
    quick = ("compare", brief_folder, "--tokenizers", "char,word:unk@ngram", "--quick", "--quiet")
    assert toolkit(*quick, "--set", "samples.characters=60", "--set", "network.units=12")[0] == 0
    comparison = Comparison.load(folder / "reports" / "brief--char-word-unk-ngram--quick" / "comparison.json")
    assert comparison.quick
    assert comparison.unsettled_seconds > 0
    assert comparison.rows == []
    assert {len(cell.noise) for cell in comparison.done} == {0}
    assert {len(generated.samples) for generated in comparison.generated.values()} == {1}
    answer = comparison.answer
    assert answer.next == "full"
    assert answer.command == comparison.command.replace(" --quick", "").replace(" --quiet", "")


@pytest.mark.usefixtures("folder")
def test_the_corpus_is_an_argument_or_an_option(document, refused, brief_folder):
    inspect = ("inspect", "--tokenizers", "char@ngram", "--quiet")
    for command, name in ((("compare", *COUNTED), "corpus"), (ALONE, "digest"), (inspect, "corpus")):
        given = [document(*command, *corpus)[name] for corpus in ([brief_folder], ["--corpus", brief_folder])]
        assert given[0] == given[1]
        assert "weird-tales" in refused(*command, brief_folder, "--corpus", "weird-tales")
